-- Every type of pg_catalog that a column can have: its schema, and what its values become.
set datestyle = 'ISO, MDY';
set intervalstyle = 'postgres';
set timezone = 'UTC';
set lc_monetary = 'C';
create schema all_types;
set search_path = all_types, public;
create type mood as enum ('sad', 'happy, or so');
create type inner_pair as (c "char", f float8, i interval);
create type pair as (a int, "B b" text, p inner_pair, t timestamptz);
create type empty as ();
create type textrange as range (subtype = text, multirange_type_name = texts);
create domain positive as int check (value > 0);
create domain small_positive as positive check (value < 10);
create domain price as numeric(8, 3);
create domain grid as int[][] check (array_ndims(value) <= 2);
create domain grid_too as grid;
create domain pairs as pair;
create table stored (a int, b int, c text);
insert into stored select i / 2, i / 2, 'x' from generate_series(1, 100) i;
create statistics on_stored (ndistinct, dependencies, mcv) on a, b from stored;
create index on stored using brin (a int4_bloom_ops, b int4_minmax_multi_ops);
analyze stored;

-- Expressions of SQL, a value each, between ;; for types.
create table test.samples (position int generated always as identity, type text, samples text);
-- A table sample_N of each.
create procedure test.fill()
language plpgsql as $$
declare
	sample test.samples;
	expression text;
begin
	for sample in select * from test.samples loop
		execute format('create table sample_%s (v %s)', sample.position, sample.type);
		foreach expression in array string_to_array(sample.samples, ' ;; ') loop
			execute format('insert into sample_%s values (%s)', sample.position, expression);
		end loop;
	end loop;
end $$;

-- What becomes of the samples: the text form alone where the Avro value is just that. Kept under a name.
create table test.carried (style text, type text, schema text, name text, "values" text, primary key (style, type));
create procedure test.carry(style text, options text)
language plpgsql as $$
declare
	sample test.samples;
	field json;
begin
	for sample in select * from test.samples loop
		field := wal2avro.value_schema(('sample_' ||  sample.position)::regclass, options)::json->'fields'->0;
		execute format(
			'insert into test.carried select $1, $2, $3->''type''->>1, $3->>''wal2avro.type'', string_agg(
				case when avro = to_jsonb(plain) and note is null then left(plain, 80)
					else concat_ws('' '', left(plain, 80), ''->'', left(avro::text, 80), case note when plain then ''(noted)'' else ''(noted as '' || note || '')'' end) end, ''; '')
			from sample_%s s,
				lateral wal2avro.fields(s.*, ''{v}'', $4) f,
				lateral (select v::text collate "C", (test.avro_value(($3->''type'')::jsonb, f.fields[1], 0)).value, f.texts[1]) p (plain, avro, note)
			where v is distinct from null', sample.position)
		using style, sample.type, field, options;
	end loop;
end $$;
-- What is not the same in two of them.
create function test.changed(is_now text, was text, out type text, out schema text, out "values" text) returns setof record
language sql as $$
	select n.type, n.schema, n."values" from test.carried n join test.carried o using (type) join test.samples s using (type)
	where n.style = is_now and o.style = was and (n.schema, n."values") is distinct from (o.schema, o."values")
	order by s.position
$$;
insert into test.samples (type, samples) values
	('boolean', $$true ;; false$$),
	('smallint', $$0 ;; -32768 ;; 32767$$),
	('integer', $$-2147483648 ;; 2147483647$$),
	('bigint', $$-9223372036854775808 ;; 9223372036854775807$$),
	('real', $$0 ;; '-0' ;; 1e-45 ;; 3.4028235e38 ;; 'NaN' ;; 'Infinity' ;; '-Infinity'$$),
	('double precision', $$'-0' ;; 5e-324 ;; 1.7976931348623157e308 ;; 0.1 ;; 'NaN' ;; 'Infinity' ;; '-Infinity'$$),
	('numeric', $$1.50 ;; -0.00 ;; 1e40 ;; 1e-40 ;; 'NaN' ;; 'Infinity' ;; '-Infinity' ;; 12345678901234567890.123456789$$),
	('numeric(10,2)', $$0 ;; -0.01 ;; 99999999.99 ;; 'NaN'$$),
	('numeric(18,0)', $$999999999999999999 ;; -999999999999999999 ;; 'NaN'$$),
	('numeric(4,0)', $$9999 ;; -9999$$),
	('numeric(2,0)', $$99 ;; -99$$),
	('numeric(20,10)', $$0.0000000001 ;; 9999999999.9999999999$$),
	('numeric(5,-2)', $$1234567 ;; -49$$),
	('numeric(3,5)', $$0.00999 ;; -0.00001$$),
	('numeric(1000,1000)', $$('0.' || repeat('9', 1000))::numeric$$),
	('money', $$0 ;; '-0.01' ;; '92233720368547758.07' ;; '-92233720368547758.08'$$),
	('text', $$'' ;; 'grüße 🐘' ;; '"\'$$),
	('character varying', $$'a '$$),
	('character varying(9)', $$'grüße'$$),
	('bpchar', $$'a '$$),
	('character(3)', $$'a'$$),
	('name', $$'n'$$),
	('"char"', $$'a' ;; '' ;; '\' ;; (-1)::"char" ;; (-128)::"char"$$),
	('bytea', $$'' ;; '\x00ff'$$),
	('bit(1)', $$b'0' ;; b'1'$$),
	('bit(3)', $$b'000' ;; b'101' ;; b'100'$$),
	('bit(9)', $$b'100000001' ;; b'000000001'$$),
	('"bit"', $$b'101'$$),
	('bit varying', $$b'' ;; b'0' ;; b'0101'$$),
	('bit varying(1)', $$b'' ;; b'0' ;; b'1'$$),
	('bit varying(12)', $$b'001' ;; b'100000000001'$$),
	('date', $$'1970-01-01' ;; '1969-12-31' ;; '2024-02-29' ;; '0001-01-01 BC' ;; '4713-11-24 BC' ;; '5874897-12-31' ;; 'infinity' ;; '-infinity'$$),
	('time without time zone', $$'00:00' ;; '12:34:56.789' ;; '23:59:59.999999' ;; '24:00'$$),
	('time(3) without time zone', $$'23:59:59.999'$$),
	('time with time zone', $$'00:00+00' ;; '12:34:56.5+02' ;; '00:30:00+01' ;; '23:59:59.999999-15:59:59' ;; '24:00-00'$$),
	('timestamp without time zone',
		$$'1970-01-01' ;; '1969-12-31 23:59:59.999999' ;; '2024-02-29 12:34:56.123' ;; '0044-03-15 12:00 BC' ;; '4713-11-24 BC' ;; '12345-06-07 08:09:10' ;; '294276-12-31 23:59:59.999999' ;; 'infinity' ;; '-infinity'$$),
	('timestamp(3) without time zone', $$'2262-04-11 23:47:16.854' ;; '2262-04-11 23:47:16.855' ;; '1677-09-21 00:12:43.145'$$),
	('timestamp with time zone', $$'1970-01-01 00:00+02' ;; '2024-02-29 12:34:56.123456+02' ;; '0044-03-15 12:00+00 BC' ;; '294276-12-31 23:59:59.999999+00' ;; 'infinity' ;; '-infinity'$$),
	('timestamp(0) with time zone', $$'2024-02-29 12:34:56+02'$$),
	('interval', $$'0' ;; '1 year 2 mons -3 days 04:05:06.789' ;; '-00:00:00.5' ;; '-1 day -01:00:00.000001' ;; '26:00' ;; '178000000 years' ;; '-178000000 years' ;; '2147483647 days 2562047788:00:54.775807'$$),
	('interval year to month', $$'1 year 2 months'$$),
	('json', $$'{"b": 1, "a": [null, 1e400]}' ;; 'null'$$),
	('jsonb', $$'{"b": 1, "a": [null, 1e400]}' ;; '"x"'$$),
	('jsonpath', $$'$.a[*] ? (@ > 1)'$$),
	('xml', $$$$),
	('uuid', $$'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'$$),
	('inet', $$'10.0.0.1/8' ;; '10.0.0.1' ;; '::1/64'$$),
	('cidr', $$'10.0.0.0/8' ;; '::/0'$$),
	('macaddr', $$'08:00:2b:01:02:03'$$),
	('macaddr8', $$'08:00:2b:01:02:03:04:05'$$),
	('point', $$'(0.1,-1e300)' ;; '(NaN,Infinity)'$$),
	('line', $$'{1,2,3}'$$),
	('lseg', $$'[(0,0),(1,0.1)]'$$),
	('box', $$'(1,1),(0,0)'$$),
	('path', $$'[(0,0),(1,1)]' ;; '((0,0),(1,1))'$$),
	('polygon', $$'((0,0),(1,1),(1,0))'$$),
	('circle', $$'<(0,0),0.1>'$$),
	('tsvector', $$'a:1A b:2,3 "''"' ;; ''$$),
	('tsquery', $$'a & !b:*A <2> c'$$),
	('gtsvector', $$$$),
	('oid', $$0 ;; 4294967295$$),
	('regclass', $$'pg_class' ;; 'stored' ;; 0$$),
	('regcollation', $$'"C"'$$),
	('regconfig', $$'english'$$),
	('regdictionary', $$'simple'$$),
	('regnamespace', $$'pg_catalog' ;; 'public'$$),
	('regoper', $$'|/'$$),
	('regoperator', $$'+(integer,integer)'$$),
	('regproc', $$'boolin'$$),
	('regprocedure', $$'abs(numeric)'$$),
	('regrole', $$'pg_monitor'$$),
	('regtype', $$'"char"' ;; 'mood' ;; 'integer[]'$$),
	('tid', $$'(4294967294,65535)'$$),
	('xid', $$'4294967295'$$),
	('cid', $$'4294967295'$$),
	('xid8', $$'18446744073709551615'$$),
	('pg_lsn', $$'FFFFFFFF/FFFFFFFF' ;; '0/0'$$),
	('pg_snapshot', $$'10:20:10,14,15'$$),
	('txid_snapshot', $$'10:20:10,14,15'$$),
	('refcursor', $$'a "cursor"'$$),
	('aclitem', $$'pg_monitor=r/pg_monitor'$$),
	('int2vector', $$'1 2 3' ;; ''$$),
	('oidvector', $$'1 4294967295'$$),
	('pg_node_tree', $$(select conbin from pg_constraint where conname = 'positive_check')$$),
	('pg_ndistinct', $$(select stxdndistinct from pg_statistic_ext_data d join pg_statistic_ext e on e.oid = d.stxoid where stxname = 'on_stored')$$),
	('pg_dependencies', $$(select stxddependencies from pg_statistic_ext_data d join pg_statistic_ext e on e.oid = d.stxoid where stxname = 'on_stored')$$),
	('pg_mcv_list', $$(select stxdmcv from pg_statistic_ext_data d join pg_statistic_ext e on e.oid = d.stxoid where stxname = 'on_stored')$$),
	('pg_brin_bloom_summary', $$$$),
	('pg_brin_minmax_multi_summary', $$$$),
	('int4range', $$'[1,5)' ;; 'empty' ;; '(,)' ;; '[-5,)'$$),
	('int8range', $$'[1,5)'$$),
	('numrange', $$'[0.10,NaN]' ;; '(,Infinity)'$$),
	('tsrange', $$'[2024-01-01 00:00,infinity]'$$),
	('tstzrange', $$'[2024-01-01 00:00+02,)'$$),
	('daterange', $$'[2024-01-01,2024-02-01)'$$),
	('int4multirange', $$'{}' ;; '{[1,2),[5,9)}'$$),
	('int8multirange', $$'{[1,2)}'$$),
	('nummultirange', $$'{[0.10,0.20]}'$$),
	('tsmultirange', $$'{[2024-01-01 00:00,2024-01-02 00:00]}'$$),
	('tstzmultirange', $$'{[2024-01-01 00:00+02,2024-01-02 00:00+02]}'$$),
	('datemultirange', $$'{[2024-01-01,2024-02-01)}'$$);
-- None is left out: what has no sample has to be an array, a row of a catalog or a pseudo-type.
select t.oid::regtype as without_sample from pg_type t
where t.typnamespace = 'pg_catalog'::regnamespace and t.typtype in ('b', 'e', 'r', 'm', 'd')
	and not exists (select from pg_type e where e.typarray = t.oid) and not exists (select from test.samples s where s.type::regtype = t.oid);
-- Of users and extensions.
insert into test.samples (type, samples) values
	('mood', $$'sad' ;; 'happy, or so'$$),
	('pair', $$'(1,"a b","(x,0.1,1 day)","2024-01-01 00:00+02")' ;; '(,,,)' ;; row(1, '"', row((-1)::"char", 'NaN', null)::inner_pair, null)::pair$$),
	('empty', $$row()::empty$$),
	('textrange', $$'[a,"b,"]'$$),
	('texts', $$'{[a,b],[c,d]}'$$),
	('positive', $$7$$),
	('small_positive', $$7$$),
	('price', $$1.5 ;; 'NaN'$$),
	('grid', $$'{{1,2},{3,null}}' ;; '{1,2}' ;; '{}'$$),
	('grid_too', $$'{{1,2}}' ;; '[0:0][1:2]={{1,2}}'$$),
	('pairs', $$'(1,a,,)'$$),
	('stored', $$'(1,2,x)'$$),
	('integer[]', $$'{1,null}' ;; '{}' ;; '{{1,2},{3,4}}' ;; '[2:3]={5,6}'$$),
	('integer[][]', $$'{{1,2},{3,4}}' ;; '{}' ;; '{1,2}' ;; '[0:0][1:2]={{5,6}}' ;; '{{{1}}}'$$),
	('integer[3][3][3]', $$'{{{1},{2}},{{3},{4}}}'$$),
	('text[]', $$'{a,"b c",null,"null",""}'$$),
	('numeric[]', $$'{1.50,NaN,Infinity}'$$),
	('numeric(6,2)[]', $$'{1.5,NaN}'$$),
	('"char"[]', $$array['a', (-1)::"char"]$$),
	('bytea[]', $$array['\x00', null]::bytea[]$$),
	('bit(1)[]', $$array[b'1', b'0']$$),
	('timestamp without time zone[]', $$'{2024-01-01 00:00:00.000001,infinity}'$$),
	('interval[]', $$'{1 day,1 mon}'$$),
	('box[]', $$'{(1,1),(0,0);(2,2),(1,1)}'$$),
	('mood[]', $$'{sad,"happy, or so"}'$$),
	('pair[]', $$array['(1,a,,)', null]::pair[]$$),
	('price[]', $$'{1.5,null}'$$),
	('small_positive[]', $$'{1,2}'$$),
	('grid[]', $$array['{{1}}', '{2}']::grid[]$$),
	('int4range[]', $$'{"[1,2)",empty}'$$);

call test.fill();

\a\t
call test.carry('ours', 'schema.column.types=all');
select type, schema, name, "values" from test.carried join test.samples using (type) where style = 'ours' order by position;
-- As the JDBC source has them. What it drops or breaks, and only that, says its type.
call test.carry('jdbc', 'time.precision.mode=connect,schema.column.types=extra');
select * from test.changed('jdbc', 'ours');
select string_agg(type, ', ' order by position) from test.carried join test.samples using (type) where style = 'jdbc' and name is null;
call test.carry('best fit', 'numeric.mapping=best_fit');
select * from test.changed('best fit', 'ours');
call test.carry('eager', 'numeric.mapping=best_fit_eager_double');
select * from test.changed('eager', 'best fit');
call test.carry('precision', 'numeric.mapping=precision_only');
select * from test.changed('precision', 'ours');
call test.carry('double', 'decimal.handling.mode=double');
select * from test.changed('double', 'ours');
call test.carry('string', 'decimal.handling.mode=string');
select * from test.changed('string', 'ours');
-- As Debezium has them.
call test.carry('debezium', 'schema.style=debezium,time.precision.mode=adaptive,interval.handling.mode=numeric,hstore.handling.mode=json');
select * from test.changed('debezium', 'ours');
call test.carry('texts', 'schema.style=debezium,time.precision.mode=isostring,interval.handling.mode=string,hstore.handling.mode=map,binary.handling.mode=base64,decimal.handling.mode=string');
select * from test.changed('texts', 'debezium');
call test.carry('nanoseconds', 'time.precision.mode=nanoseconds,binary.handling.mode=base64-url-safe');
select * from test.changed('nanoseconds', 'ours');
call test.carry('adaptive', 'time.precision.mode=adaptive');
select * from test.changed('adaptive', 'ours');
call test.carry('time in micros', 'time.precision.mode=adaptive_time_microseconds,binary.handling.mode=hex');
select * from test.changed('time in micros', 'adaptive');
call test.carry('money', 'schema.style=debezium,time.precision.mode=adaptive,interval.handling.mode=numeric,hstore.handling.mode=json,decimal.handling.mode=double');
select * from test.changed('money', 'debezium') where type = 'money';
call test.carry('iso', 'time.precision.mode=isostring,array.handling.mode=text');
select * from test.changed('iso', 'ours') where type ~ 'with time zone|]';
-- ISO texts of intervals are read back, each to the microsecond.
create table intervals (i interval);
insert into intervals select make_interval(m, 5 * m, 0, -d, 0, 0, s) from generate_series(-2, 2) m, generate_series(-1, 1) d, unnest(array[-86400.000001, -0.5, 0, 59.999999, 360000.1]) s;
select count(*) as intervals, count(*) filter (where iso::interval::text = i::text) as read_back
from intervals, lateral wal2avro.fields(intervals.*, '{i}', 'interval.handling.mode=string') f, lateral convert_from(substr(f.fields[1], 3), 'UTF8') iso;
set client_min_messages = warning;
drop schema all_types cascade;

-- Columns that were added NOT NULL with a default: what older rows have is the default of the field.
\pset format unaligned
\pset tuples_only on
create domain plain as int;
create type mood as enum ('ok', 'bad');
create table grown (id int primary key);
insert into grown values (1);
alter table grown add a int not null default 5, add b smallint not null default -1, add c bigint not null default 9000000000, add d boolean not null default true,
	add e text not null default E'x"\n\\', add f varchar(3) not null default '', add g numeric(10,2) not null default 12.34, add h numeric not null default 1.5, add i date not null default '2000-01-02',
	add j timestamp not null default '2000-01-01 00:00:01.5', add k time not null default '00:00:02', add l float4 not null default 1.5, add m float8 not null default 'NaN',
	add n bytea not null default '\x00ff61', add o uuid not null default '00000000-0000-0000-0000-000000000001', add p int[] not null default '{1,null}', add q int default 5,
	add r timestamptz not null default now(), add s numeric(5,1) not null default 'NaN', add t numeric(5,1) not null default -0.1, add v float8 not null default 0.1,
	add w bytea not null default '', add x mood not null default 'bad', add y plain not null default 3, add z jsonb not null default '{"a": "b"}';
select field->>'name', field->'type', field->'default' from json_array_elements(replace(wal2avro.value_schema('grown'), '\u0000', '\\u0000')::json->'fields') field where field->>'name' <> 'r';
select field->>'name', field->'type', field->'default' from json_array_elements(replace(wal2avro.value_schema('grown', 'time.precision.mode=connect,array.handling.mode=text,decimal.handling.mode=string'), '\u0000', '\\u0000')::json->'fields') field
where field->>'name' in ('g', 'i', 'j', 'k', 'p', 's');
select wal2avro.value_schema('grown') ~ '"name":"r","type":\{"type":"long","connect.version":1,"connect.default":\d+,"connect.name":"[^"]+","logicalType":"timestamp-micros"\},"default":\d+\}';
-- In text, of nullable columns too, where fields tell their types.
alter table grown add za int[] default '{1,null}', add zb tstzrange not null default '[2000-01-01 00:00+02,)', add zc bool, add zd text default 'ü"\''', add ze interval not null default '1 day';
set datestyle = 'German';
set intervalstyle = 'iso_8601';
select field->>'name', field->>'wal2avro.default', field->'default' from json_array_elements(replace(wal2avro.value_schema('grown', 'schema.column.types=all'), '\u0000', '\\u0000')::json->'fields') field
where field->>'name' <> 'r' and field->>'wal2avro.default' is not null;
select field->>'name', field->>'wal2avro.default' from json_array_elements(replace(wal2avro.value_schema('grown', 'schema.column.types=extra'), '\u0000', '\\u0000')::json->'fields') field
where field->>'name' <> 'r' and field->>'wal2avro.default' is not null;
reset datestyle;
reset intervalstyle;
alter table grown alter a set default 6, alter b drop default, alter c drop not null;
select field->>'name', field->'type', field->'default' from json_array_elements(replace(wal2avro.value_schema('grown'), '\u0000', '\\u0000')::json->'fields') field where field->>'name' in ('a', 'b', 'c');
vacuum full grown;
select wal2avro.value_schema('grown') ~ 'connect.default';

-- With a zero byte, in a row of the stream.
select 1 from pg_create_logical_replication_slot('defaults', 'wal2avro');
alter table grown add zero numeric(10,2) not null default 0;
insert into grown (id, a, b, n) values (2, 2, 2, '\x00');
select regexp_replace(l, '"r": \d+, ', '') from test.changes('defaults') l where l ~ '^insert';
select wal2avro.value_schema('grown') ~ '"name":"zero".*"connect.default":"\\u0000".*"default":"\\u0000"';
select pg_drop_replication_slot('defaults');

-- What is worked out anew for each row rewrites the table, and no row is older than that.
alter table grown add u int not null default 7;
alter table grown add v2 float8 not null default random();
select wal2avro.value_schema('grown') ~ 'connect.default';
drop table grown;
drop type mood;
drop domain plain;

-- Whole numbers of floating types have a fraction, as readers expect of their defaults.
create table fractions (id int);
alter table fractions add f float8 not null default 3, add g float4 not null default -1e10;
select wal2avro.value_schema('fractions');

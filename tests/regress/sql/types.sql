-- Values of every type, at the ends of their ranges.
set timezone = 'UTC';
create type mood as enum ('sad', 'happy');
create type pair as (a int, b text);
create domain positive as int check (value > 0);
create domain price as numeric(8, 3);
create table t (
	id int primary key, a_bool bool, b_int2 int2, c_int4 int4, d_int8 int8, e_oid oid, f_float4 float4, g_float8 float8,
	l_text text, m_varchar varchar(9), n_char char(3), o_name name, p_uuid uuid, q_json json, r_jsonb jsonb, s_bytea bytea, t_mood mood);
select 1 from pg_create_logical_replication_slot('types', 'wal2avro');
insert into t values
	(1, true, 1, 1, 1, 1, 1, 1, 'a', 'b', 'c', 'd', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1}', '{"a":1}', '\x00ff', 'sad'),
	(2, false, -32768, -2147483648, -9223372036854775808, 0, '-Infinity', '-Infinity', '', '', '', '', '00000000-0000-0000-0000-000000000000',
		'null', 'null', '', 'happy'),
	(3, true, 32767, 2147483647, 9223372036854775807, 4294967295, 'NaN', '1e-307', 'grüße ✓ 🐘', 'grüße', 'ü', 'ñ', null, null, null, null, null);
select test.changes('types');

-- Decimals: the ends of a byte, of a word, and many digits.
create table decimals (id int primary key, cents numeric(12, 2), whole numeric(30, 0), fine numeric(40, 20), big numeric(1000, 2), shop price);
insert into decimals values (0, 0, 0, 0, 0, 0), (1, 1.27, 127, 0.00000000000000000001, 1e900, 1), (2, 1.28, 128, 12345678901234567890, -1e900, 12345.678),
	(3, -1.28, -128, -0.5, 123456789.01, -99999.999), (4, -1.29, -129, 1, 0.01, 0.001), (5, 327.67, 32767, 10000, -0.01, 10000),
	(6, 327.68, 32768, 100000, 4294967296, -10000), (7, -327.68, -32768, 0.1, 4294967295.99, 0.1), (8, 9999999999.99, 18446744073709551615, 0.0001, 42949672.95, 1),
	(9, -9999999999.99, -18446744073709551616, 0.00001, -42949672.96, null), (10, 21474836.47, 999999999999999999999999999999, 99999999999999999999.99999999999999999999, 21474836.48, 0),
	(11, null, null, null, 9.99e997, null);
create function pg_temp.decimals_in_stream() returns table (id int, fields jsonb)
language sql as $$
	select (fields->>'id')::int, fields
	from (select test.avro(wal2avro.value_schema('decimals'), test.unframe(blobs[2])) from test.messages(test.frames('types')) where type = 'I') i (fields)
$$;
-- Each comes back as it was; and as few bytes as BigInteger.toByteArray makes.
select d.id, cents = (fields->>'cents')::numeric cents, whole = (fields->>'whole')::numeric whole, fine = (fields->>'fine')::numeric fine,
	big = (fields->>'big')::numeric big, shop = (fields->>'shop')::numeric shop
from decimals d join pg_temp.decimals_in_stream() s on s.id = d.id order by 1;
create table one (n numeric(6, 0) not null);
insert into one values (0), (127), (128), (255), (256), (-1), (-128), (-129), (32767), (32768), (-32768), (-32769);
select n, wal2avro.value(one) from one;
truncate one;
select count(*) from test.frames('types');

-- Numerics without a fixed scale are text; so are all of them on request.
create table numerics (id int primary key, free numeric, coarse numeric(5, -2), fixed numeric(5, 1));
insert into numerics values (1, 1.50, 12345, 1.5), (2, 'NaN', 'NaN', 0), (3, 'Infinity', -500, -0.1), (4, 1e40, null, null);
select test.changes('types', 'decimal.handling.mode', 'string');

-- NaN has no bytes in a decimal.
insert into numerics values (5, 0, 0, 'NaN');
select test.changes('types');

-- Times.
create table times (id int primary key, d date, t time, ts timestamp, tz timestamptz);
insert into times values
	(1, '1970-01-01', '00:00', '1970-01-01 00:00', '1970-01-01 00:00+00'),
	(2, '2024-02-29', '24:00:00', '2024-02-29 12:34:56.123456', '2024-02-29 12:34:56.123456+02'),
	(3, '1969-12-31', '23:59:59.999999', '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59.9995+00'),
	(4, 'infinity', null, 'infinity', 'infinity'),
	(5, '-infinity', null, '-infinity', '-infinity'),
	(6, '4713-01-01 BC', null, '4713-01-01 00:00:00 BC', '0001-01-01 00:00:00+00 BC'),
	(7, '5874897-12-31', null, '294246-01-01 00:00:00', '294246-01-01 00:00:00+00');
select data from pg_logical_slot_peek_binary_changes('types', null, null, 'protocol.version', '2') \gset frame_
select test.lines(array[:'frame_data'::bytea]);
select test.changes('types', 'time.precision.mode', 'connect');
-- Too late for microseconds since 1970, but not for milliseconds.
insert into times (id, ts) values (8, '294276-12-31 23:59:59');
select test.changes('types');
insert into times (id, ts) values (9, '294276-12-31 23:59:59');
select test.changes('types', 'time.precision.mode', 'connect');

-- Domains are their base type; everything else is text.
create table others (id int primary key, pos positive, i interval, n inet, r int4range, tr tstzrange, c "char", p pair, m money, b bit(3), z timetz, reg regclass, x xid, v int2vector, pt point);
insert into others values (1, 5, '1 day 2 hours', '10.0.0.1/8', '[1,5)', '[2024-01-01 00:00+02,)', 'x', '(1,"a b")', 12.34, b'101', '12:00+02', 'pg_class', '7', '1 2', '(1,2)');
select test.changes('types');

-- A number of as many digits as there are, on either side of the point.
create table huge (id int primary key, n numeric);
insert into huge values (1, (repeat('9', 131072) || '.' || repeat('9', 16383))::numeric), (2, '-1e131071'), (3, '1e-16383');
select id, fields->>'n' = n::text as as_text, texts = '{null}' as noted_nothing
from huge, wal2avro.fields(huge.*, '{n}') f (fields_, texts), lateral (select test.avro(wal2avro.value_schema('huge'), wal2avro.value(huge))) v (fields);
-- As Debezium's record, whose bytes are fewer than the digits; as a double, which is the largest or the smallest there is.
select id, length(f.fields[1]) as bytes, substr(f.fields[1], 1, 12) as first, f.texts[1] is null as noted_nothing
from huge, wal2avro.fields(huge.*, '{n}', 'schema.style=debezium') f;
select id, f.fields[1] as double, f.texts[1] = n::text as noted from huge, wal2avro.fields(huge.*, '{n}', 'decimal.handling.mode=double') f;
select count(*) > 0 as in_stream from test.frames('types');
drop table huge;

-- Intervals without an end, where the server has them.
create table endless (id int primary key, i interval);
insert into endless select n, case when current_setting('server_version_num')::int >= 170000 then i::interval end from unnest(array['infinity', '-infinity']) with ordinality u (i, n);
select coalesce(convert_from(substr(iso.fields[1], 3), 'UTF8') = i::text and micros.texts[1] = i::text, true) as carried
from endless, wal2avro.fields(endless.*, '{i}', 'interval.handling.mode=string') iso, wal2avro.fields(endless.*, '{i}', 'interval.handling.mode=numeric') micros;
select count(*) > 0 as in_stream from test.frames('types');
drop table endless;

-- A default has the stand-in of its value: without a default the schema would not be compatible with those before.
create table older (id int primary key);
insert into older values (1);
alter table older add at timestamptz not null default '2024-01-01 00:00:00.123456+00', add many int[] not null default '{{1}}', add price numeric(5, 2) not null default 'NaN';
select json_array_elements(wal2avro.value_schema('older', 'time.precision.mode=connect')::json->'fields');
drop table older;

-- Values that an enum gets while rows are written, and a composite type that changes.
create type grows as enum ('a');
create type widens as (a int);
create table grown (id int primary key, g grows, w widens, gs grows[]);
insert into grown values (1, 'a', '(1)', '{a}');
alter type grows add value 'b';
alter type widens add attribute b text;
insert into grown values (2, 'b', '(2,x)', '{b,a}');
alter type grows rename value 'a' to 'A';
alter type widens drop attribute a;
insert into grown values (3, 'A', '(y)', '{A,b}');
select test.changes('types');
drop table grown;
drop type grows, widens;
select pg_drop_replication_slot('types');
drop table t, decimals, one, numerics, times, others;
drop domain positive, price;
drop type mood, pair;

-- Bits of any length: zeros in front are told by a note alone.
create table bits (v bit varying(9));
insert into bits values ('010001111'), ('110001111'), (''), ('1');
select v, wal2avro.notes(bits.*, 'schema.style=debezium') is not null as noted from bits;
-- Bits of a length say which they are: a bit varying has the schema of a bit, which holds no shorter value.
create table kinds_of_bits (b1 bit(1), v1 bit varying(1) not null, b9 bit(9), v9 bit varying(9), v bit varying, va bit varying(9)[], ba bit(9)[]);
select field ->> 'name' as name, field ->> 'wal2avro.type' as said
	from jsonb_array_elements(wal2avro.value_schema('kinds_of_bits', 'schema.style=debezium')::jsonb -> 'fields') field;
drop table bits, kinds_of_bits;

-- Debezium's parameters of the column's type. The expected schemas are what the real one registers (3.7, column.propagate.source.type=.*).
create type mood as enum ('sad', 'so "so"');
create domain price as numeric(10, 2);
create table t (id int primary key, small int2 not null, big int8, o oid, flag bool, f4 float4, f8 float8, fixed numeric(40, 2), free numeric, m money, body text, short varchar(20), padded char(5), one "char",
	raw bytea, d date, t6 time, t3 time(3), tz timetz, ts timestamp, ts3 timestamp(3), tstz timestamptz, i interval, j jsonb, u uuid, e mood, p price, b1 bit(1), b20 bit(20), vb varbit, n inet, r int4range,
	ints int[], shorts varchar(20)[], numbers numeric[], prices numeric(6, 2)[], smalls int2[], again numeric, "B ü" text);
\a\t
create function pg_temp.fields(options text) returns setof text
language sql as $$
	select f::text from json_array_elements(wal2avro.value_schema('t', options || ',schema.style=debezium,time.precision.mode=adaptive,interval.handling.mode=string')::json->'fields') f
$$;
select pg_temp.fields('column.propagate.source.type=(.*)');
-- Of some columns, and of some types.
select f from pg_temp.fields('column.propagate.source.type=PUBLIC\.t\.(f8|u),datatype.propagate.source.type=public\.t\.MOOD|public\.t\._int4') f where f ~ 'propagate|__debezium';
select wal2avro.key_schema('t', 'column.propagate.source.type=.*id');
-- Rows are what they were.
insert into t (id, small, free, again, prices, "B ü") values (1, 2, 1.5, 2.5, '{1,null}', 'x');
select test.avro(wal2avro.value_schema('t', options), wal2avro.value(t, options)) from t, cast('schema.style=debezium,column.propagate.source.type=.*' as text) options;
\set VERBOSITY terse
select wal2avro.value_schema('t', 'column.propagate.source.type=(');
select wal2avro.value_schema('t', 'datatype.propagate.source.type=');
drop table t;
drop domain price;
drop type mood;

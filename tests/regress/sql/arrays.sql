-- One-dimensional arrays of any element type.
create type mood as enum ('sad', 'happy');
create domain cents as numeric(6, 2);
create table t (id int primary key, ints int[], texts text[], decimals numeric(6, 2)[], moods mood[], stamps timestamp[], domains cents[], ranges int4range[], bytes bytea[], nulls int[] not null);
select 1 from pg_create_logical_replication_slot('arrays', 'wal2avro');
insert into t values
	(1, '{1,2,3}', '{a,NULL,"c d"}', '{1.5,-0.01}', '{sad,happy}', '{1970-01-01 00:00:00.000001}', '{1,2}', '{"[1,2)",empty}', '{"\\x00"}', '{NULL}'),
	(2, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
	(3, null, null, null, null, null, null, null, null, '{1}');
select test.changes('arrays');
insert into t (id, ints, nulls) values (4, '{{1,2},{3,4}}', '{}');

-- What an Avro array cannot carry.
\set VERBOSITY terse
select test.changes('arrays');
select test.changes('arrays', 'array.handling.mode', 'text');
insert into t (id, ints, nulls) values (5, '[0:1]={7,8}', '{}');
select test.changes('arrays');
select test.changes('arrays', 'array.handling.mode', 'text');
select pg_drop_replication_slot('arrays');
drop table t;
drop domain cents;
drop type mood;

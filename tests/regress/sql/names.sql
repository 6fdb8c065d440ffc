-- Names that Avro does not allow.
\pset format unaligned
\pset tuples_only on
create table "Größe & ""Maß""" ("1st" int primary key, "a b" text, "ünï🐘" int, "ok_2" int, "wal2avro.name" int, "\" int);
select wal2avro.value_schema('"Größe & ""Maß"""');
select wal2avro.key_schema('"Größe & ""Maß"""');
select 1 from pg_create_logical_replication_slot('names', 'wal2avro');
insert into "Größe & ""Maß""" values (1, 'x', 2, 3, 4, 5);
select test.changes('names');
\set VERBOSITY terse
create table collision ("a b" int, "a_u0020b" int);
select wal2avro.value_schema('collision');
insert into collision values (1, 2);
select test.changes('names');
alter table collision rename "a b" to a;
select test.changes('names');
select test.changes('names', 'table.exclude.list', 'collision');
select pg_drop_replication_slot('names');
drop table "Größe & ""Maß""", collision;

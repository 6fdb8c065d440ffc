-- NULL and NOT NULL, values of columns that were added later, tables without columns.
create table t (id int primary key, a int, b text not null);
select 1 from pg_create_logical_replication_slot('nulls', 'wal2avro');
insert into t values (1, null, ''), (2, 0, 'x');
alter table t add c int default 7, add d text not null default 'old';
update t set a = 1 where id = 1;
delete from t where id = 2;
insert into t values (3, null, 'y', null, 'new');
select test.changes('nulls');
-- Rows from before the ALTER, as a copy of the table sees them.
select id, test.avro(wal2avro.value_schema('t'), wal2avro.value(t)) from t order by id;

-- A row that breaks the table's own rules.
\set VERBOSITY terse
select wal2avro.value(row(1, 2, null, 3, 'd')::t);
create table empty ();
insert into empty default values;
select test.changes('nulls');
select wal2avro.value_schema('empty'), wal2avro.value(empty), wal2avro.key(empty) from empty;
select pg_drop_replication_slot('nulls');
drop table t, empty;

-- Relations are numbered by content, and each is described once in a session.
create table t (id int primary key);
create table u (id int primary key);
select 1 from pg_create_logical_replication_slot('numbers', 'wal2avro');
insert into t values (1);
insert into u values (1);
insert into t values (2);
-- Changes that do not show in the schemas.
analyze t;
create index on t ((id + 1));
comment on table t is 'a comment';
insert into t values (3);
-- A change, and back again: the old number.
alter table t add a int;
insert into t values (4, 4);
alter table t drop a;
insert into t values (5);
-- The same content under another OID.
drop table u;
create table u (id int primary key);
insert into u values (2);
-- The key is part of the content.
alter table t drop constraint t_pkey;
insert into t values (6);
alter table t add primary key (id);
insert into t values (7);
-- Described in a savepoint that is rolled back: the number holds.
begin;
savepoint a;
alter table t add b int;
insert into t values (8);
rollback to a;
insert into t values (9);
commit;
alter table t add b int;
insert into t values (10, 10);
select test.changes('numbers');
-- A new session counts anew.
insert into u values (3);
select test.changes('numbers');
select pg_drop_replication_slot('numbers');
drop table t, u;

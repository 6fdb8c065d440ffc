-- Rows before and after DDL in the same transaction carry the schema that was theirs.
create table t (id int primary key, a int);
select 1 from pg_create_logical_replication_slot('ddl', 'wal2avro');
begin;
insert into t values (1, 1);
alter table t add b text default 'x';
insert into t values (2, 2);
alter table t drop a;
update t set b = 'y' where id = 1;
alter table t rename b to c;
insert into t values (3, 'z');
alter table t alter id type bigint;
insert into t values (4, 'zz');
commit;
select test.changes('ddl');

-- A rewrite of the table is no change of its rows.
begin;
alter table t alter c type varchar(10) using upper(c);
insert into t values (5, 'v');
commit;
select * from t order by id;
select test.changes('ddl');

-- Renamed, moved to another schema, the schema renamed.
create schema s;
alter table t rename to u;
insert into u values (6, 'u');
alter table u set schema s;
insert into s.u values (7, 's');
alter schema s rename to s2;
insert into s2.u values (8, 's2');
select test.changes('ddl');

-- Rolled back, also to a savepoint: what the transaction does next has the schema of before.
begin;
savepoint a;
alter table s2.u add d int;
insert into s2.u values (9, 'gone', 1);
rollback to a;
insert into s2.u values (10, 'stays');
commit;
begin;
alter table s2.u drop c;
insert into s2.u values (11);
rollback;
insert into s2.u values (12, 'after');
select test.changes('ddl');

-- Created, filled and dropped in one transaction; dropped and created anew.
begin;
create table brief (id int primary key);
insert into brief values (1);
drop table brief;
commit;
create table brief (id text primary key);
insert into brief values ('2');
drop table brief;
create table brief (id text primary key);
insert into brief values ('3');
select test.changes('ddl');

-- A type that changes under a table.
create type mood as enum ('sad');
create domain d as int;
create table typed (id int primary key, m mood, n d);
insert into typed values (1, 'sad', 1);
alter type mood add value 'happy';
alter type mood rename value 'sad' to 'blue';
insert into typed values (2, 'happy', 2), (3, 'blue', 3);
select test.changes('ddl');
-- Many tables that come and go, more than are kept in mind.
do $$ begin
	for i in 1 .. 300 loop
		execute format('create table passing%s (id int); insert into passing%s values (%s)', i, i, i);
		execute format('alter table passing%s add a int; insert into passing%s values (0, %s)', i, i, i);
		execute format('drop table passing%s', i);
	end loop;
end $$;
select type, count(*), count(distinct relation) relations from test.messages(test.frames('ddl')) group by 1 order by 1;
select pg_drop_replication_slot('ddl');
drop table s2.u, brief, typed;
drop schema s2;
drop type mood;
drop domain d;

-- DDL that changes schemas alone: each row has the one that was true when it was written.
\pset format unaligned
\pset tuples_only on
select 1 from pg_create_logical_replication_slot('ddl_schemas', 'wal2avro');
-- Relations with what of their schemas is at stake; rows.
create function pg_temp.schemas(variadic options text[]) returns setof text
language sql as $$
	select case type when 'R' then format('relation %s %s.%s key %s %s%s', relation, convert_from(blobs[1], 'UTF8'), convert_from(blobs[2], 'UTF8'), coalesce((k.schema->'fields')::text, 'none'),
			v.schema->'fields', ' identity ' || (v.schema->>'wal2avro.identity'))
		else concat_ws(' ', case type when 'I' then 'insert' when 'U' then 'update' when 'D' then 'delete' when 'B' then 'begin' when 'C' then 'commit' else type end, relation) end
	from test.messages(test.frames('ddl_schemas', variadic options)),
		lateral (select case type when 'R' then convert_from(blobs[4], 'UTF8')::jsonb end) v (schema), lateral (select case type when 'R' then convert_from(blobs[3], 'UTF8')::jsonb end) k (schema)
$$;

-- NOT NULL and defaults.
create table t (id int primary key);
begin;
insert into t values (1);
alter table t add a int default 5;
insert into t values (2);
alter table t alter a set not null;
insert into t values (3);
alter table t alter a set default 6;
insert into t values (4);
alter table t alter a drop not null;
insert into t values (5, null);
delete from t where a is null;
alter table t add b text not null default 'x';
insert into t values (6);
alter table t alter b drop default;
insert into t values (7, 1, 'y');
alter table t alter a type bigint;
insert into t values (8, 1, 'y');
savepoint a;
alter table t alter b drop not null, alter a type text, add c int not null default 1;
insert into t values (9, 'a', null, 2);
savepoint b;
alter table t drop a;
insert into t values (10);
rollback to a;
insert into t values (11, 1, 'z');
commit;
select pg_temp.schemas('old.rows', 'off');

-- The key, and what is known of rows without one.
begin;
alter table t drop constraint t_pkey;
insert into t values (12, 1, 'y');
alter table t replica identity full;
insert into t values (13, 1, 'y');
alter table t add primary key (b, id);
insert into t values (14, 1, 'y');
alter table t rename id to number;
insert into t values (15, 1, 'y');
alter table t replica identity nothing;
insert into t values (16, 1, 'y');
commit;
select pg_temp.schemas('old.rows', 'keyless');

-- Types of the database's own: their names, their values, their schema.
create schema elsewhere;
create type mood as enum ('ok', 'bad');
create domain tags as text[];
create type pair as (a int, b mood);
create domain old_mood as mood;
create table typed (id int primary key, m mood, list mood[], p pair, d old_mood, tags tags);
insert into typed values (1, 'ok', '{ok,null}', '(1,ok)', 'ok', '{a}');
alter type mood add value 'new' before 'ok';
insert into typed values (2, 'new', '{new}', '(2,new)', 'new', '{a}');
alter type mood rename value 'ok' to 'fine';
insert into typed values (3, 'fine', '{fine}', '(3,fine)', 'fine', '{a}');
begin;
alter type mood rename to state;
insert into typed values (4, 'fine', '{fine}', '(3,fine)', 'fine', '{a}');
alter type state set schema elsewhere;
insert into typed values (5, 'fine', '{fine}', '(3,fine)', 'fine', '{a}');
savepoint a;
alter type elsewhere.state rename to nothing;
insert into typed values (6, 'fine', '{fine}', '(3,fine)', 'fine', '{a}');
rollback to a;
insert into typed values (7, 'fine', '{fine}', '(3,fine)', 'fine', '{a}');
alter type pair add attribute c text;
insert into typed values (8, 'fine', '{fine}', '(3,fine,new)', 'fine', '{a}');
alter schema elsewhere rename to here;
insert into typed values (9, 'fine', '{fine}', '(3,fine,new)', 'fine', '{a}');
commit;
alter table typed drop list, drop d, drop tags;
create temp table messages as select * from test.messages((select array_agg(data) from pg_logical_slot_peek_binary_changes('ddl_schemas', null, null, 'protocol.version', '2', 'schema.column.types', 'all')));
select type, relation, field->>'name', field->>'wal2avro.type'
from messages left join jsonb_array_elements(case type when 'R' then convert_from(blobs[4], 'UTF8')::jsonb->'fields' end) field on true
where type = 'I' or (field->>'name') in ('m', 'list', 'p', 'd');
select l from test.lines((select array_agg(data) from pg_logical_slot_peek_binary_changes('ddl_schemas', null, null, 'protocol.version', '2'))) l where l !~ '^(begin|commit)';
select l from test.changes('ddl_schemas', 'schema.style', 'debezium') l where l ~ '^relation' order by 1;
drop table typed;
create table typed (id int primary key, m here.state);
insert into typed values (1, 'fine');
alter type here.state add value 'newer';
insert into typed values (2, 'newer');
-- Nothing that other types and temporary tables do makes another schema.
create type other as enum ('x');
create temp table passing (id int);
alter type other add value 'y';
insert into typed values (3, 'fine');
select relation, convert_from(blobs[4], 'UTF8')::jsonb#>>'{fields,1,type,1,connect.parameters,allowed}' from test.messages(test.frames('ddl_schemas', 'schema.style', 'debezium')) where type in ('R', 'I');
select pg_drop_replication_slot('ddl_schemas');
drop table t, typed;
drop domain old_mood, tags;
drop type pair, other, here.state;
drop schema here;

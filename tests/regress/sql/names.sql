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

-- A name that looks like a changed one keeps no property; so both can be told back.
create table "a b" ("x y" int primary key);
create table "a_u0020b" ("x_u0020y" int primary key);
select wal2avro.value_schema('"a b"');
select wal2avro.value_schema('a_u0020b');
create function pg_temp.named_back(item jsonb) returns text language sql as $$ select coalesce(item->>'wal2avro.name', item->>'name') $$;
create schema names;
do $$
declare
	name text;
	schema jsonb;
begin
	foreach name in array array['int', 'record', 'null', 'select', 'user', 'a b', 'a.b', 'a_u002Eb', '.', '"', '\', '1', '_', '__', 'A', 'ä', '🐘', '🐘_uD83D_uDC18', 'x''y', E'tab\there', E'line\nfeed',
		repeat('x', 63), repeat('🐘', 15) || 'abc', repeat('ü', 31) || '.', 'wal2avro.name', '$1', '%s', '{"', 'double', 'union', 'connect.name'] loop
		execute format('create table names.%1$I (%1$I int primary key, %2$I int)', name, left(name, 10) || '!');
		schema := wal2avro.value_schema(format('names.%I', name)::regclass);
		if pg_temp.named_back(schema) <> name or pg_temp.named_back(schema->'fields'->0) <> name or pg_temp.named_back(schema->'fields'->1) <> left(name, 10) || '!'
			or schema->>'name' !~ '^[A-Za-z_][A-Za-z0-9_]*$' or schema->'fields'->0->>'name' !~ '^[A-Za-z_][A-Za-z0-9_]*$'
			or schema->>'name' in ('null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string', 'record', 'union') then
			raise warning 'table % is %', name, schema;
		end if;
		execute format('insert into names.%I values (1, 2)', name);
	end loop;
end $$;
select count(distinct wal2avro.value_schema(oid)::jsonb->>'name'), count(*) from pg_class where relnamespace = 'names'::regnamespace and relkind = 'r';
select left(l, 200) from test.changes('names') l where l ~ '^(relation|insert)' order by l collate "C" limit 12;

-- The same in a namespace: only names of parts.
select s->>'namespace', s->>'name', s->>'connect.name', s->>'wal2avro.name' from (select wal2avro.value_schema('names."a.b"', 'schema.namespace=my-server.1')::jsonb s) v;
select s->>'namespace', s->>'name', s->>'connect.name', s->>'wal2avro.name' from (select wal2avro.key_schema('names."int"', 'schema.namespace=srv')::jsonb s) v;
select wal2avro.key_schema('names."int"', 'schema.namespace=srv,key.columns="int!"');
select pg_drop_replication_slot('names');
drop table "Größe & ""Maß""", collision, "a b", a_u0020b;
set client_min_messages = warning;
drop schema names cascade;
reset client_min_messages;

-- Which tables are sent: decided in the server. Transactions without a row of theirs send nothing.
create schema s;
create schema "S.x";
create table t (id int primary key);
create table u (id int primary key);
create table s.t (id int primary key);
create table "S.x"."a,""b" (id int primary key);
create unlogged table unlogged (id int);
create materialized view matview as select 1 as id;
create table parts (id int) partition by range (id);
create table part1 partition of parts for values from (0) to (10);
select 1 from pg_create_logical_replication_slot('selection', 'wal2avro');
insert into t values (1);
insert into u values (2);
insert into s.t values (3);
insert into "S.x"."a,""b" values (4);
insert into unlogged values (5);
refresh materialized view matview;
insert into parts values (6);
create temp table temporary as select 7 as id;
begin; insert into t values (8); rollback;
create function pg_temp.tables(variadic options text[] default '{}') returns text
language sql as $$
	select string_agg(convert_from(blobs[1], 'UTF8') || '.' || convert_from(blobs[2], 'UTF8'), ' ')
	from test.messages((select array_agg(data) from pg_logical_slot_peek_binary_changes('selection', null, null, variadic '{protocol.version,2}' || options)))
	where type = 'R'
$$;
select pg_temp.tables();
select v as include, pg_temp.tables('table.include.list', v) from unnest(array['t', 's.t', 'public.t', 'T', 't, u', ' u ,s.t', '"t"', '"s"."t"',
	'"S.x"."a,""b"', 'part1', 'parts', 'none.t', 'pg_class']) v;
select v as exclude, pg_temp.tables('table.exclude.list', v) from unnest(array['t', 's.t', 't,u,part1,"a,""b"']) v;
select count(*) as frames from pg_logical_slot_peek_binary_changes('selection', null, null, 'protocol.version', '2', 'table.include.list', 'nothing');
\set VERBOSITY terse
do $$
declare
	v text;
begin
	foreach v in array array['', ' ', ',', 't,', ',t', 't.', '.t', 'a.b.c', '"t', 't"', '"t"x', '""', 't u.v'] loop
		begin
			perform pg_temp.tables('table.include.list', v);
			raise notice '% accepted', v;
		exception when invalid_parameter_value then
			raise notice '%', sqlerrm;
		end;
	end loop;
end $$;
select pg_drop_replication_slot('selection');
drop table t, u, s.t, "S.x"."a,""b", unlogged, parts, temporary;
drop materialized view matview;
drop schema s, "S.x";

-- The extension is trusted; its functions show nothing that a role may not read anyway.
create role wal2avro_regress_owner;
create role wal2avro_regress_reader;
create database wal2avro_regress owner wal2avro_regress_owner;
\c wal2avro_regress
set session authorization wal2avro_regress_owner;
create extension wal2avro;
select extowner::regrole, extname from pg_extension where extname = 'wal2avro';
create schema private;
create table private.t (id int primary key, secret text);
insert into private.t values (1, 'x');
reset session authorization;
grant usage on schema private to wal2avro_regress_reader;
set session authorization wal2avro_regress_reader;
\set VERBOSITY terse
-- Catalogs are open to everybody, rows are not.
select wal2avro.key_schema('private.t');
select wal2avro.insert_message(t) from private.t t;
reset session authorization;
grant select on private.t to wal2avro_regress_reader;
set session authorization wal2avro_regress_reader;
select wal2avro.insert_message(t) from private.t t;
-- A slot needs REPLICATION.
do $$ begin
	perform pg_create_logical_replication_slot('permissions', 'wal2avro');
exception when insufficient_privilege then
	raise notice 'not without REPLICATION';
end $$;
reset session authorization;
alter role wal2avro_regress_reader replication;
set session authorization wal2avro_regress_reader;
select 1 from pg_create_logical_replication_slot('permissions', 'wal2avro');
select pg_drop_replication_slot('permissions');
reset session authorization;
-- Every function says what it is for.
select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = pronamespace where nspname = 'wal2avro' and obj_description(p.oid, 'pg_proc') is null;
drop extension wal2avro;
\c regress
drop database wal2avro_regress;
drop role wal2avro_regress_owner, wal2avro_regress_reader;

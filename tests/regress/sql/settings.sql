-- Settings of the session never shape a value, and come out of decoding as they went in.
create schema hostile;
create type hostile.pair as (a interval, b timestamptz, c float8);
create table t (id int primary key, i interval, tr tstzrange, dr daterange, p hostile.pair, m money, r regclass, b_in bytea[], f float8[], tz timestamptz, d date, z timetz, o point);
create table hostile."T" (id int primary key);
select 1 from pg_create_logical_replication_slot('settings', 'wal2avro');
insert into t values (1, '1 year -2 days 03:04:05', '[2024-01-01 00:00+00,2024-07-01 12:00+00)', '[2024-01-02,2024-02-03)', '("-1 day","2024-07-01 12:00+00",0.1)', 1234.5,
	'hostile."T"', '{"\\x00ff"}', '{0.1,1e-300}', '2024-07-01 12:00+00', '2024-07-01', '12:00+02', '(0.1,0.30000000000000004)');
create function pg_temp.change() returns text
language sql as $$
	select string_agg(l, '; ') from test.lines((select array_agg(data) from pg_logical_slot_peek_binary_changes('settings', null, null, 'protocol.version', '2'))) l
	where l like 'insert%'
$$;
select pg_temp.change() as usual \gset
select wal2avro.value(t) as usual_value from t \gset
select :'usual';
set datestyle = 'SQL, DMY';
set intervalstyle = 'sql_standard';
set timezone = 'America/New_York';
set bytea_output = 'escape';
set extra_float_digits = -15;
set quote_all_identifiers = on;
set search_path = hostile, public, test;
select pg_temp.change() = :'usual' as same_stream;
select wal2avro.value(t) = :'usual_value' as same_value from public.t;
select name, setting from pg_settings
where name in ('DateStyle', 'IntervalStyle', 'TimeZone', 'bytea_output', 'extra_float_digits', 'quote_all_identifiers', 'search_path') order by lower(name);
reset all;

-- The same for a session that begins with them, by its role and its database. Whatever else shapes text is here, too.
select wal2avro.value_schema('t', 'schema.column.types=all,schema.style=debezium') as usual_schema \gset
alter role current_user set datestyle = 'German';
alter role current_user set timezone = 'Asia/Kolkata';
alter role current_user set bytea_output = 'escape';
alter role current_user set extra_float_digits = 0;
alter role current_user set client_encoding = 'LATIN1';
alter database regress set quote_all_identifiers = on;
alter database regress set search_path = hostile, pg_catalog, public;
alter database regress set xmlbinary = hex;
alter database regress set xmloption = document;
alter database regress set array_nulls = off;
alter database regress set default_text_search_config = 'simple';
\setenv PGDATESTYLE
\setenv PGTZ
\c
select wal2avro.value(t) = :'usual_value' as same_value from public.t;
select wal2avro.value_schema('public.t', 'schema.column.types=all,schema.style=debezium') = :'usual_schema' as same_schema;
select string_agg(l, '; ') = :'usual' as same_stream
from test.lines((select array_agg(data) from pg_logical_slot_peek_binary_changes('settings', null, null, 'protocol.version', '2'))) l where l like 'insert%';
select name, setting from pg_settings where name in ('DateStyle', 'IntervalStyle', 'TimeZone', 'bytea_output', 'extra_float_digits', 'quote_all_identifiers', 'search_path')
order by lower(name);
alter role current_user reset all;
alter database regress reset quote_all_identifiers;
alter database regress reset search_path;
alter database regress reset xmlbinary;
alter database regress reset xmloption;
alter database regress reset array_nulls;
alter database regress reset default_text_search_config;
\c
-- They come out as they went in also when an error ends it half-way.
set intervalstyle = 'sql_standard';
set search_path = hostile, public, test;
\set VERBOSITY terse
create table public.bad (id int, i interval, a int[], primary key (id, a));
insert into public.bad values (1, '1 day', '[2:2]={1}');
select count(*) from test.frames('settings', 'key.columns', 'i;a', 'table.include.list', 'bad');
select wal2avro.key(bad, 'key.columns=i;a') from public.bad;
show intervalstyle;
show search_path;
reset all;
select pg_drop_replication_slot('settings');
drop table t, bad;
drop schema hostile cascade;

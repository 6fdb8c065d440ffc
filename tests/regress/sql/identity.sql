-- Keys: the replica identity's index, else the primary key, in the order of the index; what updates and deletes know of the old row.
create table pk (a int, b text, c int, primary key (b, a));
create table by_index (id int primary key, code text not null, note text);
create unique index by_index_code on by_index (code) include (note);
alter table by_index replica identity using index by_index_code;
create table everything (id int primary key, note text);
alter table everything replica identity full;
create table full_no_key (id int, note text);
alter table full_no_key replica identity full;
create table nothing (id int primary key, note text);
alter table nothing replica identity nothing;
create table no_key (id int, note text);
create table deferred (id int primary key deferrable, note text);
select 1 from pg_create_logical_replication_slot('identity', 'wal2avro');
select t, (select string_agg(f->>'name', ' ') from jsonb_array_elements(wal2avro.key_schema(t)::jsonb->'fields') f) as key
from unnest('{pk, by_index, everything, full_no_key, nothing, no_key, deferred}'::regclass[]) t;

insert into pk values (1, 'x', 1);
update pk set c = 2;
update pk set a = 2;
update pk set a = a;
delete from pk;
select test.changes('identity');

insert into by_index values (1, 'one', 'n');
update by_index set id = 2;
update by_index set code = 'two';
delete from by_index;
select test.changes('identity');

insert into everything values (1, 'n');
update everything set note = 'm';
update everything set id = 2;
delete from everything;
select test.changes('identity');

insert into full_no_key values (1, 'n');
update full_no_key set note = 'm';
delete from full_no_key;
select test.changes('identity');

insert into nothing values (1, 'n');
update nothing set id = 2;
delete from nothing;
select test.changes('identity');

insert into no_key values (1, 'n');
update no_key set note = 'm';
delete from no_key;
select test.changes('identity');

-- The identity changes between two rows.
insert into pk values (1, 'x', 1);
alter table pk replica identity full;
update pk set c = 3;
alter table pk drop constraint pk_pkey;
update pk set c = 4;
delete from pk;
select test.changes('identity');

-- Rows as they were, where they are asked for and the log has them.
create function pg_temp.peek(variadic options text[]) returns setof text
language sql as $$
	select l from test.lines((select array_agg(data) from pg_logical_slot_peek_binary_changes('identity', null, null, variadic '{protocol.version,2}' || options))) l
	where l ~ '^(relation|update|delete)'
$$;
create function pg_temp.identity_in_schema(name text, options text) returns text
language sql as $$ select wal2avro.value_schema(name::regclass, options)::jsonb->>'wal2avro.identity' $$;
select t, o, pg_temp.identity_in_schema(t, 'old.rows=' || o) from unnest('{by_index, everything, full_no_key, nothing, no_key}'::text[]) t, unnest('{off, keyless, all}'::text[]) o
where pg_temp.identity_in_schema(t, 'old.rows=' || o) is not null;
insert into full_no_key values (1, 'n'), (1, 'n'), (2, null);
update full_no_key set note = 'm' where ctid = (select min(ctid) from full_no_key);
delete from full_no_key;
insert into everything values (1, 'n');
update everything set note = 'm';
delete from everything;
insert into by_index values (1, 'one', 'n');
update by_index set note = 'm';
update by_index set code = 'two';
delete from by_index;
select pg_temp.peek('old.rows', 'off');
select pg_temp.peek('old.rows', 'keyless');
select test.changes('identity', 'old.rows', 'all');

-- Columns that the log does not have of a row that is gone: null, else an empty value.
create table kinds (id int primary key, a bool not null, b int2 not null, c int8 not null, d float4 not null, e float8 not null, f numeric(5,2) not null, g text not null,
	h bytea not null, i int[] not null, j date not null, k time not null, l timestamptz not null, m uuid not null, n interval not null, o int, p bool not null);
insert into kinds values (1, true, 1, 1, 1, 1, 1, 'x', 'x', '{1}', '2000-01-01', '12:00', '2000-01-01', '00000000-0000-0000-0000-000000000001', '1 day', 1, true);
delete from kinds;
select pg_temp.peek('old.rows', 'all');
select pg_temp.peek('old.rows', 'all', 'time.precision.mode', 'connect', 'array.handling.mode', 'text', 'decimal.handling.mode', 'double');
select count(*) from test.changes('identity');

-- An identity that has gone, with its index; one that becomes the primary key's again.
alter table by_index replica identity using index by_index_code;
insert into by_index values (1, 'one', 'n'), (2, 'two', 'm');
drop index by_index_code;
update by_index set note = 'o' where id = 1;
delete from by_index where id = 2;
select test.changes('identity');
alter table by_index replica identity default;
update by_index set id = 3;
delete from by_index;
select test.changes('identity');

-- A key that can be deferred identifies nothing, but it is no obstacle to the full row.
alter table deferred replica identity full;
insert into deferred values (1, 'n');
update deferred set id = 2;
delete from deferred;
select test.changes('identity', 'old.rows', 'keyless');

-- The key comes and goes while the transaction runs.
create table comes (id int not null, n int);
begin;
insert into comes values (1, 1);
alter table comes add primary key (id);
update comes set id = 2;
alter table comes replica identity full, drop constraint comes_pkey;
update comes set n = 2;
alter table comes replica identity nothing;
update comes set n = 3;
create unique index comes_id on comes (id);
alter table comes replica identity using index comes_id;
update comes set id = 4;
savepoint a;
alter table comes replica identity full;
update comes set n = 4;
rollback to a;
update comes set n = 5;
delete from comes;
commit;
select test.changes('identity', 'old.rows', 'keyless');
select pg_drop_replication_slot('identity');
drop table pk, by_index, everything, full_no_key, nothing, no_key, deferred, kinds, comes;

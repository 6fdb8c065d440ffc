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
select pg_drop_replication_slot('identity');
drop table pk, by_index, everything, full_no_key, nothing, no_key, deferred;

-- The option key.columns: the key is made of these columns; what updates and deletes know of the old one depends on the replica identity.
create table by_default (id int primary key, code text not null, note text);
create table by_index (id int primary key, code text not null, note text);
create unique index by_index_code on by_index (code, id);
alter table by_index replica identity using index by_index_code;
create table by_full (id int primary key, code text, note text);
alter table by_full replica identity full;
create table by_nothing (id int primary key, code text, note text);
alter table by_nothing replica identity nothing;
create table no_key (id int, code text, note text);

-- The schema is what Connect makes of a struct without a name; nothing else of the table changes it.
select wal2avro.key_schema('by_default', 'key.columns=id');
select wal2avro.key_schema('by_full', 'key.columns=code;id');
select wal2avro.key_schema('no_key', 'key.columns="note"');
insert into by_default values (1, 'one', null);
select test.avro(wal2avro.key_schema('by_default', o), wal2avro.key(t.*, o)), wal2avro.value_schema('by_default', o) = wal2avro.value_schema('by_default') as same_value
from by_default t, unnest(array['key.columns=note;id', 'time.precision.mode=connect,key.columns=code', 'key.columns="code";"id",array.handling.mode=text']) o;
create table quoted ("a,b" int, "c;d" int, "e""f" int, "Grün g" int);
insert into quoted values (1, 2, 3, 4);
select test.avro(wal2avro.key_schema('quoted', o), wal2avro.key(t.*, o)) from quoted t, (values ('key.columns="a,b";"c;d";"e""f";"Grün g",array.handling.mode=text')) v (o);
delete from by_default;

-- Wrong ones.
\set VERBOSITY terse
select wal2avro.key_schema('by_default', 'key.columns=none');
select wal2avro.key_schema('by_default', 'key.columns=ID');
select wal2avro.key_schema('by_default', 'key.columns=');
select wal2avro.key_schema('by_default', 'key.columns=id;');
select wal2avro.key_schema('by_default', 'key.columns=id;id');
select wal2avro.key_schema('by_default', 'key.columns="id');

-- The stream. Within the identity the key is followed; outside it an update leaves open what the key was, and a delete has none.
select 1 from pg_create_logical_replication_slot('chosen', 'wal2avro');
do $$
declare
	t text;
begin
	foreach t in array '{by_default, by_index, by_full, by_nothing, no_key}'::text[] loop
		execute format('insert into %I values (1, ''one'', ''n'')', t);
		execute format('update %I set note = ''m''', t);
		execute format('update %I set id = 2', t);
		execute format('update %I set code = ''two''', t);
		execute format('delete from %I', t);
	end loop;
end $$;
select pg_copy_logical_replication_slot('chosen', 'chosen' || n) is not null as copied from generate_series(2, 3) n;
select test.changes('chosen', 'key.columns', 'code');
select test.changes('chosen2', 'key.columns', 'id', 'table.include.list', 'by_default,by_index');
select test.changes('chosen3', 'key.columns', 'none');

-- A change of the identity is seen with the next row.
insert into by_default values (1, 'one', 'n');
alter table by_default replica identity full;
update by_default set code = 'two';
alter table by_default replica identity default;
update by_default set code = 'three';
select test.changes('chosen', 'key.columns', 'code');
select pg_drop_replication_slot('chosen' || n) from unnest(array['', '2', '3']) n;
drop table by_default, by_index, by_full, by_nothing, no_key, quoted;

-- Dropped columns, generated columns, and as many columns as a table can have.
create table t (gone1 int, id int primary key, gone2 text, a text, twice int generated always as (id * 2) stored, gone3 int);
alter table t drop gone1, drop gone2, drop gone3;
select 1 from pg_create_logical_replication_slot('columns', 'wal2avro');
insert into t (id, a) values (1, 'x');
update t set a = 'y';
alter table t drop a;
insert into t (id) values (2);
delete from t where id = 1;
select test.changes('columns');
select test.avro(wal2avro.value_schema('t'), wal2avro.value(t)), test.avro(wal2avro.key_schema('t'), wal2avro.key(t)) from t;

do $$ begin
	execute 'create table wide (' || (select string_agg(format('c%s int', i), ', ') from generate_series(1, 1600) i) || ')';
end $$;
insert into wide (c1, c1600) values (1, 1600);
create temp table messages as select * from test.messages(test.frames('columns'));
select jsonb_array_length(schema::jsonb->'fields') fields, value->>'c1' c1, value->>'c1599' c1599, value->>'c1600' c1600
from (select convert_from(blobs[4], 'UTF8') schema from messages where type = 'R') r,
	(select test.unframe(blobs[2]) bytes from messages where type = 'I') i, test.avro(schema, bytes) value;
select pg_drop_replication_slot('columns');
drop table t, wide;

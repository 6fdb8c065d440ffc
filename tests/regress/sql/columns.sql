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
-- Every other one dropped; a row that is older than the last ones, where the table can have no more.
do $$ begin
	execute 'alter table wide ' || (select string_agg(format('drop c%s', i), ', ') from generate_series(2, 1600, 2) i);
end $$;
insert into wide (c1, c1599) values (2, 1599);
alter table wide add c1601 int;
select type, count(*), max(jsonb_array_length(case type when 'R' then convert_from(blobs[4], 'UTF8')::jsonb->'fields' end)) from test.messages(test.frames('columns')) where type in ('R', 'I') group by 1;

-- No columns at all, none that are left, none but generated ones.
create table none ();
create table none_left (a int, b text);
insert into none_left values (1, 'x');
alter table none_left drop a, drop b;
create table made (a int generated always as (1 + 1) stored, b int generated always as identity);
alter table made drop b;
insert into none default values;
insert into none default values;
insert into none_left default values;
insert into made default values;
alter table none replica identity full;
alter table none_left replica identity full;
delete from none;
delete from none_left;
truncate none;
alter table none add a int;
insert into none values (1);
alter table made alter a drop expression;
update made set a = 3;
select test.changes('columns', 'old.rows', 'all');
select wal2avro.value_schema('none_left'), wal2avro.value(n), wal2avro.notes(n) is null from none_left n;
select pg_drop_replication_slot('columns');
drop table t, wide, none, none_left, made;

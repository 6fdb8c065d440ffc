-- What fields say of their columns' types and numbers, and records within records.
\pset format unaligned
\pset tuples_only on
create domain positive as int check (value > 0);
create type mood as enum ('ok', 'bad');
create type "Pair" as (a int, b text);
create table typed (id int primary key, a varchar(10), b numeric(10,2)[], gone int, c positive, d mood, e "Pair", f timestamp(3), g interval day to second, h name, i "char", j bit(3));
alter table typed drop gone;
select field->>'name', field->>'wal2avro.type', field->>'wal2avro.attnum' from jsonb_array_elements(wal2avro.value_schema('typed', 'schema.column.types=all')::jsonb->'fields') field;
select wal2avro.value_schema('typed', 'schema.column.types=all')::jsonb->>'wal2avro.relation' = 'typed'::regclass::oid::text;
select field->>'name', field->>'wal2avro.type', field->>'wal2avro.attnum' from jsonb_array_elements(wal2avro.value_schema('typed', 'schema.column.types=extra')::jsonb->'fields') field where field ? 'wal2avro.type';
select wal2avro.key_schema('typed', 'schema.column.types=all');

-- Records within a record are defined once.
create table free_numbers (a numeric, b numeric not null, c numeric[], d numeric primary key);
select wal2avro.value_schema('free_numbers', 'schema.style=debezium');
select wal2avro.key_schema('free_numbers', 'schema.style=debezium');
select 1 from pg_create_logical_replication_slot('column_types', 'wal2avro');
insert into free_numbers values (1.5, 2.25, '{1,2.5,null}', 100);
select test.changes('column_types', 'schema.style', 'debezium', 'table.include.list', 'free_numbers');
select pg_drop_replication_slot('column_types');
drop table typed, free_numbers;
drop type mood, "Pair";
drop domain positive;

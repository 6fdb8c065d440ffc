-- Tables by regular expressions, for a name or for schema.name.
create schema s;
create table orders (id int primary key);
create table orders_2024 (id int primary key);
create table "Orders" (id int primary key);
create table s.orders (id int primary key);
create table s.other (id int primary key);
select 1 from pg_create_logical_replication_slot('patterns', 'wal2avro');
insert into orders values (1);
insert into orders_2024 values (1);
insert into "Orders" values (1);
insert into s.orders values (1);
insert into s.other values (1);
create function pg_temp.tables(variadic options text[] default '{}') returns text
language sql as $$
	select string_agg(convert_from(blobs[1], 'UTF8') || '.' || convert_from(blobs[2], 'UTF8'), ' ')
	from test.messages((select array_agg(data) from pg_logical_slot_peek_binary_changes('patterns', null, null, variadic '{protocol.version,2}' || options)))
	where type = 'R'
$$;
select v as include, pg_temp.tables('table.include.patterns', v) from unnest(array['^(?:orders.*)$', '^(?:public\.orders)$', 'other', '^(?:s\..*)$',
	'(?i)^(?:orders)$', '^(?:o\w+\d{4})$', '^(?:a)$,^(?:other)$']) v;
select v as exclude, pg_temp.tables('table.exclude.patterns', v) from unnest(array['^(?:orders.*)$', '^(?:s\..*)$', '.*']) v;
select pg_temp.tables('table.include.patterns', '^(?:s\..*)$', 'table.include.list', 'orders_2024,Orders');
select pg_temp.tables('table.exclude.patterns', '^(?:s\..*)$', 'table.exclude.list', 'orders_2024,Orders');
select pg_temp.tables('table.include.patterns', '^(?:public\..*)$', 'table.exclude.list', 'orders_2024', 'table.exclude.patterns', '^(?:O.*)$');
\set VERBOSITY terse
select pg_temp.tables('table.include.patterns', '');
select pg_temp.tables('table.include.patterns', 'a,,b');
select pg_temp.tables('table.include.patterns', '(');
select pg_temp.tables('table.exclude.patterns', 'a{2,1}');
select wal2avro.value_schema('orders', 'table.include.patterns=x');
select pg_drop_replication_slot('patterns');
drop table orders, orders_2024, "Orders", s.orders, s.other;
drop schema s;

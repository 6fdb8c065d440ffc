-- The functions give what the stream gives.
create table t (id int, code text, price numeric(8, 2), at timestamp, tags text[], extra interval, primary key (code, id));
select 1 from pg_create_logical_replication_slot('functions', 'wal2avro');
insert into t values (1, 'a', 1.5, '2024-01-02 03:04:05.678901', '{x,NULL}', '1 day'), (2, 'b', null, null, null, null), (3, 'c', -0.01, 'infinity', '{}', '-1 mon');
create temp table rows as
select o, array_agg(m.type order by n) types, array_agg(m.blobs[1] order by n) keys, array_agg(m.blobs[2] order by n) "values"
from unnest(array['', 'time.precision.mode=connect', 'decimal.handling.mode=string,array.handling.mode=text']) o,
	test.messages((select array_agg(data) from pg_logical_slot_peek_binary_changes('functions', null, null,
		variadic '{protocol.version,2}' || coalesce(nullif(regexp_split_to_array(o, '[=,]'), '{""}'), '{}')))) with ordinality m (frame, type, relation, xid, blobs, body, n)
where m.type = 'I' group by 1;
select o, types,
	keys = (select array_agg('\x0000000000'::bytea || wal2avro.key(t, o) order by id) from t) as keys,
	"values" = (select array_agg('\x0000000000'::bytea || wal2avro.value(t, o) order by id) from t) as "values",
	"values" = (select array_agg(m.blobs[2] order by id) from t, test.messages(array[wal2avro.insert_message(t, o)]) m) as messages
from rows order by o;
-- A message R and messages I are a stream of their own.
select test.lines(array[wal2avro.relation_message('t') || (select string_agg(wal2avro.insert_message(t), '' order by id) from only t)]);
-- As a copy makes it.
copy (select wal2avro.insert_message(t, 'time.precision.mode=connect') from only public.t where id = 1) to stdout;

-- A plan does not outlive the table it was made for.
prepare v as select wal2avro.value_schema('t') like '%"more"%' as more, test.avro(wal2avro.value_schema('t'), wal2avro.value(t))->'more' as value from t where id = 2;
execute v;
alter table t add more int default 9;
execute v;
do $$
declare
	r t;
begin
	for i in 1 .. 3 loop
		execute format('alter table t add x%s int default %s', i, i);
		select * into r from t where id = 1;
		raise notice '%', test.avro(wal2avro.value_schema('t'), wal2avro.value(r)) - 'tags';
	end loop;
end $$;
-- Options that change from row to row.
select id, length(wal2avro.value(t, case when id % 2 = 1 then 'time.precision.mode=connect' else '' end)) from t order by id;

-- Partitions are tables; views, indexes and rows from nowhere are not.
\set VERBOSITY terse
create table parts (id int primary key) partition by range (id);
create table part1 partition of parts for values from (0) to (10);
insert into parts values (1);
select tableoid::regclass, wal2avro.key(part1) from part1;
create view v as select * from t;
select wal2avro.value_schema('v');
select wal2avro.value_schema('parts');
select wal2avro.value_schema('t_pkey');
select wal2avro.value(v) from v;
select wal2avro.value(r) from (select 1 as a) r;
select wal2avro.value(row(1, 2));
select wal2avro.value_schema(0);
select wal2avro.value(null::t) is null as value, wal2avro.value_schema(null) is null as schema;
-- Single columns, such as a relay asks for where an update left a TOAST value unchanged.
create table wide ("a b" text, n int not null, gone int, many int[], at timestamptz);
alter table wide drop gone;
insert into wide values ('x', 1, '{1,null}', '2000-01-01'), (null, 2, null, 'infinity'), ('y', 3, '[2:3]={1,2}', '290000-01-01');
select f.* from wide, wal2avro.fields(wide.*, '{many,"a b",n,at}') f;
select f.* from wide, wal2avro.fields(wide.*, '{at,many}', 'time.precision.mode=connect,array.handling.mode=text') f;
select f.* from wide, wal2avro.fields(wide.*, '{}') f limit 1;
select f.* from wide, wal2avro.fields(wide.*, '{gone}') f;
select f.* from wide, wal2avro.fields(wide.*, '{null}') f;
select f.* from wide, wal2avro.fields(wide.*, '{n}', 'frame.bytes=1') f;
-- What value() cannot carry.
select n, test.notes(wal2avro.value_schema('wide'), wal2avro.value(wide), wal2avro.notes(wide)) from wide order by n;
drop table wide;
-- A table without a key.
create table no_key (id int);
insert into no_key values (1);
select wal2avro.key_schema('no_key') is null as schema, wal2avro.key(no_key) is null as key, wal2avro.value(no_key), wal2avro.insert_message(no_key) from no_key;
select pg_drop_replication_slot('functions');
drop view v;
drop table t, parts, no_key;

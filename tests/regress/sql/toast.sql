-- TOASTed values: new ones come through, unchanged ones come from the old row or have a note and a stand-in.
\set VERBOSITY terse
create function pg_temp.long(seed int, length int) returns text
language sql as $$ select left(string_agg(md5((seed + i)::text), ''), length) from generate_series(1, length / 32 + 1) i $$;
create table t (id int primary key, a text, b text, n int);
alter table t alter a set storage external, alter b set storage external;
select 1 from pg_create_logical_replication_slot('toast', 'wal2avro');
create function pg_temp.values_in_stream() returns table (type text, id text, a_length int, a_md5 text, b_length int, n text)
language sql as $$
	select type, v->>'id', length(v->>'a'), md5(v->>'a'), length(v->>'b'), v->>'n'
	from test.messages(test.frames('toast', 'table.include.list', 't')) m,
		test.avro(wal2avro.value_schema('t'), test.unframe(blobs[case type when 'U' then 3 else 2 end])) v
	where type in ('I', 'U')
$$;
insert into t values (1, pg_temp.long(1, 10000), 'short', 1), (2, pg_temp.long(2, 100000), pg_temp.long(3, 300000), 2);
update t set a = pg_temp.long(4, 20000) where id = 1;
select type, s.id, a_length, b_length, s.n, a_md5 = md5(t.a) is_current from pg_temp.values_in_stream() s join t on t.id = s.id::int;

-- An unchanged value is not in the WAL: a stand-in, and a note that says so; with the full old row it is there.
update t set n = 3 where id = 2;
update t set id = 3, b = 'short' where id = 2;
select test.changes('toast');
alter table t replica identity full;
update t set n = 4 where id = 3;
update t set a = null where id = 3;
update t set a = pg_temp.long(1, 10000) where id = 3;
update t set a = a || 'x' where id = 3;
delete from t where id = 1;
select type, s.id, a_length, b_length, s.n, a_md5 = md5(t.a) is_current from pg_temp.values_in_stream() s join t on t.id = s.id::int;

\a\t
-- Other types, several in one row, nullable and not, under each option that changes their Avro type.
create domain long_text as text;
create type pair as (a text, b int);
create table many (id int primary key, n int, a text[] not null, b int[], c json, d jsonb not null, e numeric, f numeric(1000,2) not null, g numeric(1000,2), h bytea,
	i bytea not null, j pair, k pair not null, l jsonb[], m long_text not null, o varchar, p varbit, q int4multirange not null) with (toast_tuple_target = 128);
do $$
declare
	name text;
begin
	for name in select attname from pg_attribute where attrelid = 'many'::regclass and attlen = -1 and attnum > 0 loop
		execute format('alter table many alter %I set storage external', name);
	end loop;
end $$;
insert into many select 1, 1, array[long], (select array_agg(i) from generate_series(1, 1000) i), to_json(long), to_jsonb(long), digits, digits, digits, long::bytea,
	long::bytea, row(long, 1)::pair, row(long, 2)::pair, array[to_jsonb(long)], long, long, repeat('01', 5000)::varbit, (select range_agg(int4range(i, i + 1)) from generate_series(1, 2000, 2) i)
from pg_temp.long(6, 3000) long, cast(repeat('7', 900) as numeric) digits;
select count(*) from test.changes('toast');
update many set n = 2;
select l from (select test.lines((select array_agg(data) from pg_logical_slot_peek_binary_changes('toast', null, null, 'protocol.version', '2'))) l) s where l ~ '^update';
select l from (select test.lines((select array_agg(data) from pg_logical_slot_peek_binary_changes('toast', null, null, 'protocol.version', '2', 'array.handling.mode', 'text', 'decimal.handling.mode', 'string'))) l) s
where l ~ '^update';
select l from (select test.changes('toast', 'schema.style', 'debezium', 'decimal.handling.mode', 'double') l) s where l ~ '^update';
-- A value that has become another one, one that is null now, one beside it that stays.
update many set b = null, c = '1', n = 3;
select l from (select test.changes('toast') l) s where l ~ '^update';
\a\t
-- Compressed, but in the log: no note. Compressed and outside of the row: a note.
alter table many alter o set storage extended, alter m set storage extended;
update many set m = repeat('m', 100000), o = (select string_agg(md5(i::text), '') || repeat('o', 100000) from generate_series(1, 100) i), n = 4;
update many set n = 5;
with v as (select type, test.avro(wal2avro.value_schema('many'), test.unframe(blobs[3])) v from test.messages(test.frames('toast')) where type = 'U')
select v->>'n' n, length(v->>'m') m, length(v->>'o') o from v;

-- Compressed in line.
create table c (id int primary key, a text);
insert into c values (1, repeat('x', 3000));
update c set id = 2;
select m.type, length(v->>'a') from test.messages(test.frames('toast')) m, test.avro(wal2avro.value_schema('c'), test.unframe(blobs[case type when 'U' then 3 else 2 end])) v
where type in ('I', 'U');

-- A TOASTed key: the log has it with the old row, whether it changes or stays.
create table k (id text primary key, n int, a text);
alter table k alter id set storage external, alter a set storage external;
insert into k values (pg_temp.long(5, 2500), 1, pg_temp.long(6, 3000));
update k set n = 2;
update k set id = pg_temp.long(8, 2400);
delete from k;
select m.type, length(old_key->>'id') as old_key, length(key->>'id') as key, v->>'n' as n, v->>'a' ~ 'unavailable' as marked
from test.messages(test.frames('toast')) m
	left join test.avro(wal2avro.key_schema('k'), case when type = 'U' then test.unframe(blobs[1]) end) old_key on true
	left join test.avro(wal2avro.key_schema('k'), test.unframe(case type when 'U' then blobs[2] else blobs[1] end)) key on type in ('I', 'U', 'D')
	left join test.avro(wal2avro.value_schema('k'), test.unframe(blobs[case type when 'U' then 3 else 2 end])) v on type in ('I', 'U')
where type in ('I', 'U', 'D');

-- A key that the log does not have: none is made up.
create table chosen (id int primary key, code text not null, n int);
alter table chosen alter code set storage external;
insert into chosen values (1, pg_temp.long(7, 3000), 1);
update chosen set n = 2;
select test.changes('toast', 'table.include.list', 'chosen', 'key.columns', 'code');
select count(*) from test.changes('toast');
alter table chosen replica identity full;
update chosen set n = 3;
select type, length(blobs[1]) old_key, length(blobs[2]) from test.messages(test.frames('toast', 'table.include.list', 'chosen', 'key.columns', 'code')) where type = 'U';
create table bare (id text primary key, n int);
alter table bare alter id set storage external;
insert into bare values (pg_temp.long(7, 2600), 1);
alter table bare replica identity nothing;
update bare set n = 2;
select test.changes('toast', 'table.include.list', 'bare');

-- In a transaction in progress, with savepoints.
create table s (id int primary key, a text, n int);
alter table s alter a set storage external;
begin;
insert into s values (1, pg_temp.long(1, 3000), 1);
savepoint a;
update s set n = 2;
rollback to a;
update s set n = 3;
update s set a = 'short';
commit;
select l from (select test.changes('toast', 'table.include.list', 's') l) t where l ~ '^update';
select pg_drop_replication_slot('toast');
drop table t, c, k, many, chosen, bare, s;
drop domain long_text;
drop type pair;

-- TOASTed values: new ones come through, unchanged ones come from the old row or stop the stream.
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

-- An unchanged value is not in the WAL.
update t set n = 3 where id = 2;
select count(*) from pg_temp.values_in_stream();
select count(*) from pg_temp.values_in_stream();
-- Out by leaving the table out ...
select test.changes('toast', 'table.exclude.list', 't');
-- ... or by the full old row.
alter table t replica identity full;
update t set n = 4 where id = 2;
update t set b = null where id = 2;
update t set a = a || 'x' where id = 2;
delete from t where id = 1;
select type, s.id, a_length, b_length, s.n, a_md5 = md5(t.a) is_current from pg_temp.values_in_stream() s join t on t.id = s.id::int;

-- Compressed in line.
create table c (id int primary key, a text);
insert into c values (1, repeat('x', 3000));
update c set id = 2;
select m.type, length(v->>'a') from test.messages(test.frames('toast')) m, test.avro(wal2avro.value_schema('c'), test.unframe(blobs[case type when 'U' then 3 else 2 end])) v
where type in ('I', 'U');

-- A TOASTed key that stays.
create table k (id text primary key, n int);
alter table k alter id set storage external;
insert into k values (pg_temp.long(5, 2500), 1);
update k set n = 2;
delete from k;
select m.type, length(old_key->>'id') as old_key, length(key->>'id') as key, v->>'n' as n
from test.messages(test.frames('toast')) m
	left join test.avro(wal2avro.key_schema('k'), case when type = 'U' then test.unframe(blobs[1]) end) old_key on true
	left join test.avro(wal2avro.key_schema('k'), test.unframe(case type when 'U' then blobs[2] else blobs[1] end)) key on type in ('I', 'U', 'D')
	left join test.avro(wal2avro.value_schema('k'), test.unframe(blobs[case type when 'U' then 3 else 2 end])) v on type in ('I', 'U')
where type in ('I', 'U', 'D');
select pg_drop_replication_slot('toast');
drop table t, c, k;

-- Many messages travel in one frame; a frame ends with its transaction at the latest.
create table t (id int primary key, a text);
select 1 from pg_create_logical_replication_slot('batching', 'wal2avro');
insert into t select i, repeat('x', 100) from generate_series(1, 1000) i;
insert into t values (1001, 'y');
create function pg_temp.frames(variadic options text[] default '{}') returns table (frame int, messages bigint, length int, types text)
language sql as $$
	with f as (select array_agg(data) f from pg_logical_slot_peek_binary_changes('batching', null, null, variadic '{protocol.version,2}' || options))
	select m.frame, count(*), length(f[m.frame]), left(string_agg(type, '' order by ordinality), 2) || '..' || right(string_agg(type, '' order by ordinality), 2)
	from f, test.messages(f) with ordinality m group by 1, 3 order by 1
$$;
-- By default 64 KiB; then the rest; the next transaction has its own.
select frame, messages > 400 as many, length >= 65536 as full, types from pg_temp.frames();
-- No frame but the last of a transaction is smaller than asked.
select count(*), min(length) >= 10000 as full, max(length) < 10000 + 200 as not_more from pg_temp.frames('frame.bytes', '10000') where types not like '%C';
-- One message each.
select messages, count(*) from pg_temp.frames('frame.bytes', '1') group by 1;
select frame, messages, types from pg_temp.frames('frame.bytes', '1') where frame < 4;
-- Whatever the size, the same messages.
select count(distinct md5(m)) from (
	select string_agg(m.type || encode(m.body, 'hex'), ' ' order by ordinality) m
	from unnest('{1,333,65536,67108864}'::text[]) size,
		test.messages((select array_agg(data) from pg_logical_slot_peek_binary_changes('batching', null, null, 'protocol.version', '2', 'frame.bytes', size)))
			with ordinality m
	group by size) each_size;
-- A row larger than the frame has one of its own size, and the buffer is as small as ever afterwards.
select test.frames('batching') is not null;
insert into t values (1002, repeat('z', 3000000)), (1003, 'small');
insert into t values (1004, 'last');
select frame, messages, length > 3000000 as long, types from pg_temp.frames();
select pg_drop_replication_slot('batching');
drop table t;

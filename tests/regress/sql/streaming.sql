-- Transactions in progress are sent in blocks; what is rolled back is named, and the rest is what the table holds.
set logical_decoding_work_mem = '64kB';
create table t (id int primary key, a text);
create table s (id int primary key, a text);
select 1 from pg_create_logical_replication_slot('streaming', 'wal2avro');

-- What a relay makes of the blocks: rows in order, without those whose (sub)transaction was aborted.
create function pg_temp.ids() returns table (streamed boolean, blocks bigint, rows_sent bigint, aborts bigint, ids int[])
language plpgsql as $$
declare
	m test.message;
	rows int[] := '{}';
	xids bigint[] := '{}';
	inside boolean := false;
begin
	streamed := false;
	blocks := 0;
	rows_sent := 0;
	aborts := 0;
	ids := '{}';
	for m in select * from test.messages(test.frames('streaming')) loop
		case m.type
		when 's' then
			if inside then raise 'block inside a block'; end if;
			inside := true;
			streamed := true;
			blocks := blocks + 1;
		when 'e' then
			if not inside then raise 'end without a start'; end if;
			inside := false;
		when 'I' then
			rows_sent := rows_sent + 1;
			if inside then
				rows := rows || (test.avro_long(test.unframe(m.blobs[1]), 0)).value::int;
				xids := xids || m.xid;
			else
				if m.xid <> 0 then raise 'xid outside a block'; end if;
				ids := ids || (test.avro_long(test.unframe(m.blobs[1]), 0)).value::int;
			end if;
		when 'a' then
			aborts := aborts + 1;
			if m.xid = test.unsigned(m.body, 4, 4) then
				rows := '{}';
				xids := '{}';
			else
				select coalesce(array_agg(r order by n), '{}'), coalesce(array_agg(x order by n), '{}') into rows, xids
				from unnest(rows, xids) with ordinality u (r, x, n) where x <> test.unsigned(m.body, 4, 4);
			end if;
		when 'c' then
			ids := ids || rows;
			rows := '{}';
			xids := '{}';
		else null;
		end case;
	end loop;
	return next;
end $$;

-- A large transaction.
insert into t select i, repeat('x', 100) from generate_series(1, 2000) i;
select streamed, blocks > 1 as several_blocks, aborts, ids = (select array_agg(id order by id) from t) as complete from pg_temp.ids();

-- With savepoints, some of them rolled back.
begin;
insert into t select i, repeat('x', 100) from generate_series(3000, 3999) i;
savepoint a;
insert into t select i, repeat('x', 100) from generate_series(4000, 4999) i;
savepoint b;
insert into t select i, repeat('x', 100) from generate_series(5000, 5999) i;
rollback to b;
insert into t select i, repeat('x', 100) from generate_series(6000, 6999) i;
release a;
savepoint c;
insert into t select i, repeat('x', 100) from generate_series(7000, 7999) i;
rollback to c;
insert into t values (8000, 'last');
commit;
select streamed, aborts > 0 as aborts, ids = (select array_agg(id order by id) from t where id >= 3000) as complete from pg_temp.ids();

-- Rolled back as a whole, with DDL inside: nothing is left of it, and the next transaction is as it should be.
begin;
alter table t add b int;
insert into t select i, repeat('x', 100), 1 from generate_series(10000, 11999) i;
rollback;
insert into t values (9000, 'after');
select aborts <= 1 as aborts, ids from pg_temp.ids();

-- The server ends the decoding of an aborted transaction by an error, here in the middle of a row: the enum's label has to be looked up
-- when "id" and "a" are written already. Nothing of that row may stay in the frame.
create type label as enum ('first', 'second');
create table e (id int primary key, a text, b label);
insert into e values (9001, 'before', 'first');
begin;
create table unrelated (id int);
insert into e select i, repeat('x', 100), 'second' from generate_series(12000, 13999) i;
rollback;
insert into e values (9002, 'after', 'second');
select rows_sent, ids from pg_temp.ids();

-- DDL in the middle of a streamed transaction.
begin;
insert into t select i, repeat('x', 100) from generate_series(20000, 20999) i;
alter table t add c int default 5;
insert into t select i, repeat('x', 100), i from generate_series(21000, 21999) i;
savepoint d;
alter table t drop c;
insert into t select i, repeat('x', 100) from generate_series(22000, 22999) i;
rollback to d;
insert into t select i, repeat('x', 100), i from generate_series(23000, 23999) i;
commit;
select streamed, ids = (select array_agg(id order by id) from t where id >= 20000) as complete from pg_temp.ids();

-- A large transaction whose tables are not wanted sends nothing, not even the ends of blocks. (In a slot of its own: a server that takes up
-- behind a streamed transaction may stream it once more, and then names it as aborted.)
select 1 from pg_create_logical_replication_slot('unwanted', 'wal2avro');
begin;
insert into s select i, repeat('x', 100) from generate_series(1, 2000) i;
savepoint a;
insert into s select i, repeat('x', 100) from generate_series(3001, 5000) i;
rollback to a;
commit;
select test.frames('unwanted', 'table.exclude.list', 's') is null as silent;
select pg_drop_replication_slot('unwanted');

-- On request, whole transactions only.
insert into t select i, repeat('x', 100), 1 from generate_series(30000, 31999) i;
create temp table messages as select * from test.messages(test.frames('streaming', 'streaming', 'off'));
select string_agg(distinct type, '' order by type) from messages;

-- A truncation inside a block.
select 1 from pg_create_logical_replication_slot('truncation', 'wal2avro');
begin;
insert into t select i, repeat('x', 100), 1 from generate_series(40000, 41999) i;
truncate t;
insert into t values (50000, 'x', 1);
commit;
select test.frames('truncation') as frames \gset
select count(distinct xid) as xids, min(xid) > 0 as set from test.messages(:'frames'::bytea[]) where type in ('I', 'T', 's', 'c');
select string_agg(type, '' order by ordinality desc) from (select * from test.messages(:'frames'::bytea[]) with ordinality m order by ordinality desc limit 4) m;
select pg_drop_replication_slot('streaming'), pg_drop_replication_slot('truncation');
drop table t, s, e;
drop type label;

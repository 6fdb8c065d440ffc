-- DDL in transactions that are sent while they run: each row with the schema that was its own, also behind a savepoint.
\pset format unaligned
\pset tuples_only on
set logical_decoding_work_mem = '64kB';
create table t (id int primary key, a text);
alter table t alter a set storage external;
select 1 from pg_create_logical_replication_slot('ddl_streaming', 'wal2avro');
create function pg_temp.fill(start int, v text) returns void
language sql as $$ insert into t select i, repeat(v, 200) from generate_series(start, start + 499) i $$;
begin;
select pg_temp.fill(0, 'a');
alter table t add b int default 1;
select pg_temp.fill(500, 'b');
savepoint s1;
alter table t rename b to c;
alter table t add gone text;
select pg_temp.fill(1000, 'c');
savepoint s2;
alter table t rename to u;
insert into u select i, 'd' from generate_series(1500, 1999) i;
rollback to s1;
select pg_temp.fill(2000, 'e');
savepoint s3;
update t set b = 0 where b is null;
alter table t alter b set not null;
update t set a = 'short' where id < 100;
release s3;
update t set id = id + 10000 where id < 10;
delete from t where id between 100 and 199;
alter table t drop a;
insert into t values (3000, 7);
commit;
-- Rewritten, and rewritten again in a subtransaction that is rolled back. (Servers from 16 cannot decode a transaction in progress that is
-- rewritten behind a savepoint to which DDL and rows have been rolled back, whatever the plugin.)
begin;
insert into t select i, i from generate_series(4000, 4999) i;
savepoint s1;
alter table t alter id type bigint;
insert into t select i, i from generate_series(5000, 5999) i;
release s1;
insert into t select i, i from generate_series(6000, 6999) i;
savepoint s2;
alter table t alter b type text;
insert into t select i, 'gone' from generate_series(7000, 7999) i;
rollback to s2;
insert into t values (8000, 8000);
commit;

-- What is left of the messages when aborted (sub)transactions are taken out of them.
create function pg_temp.summary(options text[]) returns table (schema text, type text, count bigint, first text, last text)
language plpgsql as $$
declare
	m test.message;
	lines text[];
	top bigint;
	streamed boolean := false;
begin
	create temp table rows_seen (n serial, xid bigint, relation int, type text, key text);
	create temp table relations_seen (relation int, text text, key_schema text);
	for m in select * from test.messages((select array_agg(data) from pg_logical_slot_peek_binary_changes('ddl_streaming', null, null, variadic '{protocol.version,2}' || options))) loop
		case
		when m.type = 's' then
			top := m.xid;
			streamed := true;
		when m.type = 'R' then
			insert into relations_seen values (m.relation, format('%s(%s)', convert_from(m.blobs[2], 'UTF8'),
				(select string_agg(format('%s %s', f->>'name', f->'type'), ', ') from jsonb_array_elements(convert_from(m.blobs[4], 'UTF8')::jsonb->'fields') f)), convert_from(m.blobs[3], 'UTF8'));
		when m.type in ('I', 'U', 'D') then
			insert into rows_seen (xid, relation, type, key) values (m.xid, m.relation, m.type,
				(select test.avro(key_schema, test.unframe(m.blobs[case m.type when 'U' then 2 else 1 end]))->>'id' from relations_seen r where r.relation = m.relation));
		when m.type = 'a' then
			delete from rows_seen where xid = test.unsigned(m.body, 4, 4);
		else
		end case;
	end loop;
	raise notice 'streamed: %', streamed;
	return query select r.text, s.type, count(*), min(s.key::int)::text, max(s.key::int)::text from rows_seen s join relations_seen r using (relation) group by r.text, s.type order by min(s.n);
	drop table rows_seen, relations_seen;
end $$;
select * from pg_temp.summary('{streaming,on}');
select * from pg_temp.summary('{streaming,off}');
select count(*) > 0 from test.frames('ddl_streaming');
select pg_drop_replication_slot('ddl_streaming');
drop table t;
reset logical_decoding_work_mem;

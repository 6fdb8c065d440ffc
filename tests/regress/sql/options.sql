-- Options: each wrong one is refused by name, with what it may be.
\set VERBOSITY terse
create table t (id int primary key);
select 1 from pg_create_logical_replication_slot('options', 'wal2avro');
insert into t values (1);
create function pg_temp.try(variadic options text[]) returns text
language plpgsql as $$
begin
	perform pg_logical_slot_peek_binary_changes('options', null, null, variadic options);
	return 'accepted';
exception when others then
	return sqlstate || ': ' || sqlerrm;
end $$;
select pg_temp.try('streaming', 'on');
select pg_temp.try('protocol.version', '1');
select pg_temp.try('protocol.version', '');
select pg_temp.try('protocol.version', '2');
select pg_temp.try('protocol.version', '2', 'protocol.version', '2');
select pg_temp.try('protocol.version', '2', 'no.such', 'x');
select pg_temp.try('protocol.version', '2', 'time.precision.mode', v) from unnest('{microseconds,connect,adaptive,Connect,conn,""}'::text[]) v;
select pg_temp.try('protocol.version', '2', 'decimal.handling.mode', v) from unnest('{precise,string,double}'::text[]) v;
select pg_temp.try('protocol.version', '2', 'array.handling.mode', v) from unnest('{array,text,json}'::text[]) v;
select pg_temp.try('protocol.version', '2', 'old.rows', v) from unnest('{off,keyless,all,on}'::text[]) v;
select pg_temp.try('protocol.version', '2', 'publish.via.partition.root', v) from unnest('{off,on,true}'::text[]) v;
select pg_temp.try('protocol.version', '2', 'schema.column.types', v) from unnest('{none,extra,all,some}'::text[]) v;
select pg_temp.try('protocol.version', '2', 'schema.namespace', v) from unnest('{a,a.b,ä,"",.a,a.,a..b,.}'::text[]) v;
select pg_temp.try('protocol.version', '2', 'streaming', v) from unnest('{on,off,true}'::text[]) v;
select pg_temp.try('protocol.version', '2', 'frame.bytes', v) from unnest('{1,67108864,67108865,0,-1,x,1x,"",99999999999999999999}'::text[]) v;

-- In functions: only what shapes a row.
select wal2avro.value_schema('t', 'frame.bytes=1');
select wal2avro.value_schema('t', 'table.include.list=t');
select wal2avro.value_schema('t', 'protocol.version=2');
select wal2avro.value_schema('t', 'no.such=1');
select wal2avro.value_schema('t', 'time.precision.mode');
select wal2avro.value_schema('t', 'time.precision.mode=x');
select wal2avro.value_schema('t', 'time.precision.mode=connect,time.precision.mode=connect');
select wal2avro.value_schema('t', null);
select pg_drop_replication_slot('options');
drop table t;

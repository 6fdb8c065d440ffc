-- Rows of 100 MB and more, up to the 1 GB that the server can send at once.
\pset format unaligned
\pset tuples_only on
\set VERBOSITY terse
create table large (id int primary key, a text, b bytea, c text);
select 1 from pg_create_logical_replication_slot('large', 'wal2avro');
insert into large values (1, repeat('a', 100000000), decode(repeat('62', 30000000), 'hex'), repeat('é', 20000000));
update large set id = 2;
update large set a = 'short' where id = 2;
delete from large;
-- One frame for each row of that size; the last field stands in front of the absent notes.
select length(data) > 1000000 as large, count(*), bool_and(case when length(data) > 1000000 then md5(substr(data, length(data) - 4 - 40000000 + 1, 40000000)) = md5(convert_to(repeat('é', 20000000), 'UTF8')) end)
from pg_logical_slot_peek_binary_changes('large', null, null, 'protocol.version', '2') group by 1 order by 1;
select type, length(blobs[1]), length(blobs[2]), length(blobs[3]), length(blobs[4]), length(blobs[5]) from test.messages(test.frames('large', 'old.rows', 'all')) where type in ('I', 'U', 'D');
-- With the whole old row.
alter table large replica identity full;
insert into large values (1, repeat('a', 10000000));
update large set id = 2;
select type, length(blobs[1]), length(blobs[2]), length(blobs[3]), length(blobs[4]), length(blobs[5]) from test.messages(test.frames('large', 'old.rows', 'all')) where type in ('I', 'U', 'D');
drop table large;

-- More than 1 GB: an error; the slot goes on when the table is left out.
create table huge (id int primary key, a bytea, b bytea, c bytea, d bytea, e bytea, f bytea);
insert into huge select 1, v, v, v, v, v, v from (select decode(repeat('78', 90000000), 'hex')) s (v);
select count(length(data)) from pg_logical_slot_peek_binary_changes('large', null, null, 'protocol.version', '2', 'binary.handling.mode', 'hex');
select count(*) from test.frames('large', 'table.exclude.list', 'huge');
insert into huge values (2, 'x');
select test.changes('large', 'binary.handling.mode', 'hex');
select pg_drop_replication_slot('large');
drop table huge;

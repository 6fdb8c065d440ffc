-- Partitions: each a table of its own, or all of them their root.
create schema parts;
create table parts.root (gone int, id int not null, region text not null, note text, primary key (region, id)) partition by list (region);
alter table parts.root drop gone;
create table parts.north partition of parts.root for values in ('n');
-- Its columns in another order, with one that was dropped, and more strict.
create table parts.south (note text not null, dropped int, region text not null, id int not null);
alter table parts.south drop dropped;
alter table parts.root attach partition parts.south for values in ('s');
create table parts.west partition of parts.root for values in ('w1', 'w2', 'w3') partition by list (region);
create table parts.west1 partition of parts.west for values in ('w1');
create table parts.west2 partition of parts.west for values in ('w2', 'w3');
select 1 from pg_create_logical_replication_slot('partitions', 'wal2avro');
create function pg_temp.peek(variadic options text[]) returns setof text
language sql as $$ select test.lines((select array_agg(data) from pg_logical_slot_peek_binary_changes('partitions', null, null, variadic '{protocol.version,2}' || options))) $$;

insert into parts.root values (1, 'n', 'a'), (2, 's', 'b'), (3, 'w1', 'c'), (4, 'w2', 'd');
update parts.root set note = note || '!';
-- Into another partition; to another key; both.
update parts.root set region = 's' where id = 1;
update parts.root set id = 5 where id = 2;
update parts.root set region = 'w3', id = 6 where id = 3;
delete from parts.root where id = 4;
select pg_temp.peek('publish.via.partition.root', 'off');
select pg_temp.peek('publish.via.partition.root', 'on');
-- The lists of tables name the root then.
select count(*) from pg_temp.peek('publish.via.partition.root', 'on', 'table.include.list', 'parts.west1,south');
select count(*) from pg_temp.peek('publish.via.partition.root', 'on', 'table.exclude.list', 'west1', 'table.include.patterns', '^parts[.]root$');
select count(*) from pg_temp.peek('publish.via.partition.root', 'off', 'table.include.list', 'root');
select count(*) from test.changes('partitions');

-- Truncate: of the root it is one of the root; of a partition not all of the root.
truncate parts.root;
truncate parts.south;
truncate parts.west;
select pg_temp.peek('publish.via.partition.root', 'off');
select test.changes('partitions', 'publish.via.partition.root', 'on');

-- Tables come and go, the root gets other names and columns while rows are written.
create table parts.east (like parts.root);
begin;
insert into parts.east values (1, 'e', 'alone');
alter table parts.root attach partition parts.east for values in ('e');
insert into parts.east values (2, 'e', 'attached');
alter table parts.root rename to trunk;
insert into parts.trunk values (3, 'e', 'of trunk'), (4, 'n', 'of trunk');
alter table parts.trunk rename note to remark;
insert into parts.trunk values (5, 'w1', 'remark');
alter table parts.trunk add extra int not null default 7;
insert into parts.trunk values (6, 'w1', 'extra'), (6, 's', 'extra');
insert into parts.trunk values (7, 'n', 'extra', 8);
alter table parts.trunk detach partition parts.west;
insert into parts.west1 values (7, 'w1', 'of west');
insert into parts.trunk values (17, 'n', 'of trunk');
alter table parts.trunk set schema test;
insert into test.trunk values (8, 'n', 'of test');
savepoint a;
alter table test.trunk rename to nothing;
insert into test.nothing values (9, 'n', 'of nothing');
rollback to a;
insert into test.trunk values (10, 'n', 'of test');
alter table test.trunk detach partition parts.north;
insert into parts.north values (11, 'n', 'alone');
commit;
select pg_temp.peek('publish.via.partition.root', 'on');
select count(*) from test.changes('partitions');

-- What the log has of an old row is up to the partition; so is the note in the schema that it has all.
create table parts.keyless (id int, v text) partition by range (id);
create table parts.keyless1 partition of parts.keyless for values from (0) to (10);
create table parts.keyless2 partition of parts.keyless for values from (10) to (20);
alter table parts.keyless1 replica identity full;
insert into parts.keyless values (1, 'a'), (11, 'b');
update parts.keyless set v = 'c';
update parts.keyless set id = id + 1;
update parts.keyless set id = id + 10 where id < 10;
delete from parts.keyless;
select l from test.changes('partitions', 'publish.via.partition.root', 'on', 'old.rows', 'keyless') l where l !~ '^(begin|commit)';
create table parts.mixed (id int primary key, code text not null) partition by range (id);
create table parts.mixed1 partition of parts.mixed for values from (0) to (10);
create table parts.mixed2 partition of parts.mixed for values from (10) to (20);
create unique index mixed2_code on parts.mixed2 (code);
alter table parts.mixed2 replica identity using index mixed2_code;
insert into parts.mixed values (1, 'a'), (11, 'b');
update parts.mixed set id = id + 1;
delete from parts.mixed;
select l from test.changes('partitions', 'publish.via.partition.root', 'on') l where l !~ '^(begin|commit)';

-- A column added NOT NULL with a default: partitions know what older rows have, whichever's row comes first.
create table parts.grown (id int primary key) partition by range (id);
create table parts.grown1 partition of parts.grown for values from (0) to (10);
create table parts.grown2 partition of parts.grown for values from (10) to (20);
insert into parts.grown values (1);
begin;
alter table parts.grown add a int not null default 5;
create table parts.grown3 partition of parts.grown for values from (20) to (30);
insert into parts.grown values (21);
insert into parts.grown values (2);
insert into parts.grown values (11);
alter table parts.grown detach partition parts.grown1;
drop table parts.grown1;
insert into parts.grown values (22), (12);
alter table parts.grown alter a drop default;
insert into parts.grown values (23, 1);
commit;
select m.type, m.relation, field->>'name', field->'type', field->'default'
from test.messages(test.frames('partitions', 'publish.via.partition.root', 'on')) m
	left join jsonb_array_elements(case type when 'R' then convert_from(blobs[4], 'UTF8')::jsonb->'fields' end) field on true
where type in ('R', 'I');

-- The same from SQL, for copies.
insert into parts.mixed values (3, 'a'), (13, 'b');
select wal2avro.value_schema('parts.mixed1', 'publish.via.partition.root=on') = wal2avro.value_schema('parts.mixed', 'publish.via.partition.root=on') as same,
	wal2avro.key_schema('parts.mixed1', 'publish.via.partition.root=on') = wal2avro.key_schema('parts.mixed', 'publish.via.partition.root=on') as same_key,
	wal2avro.relation_message('parts.mixed1', 'publish.via.partition.root=on') = wal2avro.relation_message('parts.mixed', 'publish.via.partition.root=on') as same_message;
select test.lines(array[wal2avro.relation_message('parts.mixed1', 'publish.via.partition.root=on'), wal2avro.insert_message(m.*, 'publish.via.partition.root=on')]) from only parts.mixed1 m;
select test.lines(array[wal2avro.relation_message('parts.mixed', 'publish.via.partition.root=on'), wal2avro.insert_message(m.*, 'publish.via.partition.root=on')]) from parts.mixed m;
select f.fields from parts.mixed m, wal2avro.fields(m.*, '{code}', 'publish.via.partition.root=on') f;
\set VERBOSITY terse
select wal2avro.value_schema('parts.mixed');
-- A table that inherits is no partition.
create table parts.parent (id int primary key);
create table parts.child (more int) inherits (parts.parent);
insert into parts.child values (1, 2);
select l from test.changes('partitions', 'publish.via.partition.root', 'on', 'table.include.patterns', 'child|parent') l where l !~ '^(begin|commit)';
select pg_drop_replication_slot('partitions');
set client_min_messages = warning;
drop schema parts cascade;
drop table test.trunk;

-- One-dimensional arrays of any element type.
create type mood as enum ('sad', 'happy');
create domain cents as numeric(6, 2);
create table t (id int primary key, ints int[], texts text[], decimals numeric(6, 2)[], moods mood[], stamps timestamp[], domains cents[], ranges int4range[], bytes bytea[], nulls int[] not null);
select 1 from pg_create_logical_replication_slot('arrays', 'wal2avro');
insert into t values
	(1, '{1,2,3}', '{a,NULL,"c d"}', '{1.5,-0.01}', '{sad,happy}', '{1970-01-01 00:00:00.000001}', '{1,2}', '{"[1,2)",empty}', '{"\\x00"}', '{NULL}'),
	(2, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
	(3, null, null, null, null, null, null, null, null, '{1}');
select test.changes('arrays');

-- What the declared dimensions do not carry is flat, and noted.
insert into t (id, ints, nulls) values (4, '{{1,2},{3,4}}', '{}'), (5, '[0:1]={7,8}', '{}');
select test.changes('arrays');
insert into t (id, ints, nulls) values (6, '{{1,2},{3,4}}', '{}'), (7, '[0:1]={7,8}', '{}');
select test.changes('arrays', 'array.handling.mode', 'text');

-- Notes have commas, whatever the delimiter of the type.
create table b (id int primary key, v box[]);
insert into b values (1, '{(1,1),(0,0);(2,2),(1,1)}'), (2, '[0:1]={(1,1),(0,0);NULL}');
select test.changes('arrays');
drop table b;
-- In memory that longer ones were in.
create unlogged table b (v box[]);
insert into b select ('[0:599]={' || rtrim(repeat('(' || n || ',1),(0,0);', 600), ';') || '}')::box[] from unnest('{111,11,1}'::int[]) n;
select length(f.texts[1]), right(f.texts[1], 16) as ends from b, wal2avro.fields(b.*, '{v}') f;
drop table b;

-- Declared dimensions are nested. They are the column's; a type over an array may have its own.
create domain matrix as int[][];
create table d (id int primary key, plain int[][], deep text[][][], domain matrix, of_query int[]);
create table copied as select * from d;
insert into d values (1, '{{1,2},{3,null}}', '{{{a},{b}}}', '{{1}}', '{1}'), (2, '{}', '{{a}}', '{1}', '{{1}}'), (3, null, null, null, null);
insert into copied select * from d;
select test.changes('arrays');
drop table d, copied;
drop domain matrix;
select pg_drop_replication_slot('arrays');
drop table t;
drop domain cents;
drop type mood;

-- The tables in which wal2avro-sink keeps its offsets (docs/wire.md, section 3), for a destination where the sink's role may not
-- create schemas. Run it once per database, then:
--   grant usage on schema wal2avro to <role>; grant select, insert, update, delete on wal2avro.offsets, wal2avro.positions, wal2avro.columns to <role>;
--
-- offsets: a row per partition that a connector has ever had; positions: one per lane of its sources.
-- source is the unsigned token of a slot, kept in 64 signed bits.
-- columns: with auto.evolve, which column of which relation of the source (by oid and attnum) fills column number of table tab, with its name and type
-- as of a place in the source's log; or (relation 0) a former name of that column.
create schema if not exists wal2avro;
create table if not exists wal2avro.offsets (
	connector text, topic text, partition integer,
	next_offset bigint,
	epoch bigint not null,
	source bigint, lane bigint, commit_lsn pg_catalog.pg_lsn, n bigint,
	primary key (connector, topic, partition));
create table if not exists wal2avro.positions (
	connector text, topic text, partition integer, source bigint, lane bigint,
	commit_lsn pg_catalog.pg_lsn not null, n bigint not null,
	primary key (connector, topic, partition, source, lane));
create table if not exists wal2avro.columns (
	tab oid, relation bigint, attnum integer, former text,
	number integer not null, name text not null, type text not null,
	commit_lsn pg_catalog.pg_lsn not null, n bigint not null,
	primary key (tab, relation, attnum, former));

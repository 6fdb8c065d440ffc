-- Avro strings are UTF-8, whatever the database's encoding.
create database wal2avro_latin1 encoding 'LATIN1' template template0 locale 'C';
create database wal2avro_ascii encoding 'SQL_ASCII' template template0 locale 'C';
\c wal2avro_latin1
set client_encoding = 'UTF8';
create extension wal2avro;
create table "grüße" ("ü" text primary key, b varchar(9), c char(3), d name, e jsonb, f text[], g bytea);
select 1 from pg_create_logical_replication_slot('latin1', 'wal2avro');
insert into "grüße" values ('ä', 'ß', 'é', 'ñ', '{"ç": "þ"}', '{ÿ}', '\x00ff');
select wal2avro.value_schema('"grüße"');
select wal2avro.value(t) from "grüße" t;
-- The stream has the schema in UTF-8 and the same row.
select position(convert_to('"wal2avro.name":"grüße"', 'UTF8') in data) > 0 as schema, position((select wal2avro.value(t) from "grüße" t) in data) > 0 as row
from pg_logical_slot_get_binary_changes('latin1', null, null, 'protocol.version', '2', 'table.include.list', '"grüße"');
select pg_drop_replication_slot('latin1');

-- Without an encoding the bytes have to be UTF-8 by themselves.
\c wal2avro_ascii
create extension wal2avro;
create table t (id int primary key, a text);
insert into t values (1, convert_from('\xc3bc', 'SQL_ASCII')), (2, convert_from('\xfc', 'SQL_ASCII'));
select wal2avro.value(t) from t where id = 1;
select wal2avro.value(t) from t where id = 2;
\c regress
drop database wal2avro_latin1;
drop database wal2avro_ascii;

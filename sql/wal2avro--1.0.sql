\echo Use "create extension wal2avro" to load this file. \quit

create function @extschema@.value_schema(relation regclass, options text default '')
returns text
language c stable strict parallel safe
as 'MODULE_PATHNAME', 'wal2avro_value_schema';

comment on function @extschema@.value_schema(regclass, text) is
'Avro schema of the rows of a table, as the stream has it';

create function @extschema@.key_schema(relation regclass, options text default '')
returns text
language c stable strict parallel safe
as 'MODULE_PATHNAME', 'wal2avro_key_schema';

comment on function @extschema@.key_schema(regclass, text) is
'Avro schema of the keys of a table (its replica identity index, else its primary key), null without either';

create function @extschema@.value(tuple record, options text default '')
returns bytea
language c stable strict parallel safe
as 'MODULE_PATHNAME', 'wal2avro_value';

comment on function @extschema@.value(record, text) is
'Avro bytes of a row of a table, without framing; read them with value_schema()';

create function @extschema@.notes(tuple record, options text default '')
returns bytea
language c stable strict parallel safe
as 'MODULE_PATHNAME', 'wal2avro_notes';

comment on function @extschema@.notes(record, text) is
'what value() cannot carry of a row, as the notes of the stream; null when that is nothing';

create function @extschema@.fields(tuple record, columns text[], options text default '', out fields bytea[], out texts text[])
language c stable strict parallel safe
as 'MODULE_PATHNAME', 'wal2avro_fields';

comment on function @extschema@.fields(record, text[], text) is
'Avro bytes of single columns of a row, with the branch of the union; texts has the text form of what they cannot carry, else null';

create function @extschema@.key(tuple record, options text default '')
returns bytea
language c stable strict parallel safe
as 'MODULE_PATHNAME', 'wal2avro_key';

comment on function @extschema@.key(record, text) is
'Avro bytes of the key of a row, without framing, null when the table has no key; read them with key_schema()';

create function @extschema@.relation_message(relation regclass, options text default '')
returns bytea
language c stable strict parallel safe
as 'MODULE_PATHNAME', 'wal2avro_relation_message';

comment on function @extschema@.relation_message(regclass, text) is
'the message R of the stream for a table, with relation number 1';

create function @extschema@.insert_message(tuple record, options text default '')
returns bytea
language c stable strict parallel safe
as 'MODULE_PATHNAME', 'wal2avro_insert_message';

comment on function @extschema@.insert_message(record, text) is
'the message I of the stream for a row of a table, with relation number 1; for copies of whole tables';

grant usage on schema @extschema@ to public;

/*
 * plugin/schema.h - the Avro schema texts of a table, byte for byte what Confluent's JDBC source
 * with AvroConverter registers for the same table.
 *
 * That holds for the order of properties too: type, name, fields, connect.name. Names that Avro
 * does not allow are changed (schema_avro_name) and kept in the property "wal2avro.name".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_SCHEMA_H
#define WAL2AVRO_PLUGIN_SCHEMA_H

#include "plugin/plan.h"

/*
 * Takes a name in UTF-8. Avro names are [A-Za-z_][A-Za-z0-9_]*; every other character becomes
 * _uXXXX, its UTF-16 code units in upper-case hexadecimal. Gives the name itself where it is one
 * already, else a copy in the current memory context.
 */
const char *schema_avro_name(const char *name);

/* The schema of the value, with the table's name in UTF-8, in the current memory context. */
const char *schema_value(const Plan *plan, const char *table_name);

/* The schema of the key; the plan has one. Its record is named <table>_key; one that key.columns
 * has chosen is what Connect makes of ValueToKey's. */
const char *schema_key(const Plan *plan, const char *table_name);

#endif

/*
 * plugin/schema.h - the Avro schema texts of a table, byte for byte what Confluent's JDBC source
 * with AvroConverter registers for the same table.
 *
 * That holds for the order of properties too: type, name, namespace, fields, connect.name, and in
 * a field name, type, default. What is ours comes behind: docs/wire.md, "Schemas and values", lists
 * the properties that begin with "wal2avro.".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_SCHEMA_H
#define WAL2AVRO_PLUGIN_SCHEMA_H

#include "plugin/plan.h"

/* The schema of the value, in the current memory context. */
const char *schema_value(const Plan *plan, const Options *options);

/*
 * The schema of the key; the plan has one. Its record is named <table>_key, with schema.namespace
 * Key in the table's namespace; without one, a key that key.columns has chosen is what Connect
 * makes of ValueToKey's.
 */
const char *schema_key(const Plan *plan, const Options *options);

#endif

/*
 * plugin/type_source.h - what Debezium's options column.propagate.source.type and
 * datatype.propagate.source.type add to a field's type: the column's type, length, scale and name
 * as parameters of Connect, for sinks that make tables of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TYPE_SOURCE_H
#define WAL2AVRO_PLUGIN_TYPE_SOURCE_H

#include "plugin/type_row.h"

/* Whether the options ask for it, by schema.table.column or schema.table.type. */
bool source_is_wanted(const FormData_pg_attribute *attribute, const TypeRequest *request);

/* Puts the parameters into type->schema. A record gets those alone that all its columns share,
 * since a schema defines it once. */
void source_add(ValueType *type, const FormData_pg_attribute *attribute,
				const TypeRequest *request);

#endif

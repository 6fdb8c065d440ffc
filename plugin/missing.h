/*
 * plugin/missing.h - what rows have in a column that is younger than they are.
 *
 * For a column that was added NOT NULL with a default the server keeps one value in pg_attribute
 * (attmissingval) in place of a rewrite of the table. As the default of the field it keeps schemas
 * compatible; the expression of the column's default is never looked at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_MISSING_H
#define WAL2AVRO_PLUGIN_MISSING_H

#include "plugin/compat.h"

#include "plugin/types.h"

/*
 * That value as JSON for an Avro schema, in the current memory context; NULL: there is none, or
 * none that JSON can tell. index: of the column in tupdesc, which is the table's. A table that has
 * partitions has no such value itself, but they have: the first one that has it tells.
 */
const char *missing_value(Relation relation, TupleDesc tupdesc, int index, const ValueType *type);

#endif

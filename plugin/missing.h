/*
 * plugin/missing.h - what rows have in a column that is younger than they are.
 *
 * For a column that was added with a default the server keeps one value in pg_attribute
 * (attmissingval) in place of a rewrite of the table. As the default of the field it keeps schemas
 * compatible, and destinations equal; the expression of the column's default is never looked at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_MISSING_H
#define WAL2AVRO_PLUGIN_MISSING_H

#include "plugin/compat.h"

#include "plugin/types.h"

typedef struct Missing
{
	const char *json; /* for an Avro schema; NULL: JSON cannot tell it */
	const char *text; /* form of the type's output function, UTF-8; NULL: there is no such value */
} Missing;

/*
 * Gives that value, in the current memory context. index: of the column in tupdesc, which is the
 * table's. A table that has partitions has no such value itself, but they have: the first one that
 * has it tells.
 */
Missing missing_value(Relation relation, TupleDesc tupdesc, int index, const ValueType *type);

#endif

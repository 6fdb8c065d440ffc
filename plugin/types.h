/*
 * plugin/types.h - from a PostgreSQL type to its Avro type and encoder.
 *
 * There is one table of types, in types.c; whatever has no row in it travels as a string, in the
 * form of its output function, so that nothing is ever dropped. docs/wire.md lists the mapping.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TYPES_H
#define WAL2AVRO_PLUGIN_TYPES_H

#include "plugin/compat.h"

#include "fmgr.h"

#include "plugin/options.h"
#include "plugin/output.h"

typedef struct ValueType ValueType;

/* Appends one value that is not NULL. May allocate in the current memory context. ERROR for a value
 * that the Avro type cannot hold. */
typedef void (*ValueEncoder)(Output *out, const ValueType *type, Datum value);

struct ValueType
{
	ValueEncoder encode;
	const char *schema;	 /* Avro schema, JSON */
	const char *column;	 /* schema.table.column, for errors */
	bool needs_settings; /* the text form depends on settings of the session, see settings.h */
	int scale;			 /* of a decimal */
	FmgrInfo output;	 /* of a text form */
	ValueType *element;	 /* of an array, with the storage of its elements: */
	Oid element_oid;
	int16 element_length;
	bool element_by_value;
	char element_align;
};

/* Finds the Avro type of a column type; domains count as their base type. Everything is allocated
 * in the current memory context; column is kept. */
ValueType *types_resolve(Oid oid, int32 typmod, const Options *options, const char *column);

#endif

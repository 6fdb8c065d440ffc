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
#include "lib/stringinfo.h"

#include "plugin/options.h"
#include "plugin/output.h"

typedef struct ValueType ValueType;

/* Appends one value that is not NULL. May allocate in the current memory context. A value that the
 * Avro type cannot hold is written as its stand-in (docs/types.md) and output_inexact() is called.
 */
typedef void (*ValueEncoder)(Output *out, const ValueType *type, Datum value);

/* Appends the value as the JSON of a default in an Avro schema. False, with nothing appended, where
 * it has no honest form there. */
typedef bool (*DefaultWriter)(StringInfo out, const ValueType *type, Datum value);

struct ValueType
{
	ValueEncoder encode;
	DefaultWriter put_default; /* NULL: its values are never defaults */
	const char *schema;		   /* Avro schema, JSON */
	const char *column;		   /* schema.table.column, for errors */
	const char *name;		   /* the type in SQL, in UTF-8, see types_resolve() */
	const char *encoding; /* how the bytes of a bytea are a string: an option's word; or NULL */
	const char *named;	  /* full name of a record that schema defines, which a record may do only
						   * once; or NULL */
	const char *named_schema; /* that definition, as it stands within schema */
	bool extra; /* the JDBC source drops or breaks the type, so that its field may have more */
	bool needs_settings; /* the text form depends on settings of the session, see settings.h */
	int scale;			 /* of a decimal */
	FmgrInfo output;	 /* of a text form */
	ValueType *element;	 /* of an array, with the storage of its elements: */
	Oid element_oid;
	int16 element_length;
	bool element_by_value;
	char element_align;
};

/*
 * Finds the Avro type of a column; domains count as their base type. Everything is allocated in the
 * current memory context; column is kept. name becomes what format_type gives: with the modifier,
 * with schema and quotes unless it is in pg_catalog.
 */
ValueType *types_resolve(const FormData_pg_attribute *attribute, const Options *options,
						 const char *column);

#endif

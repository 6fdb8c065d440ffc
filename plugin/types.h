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

/* Gives the text form that the output function has under the settings of settings.h, whatever the
 * session has. ASCII, in the current memory context. */
typedef char *(*TextWriter)(Datum value);

/* Appends the value as the JSON of a default in an Avro schema. False, with nothing appended, where
 * it has no honest form there. */
typedef bool (*DefaultWriter)(StringInfo out, const ValueType *type, Datum value);

struct ValueType
{
	ValueEncoder encode;
	DefaultWriter put_default; /* NULL: its values are never defaults */
	TextWriter text;	  /* of types whose values are noted often; NULL: see encode_text_form() */
	const char *schema;	  /* Avro schema, JSON */
	const char *column;	  /* schema.table.column, for errors */
	const char *name;	  /* the type in SQL, in UTF-8; NULL where the schema does not say it */
	const char *encoding; /* how the bytes of a bytea are a string: an option's word; or NULL */
	const char *named;	  /* full name of a record that schema defines, which a record may do only
						   * once; or NULL */
	const char *named_schema; /* that definition, as it stands within schema */
	bool extra;				/* its schema is not that of the JDBC source, so that it may say more */
	bool ambiguous;			/* another type has the same schema, so that it always says its own */
	bool needs_settings;	/* the text form depends on settings of the session, see settings.h */
	bool scale_is_declared; /* of a numeric that is a double */
	bool debezium_infinity; /* of a timestamp: as Debezium writes it */
	int scale;				/* of a decimal */
	int bits;				/* of a bit string, as declared */
	bool bits_vary;			/* a bit varying, which may have fewer */
	FmgrInfo output;		/* the text form, of any type */
	int dimensions;			/* of an array, with the storage of its elements: */
	const ValueType *element;
	Oid element_oid;
	int16 element_length;
	char delimiter; /* between them in the text form */
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

/* The same for a column of a table's own key: in a form that no two values share, whatever the
 * options make of the column elsewhere; but with Debezium's schemas as they do. */
ValueType *types_resolve_key(const FormData_pg_attribute *attribute, const Options *options,
							 const char *column);

#endif

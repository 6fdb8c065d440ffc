/*
 * sink/convert.h - the one table of conversions: from an Avro value to the binary form of a
 * PostgreSQL type.
 *
 * A row says: this Avro type with this meaning goes into this PostgreSQL type by that function.
 * What has no row travels as text (sink/form.h) through the type's own input function.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_CONVERT_H
#define WAL2AVRO_SINK_CONVERT_H

#include "core/buffer.h"
#include "sink/schema.h"

/* Most dimensions of an array (PostgreSQL, src/include/utils/array.h, MAXDIM). */
#define CONVERT_MAX_DIMENSIONS 6

typedef struct ColumnField ColumnField;

/* The type of a destination column: domains are already their base types. */
typedef struct ColumnType
{
	uint32_t oid;
	bool is_enum;	  /* pg_type.typtype e: its binary form is the label */
	uint32_t element; /* oid of an array's elements; 0: no array */
	bool element_is_enum;
	char delimiter; /* between an array's elements; 0: a comma */
	bool rounds;	/* numbers and times to that many digits behind the point */
	int digits;
	const char *name;	 /* pg_type.typname (of an array: its elements'); NULL: not known */
	ColumnField *fields; /* of a composite type (or an array of them), in its order */
	size_t field_count;
} ColumnType;

struct ColumnField
{
	char *name;
	char *type_name;
	ColumnType type;
};

typedef struct Conversion Conversion;

/* Takes one value (not null, and walked over before) off *in and appends its binary form, without a
 * length. NULL, or what is wrong with the value. */
typedef const char *ConvertValue(const Conversion *conversion, Slice *in, Buffer *out);

struct Conversion
{
	ConvertValue *convert; /* refuses what the server would round to the column's modifier */
	ConvertValue *plain;   /* does not */
	const Schema *schema;
	const ColumnType *type;
	/* Of arrays: */
	int dimensions;
	const Schema *item;
	ColumnType item_type;
	ConvertValue *convert_item;
	ConvertValue *plain_item;
};

typedef enum ConvertWay
{
	CONVERT_BINARY,
	CONVERT_TEXT,		/* appends text; the column has to be cast by the server */
	CONVERT_IMPOSSIBLE, /* a record or a map into a type that has no use for it */
} ConvertWay;

/* Finds the way of a value (of a nullable field: its other branch) into a column; type is borrowed.
 */
ConvertWay convert_find(const Schema *schema, const ColumnType *type, Conversion *out);

#endif

/*
 * sink/convert.h - the one table of conversions: from an Avro value to the binary form of a
 * PostgreSQL type.
 *
 * A row says: this Avro type with this meaning goes into this PostgreSQL type by that function.
 * What has no row travels as text (sink/text.h) through the type's own input function.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_CONVERT_H
#define WAL2AVRO_SINK_CONVERT_H

#include "core/buffer.h"
#include "sink/schema.h"

/* The type of a destination column: domains are already their base types. */
typedef struct ColumnType
{
	uint32_t oid;
	bool is_enum;	  /* pg_type.typtype e: its binary form is the label */
	uint32_t element; /* oid of an array's elements; 0: no array */
	bool element_is_enum;
} ColumnType;

typedef struct Conversion Conversion;

/* Takes one value (not null, and walked over before) off *in and appends its binary form, without a
 * length. NULL, or what is wrong with the value. */
typedef const char *ConvertValue(const Conversion *conversion, Slice *in, Buffer *out);

struct Conversion
{
	ConvertValue *convert;
	const Schema *schema;
	/* Of arrays: */
	ConvertValue *convert_item;
	const Schema *item;
	int item_null_branch; /* -1: items are never null */
	uint32_t element;
};

typedef enum ConvertWay
{
	CONVERT_BINARY,
	CONVERT_TEXT,		/* appends text; the column has to be cast by the server */
	CONVERT_IMPOSSIBLE, /* records, maps, unions of several types */
} ConvertWay;

/* Finds the way of a value (of a nullable field: its other branch) into a column. */
ConvertWay convert_find(const Schema *schema, const ColumnType *type, Conversion *out);

#endif

/*
 * plugin/type_row.h - what the table in types.c and the files behind it have between them: the type
 * that is asked for, and the functions that set a ValueType up for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TYPE_ROW_H
#define WAL2AVRO_PLUGIN_TYPE_ROW_H

#include "plugin/types.h"

typedef struct TypeRequest
{
	Oid oid; /* never a domain */
	int32 typmod;
	int dimensions; /* declared ones of an array; 0 where nothing is said, as for one */
	const Options *options;
	const char *column;
} TypeRequest;

/* Whether a row of the table is for this request. */
typedef bool (*TypeTest)(const TypeRequest *request);

/* Fills in what the row leaves open, the schema among it; in the current memory context. */
typedef void (*TypeSetup)(ValueType *type, const TypeRequest *request);

/* As AvroData of Confluent's AvroConverter writes a schema that has a name in Connect, property by
 * property and in its order; the second with Avro's own logical type. */
#define NAMED_SCHEMA(avro, name)                                                                   \
	"{\"type\":\"" avro "\",\"connect.version\":1,\"connect.name\":\"" name "\"}"
#define LOGICAL_SCHEMA(avro, name, logical)                                                        \
	"{\"type\":\"" avro "\",\"connect.version\":1,\"connect.name\":\"" name                        \
	"\",\"logicalType\":\"" logical "\"}"

#define STRING_SCHEMA "\"string\""

/* The type of a value inside another's, such as an element: the request with another type. */
ValueType *types_resolve_part(const TypeRequest *request, Oid oid, int32 typmod);

#endif

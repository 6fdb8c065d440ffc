/*
 * sink/schema.h - a writer's Avro schema as a compact tree (Apache Avro specification, "Schema
 * Declaration").
 *
 * Any producer's schema is read: ours, the JDBC source's, Debezium's. What a number means is taken
 * from logicalType and, where that is missing, from Connect's connect.name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_SCHEMA_H
#define WAL2AVRO_SINK_SCHEMA_H

#include "common/slice.h"
#include "core/error.h"

/* The most that a schema may have: bytes of its text, levels of nesting, types in it. */
#define SCHEMA_MAX_BYTES (1024 * 1024)
#define SCHEMA_MAX_DEPTH 64
#define SCHEMA_MAX_NODES 20000

typedef enum SchemaType
{
	SCHEMA_NULL,
	SCHEMA_BOOLEAN,
	SCHEMA_INT,
	SCHEMA_LONG,
	SCHEMA_FLOAT,
	SCHEMA_DOUBLE,
	SCHEMA_BYTES,
	SCHEMA_STRING,
	SCHEMA_FIXED,
	SCHEMA_ENUM,
	SCHEMA_ARRAY,
	SCHEMA_MAP,
	SCHEMA_UNION,
	SCHEMA_RECORD,
} SchemaType;

typedef enum SchemaLogical
{
	LOGICAL_NONE,
	LOGICAL_DECIMAL,
	LOGICAL_DATE,			  /* days since 1970-01-01 */
	LOGICAL_TIME_MILLIS,	  /* of the day */
	LOGICAL_TIME_MICROS,	  /* of the day */
	LOGICAL_TIME_NANOS,		  /* of the day */
	LOGICAL_TIMESTAMP_MILLIS, /* since 1970-01-01, as the next two */
	LOGICAL_TIMESTAMP_MICROS,
	LOGICAL_TIMESTAMP_NANOS,
	LOGICAL_DURATION_MICROS, /* an interval: Debezium's MicroDuration and NanoDuration */
	LOGICAL_DURATION_NANOS,
} SchemaLogical;

/* Debezium's timestamps of infinity and -infinity, in whatever unit (PGStatement, the driver's
 * DATE_POSITIVE_INFINITY). */
#define SCHEMA_DEBEZIUM_INFINITY	   INT64_C(9223372036825200000)
#define SCHEMA_DEBEZIUM_MINUS_INFINITY INT64_C(-9223372036832400000)

typedef struct Schema Schema;

typedef struct SchemaField
{
	char *name;
	char *column; /* "wal2avro.name": the column's own name where Avro cannot spell it; else name */
	const Schema *schema;
} SchemaField;

struct Schema
{
	SchemaType type;
	SchemaLogical logical;
	bool debezium;			 /* the meaning is Debezium's alone: by its name, and no logicalType */
	int scale;				 /* DECIMAL */
	size_t size;			 /* FIXED */
	size_t count;			 /* of fields, branches or symbols */
	char *name;				 /* full name of FIXED, ENUM, RECORD; NULL for others */
	SchemaField *fields;	 /* RECORD */
	char **symbols;			 /* ENUM */
	const Schema **branches; /* UNION */
	const Schema *items;	 /* ARRAY, MAP (its values) */
	Schema *next;			 /* all nodes of one tree, for schema_free */
};

/* Parses a schema. ERROR_DATA says what is wrong with it: not JSON, not a schema, too large, too
 * deep. */
bool schema_parse(const char *text, Schema **schema, Error *err);
void schema_free(Schema *schema);

/* "int", "string", "record", ... */
const char *schema_type_name(SchemaType type);

/* For ["null", T] and [T, "null"]: T, and the index of null. For any other schema: itself, and -1.
 */
const Schema *schema_nullable(const Schema *schema, int *null_branch);

/* Debezium's infinities as ours, INT64_MAX and INT64_MIN; any other timestamp as it is. */
static inline int64_t
schema_infinity(int64_t value)
{
	if (value == SCHEMA_DEBEZIUM_INFINITY)
		return INT64_MAX;
	return value == SCHEMA_DEBEZIUM_MINUS_INFINITY ? INT64_MIN : value;
}

/* The PostgreSQL type that a column for such values would have, for texts that propose DDL. */
const char *schema_sql_type(const Schema *schema);

#endif

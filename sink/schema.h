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
} SchemaLogical;

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

/* The PostgreSQL type that a column for such values would have, for texts that propose DDL. */
const char *schema_sql_type(const Schema *schema);

#endif

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
	LOGICAL_YEAR,
	LOGICAL_MONTHS_DAYS_MILLIS, /* Avro's duration, a fixed of 12 bytes: three little-endian
								   numbers */
	LOGICAL_UUID,				/* text, or 16 bytes */
	LOGICAL_BASE64,				/* bytes as text: "wal2avro.encoding" */
	LOGICAL_HEX,
	LOGICAL_JSON, /* texts of Debezium's names, as the next ones */
	LOGICAL_XML,
	LOGICAL_LTREE,
	LOGICAL_TSVECTOR,
	LOGICAL_ENUM,
	LOGICAL_ENUM_SET, /* labels with commas between them */
	LOGICAL_INTERVAL, /* ISO 8601, as the next ones */
	LOGICAL_ZONED_TIMESTAMP,
	LOGICAL_ZONED_TIME,
	LOGICAL_ISO_DATE,
	LOGICAL_ISO_TIME,
	LOGICAL_ISO_TIMESTAMP,
	LOGICAL_BITS,			  /* bytes, the first one has the last bits */
	LOGICAL_VARIABLE_DECIMAL, /* a record {scale, value} */
	LOGICAL_POINT,			  /* a record {x, y, wkb, srid} */
	LOGICAL_GEOMETRY,		  /* a record {wkb, srid} */
	LOGICAL_GEOGRAPHY,
	LOGICAL_DOUBLE_VECTOR, /* an array of numbers */
	LOGICAL_FLOAT_VECTOR,
	LOGICAL_SPARSE_VECTOR, /* a record {dimensions, vector} */
	LOGICAL_COUNT,
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
	char *sql_type; /* "wal2avro.type": the source's type as SQL; NULL: not said */
	int attnum;		/* "wal2avro.attnum" of the source's column; 0: not said */
	char **aliases; /* former names */
	size_t alias_count;
	char *value_if_missing; /* the default as JSON; NULL: none, or null */
	char *text_if_missing;	/* "wal2avro.default": the value of the source's older rows, as text */
	const Schema *schema;
} SchemaField;

struct Schema
{
	SchemaType type;
	SchemaLogical logical;
	bool debezium;		 /* the meaning is Debezium's alone: by its name, and no logicalType */
	bool instant;		 /* TIMESTAMP_*: a point of time by Avro's logicalType, not Connect's */
	bool small;			 /* INT: "connect.type" int8 or int16 */
	bool entries;		 /* ARRAY: Connect's map, of records {key, value} */
	int scale;			 /* DECIMAL */
	int precision;		 /* DECIMAL; 0: not said */
	int length;			 /* BITS; 0: not said */
	char *source_type;	 /* Debezium's name of the source's type, or NULL */
	int source_length;	 /* 0: not said */
	int source_scale;	 /* -1: not said */
	uint32_t relation;	 /* RECORD: "wal2avro.relation", the source's oid; 0: not said */
	bool identity_full;	 /* RECORD: "wal2avro.identity" is full: rows without key, by old images */
	size_t size;		 /* FIXED */
	size_t count;		 /* of fields, branches or symbols */
	char *name;			 /* full name of FIXED, ENUM, RECORD; NULL for others */
	SchemaField *fields; /* RECORD */
	char **symbols;		 /* ENUM */
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

/* The index of null among the branches of any union; -1: never null. */
int schema_null_branch(const Schema *schema);

/* What a name (logicalType, connect.name, or a record's own) means on a type. */
SchemaLogical schema_logical(const char *name, SchemaType type);

/* The same of its dates: the days of these timestamps in its arithmetic, beyond PostgreSQL's dates.
 */
#define SCHEMA_DEBEZIUM_DATE_INFINITY		INT64_C(2146033979)
#define SCHEMA_DEBEZIUM_DATE_MINUS_INFINITY INT64_C(-2147472691)

static inline int64_t
schema_date_infinity(int64_t days)
{
	if (days == SCHEMA_DEBEZIUM_DATE_INFINITY)
		return INT32_MAX;
	return days == SCHEMA_DEBEZIUM_DATE_MINUS_INFINITY ? INT32_MIN : days;
}

/* Debezium's infinities as ours, INT64_MAX and INT64_MIN; any other timestamp as it is. */
static inline int64_t
schema_infinity(int64_t value)
{
	if (value == SCHEMA_DEBEZIUM_INFINITY)
		return INT64_MAX;
	return value == SCHEMA_DEBEZIUM_MINUS_INFINITY ? INT64_MIN : value;
}

#endif

/*
 * plugin/options.h - what the client asks for, at START_REPLICATION or in a call of a SQL function.
 *
 * The options, their defaults and what they may be are one table in options.c; docs/wire.md
 * describes them for the writer of a client.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_OPTIONS_H
#define WAL2AVRO_PLUGIN_OPTIONS_H

#include "plugin/compat.h"

#include "nodes/pg_list.h"

/* What these ask for is in docs/types.md. */
typedef enum TimePrecision
{
	TIME_MICROSECONDS,
	TIME_CONNECT, /* milliseconds and Connect's own names */
	TIME_ADAPTIVE,
	TIME_ADAPTIVE_TIME_MICROSECONDS,
	TIME_NANOSECONDS,
	TIME_ISOSTRING,
} TimePrecision;

typedef enum DecimalHandling
{
	DECIMAL_PRECISE,
	DECIMAL_DOUBLE,
	DECIMAL_STRING,
} DecimalHandling;

typedef enum NumericMapping
{
	NUMERIC_NONE,
	NUMERIC_BEST_FIT,
	NUMERIC_BEST_FIT_EAGER_DOUBLE,
	NUMERIC_PRECISION_ONLY,
} NumericMapping;

typedef enum BinaryHandling
{
	BINARY_BYTES,
	BINARY_BASE64,
	BINARY_BASE64_URL_SAFE,
	BINARY_HEX,
} BinaryHandling;

typedef enum IntervalHandling
{
	INTERVALS_AS_TEXT,
	INTERVALS_AS_ISO, /* the word for it is Debezium's: string */
	INTERVALS_AS_MICROSECONDS,
} IntervalHandling;

typedef enum HstoreHandling
{
	HSTORE_AS_TEXT,
	HSTORE_AS_JSON,
	HSTORE_AS_MAP,
} HstoreHandling;

typedef enum ArrayHandling
{
	ARRAYS_AS_ARRAYS,
	ARRAYS_AS_TEXT,
} ArrayHandling;

typedef enum SchemaStyle
{
	STYLE_JDBC,
	STYLE_DEBEZIUM,
} SchemaStyle;

/* Which fields say their type in SQL. */
typedef enum ColumnTypes
{
	COLUMN_TYPES_NONE,
	COLUMN_TYPES_EXTRA, /* those whose ValueType is extra */
	COLUMN_TYPES_ALL,	/* and the numbers of columns and table */
} ColumnTypes;

/* Which rows come with the row that they were before. */
typedef enum OldRows
{
	OLD_ROWS_OFF,
	OLD_ROWS_KEYLESS, /* of tables without a key under REPLICA IDENTITY FULL */
	OLD_ROWS_ALL,	  /* whatever the log has */
} OldRows;

typedef struct Options
{
	TimePrecision time_precision;
	DecimalHandling decimal_handling;
	NumericMapping numeric_mapping;
	BinaryHandling binary_handling;
	IntervalHandling interval_handling;
	HstoreHandling hstore_handling;
	ArrayHandling array_handling;
	SchemaStyle schema_style;
	ColumnTypes column_types;
	const char *source_columns;	  /* regular expression; NULL: none. See type_source.h */
	const char *source_datatypes; /* the same */
	OldRows old_rows;
	int via_root;				  /* 0 or 1: partitions' rows are sent as rows of their root */
	const char *schema_namespace; /* UTF-8; NULL: records have no namespace */
	int frame_bytes;
	int streaming;			 /* 0 or 1 */
	List *included;			 /* of TableName; NIL, as all lists: none given */
	List *excluded;			 /* of TableName */
	List *included_patterns; /* of char *: regular expressions, see tablename.h */
	List *excluded_patterns;
	List *key_columns; /* of char *: the key is made of these; NIL: the table's own */
} Options;

/*
 * The options of START_REPLICATION: a list of DefElem, in the current memory context. ERROR 22023
 * naming option and value for a wrong one, 0A000 for a protocol.version that is missing or not
 * ours.
 */
void options_from_list(Options *out, List *definitions);

/* The options of a SQL function, "name=value,name=value" or empty. Same errors; an option that does
 * not shape a row is refused. */
void options_from_text(Options *out, const char *text);

/* True when the lists of tables let this one through: it is in one of those that include, or none
 * of them was given, and it is in none of those that exclude. Names in the database's encoding. */
bool options_want_table(const Options *options, const char *namespace_name, const char *name);

#endif

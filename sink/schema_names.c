/*
 * sink/schema_names.c - what names in a schema mean, and small questions about its tree; see
 * schema.h.
 *
 * The names are those of the Avro specification ("Logical Types"), of Kafka Connect's
 * org.apache.kafka.connect.data and of Debezium's documentation ("Data type mappings").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/memory.h"
#include "sink/schema.h"

#define CONNECT	 "org.apache.kafka.connect.data."
#define DEBEZIUM "io.debezium.time."
#define DATA	 "io.debezium.data."
#define GEOMETRY "io.debezium.data.geometry."

static const struct
{
	const char *name;
	SchemaType type;
	SchemaLogical logical;
} logicals[] = {
	{"decimal", SCHEMA_BYTES, LOGICAL_DECIMAL},
	{"decimal", SCHEMA_FIXED, LOGICAL_DECIMAL},
	{CONNECT "Decimal", SCHEMA_BYTES, LOGICAL_DECIMAL},
	{"date", SCHEMA_INT, LOGICAL_DATE},
	{CONNECT "Date", SCHEMA_INT, LOGICAL_DATE},
	{DEBEZIUM "Date", SCHEMA_INT, LOGICAL_DATE},
	{"time-millis", SCHEMA_INT, LOGICAL_TIME_MILLIS},
	{CONNECT "Time", SCHEMA_INT, LOGICAL_TIME_MILLIS},
	{DEBEZIUM "Time", SCHEMA_INT, LOGICAL_TIME_MILLIS},
	{"time-micros", SCHEMA_LONG, LOGICAL_TIME_MICROS},
	{DEBEZIUM "MicroTime", SCHEMA_LONG, LOGICAL_TIME_MICROS},
	{DEBEZIUM "NanoTime", SCHEMA_LONG, LOGICAL_TIME_NANOS},
	{"timestamp-millis", SCHEMA_LONG, LOGICAL_TIMESTAMP_MILLIS},
	{"local-timestamp-millis", SCHEMA_LONG, LOGICAL_TIMESTAMP_MILLIS},
	{CONNECT "Timestamp", SCHEMA_LONG, LOGICAL_TIMESTAMP_MILLIS},
	{DEBEZIUM "Timestamp", SCHEMA_LONG, LOGICAL_TIMESTAMP_MILLIS},
	{"timestamp-micros", SCHEMA_LONG, LOGICAL_TIMESTAMP_MICROS},
	{"local-timestamp-micros", SCHEMA_LONG, LOGICAL_TIMESTAMP_MICROS},
	{DEBEZIUM "MicroTimestamp", SCHEMA_LONG, LOGICAL_TIMESTAMP_MICROS},
	{"timestamp-nanos", SCHEMA_LONG, LOGICAL_TIMESTAMP_NANOS},
	{"local-timestamp-nanos", SCHEMA_LONG, LOGICAL_TIMESTAMP_NANOS},
	{DEBEZIUM "NanoTimestamp", SCHEMA_LONG, LOGICAL_TIMESTAMP_NANOS},
	{DEBEZIUM "MicroDuration", SCHEMA_LONG, LOGICAL_DURATION_MICROS},
	{DEBEZIUM "NanoDuration", SCHEMA_LONG, LOGICAL_DURATION_NANOS},
	{DEBEZIUM "Year", SCHEMA_INT, LOGICAL_YEAR},
	{"duration", SCHEMA_FIXED, LOGICAL_MONTHS_DAYS_MILLIS},
	{"uuid", SCHEMA_STRING, LOGICAL_UUID},
	{"uuid", SCHEMA_FIXED, LOGICAL_UUID},
	{DATA "Uuid", SCHEMA_STRING, LOGICAL_UUID},
	{DATA "Json", SCHEMA_STRING, LOGICAL_JSON},
	{DATA "Xml", SCHEMA_STRING, LOGICAL_XML},
	{DATA "Ltree", SCHEMA_STRING, LOGICAL_LTREE},
	{DATA "Tsvector", SCHEMA_STRING, LOGICAL_TSVECTOR},
	{DATA "Enum", SCHEMA_STRING, LOGICAL_ENUM},
	{DATA "EnumSet", SCHEMA_STRING, LOGICAL_ENUM_SET},
	{DEBEZIUM "Interval", SCHEMA_STRING, LOGICAL_INTERVAL},
	{DEBEZIUM "ZonedTimestamp", SCHEMA_STRING, LOGICAL_ZONED_TIMESTAMP},
	{DEBEZIUM "ZonedTime", SCHEMA_STRING, LOGICAL_ZONED_TIME},
	{DEBEZIUM "IsoDate", SCHEMA_STRING, LOGICAL_ISO_DATE},
	{DEBEZIUM "IsoTime", SCHEMA_STRING, LOGICAL_ISO_TIME},
	{DEBEZIUM "IsoTimestamp", SCHEMA_STRING, LOGICAL_ISO_TIMESTAMP},
	{DATA "Bits", SCHEMA_BYTES, LOGICAL_BITS},
	{DATA "VariableScaleDecimal", SCHEMA_RECORD, LOGICAL_VARIABLE_DECIMAL},
	{GEOMETRY "Point", SCHEMA_RECORD, LOGICAL_POINT},
	{GEOMETRY "Geometry", SCHEMA_RECORD, LOGICAL_GEOMETRY},
	{GEOMETRY "Geography", SCHEMA_RECORD, LOGICAL_GEOGRAPHY},
	{DATA "vector.DoubleVector", SCHEMA_ARRAY, LOGICAL_DOUBLE_VECTOR},
	{DATA "DoubleVector", SCHEMA_ARRAY, LOGICAL_DOUBLE_VECTOR},
	{DATA "vector.FloatVector", SCHEMA_ARRAY, LOGICAL_FLOAT_VECTOR},
	{DATA "FloatVector", SCHEMA_ARRAY, LOGICAL_FLOAT_VECTOR},
	{DATA "vector.SparseDoubleVector", SCHEMA_RECORD, LOGICAL_SPARSE_VECTOR},
	{DATA "SparseDoubleVector", SCHEMA_RECORD, LOGICAL_SPARSE_VECTOR},
	{DATA "SparseVector", SCHEMA_RECORD, LOGICAL_SPARSE_VECTOR},
};

SchemaLogical
schema_logical(const char *name, SchemaType type)
{
	for (size_t i = 0; i < sizeof logicals / sizeof *logicals; i++)
		if (logicals[i].type == type && strcmp(logicals[i].name, name) == 0)
			return logicals[i].logical;
	return LOGICAL_NONE;
}

static void
free_field(SchemaField *field)
{
	for (size_t i = 0; i < field->alias_count; i++)
		free(field->aliases[i]);
	free(field->aliases);
	free(field->value_if_missing);
	free(field->sql_type);
	free(field->column);
	free(field->name);
}

void
schema_free(Schema *schema)
{
	while (schema != NULL)
	{
		Schema *next = schema->next;

		for (size_t i = 0; schema->fields != NULL && i < schema->count; i++)
			free_field(&schema->fields[i]);
		for (size_t i = 0; schema->symbols != NULL && i < schema->count; i++)
			free(schema->symbols[i]);
		free(schema->fields);
		free(schema->symbols);
		free(schema->branches);
		free(schema->source_type);
		free(schema->name);
		free(schema);
		schema = next;
	}
}

int
schema_null_branch(const Schema *schema)
{
	for (size_t i = 0; schema->type == SCHEMA_UNION && i < schema->count; i++)
		if (schema->branches[i]->type == SCHEMA_NULL)
			return (int) i;
	return -1;
}

const Schema *
schema_nullable(const Schema *schema, int *null_branch)
{
	*null_branch =
		schema->type == SCHEMA_UNION && schema->count == 2 ? schema_null_branch(schema) : -1;
	return *null_branch < 0 ? schema : schema->branches[1 - *null_branch];
}

const char *
schema_sql_type(const Schema *schema)
{
	static const char *const by_logical[] = {
		[LOGICAL_DECIMAL] = "numeric",
		[LOGICAL_DATE] = "date",
		[LOGICAL_TIME_MILLIS] = "time",
		[LOGICAL_TIME_MICROS] = "time",
		[LOGICAL_TIME_NANOS] = "time",
		[LOGICAL_TIMESTAMP_MILLIS] = "timestamp",
		[LOGICAL_TIMESTAMP_MICROS] = "timestamp",
		[LOGICAL_TIMESTAMP_NANOS] = "timestamp",
		[LOGICAL_DURATION_MICROS] = "interval",
		[LOGICAL_DURATION_NANOS] = "interval",
		[LOGICAL_YEAR] = "integer",
		[LOGICAL_MONTHS_DAYS_MILLIS] = "interval",
		[LOGICAL_UUID] = "uuid",
		[LOGICAL_BASE64] = "bytea",
		[LOGICAL_HEX] = "bytea",
		[LOGICAL_JSON] = "jsonb",
		[LOGICAL_XML] = "xml",
		[LOGICAL_LTREE] = "ltree",
		[LOGICAL_TSVECTOR] = "tsvector",
		[LOGICAL_ENUM] = "text",
		[LOGICAL_ENUM_SET] = "text",
		[LOGICAL_INTERVAL] = "interval",
		[LOGICAL_ZONED_TIMESTAMP] = "timestamptz",
		[LOGICAL_ZONED_TIME] = "timetz",
		[LOGICAL_ISO_DATE] = "date",
		[LOGICAL_ISO_TIME] = "time",
		[LOGICAL_ISO_TIMESTAMP] = "timestamp",
		[LOGICAL_BITS] = "bit varying",
		[LOGICAL_VARIABLE_DECIMAL] = "numeric",
		[LOGICAL_POINT] = "point",
		[LOGICAL_GEOMETRY] = "geometry",
		[LOGICAL_GEOGRAPHY] = "geography",
		[LOGICAL_DOUBLE_VECTOR] = "vector",
		[LOGICAL_FLOAT_VECTOR] = "halfvec",
		[LOGICAL_SPARSE_VECTOR] = "sparsevec",
	};
	static const char *const by_type[] = {
		[SCHEMA_NULL] = "text",	   [SCHEMA_BOOLEAN] = "boolean",
		[SCHEMA_INT] = "integer",  [SCHEMA_LONG] = "bigint",
		[SCHEMA_FLOAT] = "real",   [SCHEMA_DOUBLE] = "double precision",
		[SCHEMA_BYTES] = "bytea",  [SCHEMA_STRING] = "text",
		[SCHEMA_FIXED] = "bytea",  [SCHEMA_ENUM] = "text",
		[SCHEMA_ARRAY] = "text[]", [SCHEMA_MAP] = "jsonb",
		[SCHEMA_UNION] = "text",   [SCHEMA_RECORD] = "jsonb",
	};
	int null_branch;

	schema = schema_nullable(schema, &null_branch);
	return schema->logical != LOGICAL_NONE ? by_logical[schema->logical] : by_type[schema->type];
}

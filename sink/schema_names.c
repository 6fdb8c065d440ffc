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
	free(field->text_if_missing);
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

/*
 * tests/unit/sink_schema_test.c - any producer's schema is read, and no bad one gets through.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/buffer.h"
#include "sink/schema.h"

#include <stdlib.h>
#include <string.h>

static Schema *
parsed(const char *text)
{
	Schema *schema = NULL;
	Error err = {0};

	if (!schema_parse(text, &schema, &err))
		fail_msg("%s", err.message);
	return schema;
}

/* Wraps a type as the only field of a record and gives that field's schema. */
static const Schema *
field_of(const Schema *record)
{
	assert_int_equal(record->type, SCHEMA_RECORD);
	assert_int_equal(record->count, 1);
	return record->fields[0].schema;
}

/* The schema of the seed's table as the JDBC source writes it. */
static void
test_jdbc(void **state)
{
	Schema *schema = parsed(
		"{\"type\":\"record\",\"name\":\"t_orders\",\"fields\":[{\"name\":\"id\",\"type\":\"int\"},"
		"{\"name\":\"num\",\"type\":[\"null\",\"string\"],\"default\":null},"
		"{\"name\":\"dt\",\"type\":[\"null\",{\"type\":\"int\",\"connect.version\":1,"
		"\"connect.name\":\"org.apache.kafka.connect.data.Date\",\"logicalType\":\"date\"}],"
		"\"default\":null}],\"connect.name\":\"t_orders\"}");
	int null_branch;

	(void) state;
	assert_int_equal(schema->count, 3);
	assert_string_equal(schema->fields[1].name, "num");
	assert_int_equal(schema_nullable(schema->fields[0].schema, &null_branch)->type, SCHEMA_INT);
	assert_int_equal(null_branch, -1);
	assert_int_equal(schema_nullable(schema->fields[2].schema, &null_branch)->logical,
					 LOGICAL_DATE);
	assert_int_equal(null_branch, 0);
	schema_free(schema);
}

static void
test_logical_types(void **state)
{
	static const struct
	{
		const char *type;
		SchemaLogical logical;
		int scale;
	} cases[] = {
		{"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":10,\"scale\":2}",
		 LOGICAL_DECIMAL, 2},
		{"{\"type\":\"bytes\",\"connect.name\":\"org.apache.kafka.connect.data.Decimal\","
		 "\"connect.parameters\":{\"scale\":\"7\"}}",
		 LOGICAL_DECIMAL, 7},
		{"{\"type\":\"fixed\",\"name\":\"f\",\"size\":4,\"logicalType\":\"decimal\","
		 "\"precision\":9}",
		 LOGICAL_DECIMAL, 0},
		{"{\"type\":\"int\",\"connect.name\":\"io.debezium.time.Date\"}", LOGICAL_DATE, 0},
		{"{\"type\":\"long\",\"connect.name\":\"io.debezium.time.MicroTimestamp\"}",
		 LOGICAL_TIMESTAMP_MICROS, 0},
		{"{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", LOGICAL_TIMESTAMP_MILLIS, 0},
		{"{\"type\":\"int\",\"logicalType\":\"time-millis\"}", LOGICAL_TIME_MILLIS, 0},
		/* A meaning that does not go with its type is no meaning (the specification). */
		{"{\"type\":\"string\",\"logicalType\":\"date\"}", LOGICAL_NONE, 0},
		{"{\"type\":\"int\",\"connect.type\":\"int16\"}", LOGICAL_NONE, 0},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		char text[512];

		snprintf(text, sizeof text,
				 "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":%s}]}",
				 cases[i].type);

		Schema *schema = parsed(text);

		assert_int_equal(field_of(schema)->logical, cases[i].logical);
		assert_int_equal(field_of(schema)->scale, cases[i].scale);
		schema_free(schema);
	}
}

static void
test_names(void **state)
{
	Schema *schema =
		parsed("{\"type\":\"record\",\"name\":\"a.b.r\",\"fields\":["
			   "{\"name\":\"x\",\"wal2avro.name\":\"my column\","
			   "\"type\":{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\",\"B\"]}},"
			   "{\"name\":\"y\",\"type\":{\"type\":\"array\",\"items\":[\"null\",\"a.b.e\"]}},"
			   "{\"name\":\"z\",\"type\":[\"null\",\"r\"]}]}");

	(void) state;
	assert_string_equal(schema->fields[0].column, "my column");
	assert_string_equal(schema->fields[1].column, "y");
	assert_string_equal(schema->fields[0].schema->name, "a.b.e");
	/* Both ways of naming lead to the same types, also to the record itself. */
	assert_ptr_equal(schema->fields[1].schema->items->branches[1], schema->fields[0].schema);
	assert_ptr_equal(schema->fields[2].schema->branches[1], schema);
	schema_free(schema);
}

static void
test_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"{",
		"5",
		"{}",
		"\"nothing\"",
		"[]",
		"{\"type\":\"record\",\"name\":\"r\"}",
		"{\"type\":\"record\",\"fields\":[]}",
		"{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a b\",\"type\":\"int\"}]}",
		"{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"},"
		"{\"name\":\"a\",\"type\":\"int\"}]}",
		"{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\"}]}",
		"{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[]}",
		"{\"type\":\"fixed\",\"name\":\"f\",\"size\":-1}",
		"{\"type\":\"array\"}",
		"[\"null\",\"int\",\"int\"]",
		"[\"null\",[\"int\"]]",
		"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"scale\":20000}",
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Schema *schema = NULL;
		Error err = {0};

		if (schema_parse(cases[i], &schema, &err))
			fail_msg("taken: %s", cases[i]);
		assert_int_equal(err.kind, ERROR_DATA);
		assert_null(schema);
	}
}

static void
test_limits(void **state)
{
	Buffer text;
	Schema *schema = NULL;
	Error err = {0};

	(void) state;
	buffer_init(&text, 4 << 20);
	for (int i = 0; i < SCHEMA_MAX_DEPTH + 1; i++)
		buffer_append_text(&text, "{\"type\":\"array\",\"items\":");
	buffer_append_text(&text, "\"int\"");
	for (int i = 0; i < SCHEMA_MAX_DEPTH + 1; i++)
		buffer_append_text(&text, "}");
	assert_false(schema_parse(buffer_text(&text), &schema, &err));
	assert_non_null(strstr(err.message, "levels"));

	buffer_clear(&text);
	while (text.len <= SCHEMA_MAX_BYTES)
		buffer_append_text(&text, "                                                        ");
	assert_false(schema_parse(buffer_text(&text), &schema, &err));
	assert_non_null(strstr(err.message, "bytes"));
	buffer_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jdbc),   cmocka_unit_test(test_logical_types),
		cmocka_unit_test(test_names),  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

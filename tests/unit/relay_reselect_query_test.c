/*
 * tests/unit/relay_reselect_query_test.c - a row is looked for by what an index can find, and is
 * checked to be the very one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "relay/reselect_query.h"

#define BYTES(text)	   ((Slice){(const uint8_t *) (text), sizeof(text) - 1})
#define FRAMING		   "\0\0\0\0\0"
#define RECORD(fields) "{\"type\":\"record\",\"name\":\"r\",\"fields\":[" fields "]}"

static const char row_schema[] =
	RECORD("{\"name\":\"id\",\"type\":\"int\"},{\"name\":\"a_u0022b\",\"type\":\"string\","
		   "\"wal2avro.name\":\"a\\\"b\"},{\"name\":\"c\",\"type\":\"string\"}");

static ReselectTable
table_of(const char *key_schema)
{
	return (ReselectTable){.oid = 16384,
						   .schema = "s",
						   .name = "T",
						   .key_schema = key_schema,
						   .row_schema = row_schema,
						   .row_options = "x=y"};
}

/* Both columns behind id are marked. */
#define MARKS BYTES("\x02u\x02\x02\x04u\x04\x02")

static void
a_row_is_found_by_its_key(void **state)
{
	const ReselectTable table =
		table_of(RECORD("{\"name\":\"id\",\"type\":\"int\"},"
						"{\"name\":\"n\",\"type\":[\"null\",\"string\"]},"
						"{\"name\":\"at\",\"type\":{\"type\":\"long\",\"logicalType\":\"x\"}},"
						"{\"name\":\"d\",\"type\":{\"type\":\"int\",\"logicalType\":\"date\"}},"
						"{\"name\":\"b\",\"type\":\"bytes\"}"));
	AUTO(ReselectQuery) *query = reselect_query(
		&table, 77, BYTES(FRAMING "\x54\x02\x04xy\x02\x04\x02\xff"), MARKS, RESELECT_BY_INDEX);

	(void) state;
	assert_non_null(query);
	assert_non_null(strstr(query->sql, " from \"s\".\"T\" as tuple"));
	assert_non_null(strstr(query->sql, " and tuple.\"id\" = $7 and tuple.\"n\" = $8"
									   " and tuple.\"d\" = $9 and tuple.\"b\" = $10"));
	assert_int_equal(query->count, 10);
	assert_string_equal(query->values[0], "x=y");
	assert_string_equal(query->values[1], "{\"a\\\"b\",\"c\"}");
	assert_string_equal(query->values[2], "16384");
	assert_string_equal(query->values[3], "\\x54020478790204"
										  "02ff");
	assert_string_equal(query->values[4], table.key_schema);
	assert_string_equal(query->values[5], "77");
	assert_string_equal(query->values[6], "42");
	assert_string_equal(query->values[7], "xy");
	assert_string_equal(query->values[8], "J2440590");
	assert_string_equal(query->values[9], "\\xff");
}

static void
strings_with_names_of_debezium_are_texts(void **state)
{
	const ReselectTable table =
		table_of(RECORD("{\"name\":\"u\",\"type\":{\"type\":\"string\",\"connect.name\":"
						"\"io.debezium.data.Uuid\"}},{\"name\":\"j\",\"type\":{\"type\":\"string\","
						"\"connect.name\":\"io.debezium.data.Json\"}}"));
	AUTO(ReselectQuery) *query =
		reselect_query(&table, 77, BYTES(FRAMING "\x04xy\x04{}"), MARKS, RESELECT_BY_INDEX);

	(void) state;
	assert_non_null(query);
	assert_non_null(strstr(query->sql, " and tuple.\"u\" = $7) as r"));
	assert_string_equal(query->values[6], "xy");
}

/* In base64 or hex they would name another row, or none. */
static void
strings_that_may_be_bytes_are_not_looked_for(void **state)
{
	static const char fields[] =
		RECORD("{\"name\":\"b\",\"type\":\"string\",\"wal2avro.encoding\":\"hex\"},"
			   "{\"name\":\"t\",\"type\":\"string\"},{\"name\":\"id\",\"type\":\"int\"}");
	static const struct
	{
		const char *options;
		const char *condition;
	} cases[] = {
		{"binary.handling.mode=hex", " and tuple.\"id\" = $7)"},
		{"binary.handling.mode=hex,schema.column.types=extra",
		 " and tuple.\"t\" = $7 and tuple.\"id\" = $8)"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		ReselectTable table = table_of(fields);
		ReselectQuery *query;

		table.row_options = cases[i].options;
		query = reselect_query(&table, 77,
							   BYTES(FRAMING "\x04"
											 "61"
											 "\x04xy\x54"),
							   MARKS, RESELECT_BY_INDEX);
		assert_non_null(query);
		assert_non_null(strstr(query->sql, cases[i].condition));
		assert_null(strstr(query->sql, "tuple.\"b\""));
		reselect_query_free(query);
	}
}

static void
null_is_looked_for_as_null(void **state)
{
	const ReselectTable table = table_of(RECORD("{\"name\":\"n\",\"type\":[\"null\",\"string\"]}"));
	AUTO(ReselectQuery) *query =
		reselect_query(&table, 77, BYTES(FRAMING "\0"), MARKS, RESELECT_BY_INDEX);

	(void) state;
	assert_non_null(query);
	assert_non_null(strstr(query->sql, " and tuple.\"n\" is null"));
	assert_int_equal(query->count, 6);
}

static void
nothing_is_asked_where_nothing_can_be_looked_for(void **state)
{
	static const char *const schemas[] = {
		NULL,
		RECORD(""),
		RECORD("{\"name\":\"at\",\"type\":{\"type\":\"long\",\"logicalType\":\"x\"}}"),
		RECORD("{\"name\":\"a\",\"type\":{\"type\":\"array\",\"items\":\"int\"}}"),
		RECORD("{\"name\":\"s\",\"type\":\"string\"}"),
	};

	(void) state;
	for (size_t i = 0; i < COUNT(schemas); i++)
	{
		const ReselectTable table = table_of(schemas[i]);

		/* As a string it is longer than what is there. */
		assert_null(reselect_query(&table, 77, BYTES(FRAMING "\x08"), MARKS, RESELECT_BY_INDEX));
	}
}

static void
a_scan_goes_by_the_whole_key_alone(void **state)
{
	const ReselectTable table =
		table_of(RECORD("{\"name\":\"id\",\"type\":\"int\"},{\"name\":\"f\",\"type\":\"double\"}"));
	AUTO(ReselectQuery) *query =
		reselect_query(&table, 77, BYTES(FRAMING "\x54"), MARKS, RESELECT_BY_SCAN);

	(void) state;
	assert_non_null(query);
	assert_non_null(strstr(query->sql, "where wal2avro.key(tuple.*, $1) = $4::bytea) as r"));
	assert_int_equal(query->count, 6);
}

static void
days_without_end_are_dates(void **state)
{
	static const struct
	{
		const char *type;
		Slice key;
		const char *text;
	} cases[] = {
		{"{\"type\":\"int\",\"logicalType\":\"date\"}", BYTES(FRAMING "\xfe\xff\xff\xff\x0f"),
		 "infinity"},
		{"{\"type\":\"int\",\"connect.name\":\"io.debezium.time.Date\"}",
		 BYTES(FRAMING "\xff\xff\xff\xff\x0f"), "-infinity"},
		{"{\"type\":\"int\",\"connect.name\":\"io.debezium.time.Date\"}", BYTES(FRAMING "\x01"),
		 "J2440587"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		AUTO_TEXT char *schema = xasprintf(RECORD("{\"name\":\"d\",\"type\":%s}"), cases[i].type);
		const ReselectTable table = table_of(schema);
		AUTO(ReselectQuery) *query =
			reselect_query(&table, 77, cases[i].key, MARKS, RESELECT_BY_INDEX);

		assert_non_null(query);
		assert_string_equal(query->values[6], cases[i].text);
	}
}

static void
a_day_that_no_date_has_is_not_looked_for(void **state)
{
	const ReselectTable table =
		table_of(RECORD("{\"name\":\"d\",\"type\":{\"type\":\"int\",\"logicalType\":\"date\"}}"));

	(void) state;
	assert_null(reselect_query(&table, 77,
							   BYTES(FRAMING "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"), MARKS,
							   RESELECT_BY_INDEX));
}

static void
a_mark_of_no_column_is_no_query(void **state)
{
	const ReselectTable table = table_of(RECORD("{\"name\":\"id\",\"type\":\"int\"}"));

	(void) state;
	assert_null(reselect_query(&table, 77, BYTES(FRAMING "\x54"), BYTES("\x10u\x02\x02"),
							   RESELECT_BY_INDEX));
	assert_null(reselect_query(&table, 77, SLICE_ABSENT, MARKS, RESELECT_BY_INDEX));
	assert_null(reselect_query(&table, 77, BYTES("\0"), MARKS, RESELECT_BY_INDEX));
}

static void
other_columns_may_change(void **state)
{
	static const char more[] =
		RECORD("{\"name\":\"new\",\"type\":\"int\"},{\"name\":\"c\",\"type\":\"string\"},"
			   "{\"name\":\"x\",\"type\":\"string\",\"wal2avro.name\":\"a\\\"b\"}");
	static const char others[][200] = {
		RECORD("{\"name\":\"c\",\"type\":\"string\"}"),
		RECORD("{\"name\":\"c\",\"type\":[\"null\",\"string\"]},"
			   "{\"name\":\"a\\\"b\",\"type\":\"string\"}"),
		"no schema",
	};
	const ReselectTable table = table_of(NULL);

	(void) state;
	assert_true(reselect_same_columns(&table, slice_text(row_schema), MARKS));
	assert_true(reselect_same_columns(&table, slice_text(more), MARKS));
	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(reselect_same_columns(&table, slice_text(others[i]), MARKS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_found_by_its_key),
		cmocka_unit_test(strings_with_names_of_debezium_are_texts),
		cmocka_unit_test(strings_that_may_be_bytes_are_not_looked_for),
		cmocka_unit_test(null_is_looked_for_as_null),
		cmocka_unit_test(nothing_is_asked_where_nothing_can_be_looked_for),
		cmocka_unit_test(a_scan_goes_by_the_whole_key_alone),
		cmocka_unit_test(days_without_end_are_dates),
		cmocka_unit_test(a_day_that_no_date_has_is_not_looked_for),
		cmocka_unit_test(a_mark_of_no_column_is_no_query),
		cmocka_unit_test(other_columns_may_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

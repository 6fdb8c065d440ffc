/*
 * tests/unit/sink_text_test.c - values as text, as PostgreSQL's input functions read them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/avro.h"
#include "sink/text.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MICROS INT64_C(86400000000)

static void
assert_text(SchemaType type, SchemaLogical logical, int64_t value, const char *expected)
{
	const Schema schema = {.type = type, .logical = logical};
	uint8_t bytes[AVRO_LONG_MAX];
	Slice in = {bytes, (size_t) (avro_put_long(bytes, value) - bytes)};
	Buffer out;

	buffer_init(&out, 1 << 10);
	assert_null(text_of_value(&schema, &in, &out));
	assert_string_equal(buffer_text(&out), expected);
	assert_int_equal(in.len, 0);
	buffer_done(&out);
}

static void
test_numbers(void **state)
{
	(void) state;
	assert_text(SCHEMA_INT, LOGICAL_NONE, -5, "-5");
	assert_text(SCHEMA_LONG, LOGICAL_NONE, INT64_MIN, "-9223372036854775808");
}

static void
test_dates(void **state)
{
	static const struct
	{
		int64_t days;
		const char *text;
	} cases[] = {
		{0, "1970-01-01"},			 {20000, "2024-10-04"},	   {11016, "2000-02-29"},
		{-1, "1969-12-31"},			 {-719162, "0001-01-01"},  {-719163, "0001-12-31 BC"},
		{-2440588, "4714-11-24 BC"}, {2932897, "10000-01-01"}, {INT32_MAX, "infinity"},
		{INT32_MIN, "-infinity"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_text(SCHEMA_INT, LOGICAL_DATE, cases[i].days, cases[i].text);
}

static void
test_times(void **state)
{
	(void) state;
	assert_text(SCHEMA_INT, LOGICAL_TIME_MILLIS, 86399500, "23:59:59.500000");
	assert_text(SCHEMA_LONG, LOGICAL_TIME_MICROS, DAY_MICROS, "24:00:00");
	assert_text(SCHEMA_LONG, LOGICAL_TIMESTAMP_MICROS, INT64_C(1728003723456789),
				"2024-10-04 01:02:03.456789");
	assert_text(SCHEMA_LONG, LOGICAL_TIMESTAMP_MILLIS, -1, "1969-12-31 23:59:59.999000");
	assert_text(SCHEMA_LONG, LOGICAL_TIMESTAMP_MICROS, -719163 * DAY_MICROS,
				"0001-12-31 00:00:00 BC");
	assert_text(SCHEMA_LONG, LOGICAL_TIMESTAMP_MICROS, INT64_MAX, "infinity");
	assert_text(SCHEMA_LONG, LOGICAL_TIMESTAMP_MILLIS, INT64_MIN, "-infinity");
	assert_text(SCHEMA_LONG, LOGICAL_TIMESTAMP_MILLIS, INT64_C(9224318015999999),
				"294276-12-31 23:59:59.999000");
}

/* Nothing is cut off: what PostgreSQL cannot hold is refused. */
static void
test_nanoseconds(void **state)
{
	static const SchemaLogical logicals[] = {LOGICAL_TIME_NANOS, LOGICAL_TIMESTAMP_NANOS,
											 LOGICAL_DURATION_NANOS};

	(void) state;
	assert_text(SCHEMA_LONG, LOGICAL_TIME_NANOS, 1000, "00:00:00.000001");
	assert_text(SCHEMA_LONG, LOGICAL_TIMESTAMP_NANOS, 1000, "1970-01-01 00:00:00.000001");
	assert_text(SCHEMA_LONG, LOGICAL_DURATION_NANOS, -1000, "-1 microseconds");
	for (size_t i = 0; i < COUNT(logicals); i++)
	{
		const Schema schema = {.type = SCHEMA_LONG, .logical = logicals[i]};
		uint8_t bytes[AVRO_LONG_MAX];
		Slice in = {bytes, (size_t) (avro_put_long(bytes, 1001) - bytes)};
		Buffer out;

		buffer_init(&out, 1 << 10);
		assert_string_equal(text_of_value(&schema, &in, &out),
							"has nanoseconds, which PostgreSQL cannot hold");
		buffer_done(&out);
	}
}

static void
test_doubles(void **state)
{
	static const struct
	{
		double value;
		const char *text;
	} cases[] = {{0.1, "0.1"},
				 {1e300, "1.0000000000000001e+300"},
				 {-0.0, "-0"},
				 {1.0 / 3, "0.3333333333333333"},
				 {__builtin_inf(), "Infinity"},
				 {-__builtin_inf(), "-Infinity"},
				 {__builtin_nan(""), "NaN"}};
	const Schema schema = {.type = SCHEMA_DOUBLE};
	Buffer out;

	(void) state;
	buffer_init(&out, 1 << 10);
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		uint8_t bytes[8];
		Slice in = {bytes, (size_t) (avro_put_double(bytes, cases[i].value) - bytes)};

		buffer_clear(&out);
		assert_null(text_of_value(&schema, &in, &out));
		if (i == 1) /* whatever its spelling, it must read back */
			assert_true(strtod(buffer_text(&out), NULL) == cases[i].value);
		else
			assert_string_equal(buffer_text(&out), cases[i].text);
	}
	buffer_done(&out);
}

/* Quotes and backslashes of elements, nulls, dimensions. */
static void
test_arrays(void **state)
{
	static const uint8_t bytes[] = "\x06\x02\x06"
								   "a\"b\x00\x02\x02\\\x00";
	Schema *schema;
	Error err;
	Slice in = {bytes, sizeof bytes - 1};
	Buffer out;

	(void) state;
	assert_true(
		schema_parse("{\"type\":\"array\",\"items\":[\"null\",\"string\"]}", &schema, &err));
	buffer_init(&out, 1 << 10);
	assert_null(text_of_value(schema, &in, &out));
	assert_string_equal(buffer_text(&out), "{\"a\\\"b\",NULL,\"\\\\\"}");
	schema_free(schema);

	static const uint8_t nested[] = "\x04\x04\x02\x04\x00\x02\x06\x00\x00";

	in = (Slice){nested, sizeof nested - 1};
	assert_true(schema_parse(
		"{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":\"int\"}}", &schema, &err));
	buffer_clear(&out);
	assert_null(text_of_value(schema, &in, &out));
	assert_string_equal(buffer_text(&out), "{{\"1\",\"2\"},{\"3\"}}");
	schema_free(schema);
	buffer_done(&out);
}

static void
test_possible(void **state)
{
	static const struct
	{
		const char *type;
		bool possible;
	} cases[] = {
		{"\"string\"", true},
		{"[\"null\",\"int\"]", true},
		{"[\"string\",\"int\"]", true},
		{"{\"type\":\"map\",\"values\":\"int\"}", false},
		{"{\"type\":\"array\",\"items\":{\"type\":\"map\",\"values\":\"int\"}}", false},
		{"{\"type\":\"array\",\"items\":\"bytes\"}", true},
		{"{\"type\":\"record\",\"name\":\"r\",\"fields\":[]}", false},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Schema *schema;
		Error err;

		assert_true(schema_parse(cases[i].type, &schema, &err));
		assert_int_equal(text_possible(schema), cases[i].possible);
		schema_free(schema);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_times),		cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_arrays),		cmocka_unit_test(test_possible),
		cmocka_unit_test(test_nanoseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * tests/unit/relay_text_key_test.c - the texts of keys, as java.util and java.math write them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "relay/text_key.h"

#include "core/memory.h"

#include <string.h>

AUTO_DEFINE(TextKey, text_key_free)

#define RECORD(fields)	  "{\"type\":\"record\",\"name\":\"k\",\"fields\":[" fields "]}"
#define FIELD(name, type) "{\"name\":\"" name "\",\"type\":" type "}"
#define DECIMAL(scale)                                                                             \
	"{\"type\":\"bytes\",\"scale\":" scale ",\"precision\":20,\"logicalType\":\"decimal\"}"

#define FRAME "\0\0\0\0\0"

static void
a_key_is_the_text_of_a_struct(void **state)
{
	static const struct
	{
		const char *schema;
		const char *bytes;
		size_t len;
		const char *wanted;
	} cases[] = {
		{RECORD(FIELD("id", "\"int\"")), FRAME "\x54", 6, "Struct{id=42}"},
		{RECORD(FIELD("id", "\"long\"")), FRAME "\x01", 6, "Struct{id=-1}"},
		{RECORD(FIELD("a", "\"string\"") "," FIELD("b", "{\"type\":\"int\",\"connect.type\":"
														"\"int16\"}")),
		 FRAME "\x06"
			   "x=,\x02",
		 10, "Struct{a=x=,,b=1}"},
		{RECORD(FIELD("a", "[\"null\",\"string\"]") "," FIELD("b", "[\"null\",\"boolean\"]")),
		 FRAME "\x00\x02\x01", 8, "Struct{b=true}"},
		{RECORD(FIELD("a", "[\"null\",\"string\"]")), FRAME "\x00", 6, "Struct{}"},
		{RECORD("{\"name\":\"a_u002E\",\"type\":\"int\",\"wal2avro.name\":\"a.\"}"), FRAME "\x02",
		 6, "Struct{a.=1}"},
		{RECORD(FIELD("n", DECIMAL("0"))), FRAME "\x04\x30\x39", 8, "Struct{n=12345}"},
		{RECORD(FIELD("n", DECIMAL("2"))), FRAME "\x04\x30\x39", 8, "Struct{n=123.45}"},
		{RECORD(FIELD("n", DECIMAL("2"))), FRAME "\x02\xff", 7, "Struct{n=-0.01}"},
		{RECORD(FIELD("n", DECIMAL("2"))), FRAME "\x04\xff\x00", 8, "Struct{n=-2.56}"},
		{RECORD(FIELD("n", DECIMAL("2"))), FRAME "\x02\x00", 7, "Struct{n=0.00}"},
		{RECORD(FIELD("n", DECIMAL("6"))), FRAME "\x02\x01", 7, "Struct{n=0.000001}"},
		{RECORD(FIELD("n", DECIMAL("7"))), FRAME "\x02\x01", 7, "Struct{n=1E-7}"},
		{RECORD(FIELD("n", DECIMAL("9"))), FRAME "\x02\x85", 7, "Struct{n=-1.23E-7}"},
		{RECORD(FIELD("n", DECIMAL("7"))), FRAME "\x02\x00", 7, "Struct{n=0E-7}"},
		{RECORD(FIELD("n", DECIMAL("0"))), FRAME "\x12\x00\xff\xff\xff\xff\xff\xff\xff\xff", 15,
		 "Struct{n=18446744073709551615}"},
	};
	AUTO(Buffer) *out = &(Buffer){.max = 1000};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		AUTO(TextKey) *key = NULL;
		Error err;

		if (!text_key_new(slice_text(cases[i].schema), TEXT_KEY_STRUCT, &key, &err) ||
			!text_key_write(key, (Slice){(const uint8_t *) cases[i].bytes, cases[i].len}, out,
							&err))
			fail_msg("case %zu: %s", i, err.message);
		assert_string_equal(buffer_text(out), cases[i].wanted);
	}
}

static void
a_key_is_json_in_headers(void **state)
{
	static const struct
	{
		const char *schema;
		const char *bytes;
		size_t len;
		const char *wanted;
	} cases[] = {
		{RECORD(FIELD("a", "\"int\"") "," FIELD("b", "\"string\"")), FRAME "\x06\x04z\"", 9,
		 "{\"a\":3,\"b\":\"z\\\"\"}"},
		{RECORD(FIELD("b", "\"string\"")), FRAME "\x06\\\n\x01", 9,
		 "{\"b\":\"\\\\\\u000a\\u0001\"}"},
		{RECORD(FIELD("a", "[\"null\",\"long\"]")), FRAME "\x00", 6, "{\"a\":null}"},
		{RECORD(FIELD("a", "\"bytes\"")), FRAME "\x02M", 7, "{\"a\":\"TQ==\"}"},
		{RECORD(FIELD("a", "\"bytes\"")), FRAME "\x04Ma", 8, "{\"a\":\"TWE=\"}"},
		{RECORD(FIELD("a", "\"bytes\"")), FRAME "\x06Man", 9, "{\"a\":\"TWFu\"}"},
		{RECORD(FIELD("a", "\"double\"")), FRAME "\x00\x00\x00\x00\x00\x00\xf8\x3f", 13,
		 "{\"a\":1.5}"},
		{RECORD(FIELD("a", "\"float\"")), FRAME "\x00\x00\xc0\x3f", 9, "{\"a\":1.5}"},
		{RECORD(FIELD("n", DECIMAL("2"))), FRAME "\x02\xff", 7, "{\"n\":-0.01}"},
		{RECORD(FIELD("d", "{\"type\":\"int\",\"logicalType\":\"date\"}")), FRAME "\x02", 6,
		 "{\"d\":1}"},
	};
	AUTO(Buffer) *out = &(Buffer){.max = 1000};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		AUTO(TextKey) *key = NULL;
		Error err;

		if (!text_key_new(slice_text(cases[i].schema), TEXT_KEY_JSON, &key, &err) ||
			!text_key_write(key, (Slice){(const uint8_t *) cases[i].bytes, cases[i].len}, out,
							&err))
			fail_msg("case %zu: %s", i, err.message);
		assert_string_equal(buffer_text(out), cases[i].wanted);
	}
}

static void
types_without_one_text_are_refused(void **state)
{
	static const char *const types[] = {
		"\"bytes\"",
		"\"double\"",
		"[\"null\",\"float\"]",
		"{\"type\":\"int\",\"logicalType\":\"date\"}",
		"{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}",
		"{\"type\":\"array\",\"items\":\"int\"}",
		"{\"type\":\"long\",\"logicalType\":\"what-comes-later\"}",
	};

	(void) state;
	for (size_t i = 0; i < COUNT(types); i++)
	{
		AUTO_TEXT char *schema = xasprintf(RECORD("{\"name\":\"col\",\"type\":%s}"), types[i]);
		AUTO(TextKey) *key = NULL;
		Error err;

		if (text_key_new(slice_text(schema), TEXT_KEY_STRUCT, &key, &err))
			fail_msg("%s is taken", types[i]);
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.message, "\"col\""));
		assert_non_null(strstr(err.message, "use AvroConverter"));
	}
}

static void
bytes_that_are_no_key_are_an_error(void **state)
{
	static const struct
	{
		const char *bytes;
		size_t len;
	} cases[] = {{"", 0}, {FRAME, 4}, {FRAME, 5}, {FRAME "\x80", 6}, {FRAME "\x02\x02", 7}};
	AUTO(Buffer) *out = &(Buffer){.max = 1000};
	AUTO(TextKey) *key = NULL;
	Error err;

	(void) state;
	assert_true(
		text_key_new(slice_text(RECORD(FIELD("id", "\"int\""))), TEXT_KEY_STRUCT, &key, &err));
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		assert_false(text_key_write(key, (Slice){(const uint8_t *) cases[i].bytes, cases[i].len},
									out, &err));
		assert_int_equal(err.kind, ERROR_DATA);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_the_text_of_a_struct),
		cmocka_unit_test(a_key_is_json_in_headers),
		cmocka_unit_test(types_without_one_text_are_refused),
		cmocka_unit_test(bytes_that_are_no_key_are_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

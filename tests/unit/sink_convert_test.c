/*
 * tests/unit/sink_convert_test.c - each way of a value into a column; the vectors are what
 * PostgreSQL 15's send functions give.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/avro.h"
#include "sink/convert.h"
#include "sink/pgtypes.h"

#include <stdlib.h>
#include <string.h>

#define INTEGER	 "\"int\""
#define LONG	 "\"long\""
#define DATE	 "{\"type\":\"int\",\"logicalType\":\"date\"}"
#define MILLIS	 "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}"
#define MICROS	 "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}"
#define TIME	 "{\"type\":\"int\",\"logicalType\":\"time-millis\"}"
#define NANOTIME "{\"type\":\"long\",\"connect.name\":\"io.debezium.time.NanoTime\"}"
#define REFUSED	 NULL
#define TYPE(number)                                                                               \
	{                                                                                              \
		.oid = number                                                                              \
	}

/* A schema, a column, a number, and the bytes or REFUSED. */
static const struct
{
	const char *schema;
	ColumnType type;
	int64_t value;
	const char *hex;
} numbers[] = {
	{INTEGER, TYPE(PG_INT2), -2, "fffe"},
	{INTEGER, TYPE(PG_INT2), 32768, REFUSED},
	{INTEGER, TYPE(PG_INT4), -2, "fffffffe"},
	{INTEGER, TYPE(PG_INT8), 7, "0000000000000007"},
	{INTEGER, TYPE(PG_FLOAT8), 1, "3ff0000000000000"},
	{INTEGER, TYPE(PG_NUMERIC), 10001, "000200010000000000010001"},
	{INTEGER, TYPE(PG_TEXT), -12, "2d3132"},
	{INTEGER, TYPE(PG_OID), -1, REFUSED},
	{LONG, TYPE(PG_INT4), INT64_C(1) << 31, REFUSED},
	{LONG, TYPE(PG_INT4), INT32_MIN, "80000000"},
	{LONG, TYPE(PG_OID), UINT32_MAX, "ffffffff"},
	{DATE, TYPE(PG_DATE), 20000, "00002353"},
	{DATE, TYPE(PG_DATE), INT32_MAX, "7fffffff"},
	{DATE, TYPE(PG_DATE), INT32_MIN, "80000000"},
	{DATE, TYPE(PG_DATE), INT32_MIN + 1, REFUSED},
	{DATE, TYPE(PG_VARCHAR), 0, "313937302d30312d3031"},
	{MICROS, TYPE(PG_TIMESTAMP), INT64_C(1728003723456789), "0002c69afce39115"},
	{MICROS, TYPE(PG_TIMESTAMPTZ), INT64_MAX, "7fffffffffffffff"},
	{MICROS, TYPE(PG_TIMESTAMPTZ), INT64_MIN + 1, REFUSED},
	{MILLIS, TYPE(PG_TIMESTAMP), INT64_C(946684800001), "00000000000003e8"},
	{MILLIS, TYPE(PG_TIMESTAMP), INT64_MIN, "8000000000000000"},
	{MILLIS, TYPE(PG_TIMESTAMP), INT64_MAX - 1, REFUSED},
	/* 294276-12-31 23:59:59.999, the last one: more microseconds since 1970 than 64 bits hold. */
	{MILLIS, TYPE(PG_TIMESTAMP), INT64_C(9224318015999999), "7fffff5bb3b29c18"},
	{TIME, TYPE(PG_TIME), 86399500, "000000141dcfbee0"},
	{NANOTIME, TYPE(PG_TIME), 1000, "0000000000000001"},
	{NANOTIME, TYPE(PG_TIME), 1, REFUSED},
};

static void
assert_hex(const Buffer *out, const char *hex)
{
	char *text = calloc(1, 2 * out->len + 1);

	for (size_t i = 0; i < out->len; i++)
		sprintf(text + 2 * i, "%02x", out->data[i]);
	assert_string_equal(text, hex);
	free(text);
}

static const char *
convert(const char *schema_text, const ColumnType *type, Slice in, Buffer *out)
{
	Schema *schema;
	Conversion conversion;
	Error err;

	assert_true(schema_parse(schema_text, &schema, &err));
	assert_int_equal(convert_find(schema, type, &conversion), CONVERT_BINARY);

	const char *problem = conversion.convert(&conversion, &in, out);

	schema_free(schema);
	return problem;
}

static void
test_numbers(void **state)
{
	Buffer out;

	(void) state;
	buffer_init(&out, 1 << 10);
	for (size_t i = 0; i < COUNT(numbers); i++)
	{
		uint8_t bytes[AVRO_LONG_MAX];
		const Slice in = {bytes, (size_t) (avro_put_long(bytes, numbers[i].value) - bytes)};

		buffer_clear(&out);

		const char *problem = convert(numbers[i].schema, &numbers[i].type, in, &out);

		if ((problem == NULL) != (numbers[i].hex != REFUSED))
			fail_msg("case %zu: %s", i, problem ? problem : "taken");
		if (problem == NULL)
			assert_hex(&out, numbers[i].hex);
	}
	buffer_done(&out);
}

static const struct
{
	const char *schema;
	ColumnType type;
	const char *text;
	const char *hex;
} texts[] = {
	{"\"string\"", TYPE(PG_TEXT), "a\xc3\xa4", "61c3a4"},
	{"\"string\"", TYPE(PG_TEXT), "", ""},
	{"\"string\"", TYPE(PG_JSONB), "{}", "017b7d"},
	{"\"string\"", TYPE(PG_NUMERIC), "12.50", "0002000000000002000c1388"},
	{"\"string\"", TYPE(PG_NUMERIC), "twelve", REFUSED},
	{"\"string\"", TYPE(PG_UUID), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
	 "a0eebc999c0b4ef8bb6d6bb9bd380a11"},
	{"\"string\"", TYPE(PG_UUID), "{A0EEBC999C0B4EF8BB6D6BB9BD380A11}",
	 "a0eebc999c0b4ef8bb6d6bb9bd380a11"},
	{"\"string\"", TYPE(PG_UUID), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", REFUSED},
	{"\"string\"", TYPE(PG_UUID), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g", REFUSED},
	{"\"string\"", {.oid = 99999, .is_enum = true}, "red", "726564"},
	{"\"bytes\"", TYPE(PG_BYTEA), "\x01\xff", "01ff"},
	{"\"bytes\"", TYPE(PG_TEXT), "\x01\xff", "5c7830316666"},
	{"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}",
	 TYPE(PG_NUMERIC), "\x04\xe2", "0002000000000002000c1388"},
	{"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}", TYPE(PG_TEXT),
	 "\x04\xe2", "31322e3530"},
};

static void
test_texts(void **state)
{
	Buffer out;

	(void) state;
	buffer_init(&out, 1 << 10);
	for (size_t i = 0; i < COUNT(texts); i++)
	{
		uint8_t bytes[128];
		const size_t len = strlen(texts[i].text);
		uint8_t *p = avro_put_long(bytes, (int64_t) len);

		memcpy(p, texts[i].text, len);
		buffer_clear(&out);

		const char *problem = convert(texts[i].schema, &texts[i].type,
									  (Slice){bytes, (size_t) (p - bytes) + len}, &out);

		if ((problem == NULL) != (texts[i].hex != REFUSED))
			fail_msg("case %zu: %s", i, problem ? problem : "taken");
		if (problem == NULL)
			assert_hex(&out, texts[i].hex);
	}
	buffer_done(&out);
}

#define STRING		 "\"string\""
#define OF(name)	 "{\"type\":\"string\",\"connect.name\":\"io.debezium." name "\"}"
#define ARRAY(items) "{\"type\":\"array\",\"items\":" items "}"
#define INTS                                                                                       \
	{                                                                                              \
		.oid = 1007, .element = PG_INT4                                                            \
	}
#define VARIABLE                                                                                   \
	"{\"type\":\"record\",\"name\":\"VariableScaleDecimal\",\"namespace\":\"io.debezium.data\","   \
	"\"fields\":[{\"name\":\"scale\",\"type\":\"int\"},{\"name\":\"value\",\"type\":\"bytes\"}]}"
#define BITS(length)                                                                               \
	"{\"type\":\"bytes\",\"connect.name\":\"io.debezium.data.Bits\","                              \
	"\"connect.parameters\":{\"length\":\"" length "\"}}"
#define FIXED(size, logical)                                                                       \
	"{\"type\":\"fixed\",\"name\":\"f\",\"size\":" size ",\"logicalType\":\"" logical "\"}"
#define SPELT(encoding)                                                                            \
	"{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"f\",\"type\":\"string\","         \
	"\"wal2avro.encoding\":\"" encoding "\"}]}"

/* A schema (of a record its one field), a column, the value's Avro, the bytes or REFUSED. */
static const struct
{
	const char *schema;
	ColumnType type;
	const char *avro;
	const char *hex;
} values[] = {
	/* NaN: a decimal of no bytes. */
	{"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}",
	 TYPE(PG_NUMERIC), "00", "00000000c0000000"},
	{"\"boolean\"", TYPE(PG_BIT), "01", "0000000180"},
	{"\"boolean\"", TYPE(PG_BIT), "00", "0000000100"},
	{STRING, TYPE(PG_CHAR), "02 61", "61"},
	{STRING, TYPE(PG_CHAR), "00", "00"},
	{STRING, TYPE(PG_CHAR), "08 5c333737", "ff"},
	{STRING, TYPE(PG_CHAR), "02 5c", "5c"},
	{STRING, TYPE(PG_CHAR), "04 6162", REFUSED},
	{ARRAY("\"int\""), INTS, "04 0204 00",
	 "0000000100000000000000170000000200000001000000040000000100000004"
	 "00000002"},
	{ARRAY("[\"null\",\"int\"]"), INTS, "02 00 00",
	 "00000001000000010000001700000001"
	 "00000001"
	 "ffffffff"},
	{"{\"type\":\"array\",\"items\":\"int\",\"connect.name\":\"io.debezium.data.FloatVector\"}",
	 INTS, "02 02 00", "00000001000000000000001700000001000000010000000400000001"},
	{ARRAY("\"int\""), INTS, "00", "000000000000000000000017"},
	{ARRAY(ARRAY("\"int\"")), INTS, "04 020200 020400 00",
	 "000000020000000000000017"
	 "0000000200000001"
	 "0000000100000001"
	 "0000000400000001"
	 "0000000400000002"},
	{ARRAY(ARRAY("\"int\"")), INTS, "02 00 00", "000000000000000000000017"},
	{ARRAY(ARRAY("\"int\"")), INTS, "04 020200 00 00", REFUSED},
	{ARRAY("[\"null\"," ARRAY("\"int\"") "]"), INTS, "02 00 00", REFUSED},
	{VARIABLE, TYPE(PG_NUMERIC), "04 04 04e2", "0002000000000002000c1388"},
	{VARIABLE, TYPE(PG_TEXT), "04 04 04e2", "31322e3530"},
	{BITS("4"), TYPE(PG_BIT), "02 0b", "00000004b0"},
	{BITS("10"), TYPE(PG_VARBIT), "04 0102", "0000000a8040"},
	{BITS("10"), TYPE(PG_TEXT), "04 0102", "31303030303030303031"},
	{FIXED("16", "uuid"), TYPE(PG_UUID), "a0eebc999c0b4ef8bb6d6bb9bd380a11",
	 "a0eebc999c0b4ef8bb6d6bb9bd380a11"},
	{FIXED("12", "duration"), TYPE(PG_INTERVAL), "0e000000 03000000 f4010000",
	 "000000000007a120"
	 "00000003"
	 "0000000e"},
	{"{\"type\":\"long\",\"connect.name\":\"io.debezium.time.MicroDuration\"}", TYPE(PG_INTERVAL),
	 "01",
	 "ffffffffffffffff"
	 "00000000"
	 "00000000"},
	{"{\"type\":\"long\",\"connect.name\":\"io.debezium.time.NanoDuration\"}", TYPE(PG_INTERVAL),
	 "02", REFUSED},
	{SPELT("base64"), TYPE(PG_BYTEA), "08 41662f2f", "01ffff"},
	{SPELT("base64-url-safe"), TYPE(PG_BYTEA), "06 416638", "01ff"},
	{SPELT("base64"), TYPE(PG_BYTEA), "02 41", REFUSED},
	{SPELT("hex"), TYPE(PG_BYTEA), "08 30316666", "01ff"},
	{SPELT("hex"), TYPE(PG_BYTEA), "02 30", REFUSED},
	{SPELT("hex"), TYPE(PG_TEXT), "08 30316666", "30316666"},
	{OF("data.Uuid"), TYPE(PG_UUID),
	 "48 61306565626339392d396330622d346566382d626236642d366262396264333830613131",
	 "a0eebc999c0b4ef8bb6d6bb9bd380a11"},
	{OF("data.Json"), TYPE(PG_JSONB), "04 7b7d", "017b7d"},
	{"[\"null\",\"int\",\"string\"]", TYPE(PG_TEXT), "02 02", "31"},
	{"[\"null\",\"int\",\"string\"]", TYPE(PG_TEXT), "04 02 61", "61"},
	{"[\"null\",\"int\",\"string\"]", TYPE(PG_JSONB), "04 02 61", "01226122"},
	/* What the server would round. */
	{"\"double\"", TYPE(PG_FLOAT4), "9a9999999999b93f", "3dcccccd"},
	{"\"double\"", TYPE(PG_FLOAT4), "9b9999999999b93f", REFUSED},
	{"\"long\"", TYPE(PG_FLOAT8), "ffffffffffffffffff01", "c3e0000000000000"},
	{"\"long\"", TYPE(PG_FLOAT8), "feffffffffffffffff01", REFUSED},
	{"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}",
	 {.oid = PG_NUMERIC, .rounds = true, .digits = 1},
	 "04 04e2",
	 "0002000000000002000c1388"},
	{"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}",
	 {.oid = PG_NUMERIC, .rounds = true, .digits = 1},
	 "04 04e3",
	 REFUSED},
	{"\"int\"",
	 {.oid = PG_NUMERIC, .rounds = true, .digits = -2},
	 "c801",
	 "0001000000000000"
	 "0064"},
	{"\"int\"", {.oid = PG_NUMERIC, .rounds = true, .digits = -2}, "ca01", REFUSED},
	{MICROS, {.oid = PG_TIMESTAMP, .rounds = true, .digits = 3}, "d00f", "fffca2fec4c823e8"},
	{MICROS, {.oid = PG_TIMESTAMP, .rounds = true, .digits = 3}, "d20f", REFUSED},
	{MICROS, TYPE(PG_DATE), "00", "ffffd533"},
	{MICROS, TYPE(PG_DATE), "02", REFUSED},
};

static void
test_values(void **state)
{
	Buffer out;

	(void) state;
	buffer_init(&out, 1 << 10);
	for (size_t i = 0; i < COUNT(values); i++)
	{
		uint8_t bytes[128];
		Slice in = {bytes, read_hex(values[i].avro, bytes)};
		Schema *schema;
		Conversion conversion;
		Error err;

		assert_true(schema_parse(values[i].schema, &schema, &err));

		const bool field = schema->type == SCHEMA_RECORD && schema->logical == LOGICAL_NONE;
		const Schema *type = field ? schema->fields[0].schema : schema;

		if (convert_find(type, &values[i].type, &conversion) != CONVERT_BINARY)
			fail_msg("case %zu has no binary form", i);
		buffer_clear(&out);

		const char *problem = conversion.convert(&conversion, &in, &out);

		if ((problem == NULL) != (values[i].hex != REFUSED))
			fail_msg("case %zu: %s", i, problem ? problem : "taken");
		if (problem == NULL)
		{
			assert_hex(&out, values[i].hex);
			assert_int_equal(in.len, 0);
		}
		schema_free(schema);
	}
	buffer_done(&out);
}

/* 0.1 as a double is 0.1 as a numeric, not 0.1000000000000000055... */
static void
test_doubles(void **state)
{
	const ColumnType numeric = TYPE(PG_NUMERIC);
	const ColumnType float4 = TYPE(PG_FLOAT4);
	uint8_t bytes[8];
	Slice in = {bytes, (size_t) (avro_put_double(bytes, 0.1) - bytes)};
	Buffer out;

	(void) state;
	buffer_init(&out, 1 << 10);
	assert_null(convert("\"double\"", &numeric, in, &out));
	assert_hex(&out, "0001ffff0000000103e8");
	buffer_clear(&out);
	assert_null(convert("\"double\"", &float4, in, &out));
	assert_hex(&out, "3dcccccd");
	avro_put_double(bytes, 1e300);
	assert_non_null(convert("\"double\"", &float4, in, &out));
	buffer_done(&out);
}

static void
test_ways(void **state)
{
	static const struct
	{
		const char *schema;
		ColumnType type;
		ConvertWay way;
	} cases[] = {
		{"\"string\"", TYPE(PG_INT4), CONVERT_TEXT},
		{"\"string\"", TYPE(PG_TIMESTAMP), CONVERT_TEXT},
		{MICROS, TYPE(PG_DATE), CONVERT_BINARY},
		{"\"boolean\"", TYPE(PG_INT4), CONVERT_TEXT},
		{"{\"type\":\"map\",\"values\":\"int\"}", TYPE(PG_JSONB), CONVERT_BINARY},
		{"{\"type\":\"map\",\"values\":\"int\"}", TYPE(PG_INT4), CONVERT_IMPOSSIBLE},
		{"{\"type\":\"map\",\"values\":\"int\"}", {.oid = 99999, .name = "hstore"}, CONVERT_TEXT},
		{"[\"int\",\"string\"]", TYPE(PG_TEXT), CONVERT_BINARY},
		{"[\"int\",\"string\"]", TYPE(PG_INT8), CONVERT_TEXT},
		{"{\"type\":\"array\",\"items\":\"int\"}",
		 {.oid = 1007, .element = PG_INT4},
		 CONVERT_BINARY},
		{"{\"type\":\"array\",\"items\":\"string\"}",
		 {.oid = 1007, .element = PG_INT4},
		 CONVERT_TEXT},
		{"{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":\"int\"}}",
		 {.oid = 1007, .element = PG_INT4},
		 CONVERT_BINARY},
		{"\"int\"", {.oid = 1007, .element = PG_INT4}, CONVERT_TEXT},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Schema *schema;
		Conversion conversion;
		Error err;

		assert_true(schema_parse(cases[i].schema, &schema, &err));
		if (convert_find(schema, &cases[i].type, &conversion) != cases[i].way)
			fail_msg("case %zu", i);
		schema_free(schema);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_texts), cmocka_unit_test(test_values),
		cmocka_unit_test(test_doubles), cmocka_unit_test(test_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

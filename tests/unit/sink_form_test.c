/*
 * tests/unit/sink_form_test.c - the texts of nested values, by the type of the column that reads
 * them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "sink/form.h"
#include "sink/pgtypes.h"

#include <stdlib.h>
#include <string.h>

#define PAIR                                                                                       \
	"{\"type\":\"record\",\"name\":\"pair\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"},"        \
	"{\"name\":\"b\",\"type\":[\"null\",\"string\"]}]}"
#define MAP	 "{\"type\":\"map\",\"values\":[\"null\",\"string\"]}"
#define INTS "{\"type\":\"array\",\"items\":\"int\"}"
#define ENTRIES                                                                                    \
	"{\"type\":\"array\",\"connect.internal.type\":\"MapEntry\",\"items\":{\"type\":\"record\","   \
	"\"name\":\"MapEntry\",\"fields\":[{\"name\":\"key\",\"type\":\"int\"},"                       \
	"{\"name\":\"value\",\"type\":\"double\"}]}}"
#define SPARSE                                                                                     \
	"{\"type\":\"record\",\"name\":\"SparseDoubleVector\",\"namespace\":\"io.debezium.data\","     \
	"\"fields\":[{\"name\":\"dimensions\",\"type\":\"int\"},{\"name\":\"vector\","                 \
	"\"type\":" ENTRIES "}]}"
#define SHAPE(name, coordinates)                                                                   \
	"{\"type\":\"record\",\"name\":\"" name "\",\"namespace\":\"io.debezium.data.geometry\","      \
	"\"fields\":[" coordinates "{\"name\":\"wkb\",\"type\":[\"null\",\"bytes\"]},"                 \
	"{\"name\":\"srid\",\"type\":[\"null\",\"int\"]}]}"
#define XY			 "{\"name\":\"x\",\"type\":\"double\"},{\"name\":\"y\",\"type\":\"double\"},"
#define EXTENSIONS	 "{\"name\":\"extensions\",\"type\":{\"type\":\"map\",\"values\":\"string\"}},"
#define NUMBER(name) "{\"name\":\"" name "\",\"type\":\"double\"}"
#define LINE                                                                                       \
	"{\"type\":\"record\",\"name\":\"Line\",\"fields\":[" NUMBER("a") "," NUMBER("b") "," NUMBER(  \
		"c") "]}"
#define CIRCLE                                                                                     \
	"{\"type\":\"record\",\"name\":\"Circle\",\"fields\":[{\"name\":\"center\",\"type\":"          \
	"{\"type\":\"record\",\"name\":\"c\",\"fields\":[" NUMBER("x") "," NUMBER("y") "]}}," NUMBER(  \
		"radius") "]}"
/* The points (1,2) and (2,1). */
#define ONE		 " 000000000000f03f 0000000000000040 "
#define TWO		 " 0000000000000040 000000000000f03f "
#define OF(name) "{\"type\":\"string\",\"connect.name\":\"io.debezium." name "\"}"
#define DECIMAL	 "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}"
#define NAMED(type_name)                                                                           \
	{                                                                                              \
		.oid = 99999, .name = type_name                                                            \
	}
#define REFUSED NULL

/* The composite type (b text, a integer): another order than the record's. */
static ColumnField pair_fields[] = {
	{.name = "b", .type = {.oid = PG_TEXT}},
	{.name = "A", .type = {.oid = PG_INT4}},
};
#define PAIR_TYPE .fields = pair_fields, .field_count = 2

static const struct
{
	const char *schema;
	ColumnType type;
	const char *avro;
	const char *text;
} cases[] = {
	{PAIR, {.oid = 99999, PAIR_TYPE}, "02 02 04 2c22", "(\",\\\"\",\"1\")"},
	{PAIR, {.oid = 99999, PAIR_TYPE}, "02 00", "(,\"1\")"},
	{"{\"type\":\"array\",\"items\":" PAIR "}",
	 {.oid = 99998, .element = 99999, PAIR_TYPE},
	 "02 02 00 00",
	 "{\"(,\\\"1\\\")\"}"},
	{PAIR, {.oid = PG_JSONB}, "02 02 02 78", "{\"a\":1,\"b\":\"x\"}"},
	{PAIR, {.oid = PG_TEXT}, "02 00", "{\"a\":1,\"b\":null}"},
	{MAP, NAMED("hstore"), "04 02 6b 02 04 225c 02 6e 00 00", "\"k\"=>\"\\\"\\\\\",\"n\"=>NULL"},
	{MAP, {.oid = PG_JSON}, "02 02 6b 02 04 220a 00", "{\"k\":\"\\\"\\u000a\"}"},
	{ENTRIES, NAMED("hstore"), "02 02 000000000000e03f 00", "\"1\"=>\"0.5\""},
	{ENTRIES, {.oid = PG_JSONB}, "02 02 000000000000e03f 00", "{\"1\":0.5}"},
	{OF("data.Json"), NAMED("hstore"), "30 7b2261223a2278222c2262223a6e756c6c2c2263223a317d",
	 "\"a\"=>\"x\",\"b\"=>NULL,\"c\"=>\"1\""},
	{OF("data.Json"), NAMED("hstore"), "04 5b5d", REFUSED},
	{OF("data.EnumSet"), {.oid = 99998, .element = PG_TEXT}, "06 612c62", "{a,b}"},
	{INTS, {.oid = PG_JSONB}, "04 0204 00", "[1,2]"},
	{INTS, {.oid = PG_TEXT}, "04 0204 00", "{\"1\",\"2\"}"},
	{INTS, NAMED("vector"), "04 0204 00", "[1,2]"},
	{SPARSE, NAMED("sparsevec"), "0a 02 04 000000000000e03f 00", "{2:0.5}/5"},
	{SHAPE("Point", XY),
	 {.oid = PG_POINT, .name = "point"},
	 "000000000000f03f 0000000000000040 00 00",
	 "(1,2)"},
	{SHAPE("Geometry", ""), NAMED("geometry"),
	 "02 2a 0101000000000000000000f03f0000000000000040 02 cc43",
	 "0101000020e6100000"
	 "000000000000f03f0000000000000040"},
	{SHAPE("Geometry", ""), NAMED("geometry"),
	 "02 2a 0101000000000000000000f03f0000000000000040 00",
	 "0101000000000000000000f03f0000000000000040"},
	{SHAPE("Geometry", ""), NAMED("geometry"), "00 00", REFUSED},
	{LINE, NAMED("line"), "000000000000f03f 0000000000000040 000000000000e03f", "{1,2,0.5}"},
	{CIRCLE, NAMED("circle"), "000000000000f03f 0000000000000040 000000000000e03f", "<(1,2),0.5>"},
	{SHAPE("Geometry", ""), NAMED("lseg"), "02 52 0102000000 02000000" ONE TWO "00",
	 "[(1,2),(2,1)]"},
	{SHAPE("Geometry", ""), NAMED("path"), "02 52 0102000000 02000000" ONE TWO "00",
	 "[(1,2),(2,1)]"},
	{SHAPE("Geometry", EXTENSIONS), NAMED("path"),
	 "02 0c 636c6f736564 08 74727565 00 02 52 0102000000 02000000" ONE TWO "00", "((1,2),(2,1))"},
	{SHAPE("Geometry", ""), NAMED("polygon"), "02 7a 0103000000 01000000 03000000" ONE TWO ONE "00",
	 "((1,2),(2,1))"},
	{SHAPE("Geometry", ""), NAMED("box"),
	 "02 ba01 0103000000 01000000 05000000" ONE TWO TWO ONE ONE "00", "(1,2),(2,1)"},
	{SHAPE("Geometry", ""), NAMED("box"), "02 0a 0101000000 00", REFUSED},
	{SHAPE("Geometry", ""), NAMED("lseg"), "02 52 0102000000 03000000" ONE TWO "00", REFUSED},
	{"{\"type\":\"array\",\"items\":[\"null\",\"boolean\"]}",
	 {.oid = 1561, .element = 1560, .name = "bit"},
	 "04 0201 0200 00",
	 "{\"1\",\"0\"}"},
	{"\"bytes\"", NAMED("pg_lsn"), "06 302f31", "0/1"},
	{"\"bytes\"", {.oid = PG_BYTEA, .name = "bytea"}, "06 302f31", "\\x302f31"},
	{"\"bytes\"", {.oid = PG_TEXT}, "06 302f31", "\\x302f31"},
	{INTS, {.oid = 1020, .element = 603, .delimiter = ';'}, "04 0204 00", "{\"1\";\"2\"}"},
	{INTS, {.oid = 99998, .element = 99999, .delimiter = ':'}, "04 0204 00", "{\"1\":\"2\"}"},
	{OF("time.ZonedTimestamp"), NAMED("timestamptz"), "28 323032342d30312d30325430333a30343a30355a",
	 "2024-01-02T03:04:05Z"},
	{OF("time.ZonedTimestamp"), NAMED("timestamptz"),
	 "2a 2d303034332d30332d31355430303a30303a30305a", "0044-03-15T00:00:00Z BC"},
	{OF("time.ZonedTimestamp"), NAMED("timestamptz"),
	 "3c 323032342d30312d30325430333a30343a30352e3030303030303030315a", REFUSED},
	{OF("time.ZonedTimestamp"), NAMED("timestamptz"),
	 "3c 323032342d30312d30325430333a30343a30352e3030303030313030305a",
	 "2024-01-02T03:04:05.000001000Z"},
	{OF("time.ZonedTimestamp"), NAMED("timestamptz"), "10 696e66696e697479", "infinity"},
	{"{\"type\":\"array\",\"items\":" DECIMAL "}",
	 {.oid = PG_JSONB},
	 "04 04 04e2 00 00",
	 "[12.50,\"NaN\"]"},
	{"{\"type\":\"array\",\"items\":\"bytes\"}", {.oid = PG_JSON}, "02 04 01ff 00", "[\"Af8=\"]"},
	{"{\"type\":\"array\",\"items\":\"double\"}",
	 {.oid = PG_JSON},
	 "02 000000000000f07f 00",
	 "[\"Infinity\"]"},
	{"[\"null\",\"int\",\"string\"]", {.oid = PG_JSONB}, "04 02 61", "\"a\""},
};

static void
test_forms(void **state)
{
	Buffer out;

	(void) state;
	buffer_init(&out, 1 << 12);
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		uint8_t bytes[256];
		Slice in = {bytes, read_hex(cases[i].avro, bytes)};
		Schema *schema;
		Error err;

		if (!schema_parse(cases[i].schema, &schema, &err))
			fail_msg("case %zu: %s", i, err.message);
		if (!form_possible(schema, &cases[i].type))
			fail_msg("case %zu has no form", i);
		buffer_clear(&out);

		const char *problem = form_of_value(schema, &cases[i].type, &in, &out);

		if ((problem == NULL) != (cases[i].text != REFUSED))
			fail_msg("case %zu: %s", i, problem ? problem : "taken");
		if (problem == NULL)
		{
			assert_string_equal(buffer_text(&out), cases[i].text);
			assert_int_equal(in.len, 0);
		}
		schema_free(schema);
	}
	buffer_done(&out);
}

static void
test_impossible(void **state)
{
	static ColumnField only_a[] = {{.name = "a", .type = {.oid = PG_INT4}}};
	static const struct
	{
		const char *schema;
		ColumnType type;
	} ways[] = {
		{PAIR, {.oid = PG_INT4}},
		{PAIR, {.oid = PG_BYTEA}},
		{MAP, {.oid = PG_INT8}},
		/* The field b would be lost. */
		{PAIR, {.oid = 99999, .fields = only_a, .field_count = 1}},
		{"{\"type\":\"array\",\"items\":" PAIR "}", {.oid = 1007, .element = PG_INT4}},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(ways); i++)
	{
		Schema *schema;
		Error err;

		assert_true(schema_parse(ways[i].schema, &schema, &err));
		if (form_possible(schema, &ways[i].type))
			fail_msg("case %zu", i);
		schema_free(schema);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

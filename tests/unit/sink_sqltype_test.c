/*
 * tests/unit/sink_sqltype_test.c - which type a column is made of, and which one holds another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "sink/literal.h"
#include "sink/sqltype.h"

#include <stdlib.h>
#include <string.h>

#define CONNECT(type, name)                                                                        \
	"{\"type\":\"" type "\",\"connect.name\":\"org.apache.kafka.connect.data." name "\"}"
#define DEBEZIUM(type, name) "{\"type\":\"" type "\",\"connect.name\":\"io.debezium." name "\"}"
#define LOGICAL(type, name)	 "{\"type\":\"" type "\",\"logicalType\":\"" name "\"}"
#define SOURCE(type, name, length, scale)                                                          \
	"{\"type\":\"" type "\",\"connect.parameters\":{\"__debezium.source.column.type\":\"" name     \
	"\",\"__debezium.source.column.length\":\"" length                                             \
	"\",\"__debezium.source.column.scale\":\"" scale "\"}}"

/* The type of a field, its other properties, and the types in order. */
static const struct
{
	const char *type;
	const char *more;
	const char *types;
} cases[] = {
	{"\"boolean\"", "", "boolean"},
	{"\"int\"", "", "integer"},
	{"{\"type\":\"int\",\"connect.type\":\"int16\"}", "", "smallint"},
	{"[\"null\",\"long\"]", "", "bigint"},
	{"\"float\"", "", "real"},
	{"\"double\"", "", "double precision"},
	{"\"string\"", "", "text"},
	{"\"bytes\"", "", "bytea"},
	{"\"string\"", ",\"wal2avro.type\":\"character varying(10)\"", "character varying(10) text"},
	{"\"string\"", ",\"wal2avro.type\":\"text; drop table x\"", "text"},
	{"\"string\"", ",\"wal2avro.type\":\"text -- x\"", "text"},
	{"\"string\"", ",\"wal2avro.encoding\":\"hex\"", "bytea text"},
	{"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":10,\"scale\":2}", "",
	 "numeric(10,2) text"},
	/* AvroConverter's word for a precision that nobody knows. */
	{"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":64,\"scale\":2,"
	 "\"connect.parameters\":{\"scale\":\"2\"}}",
	 "", "numeric text"},
	{CONNECT("int", "Date"), "", "date text"},
	{CONNECT("int", "Time"), "", "time without time zone text"},
	{CONNECT("long", "Timestamp"), "", "timestamp without time zone text"},
	{LOGICAL("long", "timestamp-micros"), "", "timestamp with time zone text"},
	{LOGICAL("long", "local-timestamp-nanos"), "", "timestamp without time zone text"},
	{LOGICAL("string", "uuid"), "", "uuid text"},
	{"{\"type\":\"fixed\",\"name\":\"d\",\"size\":12,\"logicalType\":\"duration\"}", "",
	 "interval text"},
	{DEBEZIUM("long", "time.MicroTimestamp"), "", "timestamp without time zone text"},
	{DEBEZIUM("string", "time.ZonedTimestamp"), "", "timestamp with time zone text"},
	{DEBEZIUM("string", "data.Json"), "", "json text"},
	{DEBEZIUM("string", "data.Ltree"), "", "ltree text"},
	{"{\"type\":\"bytes\",\"connect.name\":\"io.debezium.data.Bits\","
	 "\"connect.parameters\":{\"length\":\"9\"}}",
	 "", "bit(9) text"},
	{SOURCE("string", "VARCHAR", "7", "0"), "", "character varying(7) text"},
	{SOURCE("string", "TEXT", "2147483647", "0"), "", "text text"},
	{SOURCE("long", "TIMESTAMPTZ", "35", "3"), "", "timestamp(3) with time zone bigint"},
	{SOURCE("string", "INET", "2147483647", "0"), "", "inet text"},
	{SOURCE("string", "_UUID", "2147483647", "0"), "", "uuid[] text"},
	{"{\"type\":\"array\",\"items\":[\"null\",\"int\"]}", "", "integer[]"},
	{"{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":\"string\"}}", "", "text[]"},
	{"{\"type\":\"array\",\"items\":{\"type\":\"map\",\"values\":\"int\"}}", "", "jsonb"},
	{"{\"type\":\"map\",\"values\":\"int\"}", "", "jsonb"},
	{"{\"type\":\"record\",\"name\":\"n\",\"fields\":[]}", "", "jsonb"},
	{"[\"null\",\"int\",\"long\"]", "", "bigint"},
	{"[\"long\",\"double\"]", "", "numeric"},
	{"[\"int\",\"double\"]", "", "double precision"},
	{"[\"int\",\"string\"]", "", "jsonb"},
};

static Schema *
parse_field(const char *type, const char *more)
{
	char text[1024];
	Schema *schema = NULL;
	Error err = {0};

	snprintf(text, sizeof text,
			 "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"f\",\"type\":%s%s}]}",
			 type, more);
	if (!schema_parse(text, &schema, &err))
		fail_msg("%s: %s", text, err.message);
	return schema;
}

static void
test_types(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Schema *schema = parse_field(cases[i].type, cases[i].more);
		SqlTypes types;
		char all[512] = "";

		sqltype_find(&schema->fields[0], &types);
		for (size_t k = 0; k < types.count; k++)
			snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", k == 0 ? "" : " ",
					 types.names[k]);
		if (strcmp(all, cases[i].types) != 0)
			fail_msg("case %zu: %s in place of %s", i, all, cases[i].types);
		sqltype_done(&types);
		schema_free(schema);
	}
}

/* The column's type, what is wanted, how it fits, and the wider type. */
static const struct
{
	const char *column;
	const char *wanted;
	SqlFit fit;
	const char *wider;
} fits[] = {
	{"integer", "integer", SQLTYPE_HOLDS, NULL},
	{"bigint", "integer", SQLTYPE_HOLDS, NULL},
	{"smallint", "bigint", SQLTYPE_WIDER, "bigint"},
	{"bigint", "numeric", SQLTYPE_WIDER, "numeric"},
	{"bigint", "numeric(10,2)", SQLTYPE_WIDER, "numeric(21,2)"},
	{"smallint", "numeric(10,2)", SQLTYPE_WIDER, "numeric(10,2)"},
	{"numeric(10,2)", "integer", SQLTYPE_WIDER, "numeric(12,2)"},
	{"numeric(12,2)", "integer", SQLTYPE_HOLDS, NULL},
	{"numeric(10,2)", "numeric(8,4)", SQLTYPE_WIDER, "numeric(12,4)"},
	{"numeric(10,2)", "numeric(9,2)", SQLTYPE_HOLDS, NULL},
	{"numeric(900,2)", "numeric(400,390)", SQLTYPE_WIDER, "numeric"},
	{"numeric", "double precision", SQLTYPE_HOLDS, NULL},
	{"numeric(10,2)", "double precision", SQLTYPE_OTHER, NULL},
	{"real", "double precision", SQLTYPE_WIDER, "double precision"},
	{"double precision", "real", SQLTYPE_HOLDS, NULL},
	{"double precision", "integer", SQLTYPE_HOLDS, NULL},
	{"double precision", "bigint", SQLTYPE_OTHER, NULL},
	{"real", "numeric", SQLTYPE_OTHER, NULL},
	{"character varying(10)", "character varying(20)", SQLTYPE_WIDER, "character varying(20)"},
	{"character varying(20)", "character varying(10)", SQLTYPE_HOLDS, NULL},
	{"character varying(20)", "character(30)", SQLTYPE_WIDER, "character varying(30)"},
	{"character(20)", "character varying(10)", SQLTYPE_WIDER, "character varying(20)"},
	{"character varying(20)", "text", SQLTYPE_WIDER, "text"},
	{"text", "integer[]", SQLTYPE_HOLDS, NULL},
	{"character varying", "date", SQLTYPE_HOLDS, NULL},
	{"bit varying(3)", "bit varying(5)", SQLTYPE_WIDER, "bit varying(5)"},
	{"timestamp(3) without time zone", "timestamp without time zone", SQLTYPE_WIDER,
	 "timestamp without time zone"},
	{"timestamp(3) without time zone", "timestamp(4) without time zone", SQLTYPE_WIDER,
	 "timestamp(4) without time zone"},
	{"timestamp without time zone", "timestamp(3) without time zone", SQLTYPE_HOLDS, NULL},
	{"timestamp without time zone", "timestamp with time zone", SQLTYPE_OTHER, NULL},
	{"integer", "date", SQLTYPE_OTHER, NULL},
	{"uuid", "text", SQLTYPE_OTHER, NULL},
	{"public.mood", "text", SQLTYPE_UNKNOWN, NULL},
	{"integer[]", "bigint[]", SQLTYPE_WIDER, "bigint[]"},
	{"bigint[]", "integer[]", SQLTYPE_HOLDS, NULL},
	{"character varying(3)[]", "character varying(9)[]", SQLTYPE_WIDER, "character varying(9)[]"},
	{"numeric(4,2)[]", "numeric(8,4)[]", SQLTYPE_WIDER, "numeric(8,4)[]"},
	{"integer[]", "text[]", SQLTYPE_OTHER, NULL},
	{"text[]", "integer[]", SQLTYPE_HOLDS, NULL},
	{"text[]", "integer", SQLTYPE_OTHER, NULL},
	{"integer[]", "integer", SQLTYPE_OTHER, NULL},
	{"smallint", "integer[]", SQLTYPE_OTHER, NULL},
	{"integer[]", "text", SQLTYPE_OTHER, NULL},
	{"vector", "real[]", SQLTYPE_UNKNOWN, NULL},
	{"public.mood[]", "text[]", SQLTYPE_UNKNOWN, NULL},
	{"inet", "cidr", SQLTYPE_HOLDS, NULL},
	{"cidr", "inet", SQLTYPE_WIDER, "inet"},
	{"json", "jsonb", SQLTYPE_HOLDS, NULL},
	{"jsonb", "json", SQLTYPE_OTHER, NULL},
};

static void
test_fits(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(fits); i++)
	{
		char *wider;
		const SqlFit fit = sqltype_fit(fits[i].column, fits[i].wanted, &wider);

		if (fit != fits[i].fit)
			fail_msg("%s, %s: %d", fits[i].column, fits[i].wanted, fit);
		if (fits[i].wider == NULL)
			assert_null(wider);
		else
			assert_string_equal(wider, fits[i].wider);
		free(wider);
	}
}

static void
test_defaults(void **state)
{
	static const struct
	{
		const char *type;
		const char *value;
		const char *literal; /* NULL: none */
	} defaults[] = {
		{"\"int\"", "5", "'5'"},
		{"{\"type\":\"int\",\"logicalType\":\"date\"}", "0", "'1970-01-01'"},
		{"\"string\"", "\"it's\"", "'it''s'"},
		{"\"boolean\"", "true", "'true'"},
		{"\"double\"", "0.5", "'0.5'"},
		{"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}",
		 "\"\\u0004\\u00e2\"", "'12.50'"},
		{"[\"int\",\"null\"]", "7", "'7'"},
		{"[\"null\",\"int\"]", "null", NULL},
		{"{\"type\":\"array\",\"items\":\"int\"}", "[]", NULL},
	};
	Buffer out;

	(void) state;
	buffer_init(&out, 1 << 10);
	for (size_t i = 0; i < COUNT(defaults); i++)
	{
		char more[100];
		Schema *schema;

		snprintf(more, sizeof more, ",\"default\":%s", defaults[i].value);
		schema = parse_field(defaults[i].type, more);
		buffer_clear(&out);
		assert_int_equal(literal_of_default(&schema->fields[0], &out), defaults[i].literal != NULL);
		if (defaults[i].literal != NULL)
			assert_string_equal(buffer_text(&out), defaults[i].literal);
		schema_free(schema);
	}
	buffer_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

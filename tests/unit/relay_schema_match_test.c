/*
 * tests/unit/relay_schema_match_test.c - which schemas say the same of the same bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "relay/schema_match.h"

#define RECORD(name, fields) "{\"type\":\"record\",\"name\":\"" name "\",\"fields\":[" fields "]}"
#define FIELD(name, type)	 "{\"name\":\"" name "\",\"type\":" type "}"
#define ID_AND_NUM			 FIELD("id", "\"int\"") "," FIELD("num", "[\"null\",\"string\"]")
#define DATE				 "{\"type\":\"int\",\"logicalType\":\"date\"}"
#define DECIMAL(s)                                                                                 \
	"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":" s "}"

static const struct
{
	const char *a;
	const char *b;
	bool same; /* but for names */
	bool same_names;
} cases[] = {
	{"\"int\"", "\"int\"", true, true},
	{"\"int\"", "{\"type\":\"int\",\"connect.type\":\"int16\"}", true, true},
	{"{\"type\":{\"type\":\"int\"}}", "\"int\"", true, true},
	{"\"int\"", "\"long\"", false, false},
	{"\"int\"", DATE, false, false},
	{DECIMAL("2"), DECIMAL("2"), true, true},
	{DECIMAL("2"), DECIMAL("3"), false, false},
	{"\"bytes\"", "{\"type\":" DECIMAL("2") "}", false, false},
	{"{\"type\":" DECIMAL("2") "}", "{\"type\":" DECIMAL("3") "}", false, false},
	{"{\"type\":" DECIMAL("2") "}", DECIMAL("2"), true, true},
	{"[\"null\",\"int\"]", "[\"int\",\"null\"]", false, false},
	{"[\"null\",\"int\"]", "[\"null\",\"int\",\"string\"]", false, false},
	{"[\"null\",\"int\"]", "\"int\"", false, false},
	{RECORD("t", ID_AND_NUM), RECORD("t", ID_AND_NUM), true, true},
	{RECORD("t", ID_AND_NUM), RECORD("u", ID_AND_NUM), true, false},
	{RECORD("t", ID_AND_NUM), RECORD("a.b.t", ID_AND_NUM), true, true},
	{RECORD("t", ID_AND_NUM),
	 "{\"type\":\"record\",\"name\":\"t\",\"doc\":\"x\",\"aliases\":[\"y\"],\"fields\":["
	 "{\"name\":\"id\",\"type\":\"int\",\"default\":7},{\"name\":\"num\",\"type\":[\"null\","
	 "\"string\"]}]}",
	 true, true},
	{RECORD("t", FIELD("a", "\"int\"")), RECORD("t", FIELD("b", "\"int\"")), true, false},
	{RECORD("t", FIELD("a", "\"int\"")), RECORD("t", ID_AND_NUM), false, false},
	{RECORD("t", FIELD("a", RECORD("u", FIELD("b", "\"int\"")))),
	 RECORD("t", FIELD("a", RECORD("u", FIELD("b", "\"string\"")))), false, false},
	{"{\"type\":\"array\",\"items\":\"int\"}", "{\"type\":\"array\",\"items\":\"int\"}", true,
	 true},
	{"{\"type\":\"array\",\"items\":\"int\"}", "{\"type\":\"array\",\"items\":\"long\"}", false,
	 false},
	{"{\"type\":\"array\",\"items\":\"int\"}", "{\"type\":\"map\",\"values\":\"int\"}", false,
	 false},
	{"\"int\"", "", false, false},
	{"", "", false, false},
	{"1", "1", false, false},
};

static void
what_the_bytes_mean_decides(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		if (schema_match(cases[i].a, cases[i].b, false) != cases[i].same ||
			schema_match(cases[i].b, cases[i].a, false) != cases[i].same)
			fail_msg("%s and %s", cases[i].a, cases[i].b);
		if (schema_match(cases[i].a, cases[i].b, true) != cases[i].same_names)
			fail_msg("%s and %s, with names", cases[i].a, cases[i].b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_bytes_mean_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * tests/unit/transforms_test.c - the three transformations that are done here, and what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/transforms.h"

#include <stdlib.h>
#include <string.h>

static Properties *
properties(const char *const (*pairs)[2], size_t count)
{
	Properties *made = properties_new();

	for (size_t i = 0; i < count; i++)
		properties_set(made, pairs[i][0], pairs[i][1]);
	return made;
}

static void
test_order(void **state)
{
	static const char *const pairs[][2] = {
		{"transforms", " b ,a"},
		{"transforms.a.type", "org.apache.kafka.connect.transforms.RegexRouter"},
		{"transforms.a.regex", "(.*)_x"},
		{"transforms.a.replacement", "$1"},
		{"transforms.b.type", "RegexRouter"},
		{"transforms.b.regex", "t"},
		{"transforms.b.replacement", "u_x"},
	};
	Properties *connector = properties(pairs, COUNT(pairs));
	Transforms transforms;
	Error err;
	char *topic;

	(void) state;
	if (!transforms_parse(connector, &transforms, &err))
		fail_msg("%s", err.message);
	assert_int_equal(transforms.count, 2);
	assert_string_equal(transforms.items[0].alias, "b");
	topic = transforms_topic(&transforms, "t");
	assert_string_equal(topic, "u");
	free(topic);
	assert_null(transforms_find(&transforms, TRANSFORM_VALUE_TO_KEY));
	transforms_done(&transforms);
	properties_free(connector);
}

static void
test_none(void **state)
{
	Properties *connector = properties_new();
	Transforms transforms;
	Error err;
	char *topic;

	(void) state;
	assert_true(transforms_parse(connector, &transforms, &err));
	topic = transforms_topic(&transforms, "t");
	assert_string_equal(topic, "t");
	free(topic);
	transforms_done(&transforms);
	properties_free(connector);
}

static void
test_tombstones(void **state)
{
	static const struct
	{
		const char *newer;
		const char *handling;
		const char *drop;
		int mode; /* -1: refused */
	} cases[] = {
		{NULL, NULL, NULL, TOMBSTONE_TOMBSTONE},
		{"drop", NULL, NULL, TOMBSTONE_DROP},
		{"tombstone", "none", "true", TOMBSTONE_TOMBSTONE},
		{"delete-to-tombstone", NULL, NULL, TOMBSTONE_DELETE_TO},
		{"rewrite", NULL, NULL, -1},
		{"rewrite-with-tombstone", NULL, NULL, -1},
		{NULL, "drop", NULL, TOMBSTONE_DROP},
		{NULL, "none", NULL, TOMBSTONE_DELETE_TO},
		{NULL, "none", "false", TOMBSTONE_DELETE_TO_AND_ALL},
		{NULL, NULL, "false", TOMBSTONE_TOMBSTONE},
		{NULL, "rewrite", NULL, -1},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Properties *connector = properties_new();
		Transforms transforms;
		Error err = {0};
		bool taken;

		properties_set(connector, "transforms", "u");
		properties_set(connector, "transforms.u.type",
					   "io.debezium.transforms.ExtractNewRecordState");
		if (cases[i].newer != NULL)
			properties_set(connector, "transforms.u.delete.tombstone.handling.mode",
						   cases[i].newer);
		if (cases[i].handling != NULL)
			properties_set(connector, "transforms.u.delete.handling.mode", cases[i].handling);
		if (cases[i].drop != NULL)
			properties_set(connector, "transforms.u.drop.tombstones", cases[i].drop);
		taken = transforms_parse(connector, &transforms, &err);
		if (taken != (cases[i].mode >= 0))
			fail_msg("case %zu: %s", i, err.message);
		if (taken)
		{
			assert_int_equal(transforms.items[0].tombstones, cases[i].mode);
			transforms_done(&transforms);
		}
		properties_free(connector);
	}
}

static void
test_refused(void **state)
{
	static const struct
	{
		const char *name;
		const char *value;
		const char *property; /* under which the error is reported */
	} cases[] = {
		{"transforms.a.type", "org.apache.kafka.connect.transforms.Filter", "transforms.a.type"},
		{"transforms.a.regex", "(", "transforms.a.regex"},
		{"transforms.a.replacement", "$3", "transforms.a.replacement"},
		{"transforms.a.predicate", "p", "transforms.a.predicate"},
		{"transforms", "a,a", "transforms"},
		{"transforms", "a,c", "transforms.c.type"},
	};
	static const char *const pairs[][2] = {
		{"transforms", "a"},
		{"transforms.a.type", "RegexRouter"},
		{"transforms.a.regex", "t"},
		{"transforms.a.replacement", "u"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Properties *connector = properties(pairs, COUNT(pairs));
		Report *report = report_new();
		Transforms transforms;

		properties_set(connector, cases[i].name, cases[i].value);
		assert_false(transforms_read(connector, &transforms, report));
		if (report_errors(report, cases[i].property) != 1)
			fail_msg("%s=%s", cases[i].name, cases[i].value);
		transforms_done(&transforms);
		report_free(report);
		properties_free(connector);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_tombstones),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

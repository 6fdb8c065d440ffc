/*
 * tests/unit/relay_creation_test.c - groups of topics, as Kafka Connect has them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/memory.h"
#include "properties_of.h"
#include "relay/creation.h"

#include <string.h>

AUTO_DEFINE(Properties, properties_free)

static const char *
config_of(const CreationGroup *group, const char *name)
{
	for (char **text = group->config; *text != NULL; text += 2)
		if (strcmp(text[0], name) == 0)
			return text[1];
	return NULL;
}

static void
the_first_group_that_includes_a_topic_has_it(void **state)
{
	AUTO(Properties) *properties = PROPERTIES(
		"topic.creation.groups", "compacted, big", "topic.creation.default.cleanup.policy",
		"delete", "topic.creation.default.retention.ms", "1000", "topic.creation.compacted.include",
		"pg_.*, other", "topic.creation.compacted.exclude", "pg_log.*",
		"topic.creation.compacted.cleanup.policy", "compact", "topic.creation.compacted.partitions",
		"7", "topic.creation.big.include", "pg_log_(a|b),pg_x",
		"topic.creation.big.replication.factor", "2");
	AUTO(Report) *report = report_new();
	Creation creation;

	(void) state;
	creation_read(properties, 3, 1, &creation, report);
	assert_int_equal(report_errors(report, NULL), 0);

	const CreationGroup *group = creation_find(&creation, "pg_x");

	assert_string_equal(group->name, "compacted");
	assert_int_equal(group->partitions, 7);
	assert_int_equal(group->replication_factor, 1);
	assert_string_equal(config_of(group, "cleanup.policy"), "compact");
	assert_null(config_of(group, "retention.ms"));
	assert_null(config_of(group, "include"));
	group = creation_find(&creation, "pg_log_b");
	assert_string_equal(group->name, "big");
	assert_int_equal(group->partitions, 3);
	assert_int_equal(group->replication_factor, 2);
	group = creation_find(&creation, "pg_log_c");
	assert_string_equal(group->name, "default");
	assert_int_equal(group->partitions, 3);
	assert_string_equal(config_of(group, "retention.ms"), "1000");
	assert_string_equal(creation_find(&creation, "other")->name, "compacted");
	assert_string_equal(creation_find(&creation, "another")->name, "default");
	creation_done(&creation);
}

static void
without_groups_all_is_as_the_broker_has_it(void **state)
{
	AUTO(Properties) *properties = properties_new();
	AUTO(Report) *report = report_new();
	Creation creation;

	(void) state;
	creation_read(properties, -1, -1, &creation, report);
	assert_int_equal(report_errors(report, NULL), 0);
	assert_int_equal(creation_find(&creation, "t")->partitions, -1);
	assert_null(creation_find(&creation, "t")->config[0]);
	creation_done(&creation);
}

static void
wrong_groups_are_said_by_property(void **state)
{
	AUTO(Properties) *properties =
		PROPERTIES("topic.creation.groups", "a,b,a,default", "topic.creation.a.include", "(",
				   "topic.creation.a.partitions", "many", "topic.creation.c.partitions", "1");
	AUTO(Report) *report = report_new();
	Creation creation;

	(void) state;
	creation_read(properties, -1, -1, &creation, report);
	assert_int_equal(report_errors(report, "topic.creation.groups"), 2);
	assert_int_equal(report_errors(report, "topic.creation.a.include"), 1);
	assert_int_equal(report_errors(report, "topic.creation.a.partitions"), 1);
	assert_int_equal(report_errors(report, "topic.creation.b.include"), 1);
	assert_int_equal(report_errors(report, NULL), 5);

	json_t *json = report_json(report);
	char *text = json_dumps(json, JSON_COMPACT);

	assert_non_null(strstr(text, "topic.creation.groups does not have \\\"c\\\""));
	free(text);
	json_decref(json);
	creation_done(&creation);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_group_that_includes_a_topic_has_it),
		cmocka_unit_test(without_groups_all_is_as_the_broker_has_it),
		cmocka_unit_test(wrong_groups_are_said_by_property),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

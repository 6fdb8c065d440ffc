/*
 * tests/unit/connect_store_test.c - the copy of the store, the import of Kafka Connect's topic, the
 * levels of loggers, the statuses' keys.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/import.h"
#include "connect/levels.h"
#include "connect/statuses.h"
#include "connect/store.h"
#include "test.h"

#include <string.h>

static Slice
slice(const char *text)
{
	return (Slice){(const uint8_t *) text, text == NULL ? 0 : strlen(text)};
}

static StoreNews
take(Store *store, const char *key, const char *value)
{
	StoreEvent event = store_take(store, slice(key), slice(value));
	StoreNews news = event.news;

	store_event_done(&event);
	return news;
}

static void
test_connectors(void **state)
{
	Store *store = store_new();
	json_t *a;

	(void) state;
	assert_int_equal(take(store, "connector-a", "{\"config\":{\"x\":\"1\"},\"target\":\"PAUSED\"}"),
					 STORE_CHANGED);
	a = store_connector(store, "a");
	assert_non_null(a);
	assert_int_equal(store_target(a), STORE_PAUSED);
	assert_string_equal(json_string_value(json_object_get(store_config(a), "x")), "1");
	assert_false(store_keep(a));
	assert_false(store_from_import(a));
	assert_null(store_reason(a));
	assert_int_equal(take(store, "connector-a",
						  "{\"config\":{},\"target\":\"DELETING\",\"keep\":true,\"reason\":\"r\","
						  "\"token\":\"t\",\"imported\":true}"),
					 STORE_CHANGED);
	a = store_connector(store, "a");
	assert_int_equal(store_target(a), STORE_DELETING);
	assert_true(store_keep(a));
	assert_true(store_from_import(a));
	assert_string_equal(store_reason(a), "r");
	assert_string_equal(store_token(a), "t");
	assert_int_equal(take(store, "connector-a", NULL), STORE_CHANGED);
	assert_null(store_connector(store, "a"));
	assert_int_equal(json_object_size(store_connectors(store)), 0);
	store_free(store);
}

/* What is not understood changes nothing. */
static void
test_strange_records(void **state)
{
	static const char *const values[] = {"",
										 "{",
										 "[]",
										 "5",
										 "{}",
										 "{\"config\":{}}",
										 "{\"config\":{},\"target\":\"FLYING\"}",
										 "{\"config\":[],\"target\":\"RUNNING\"}",
										 "{\"config\":{},\"target\":5}",
										 "\xff\xfe"};
	Store *store = store_new();

	(void) state;
	take(store, "connector-a", "{\"config\":{},\"target\":\"RUNNING\"}");
	for (size_t i = 0; i < COUNT(values); i++)
		assert_int_equal(take(store, "connector-a", values[i]), STORE_NOTHING);
	assert_int_equal(take(store, "something-else", "{}"), STORE_NOTHING);
	assert_int_equal(take(store, NULL, "{}"), STORE_NOTHING);
	assert_int_equal(json_object_size(store_connectors(store)), 1);
	store_free(store);
}

static void
test_requests(void **state)
{
	Store *store = store_new();
	StoreEvent event =
		store_take(store, slice("restart-a-b"), slice("{\"connector\":true,\"tasks\":[0]}"));

	(void) state;
	assert_int_equal(event.news, STORE_RESTARTED);
	assert_string_equal(event.name, "a-b");
	assert_int_equal(json_array_size(json_object_get(event.value, "tasks")), 1);
	store_event_done(&event);
	assert_int_equal(take(store, "restart-a-b", NULL), STORE_NOTHING);
	assert_int_equal(take(store, "logger-root", "{\"level\":\"DEBUG\"}"), STORE_LEVEL);
	assert_false(store_imported(store));
	take(store, "imported", "{}");
	assert_true(store_imported(store));
	store_free(store);
}

static void
test_values(void **state)
{
	json_t *config = json_pack("{s:s}", "x", "1");
	json_t *imported = json_pack("{s:b}", "imported", 1);
	json_t *fresh = store_value(NULL, config, STORE_STOPPED);
	json_t *kept = store_value(imported, config, STORE_RUNNING);

	(void) state;
	assert_int_equal(store_target(fresh), STORE_STOPPED);
	assert_false(store_from_import(fresh));
	assert_true(store_from_import(kept));
	json_decref(fresh);
	json_decref(kept);
	json_decref(imported);
	json_decref(config);
}

static void
test_import(void **state)
{
	static const char *const records[][2] = {
		{"connector-a", "{\"properties\":{\"x\":\"1\"}}"},
		{"target-state-b", "{\"state\":\"PAUSED\",\"state.v2\":\"STOPPED\"}"},
		{"connector-b", "{\"properties\":{\"x\":\"2\"}}"},
		{"connector-c", "{\"properties\":{}}"},
		{"target-state-c", "{\"state\":\"PAUSED\"}"},
		{"connector-d", "{\"properties\":{}}"},
		{"connector-d", NULL},
		{"target-state-d", NULL},
		{"connector-e",
		 "{\"schema\":{\"type\":\"struct\"},\"payload\":{\"properties\":{\"x\":\"5\"}}}"},
		{"target-state-f", "{\"state\":\"PAUSED\"}"},
		{"task-a-0", "{\"properties\":{}}"},
		{"commit-a", "{\"tasks\":1}"},
		{"session-key", "{"},
		{"connector-g", "nonsense"},
		{"connector-\xff", "{\"properties\":{}}"},
		{"target-state-\xff", "{\"state\":\"PAUSED\"}"},
	};
	json_t *topic = json_object();
	json_t *found;

	(void) state;
	for (size_t i = 0; i < COUNT(records); i++)
		import_take(topic, slice(records[i][0]), slice(records[i][1]));
	found = import_finish(topic);
	assert_int_equal(json_object_size(found), 4);
	assert_int_equal(store_target(json_object_get(found, "a")), STORE_RUNNING);
	assert_int_equal(store_target(json_object_get(found, "b")), STORE_STOPPED);
	assert_int_equal(store_target(json_object_get(found, "c")), STORE_PAUSED);
	assert_string_equal(
		json_string_value(json_object_get(store_config(json_object_get(found, "e")), "x")), "5");
	assert_true(store_from_import(json_object_get(found, "a")));
	json_decref(found);
	json_decref(topic);
}

static void
expect_list(json_t *list, const char *expected)
{
	char *text = json_dumps(list, JSON_COMPACT);

	assert_string_equal(text, expected);
	free(text);
	json_decref(list);
}

static void
test_levels(void **state)
{
	Levels *levels = levels_new(NULL);

	(void) state;
	assert_string_equal(levels_of(levels, LEVELS_SINK), "info");
	assert_null(levels_known("loud"));
	assert_string_equal(levels_known("debug"), "DEBUG");
	expect_list(levels_set(levels, LEVELS_SINK, "TRACE"), "[\"wal2avro-sink\"]");
	assert_string_equal(levels_of(levels, LEVELS_SINK), "debug");
	assert_string_equal(levels_of(levels, LEVELS_RELAY), "info");
	expect_list(levels_set(levels, "other", "INFO"), "[]");
	expect_list(levels_set(levels, "ROOT", "OFF"), "[\"other\",\"root\",\"wal2avro-sink\"]");
	expect_list(levels_set(levels, "root", "OFF"), "[]");
	assert_string_equal(levels_of(levels, LEVELS_SINK), "error");
	assert_string_equal(levels_of(levels, LEVELS_RELAY), "error");
	levels_free(levels);
}

static void
test_statuses(void **state)
{
	Loop *loop = loop_new();
	Properties *worker = properties_new();
	char topic[] = "status";
	WorkerSettings settings = {.status_topic = topic, .session_timeout_ms = 1000};
	Statuses *statuses;
	Error err;

	(void) state;
	properties_set(worker, "bootstrap.servers", "127.0.0.1:1");
	assert_true(statuses_new(loop, &settings, worker, &statuses, &err));
	statuses_take(statuses, slice("status-connector-a-1"), slice("{\"state\":\"RUNNING\"}"));
	statuses_take(statuses, slice("status-task-a-1-10"), slice("{\"state\":\"FAILED\"}"));
	statuses_take(statuses, slice("status-topic-t-x:connector-a-1"), slice("{\"topic\":\"t-x\"}"));
	assert_non_null(statuses_connector(statuses, "a-1"));
	assert_null(statuses_connector(statuses, "a"));
	assert_non_null(statuses_task(statuses, "a-1", 10));
	assert_null(statuses_task(statuses, "a", 1));
	assert_non_null(json_object_get(statuses_topics(statuses, "a-1"), "t-x"));
	statuses_take(statuses, slice("status-task-a-1-10"), slice("nonsense"));
	statuses_take(statuses, slice("strange"), slice("{}"));
	/* Names that nobody can have given, and numbers that no task has. */
	statuses_take(statuses, slice("status-connector-\xff"), slice("{\"state\":\"RUNNING\"}"));
	statuses_take(statuses, slice("status-task-\xff-0"), slice("{\"state\":\"RUNNING\"}"));
	statuses_take(statuses, slice("status-task-a-1-x"), slice("{\"state\":\"RUNNING\"}"));
	statuses_take(statuses, slice("status-task-a-1-01"), slice("{\"state\":\"RUNNING\"}"));
	statuses_take(statuses, slice("status-task-a-1-"), slice("{\"state\":\"RUNNING\"}"));
	assert_int_equal(json_object_size(statuses_names(statuses)), 1);
	assert_int_equal(json_object_size(statuses_tasks(statuses, "a-1")), 1);
	assert_non_null(statuses_task(statuses, "a-1", 10));
	statuses_take(statuses, slice("status-task-a-1-10"), slice(NULL));
	statuses_take(statuses, slice("status-connector-a-1"), slice(NULL));
	assert_int_equal(json_object_size(statuses_names(statuses)), 1);
	statuses_take(statuses, slice("status-topic-t-x:connector-a-1"), slice(NULL));
	assert_int_equal(json_object_size(statuses_names(statuses)), 0);
	statuses_free(statuses);
	properties_free(worker);
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connectors), cmocka_unit_test(test_strange_records),
		cmocka_unit_test(test_requests),   cmocka_unit_test(test_values),
		cmocka_unit_test(test_import),	   cmocka_unit_test(test_levels),
		cmocka_unit_test(test_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

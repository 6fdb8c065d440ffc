/*
 * tests/unit/connect_metrics_test.c - the figures as Prometheus reads them, and the status page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "connect/metrics.h"
#include "connect_client.h"
#include "core/memory.h"

#include <string.h>

#define OVERVIEW                                                                                   \
	"[{\"connector\":\"s\\\"\\\\\\n\",\"type\":\"source\",\"task\":0,\"state\":\"RUNNING\","       \
	"\"local\":true,\"waiting\":null,\"restarts\":2,\"target\":\"RUNNING\",\"metrics\":{"          \
	"\"rows_total\":7,\"bytes_total\":90,\"lag_seconds\":0.25,\"slot_lag_bytes\":1234567890123,"   \
	"\"topics\":{\"t\":{\"rows\":7,\"bytes\":90}},\"confirmed_lsn\":\"0/1\"}},"                    \
	"{\"connector\":\"a\",\"type\":\"sink\",\"task\":1,\"state\":\"FAILED\",\"local\":true,"       \
	"\"target\":\"PAUSED\",\"waiting\":\"w\",\"metrics\":{\"latency\":{\"count\":6,\"sum\":1.5,"   \
	"\"buckets\":[1,0,0,2,0,0,0,0,0,0,0,0,0,0,3]}}},"                                              \
	"{\"connector\":\"a\",\"type\":\"sink\",\"task\":2,\"state\":\"RUNNING\",\"local\":false,"     \
	"\"target\":\"PAUSED\",\"metrics\":{\"rows_total\":1}}]"

static int
stand_up(void **state)
{
	Stand *stand = xcalloc(1, sizeof *stand);

	stand_init(stand);
	stand_begin(stand);
	json_object_set_new(stand->herder->connectors, "a", json_pack("{ss}", "connector.class", "X"));
	stand->herder->overview = json_loads(OVERVIEW, 0, NULL);
	*state = stand;
	return 0;
}

static int
tear_down(void **state)
{
	stand_end(*state);
	free(*state);
	return 0;
}

static void
has_line(const char *text, const char *line)
{
	AUTO_TEXT char *whole = xasprintf("\n%s\n", line);

	if (strstr(text, whole) == NULL)
		fail_msg("no line %s", line);
}

static void
figures_stand_in_lines(void **state)
{
	static const char *const lines[] = {
		"wal2avro_worker_info{worker=\"127.0.0.1:8083\",version=\"" WAL2AVRO_VERSION "\"} 1",
		"wal2avro_worker_ready 1",
		"# TYPE wal2avro_task_rows_total counter",
		"wal2avro_task_rows_total{connector=\"s\\\"\\\\\\n\",task=\"0\"} 7",
		"wal2avro_task_lag_seconds{connector=\"s\\\"\\\\\\n\",task=\"0\"} 0.25",
		"wal2avro_source_slot_lag_bytes{connector=\"s\\\"\\\\\\n\",task=\"0\"} 1234567890123",
		"wal2avro_topic_rows_total{connector=\"s\\\"\\\\\\n\",task=\"0\",topic=\"t\"} 7",
		"wal2avro_topic_bytes_total{connector=\"s\\\"\\\\\\n\",task=\"0\",topic=\"t\"} 90",
		"wal2avro_task_restarts_total{connector=\"s\\\"\\\\\\n\",task=\"0\"} 2",
		"wal2avro_task_waiting{connector=\"s\\\"\\\\\\n\",task=\"0\"} 0",
		"wal2avro_task_waiting{connector=\"a\",task=\"1\"} 1",
		"wal2avro_task_state{connector=\"a\",task=\"1\",state=\"FAILED\"} 1",
		"wal2avro_task_state{connector=\"a\",task=\"1\",state=\"RUNNING\"} 0",
		"wal2avro_end_to_end_latency_seconds_bucket{connector=\"a\",task=\"1\",le=\"0.005\"} 1",
		"wal2avro_end_to_end_latency_seconds_bucket{connector=\"a\",task=\"1\",le=\"0.05\"} 3",
		"wal2avro_end_to_end_latency_seconds_bucket{connector=\"a\",task=\"1\",le=\"300\"} 3",
		"wal2avro_end_to_end_latency_seconds_bucket{connector=\"a\",task=\"1\",le=\"+Inf\"} 6",
		"wal2avro_end_to_end_latency_seconds_sum{connector=\"a\",task=\"1\"} 1.5",
		"wal2avro_end_to_end_latency_seconds_count{connector=\"a\",task=\"1\"} 6",
	};
	Answer answer = ask(*state, "GET", "/metrics", "Accept: text/plain\r\n", NULL);
	AUTO_TEXT char *type = answer_header(&answer, "Content-Type");

	assert_int_equal(answer.status, 200);
	assert_string_equal(type, METRICS_TYPE);
	for (size_t i = 0; i < COUNT(lines); i++)
		has_line(answer.body, lines[i]);
	/* What another worker runs, it shows itself. */
	assert_null(strstr(answer.body, "task=\"2\""));
	answer_done(&answer);
	answer = ask(*state, "GET", "/metrics?all=true", "", NULL);
	has_line(answer.body, "wal2avro_task_rows_total{connector=\"a\",task=\"2\"} 1");
	has_line(answer.body,
			 "wal2avro_connector_state{connector=\"a\",type=\"\",state=\"RUNNING\"} 1");
	answer_done(&answer);
}

static void
figures_are_never_cut_off(void **state)
{
	AUTO(Buffer) *text = &(Buffer){.max = 6000};
	MetricsInput input = {.worker_id = "w", .version = "1"};

	(void) state;
	assert_false(metrics_write(&input, text));
}

static void
a_worker_that_starts_has_figures_too(void **state)
{
	Stand *stand = *state;
	Answer answer;

	stand->herder->starting = "the store is being read";
	answer = ask(stand, "GET", "/metrics", "", NULL);
	assert_int_equal(answer.status, 200);
	has_line(answer.body, "wal2avro_worker_ready 0");
	answer_done(&answer);
}

static void
the_overview_has_all_connectors(void **state)
{
	Answer answer = ask(*state, "GET", "/wal2avro/overview", "", NULL);
	json_t *body = json_loads(answer.body, 0, NULL);
	const json_t *connector = json_array_get(json_object_get(body, "connectors"), 0);

	assert_int_equal(answer.status, 200);
	assert_string_equal(json_string_value(json_object_get(connector, "name")), "a");
	assert_string_equal(json_string_value(json_object_get(connector, "class")), "X");
	assert_string_equal(json_string_value(json_object_get(connector, "state")), "RUNNING");
	assert_string_equal(json_string_value(json_object_get(connector, "target")), "PAUSED");
	assert_int_equal(json_array_size(json_object_get(connector, "tasks")), 2);
	json_decref(body);
	answer_done(&answer);
}

/* Browsers prefer HTML; everybody else gets what Kafka Connect answers. */
static void
browsers_get_a_page(void **state)
{
	static const char browser[] =
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n";
	Answer answer = ask(*state, "GET", "/", browser, NULL);
	AUTO_TEXT char *type = answer_header(&answer, "Content-Type");
	AUTO_TEXT char *policy = answer_header(&answer, "Content-Security-Policy");
	const char *nonce = strstr(policy, "'nonce-") + strlen("'nonce-");
	AUTO_TEXT char *script = xasprintf("<script nonce=\"%.*s\">", (int) strcspn(nonce, "'"), nonce);
	Answer second = ask(*state, "GET", "/", browser, NULL);

	assert_int_equal(answer.status, 200);
	assert_string_equal(type, "text/html; charset=utf-8");
	assert_int_equal(strcspn(nonce, "'"), 32);
	assert_non_null(strstr(answer.body, script));
	assert_null(strstr(answer.body, "@NONCE@"));
	assert_null(strstr(second.body, script));
	assert_non_null(strstr(answer.body, "</html>"));
	answer_done(&answer);
	answer_done(&second);
	answer = ask(*state, "GET", "/", "Accept: */*\r\n", NULL);
	assert_non_null(strstr(answer.body, "\"version\""));
	answer_done(&answer);
	answer = ask(*state, "GET", "/", "Accept: application/xml\r\n", NULL);
	assert_int_equal(answer.status, 406);
	answer_done(&answer);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stand_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(figures_stand_in_lines),
		cmocka_unit_test(figures_are_never_cut_off),
		TEST(a_worker_that_starts_has_figures_too),
		TEST(the_overview_has_all_connectors),
		TEST(browsers_get_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

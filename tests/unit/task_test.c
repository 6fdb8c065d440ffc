/*
 * tests/unit/task_test.c - a task and its worker, over two pipes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/json.h"
#include "core/log.h"
#include "core/task.h"

#include "capture.h"
#include <fcntl.h>
#include <string.h>

typedef struct Pair
{
	Loop *loop;
	Task *task;
	int orders; /* the worker's ends */
	int status;
} Pair;

static Pair
pair_new(bool paused)
{
	Pair pair = {.loop = loop_new()};
	int in[2];
	int out[2];

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	pair.orders = in[1];
	pair.status = out[0];
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	pair.task = task_new(pair.loop, in[0], out[1], 3, paused);
	return pair;
}

/* All lines that were said since the last call, as one array. */
static json_t *
said(Pair *pair)
{
	static char text[1 << 20];
	json_t *lines = json_array();
	size_t len = 0;
	ssize_t got;

	while ((got = read(pair->status, text + len, sizeof text - 1 - len)) > 0)
		len += (size_t) got;
	text[len] = '\0';
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
	{
		json_t *object = json_loads(line, 0, NULL);

		assert_non_null(object);
		json_array_append_new(lines, object);
	}
	return lines;
}

static void
assert_said(Pair *pair, const char *expected)
{
	AUTO(json_t) *lines = said(pair);
	AUTO_TEXT char *text = json_dumps(lines, JSON_COMPACT);

	assert_string_equal(text, expected);
}

static void
states_are_said_once(void **state)
{
	Pair pair = pair_new(false);

	(void) state;
	assert_false(task_paused(pair.task));
	assert_int_equal(task_number(pair.task), 3);
	task_reached(pair.task, NULL);
	task_reached(pair.task, "stands by");
	task_waiting(pair.task, NULL);
	task_waiting(pair.task, "no \xff broker");
	task_waiting(pair.task, "no \xff broker");
	task_waiting(pair.task, NULL);
	task_topic(pair.task, "a");
	task_topic(pair.task, "b");
	task_topic(pair.task, "a");
	task_failed(pair.task, "only a person");
	assert_said(&pair, "[{\"state\":\"RUNNING\"},{\"reason\":\"stands by\",\"state\":\"RUNNING\"},"
					   "{\"waiting\":\"no ? broker\"},{\"waiting\":null},{\"topics\":[\"a\"]},"
					   "{\"topics\":[\"b\"]},{\"failed\":\"only a person\"}]");
	task_free(pair.task);
	loop_free(pair.loop);
}

/* A worker that does not read gets, when it does, whole lines and the newest state of things. */
static void
nothing_waits_for_the_worker(void **state)
{
	Pair pair = pair_new(true);
	size_t lines = 0;
	size_t topics = 0;
	bool paused = false;

	(void) state;
	for (int i = 0; i < 20000; i++)
	{
		AUTO_TEXT char *reason = xasprintf("attempt %d", i);
		AUTO_TEXT char *topic = xasprintf("topic %d", i % 100);

		task_waiting(pair.task, reason);
		task_topic(pair.task, topic);
		if (i == 15000)
			task_reached(pair.task, NULL);
	}
	for (const char *last = ""; strcmp(last, "attempt 19999") != 0;)
	{
		static char kept[64];
		AUTO(json_t) *array = said(&pair);
		size_t i;
		json_t *line;

		json_array_foreach(array, i, line)
		{
			const char *waiting = json_string_value(json_object_get(line, "waiting"));

			lines++;
			topics += json_array_size(json_object_get(line, "topics"));
			paused = paused || json_object_get(line, "state") != NULL;
			if (waiting != NULL)
				last = strcpy(kept, waiting);
		}
		loop_once(pair.loop, 0);
	}
	assert_in_range(lines, 10, 10000);
	assert_int_equal(topics, 100);
	assert_true(paused);
	task_free(pair.task);
	loop_free(pair.loop);
}

static json_t *
metrics(void *context)
{
	return json_pack("{s: i}", "rows_total", *(int *) context);
}

static void
metrics_are_said_when_they_change(void **state)
{
	Pair pair = pair_new(false);
	int64_t end = loop_now_ms() + 2500;
	int rows = 7;

	(void) state;
	task_set_metrics(pair.task, metrics, &rows);
	assert_said(&pair, "[]");
	while (loop_now_ms() < end)
		loop_once(pair.loop, end - loop_now_ms());
	assert_said(&pair, "[{\"metrics\":{\"rows_total\":7}}]");
	rows = 8;
	task_set_metrics(pair.task, NULL, NULL);
	assert_said(&pair, "[{\"metrics\":{\"rows_total\":8}}]");
	task_free(pair.task);
	assert_said(&pair, "[]");
	loop_free(pair.loop);
}

static void
orders_are_taken(void **state)
{
	static const char orders[] = "{\"level\":\"debug\"}\n{\"level\":\"loud\"}\n{\"lev";
	Capture capture = capture_begin();
	Pair pair = pair_new(false);

	(void) state;
	assert_int_equal(write(pair.orders, orders, strlen(orders)), strlen(orders));
	loop_once(pair.loop, 5000);
	assert_false(loop_stopping(pair.loop));
	log_debug("visible now");
	close(pair.orders);
	while (!loop_stopping(pair.loop))
		loop_once(pair.loop, 5000);

	AUTO_TEXT char *text = capture_end(&capture);

	assert_non_null(strstr(text, "visible now"));
	assert_non_null(strstr(text, "no order: {\"level\":\"loud\"}"));
	log_set_level("info");
	task_free(pair.task);
	loop_free(pair.loop);
}

/* Its worker has died: the pipe has no reader. */
static void
a_dead_worker_ends_it(void **state)
{
	Pair pair = pair_new(false);

	(void) state;
	close(pair.status);
	task_waiting(pair.task, "x");
	assert_true(loop_stopping(pair.loop));
	task_free(pair.task);
	loop_free(pair.loop);
}

static void
by_hand_nothing_happens(void **state)
{
	(void) state;
	task_reached(NULL, "x");
	task_waiting(NULL, "x");
	task_failed(NULL, "x");
	task_topic(NULL, "x");
	task_set_metrics(NULL, metrics, NULL);
	assert_false(task_paused(NULL));
	assert_int_equal(task_number(NULL), 0);
	task_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_are_said_once),
		cmocka_unit_test(nothing_waits_for_the_worker),
		cmocka_unit_test(metrics_are_said_when_they_change),
		cmocka_unit_test(orders_are_taken),
		cmocka_unit_test(a_dead_worker_ends_it),
		cmocka_unit_test(by_hand_nothing_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

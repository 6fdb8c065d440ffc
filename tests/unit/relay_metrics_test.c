/*
 * tests/unit/relay_metrics_test.c - what the relay counts, as its worker hears it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/json.h"
#include "relay/metrics.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct Heard
{
	Loop *loop;
	Task *task;
	Metrics *metrics;
	int from;
	json_t *last; /* metrics */
	json_t *topics;
} Heard;

static void
begin(Heard *heard)
{
	int in[2];
	int out[2];

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	*heard = (Heard){.loop = loop_new(), .from = out[0], .topics = json_array()};
	heard->task = task_new(heard->loop, in[0], out[1], 0, false);
	heard->metrics = metrics_new(heard->task);
}

/* Ends it; last is what was said at the end. */
static void
end(Heard *heard)
{
	static char text[65536];
	ssize_t len;

	metrics_free(heard->metrics);
	task_free(heard->task);
	len = read(heard->from, text, sizeof text - 1);
	text[len > 0 ? len : 0] = '\0';
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
	{
		AUTO(json_t) *object = json_loads(line, 0, NULL);
		json_t *metrics = json_object_get(object, "metrics");

		json_array_extend(heard->topics, json_object_get(object, "topics"));
		if (metrics == NULL)
			continue;
		json_decref(heard->last);
		heard->last = json_incref(metrics);
	}
	loop_free(heard->loop);
}

static void
done(Heard *heard)
{
	json_decref(heard->last);
	json_decref(heard->topics);
}

static double
number(const Heard *heard, const char *name)
{
	return json_number_value(json_object_get(heard->last, name));
}

static void
totals_are_the_topics_together(void **state)
{
	Heard heard;
	Traffic *a;

	(void) state;
	begin(&heard);
	a = metrics_topic(heard.metrics, "a");
	assert_ptr_equal(metrics_topic(heard.metrics, "a"), a);
	*a = (Traffic){.rows = 3, .bytes = 30};
	*metrics_topic(heard.metrics, "b") = (Traffic){.rows = 2, .bytes = 5};
	metrics_transaction(heard.metrics);
	metrics_retry(heard.metrics);
	metrics_retry(heard.metrics);
	end(&heard);
	assert_int_equal(number(&heard, "rows_total"), 5);
	assert_int_equal(number(&heard, "bytes_total"), 35);
	assert_int_equal(number(&heard, "transactions_total"), 1);
	assert_int_equal(number(&heard, "retries_total"), 2);
	assert_int_equal(json_array_size(heard.topics), 2);
	assert_null(json_object_get(heard.last, "slot_lag_bytes"));
	done(&heard);
}

static void
the_slot_is_shown_while_it_is_known(void **state)
{
	Heard heard;

	(void) state;
	begin(&heard);
	metrics_slot(heard.metrics, &(SlotFigures){10, 20, 0x1000000ab});
	end(&heard);
	assert_int_equal(number(&heard, "slot_lag_bytes"), 10);
	assert_int_equal(number(&heard, "slot_retained_bytes"), 20);
	assert_string_equal(json_string_value(json_object_get(heard.last, "confirmed_lsn")), "1/AB");
	done(&heard);

	begin(&heard);
	metrics_slot(heard.metrics, &(SlotFigures){10, 20, 30});
	metrics_slot(heard.metrics, NULL);
	end(&heard);
	assert_null(json_object_get(heard.last, "confirmed_lsn"));
	done(&heard);
}

/* Seconds ago, as a commit time. */
static int64_t
ago(int seconds)
{
	return ((int64_t) time(NULL) - seconds) * 1000000;
}

typedef struct Step
{
	uint64_t sent;
	uint64_t acked;
	int seconds_ago;
	bool held;
} Step;

static void
assert_lag(const Step *steps, size_t count, int from, int to)
{
	Heard heard;

	begin(&heard);
	for (size_t i = 0; i < count; i++)
		metrics_progress(heard.metrics, steps[i].sent, steps[i].acked, ago(steps[i].seconds_ago),
						 steps[i].held);
	end(&heard);
	if (number(&heard, "lag_seconds") < from || number(&heard, "lag_seconds") > to)
		fail_msg("a lag of %f, not from %d to %d", number(&heard, "lag_seconds"), from, to);
	done(&heard);
}

#define ASSERT_LAG(from, to, ...)                                                                  \
	assert_lag((const Step[]){__VA_ARGS__}, COUNT(((const Step[]){__VA_ARGS__})), from, to)

static void
the_oldest_row_on_its_way_is_the_lag(void **state)
{
	(void) state;
	ASSERT_LAG(0, 0, {0, 0, 0, false});
	ASSERT_LAG(0, 0, {5, 5, 100, false});
	/* What waits for its schema is on its way, too. */
	ASSERT_LAG(100, 102, {5, 5, 100, true});
	ASSERT_LAG(100, 102, {5, 0, 100, false}, {9, 0, 50, false});
	/* What was sent up to the second look is the oldest that may still be open. */
	ASSERT_LAG(50, 52, {5, 0, 100, false}, {9, 5, 50, false}, {12, 6, 10, false});
	ASSERT_LAG(0, 0, {5, 0, 100, false}, {9, 9, 50, false});
	/* Another session counts from 0. */
	ASSERT_LAG(10, 12, {500, 400, 100, false}, {2, 0, 10, false});
}

static void
by_hand_nothing_is_counted(void **state)
{
	(void) state;
	assert_null(metrics_topic(NULL, "a"));
	metrics_transaction(NULL);
	metrics_retry(NULL);
	metrics_progress(NULL, 1, 0, 1, true);
	metrics_slot(NULL, NULL);
	metrics_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(totals_are_the_topics_together),
		cmocka_unit_test(the_slot_is_shown_while_it_is_known),
		cmocka_unit_test(the_oldest_row_on_its_way_is_the_lag),
		cmocka_unit_test(by_hand_nothing_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * tests/unit/sink_metrics_test.c - what is counted, when, and how exactly latencies are kept.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "sink/metrics.h"

#include <stdlib.h>

typedef struct Fixture
{
	Metrics metrics;
	Tally tallies[2];
} Fixture;

static int
set_up(void **state)
{
	Fixture *fixture = calloc(1, sizeof *fixture);

	metrics_init(&fixture->metrics);
	tally_init(&fixture->tallies[0]);
	tally_init(&fixture->tallies[1]);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	Fixture *fixture = *state;

	metrics_done(&fixture->metrics);
	tally_done(&fixture->tallies[0]);
	tally_done(&fixture->tallies[1]);
	free(fixture);
	return 0;
}

static uint64_t
bucket_sum(const Metrics *metrics)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < LATENCY_BUCKETS; i++)
		sum += metrics->latency_buckets[i];
	return sum;
}

static void
counts_what_is_committed(void **state)
{
	Fixture *fixture = *state;
	Metrics *metrics = &fixture->metrics;
	Tally *tally = &fixture->tallies[0];
	const size_t a = metrics_topic(metrics, "a");
	const size_t b = metrics_topic(metrics, "b");

	assert_int_equal(metrics_topic(metrics, "a"), a);
	assert_int_not_equal(a, b);
	tally_row(tally, b, 10, 1000);
	tally_row(tally, b, 5, 1000);
	tally_row(tally, a, 1, -1);
	tally->repeats = 3;
	tally->skipped = 2;
	assert_int_equal(metrics->rows, 0);
	metrics_committed(metrics, tally, 1040);
	assert_int_equal(metrics->rows, 3);
	assert_int_equal(metrics->bytes, 16);
	assert_int_equal(metrics->topics[a].count.rows, 1);
	assert_int_equal(metrics->topics[b].count.bytes, 15);
	assert_int_equal(metrics->batches, 1);
	assert_int_equal(metrics->repeats, 3);
	assert_int_equal(metrics->skipped, 2);
	/* The row without a timestamp has no latency. */
	assert_int_equal(metrics->latency_count, 2);
	assert_int_equal(metrics->latency_buckets[3], 2);
	assert_true(metrics->latency_sum_s > 0.0799 && metrics->latency_sum_s < 0.0801);
	/* The tally is empty again. */
	metrics_committed(metrics, tally, 2000);
	assert_int_equal(metrics->rows, 3);
	assert_int_equal(metrics->repeats, 3);
}

static void
what_is_dropped_is_not_counted_but_remembered_as_late(void **state)
{
	Fixture *fixture = *state;
	Metrics *metrics = &fixture->metrics;
	Tally *a = &fixture->tallies[0];
	Tally *b = &fixture->tallies[1];
	const size_t topic = metrics_topic(metrics, "t");

	assert_true(metrics_oldest(metrics, a, b) == INT64_MAX);
	tally_row(a, topic, 1, 700);
	tally_row(a, topic, 1, 500);
	tally_row(b, topic, 1, 600);
	assert_int_equal(metrics_oldest(metrics, a, b), 500);
	metrics_dropped(metrics, a);
	metrics_dropped(metrics, b);
	assert_int_equal(metrics_oldest(metrics, a, b), 500);
	tally_row(a, topic, 1, 500);
	metrics_committed(metrics, a, 800);
	assert_int_equal(metrics->rows, 1);
	assert_true(metrics_oldest(metrics, a, b) == INT64_MAX);
}

static void
bounds_belong_to_their_bucket(void **state)
{
	static const struct
	{
		int64_t age_ms;
		size_t bucket;
	} cases[] = {
		{-50, 0}, /* a source whose clock is ahead */
		{0, 0},	   {5, 0},	  {6, 1},		{10, 1},	  {1000, 7},
		{2500, 8}, {2501, 9}, {300000, 13}, {300001, 14}, {90000000, 14},
	};
	Fixture *fixture = *state;
	const size_t topic = metrics_topic(&fixture->metrics, "t");

	for (size_t i = 0; i < COUNT(cases); i++)
	{
		const uint64_t before = fixture->metrics.latency_buckets[cases[i].bucket];

		tally_row(&fixture->tallies[0], topic, 1, 100000000 - cases[i].age_ms);
		metrics_committed(&fixture->metrics, &fixture->tallies[0], 100000000);
		assert_int_equal(fixture->metrics.latency_buckets[cases[i].bucket], before + 1);
	}
	assert_int_equal(bucket_sum(&fixture->metrics), COUNT(cases));
}

/* A backlog in which each row has a time of its own: bounded memory, all counted, the sum nearly
 * exact, as is the oldest. */
static void
keeps_many_times_in_few_slots(void **state)
{
	Fixture *fixture = *state;
	Metrics *metrics = &fixture->metrics;
	Tally *tally = &fixture->tallies[0];
	const size_t topic = metrics_topic(metrics, "t");
	uint64_t random = 88172645463325252ULL;
	const int64_t start_ms = 1000000;
	const int64_t span_ms = 400000;
	int64_t oldest_ms = INT64_MAX;
	uint64_t late = 0;
	double sum_s = 0;
	const uint64_t rows = 100000;

	for (uint64_t i = 0; i < rows; i++)
	{
		const int64_t at_ms = start_ms + (int64_t) (next_random(&random) % (uint64_t) span_ms);

		oldest_ms = at_ms < oldest_ms ? at_ms : oldest_ms;
		late += start_ms + span_ms - at_ms > 300000;
		sum_s += (double) (start_ms + span_ms - at_ms) / 1000;
		tally_row(tally, topic, 1, at_ms);
		assert_true(tally->ages.used <= AGE_SLOTS / 2);
	}
	assert_int_equal(metrics_oldest(metrics, tally, &fixture->tallies[1]), oldest_ms);
	metrics_committed(metrics, tally, start_ms + span_ms);
	assert_int_equal(metrics->latency_count, rows);
	assert_int_equal(bucket_sum(metrics), rows);
	assert_true(metrics->latency_sum_s > sum_s * 0.999999 &&
				metrics->latency_sum_s < sum_s * 1.000001);
	assert_true(metrics->latency_buckets[14] > late * 95 / 100 &&
				metrics->latency_buckets[14] < late * 105 / 100);
}

static void
has_every_member(void **state)
{
	static const char *const members[] = {
		"rows_total",  "bytes_total",	"retries_total",	  "topics",
		"lag_seconds", "batches_total", "repeats_total",	  "skipped_total",
		"lag_rows",	   "latency",		"dead_letters_total",
	};
	Fixture *fixture = *state;
	json_t *json;

	metrics_topic(&fixture->metrics, "t");
	fixture->metrics.dead_letters = 7;
	json = metrics_json(&fixture->metrics);
	for (size_t i = 0; i < COUNT(members); i++)
		if (json_object_get(json, members[i]) == NULL)
			fail_msg("\"%s\" is missing", members[i]);
	assert_int_equal(json_object_size(json), COUNT(members));
	assert_int_equal(json_integer_value(json_object_get(json, "dead_letters_total")), 7);
	assert_int_equal(json_array_size(json_object_get(json_object_get(json, "latency"), "buckets")),
					 LATENCY_BUCKETS);
	assert_non_null(json_object_get(json_object_get(json, "topics"), "t"));
	json_decref(json);
}

/* A producer may write any time: nothing overflows, and the others are counted. */
static void
takes_any_timestamp(void **state)
{
	Fixture *fixture = *state;
	Metrics *metrics = &fixture->metrics;
	Tally *tally = &fixture->tallies[0];
	const size_t topic = metrics_topic(metrics, "t");

	tally_row(tally, topic, 1, 1000);
	tally_row(tally, topic, 1, INT64_MAX);
	tally_row(tally, topic, 1, INT64_MAX - 1);
	for (int64_t i = 0; i < 1000; i++)
		tally_row(tally, topic, 1, INT64_MAX >> (i % 60));
	metrics_committed(metrics, tally, 2000);
	assert_int_equal(metrics->latency_count, 1003);
	assert_int_equal(bucket_sum(metrics), 1003);
	assert_true(metrics->latency_sum_s >= 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counts_what_is_committed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_dropped_is_not_counted_but_remembered_as_late,
										set_up, tear_down),
		cmocka_unit_test_setup_teardown(bounds_belong_to_their_bucket, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keeps_many_times_in_few_slots, set_up, tear_down),
		cmocka_unit_test_setup_teardown(takes_any_timestamp, set_up, tear_down),
		cmocka_unit_test_setup_teardown(has_every_member, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

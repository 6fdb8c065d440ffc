/*
 * sink/metrics.c - see metrics.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/metrics.h"

#include "core/memory.h"

#include <string.h>

/* The last bucket has no bound. */
static const int64_t bounds_ms[LATENCY_BUCKETS - 1] = {
	5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000,
};

static void
ages_clear(Ages *ages)
{
	ages->count = 0;
	ages->tolerance_ms = 0;
	ages->oldest_ms = INT64_MAX;
	ages->sum_ms = 0;
}

static int
by_time(const void *left, const void *right)
{
	const AgeRun *a = left;
	const AgeRun *b = right;

	return (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
}

/* Sorted runs that are near enough become one, at the time between them. */
static void
merge_runs(Ages *ages)
{
	size_t kept = 0;

	for (size_t i = 1; i < ages->count; i++)
	{
		AgeRun *last = &ages->runs[kept];
		const AgeRun *next = &ages->runs[i];
		const int64_t far = next->at_ms - last->at_ms;

		if (far > ages->tolerance_ms)
		{
			ages->runs[++kept] = *next;
			continue;
		}
		last->count += next->count;
		last->at_ms += (int64_t) ((double) far * (double) next->count / (double) last->count);
	}
	ages->count = kept + 1;
}

/* Makes room: at least half of the runs, by as little tolerance as it takes. */
static void
ages_compact(Ages *ages)
{
	qsort(ages->runs, ages->count, sizeof *ages->runs, by_time);
	for (merge_runs(ages); ages->count > AGE_RUNS / 2; merge_runs(ages))
		ages->tolerance_ms = ages->tolerance_ms == 0 ? 1 : ages->tolerance_ms * 2;
}

static void
ages_add(Ages *ages, int64_t at_ms)
{
	AgeRun *last = ages->count == 0 ? NULL : &ages->runs[ages->count - 1];

	if (last == NULL)
		ages->base_ms = at_ms;
	ages->sum_ms += at_ms - ages->base_ms;
	if (at_ms < ages->oldest_ms)
		ages->oldest_ms = at_ms;
	if (last != NULL && at_ms - last->at_ms <= ages->tolerance_ms &&
		last->at_ms - at_ms <= ages->tolerance_ms)
	{
		last->count++;
		return;
	}
	if (ages->count == AGE_RUNS)
		ages_compact(ages);
	ages->runs[ages->count++] = (AgeRun){.at_ms = at_ms, .count = 1};
}

void
metrics_init(Metrics *metrics)
{
	*metrics = (Metrics){.dropped_ms = INT64_MAX};
}

void
metrics_done(Metrics *metrics)
{
	for (size_t i = 0; i < metrics->topic_count; i++)
		free(metrics->topics[i].name);
	free(metrics->topics);
	metrics_init(metrics);
}

size_t
metrics_topic(Metrics *metrics, const char *name)
{
	for (size_t i = 0; i < metrics->topic_count; i++)
		if (strcmp(metrics->topics[i].name, name) == 0)
			return i;
	metrics->topics =
		xrealloc(metrics->topics, (metrics->topic_count + 1) * sizeof *metrics->topics);
	metrics->topics[metrics->topic_count] = (TopicTotal){.name = xstrdup(name)};
	return metrics->topic_count++;
}

void
tally_init(Tally *tally)
{
	tally->topics = NULL;
	tally->topic_count = 0;
	tally_clear(tally);
}

void
tally_done(Tally *tally)
{
	free(tally->topics);
	tally_init(tally);
}

void
tally_clear(Tally *tally)
{
	for (size_t i = 0; i < tally->topic_count; i++)
		tally->topics[i] = (TopicCount){0};
	ages_clear(&tally->ages);
	tally->repeats = 0;
	tally->skipped = 0;
}

void
tally_row(Tally *tally, size_t topic, size_t bytes, int64_t timestamp_ms)
{
	if (topic >= tally->topic_count)
	{
		tally->topics = xrealloc(tally->topics, (topic + 1) * sizeof *tally->topics);
		for (size_t i = tally->topic_count; i <= topic; i++)
			tally->topics[i] = (TopicCount){0};
		tally->topic_count = topic + 1;
	}
	tally->topics[topic].rows++;
	tally->topics[topic].bytes += bytes;
	if (timestamp_ms >= 0)
		ages_add(&tally->ages, timestamp_ms);
}

static void
add_run(Metrics *metrics, const AgeRun *run, int64_t now_ms)
{
	const int64_t age_ms = now_ms - run->at_ms;
	size_t bucket = 0;

	while (bucket < LATENCY_BUCKETS - 1 && age_ms > bounds_ms[bucket])
		bucket++;
	metrics->latency_buckets[bucket] += run->count;
	metrics->latency_count += run->count;
}

/* A clock at the source that is ahead of ours makes no latency below 0. */
static void
add_latencies(Metrics *metrics, const Ages *ages, int64_t now_ms)
{
	const uint64_t before = metrics->latency_count;
	double sum_ms;

	for (size_t i = 0; i < ages->count; i++)
		add_run(metrics, &ages->runs[i], now_ms);
	sum_ms = (double) (now_ms - ages->base_ms) * (double) (metrics->latency_count - before) -
			 (double) ages->sum_ms;
	metrics->latency_sum_s += sum_ms > 0 ? sum_ms / 1000 : 0;
}

void
metrics_committed(Metrics *metrics, Tally *tally, int64_t now_ms)
{
	for (size_t i = 0; i < tally->topic_count; i++)
	{
		metrics->topics[i].count.rows += tally->topics[i].rows;
		metrics->topics[i].count.bytes += tally->topics[i].bytes;
		metrics->rows += tally->topics[i].rows;
		metrics->bytes += tally->topics[i].bytes;
	}
	if (tally->ages.count > 0)
		add_latencies(metrics, &tally->ages, now_ms);
	metrics->repeats += tally->repeats;
	metrics->skipped += tally->skipped;
	metrics->batches++;
	metrics->dropped_ms = INT64_MAX;
	tally_clear(tally);
}

void
metrics_dropped(Metrics *metrics, Tally *tally)
{
	if (tally->ages.oldest_ms < metrics->dropped_ms)
		metrics->dropped_ms = tally->ages.oldest_ms;
	tally_clear(tally);
}

int64_t
metrics_oldest(const Metrics *metrics, const Tally *a, const Tally *b)
{
	int64_t oldest_ms = metrics->dropped_ms;

	if (a->ages.oldest_ms < oldest_ms)
		oldest_ms = a->ages.oldest_ms;
	if (b->ages.oldest_ms < oldest_ms)
		oldest_ms = b->ages.oldest_ms;
	return oldest_ms;
}

static json_t *
topics_json(const Metrics *metrics)
{
	json_t *topics = json_object();

	for (size_t i = 0; i < metrics->topic_count; i++)
		json_object_set_new(topics, metrics->topics[i].name,
							json_pack("{sI sI}", "rows", (json_int_t) metrics->topics[i].count.rows,
									  "bytes", (json_int_t) metrics->topics[i].count.bytes));
	return topics;
}

static json_t *
latency_json(const Metrics *metrics)
{
	json_t *buckets = json_array();

	for (size_t i = 0; i < LATENCY_BUCKETS; i++)
		json_array_append_new(buckets, json_integer((json_int_t) metrics->latency_buckets[i]));
	return json_pack("{sI sf so}", "count", (json_int_t) metrics->latency_count, "sum",
					 metrics->latency_sum_s, "buckets", buckets);
}

json_t *
metrics_json(const Metrics *metrics)
{
	const struct
	{
		const char *name;
		uint64_t value;
	} totals[] = {
		{"rows_total", metrics->rows},
		{"bytes_total", metrics->bytes},
		{"retries_total", metrics->retries},
		{"batches_total", metrics->batches},
		{"repeats_total", metrics->repeats},
		{"skipped_total", metrics->skipped},
		{"dead_letters_total", metrics->dead_letters},
	};
	json_t *json = json_object();

	for (size_t i = 0; i < sizeof totals / sizeof *totals; i++)
		json_object_set_new(json, totals[i].name, json_integer((json_int_t) totals[i].value));
	json_object_set_new(json, "topics", topics_json(metrics));
	json_object_set_new(json, "lag_rows", json_integer(metrics->lag_rows));
	json_object_set_new(json, "lag_seconds", json_real(metrics->lag_s));
	json_object_set_new(json, "latency", latency_json(metrics));
	return json;
}

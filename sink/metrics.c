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
	memset(ages->slots, 0, sizeof ages->slots);
	ages->used = 0;
	ages->last = NULL;
	ages->shift = 0;
	ages->oldest_ms = INT64_MAX;
	ages->sum_ms = 0;
}

/* In the year 2109. Producers may write any number; as many of these as a batch has can be added
 * up.
 */
#define TIMESTAMP_MAX (INT64_C(1) << 42)

/* The slot of a shifted timestamp, or the free one for it: there always is one. */
static AgeSlot *
find_slot(Ages *ages, int64_t at)
{
	/* Fibonacci hashing: the upper bits of the product are spread best. */
	size_t i = (size_t) (((uint64_t) at * UINT64_C(0x9e3779b97f4a7c15)) >> 55);

	while (ages->slots[i].count > 0 && ages->slots[i].at != at)
		i = (i + 1) % AGE_SLOTS;
	return &ages->slots[i];
}

/* Makes room by one bit less of each timestamp. */
static void
coarsen(Ages *ages)
{
	AgeSlot old[AGE_SLOTS];

	memcpy(old, ages->slots, sizeof old);
	memset(ages->slots, 0, sizeof ages->slots);
	ages->used = 0;
	ages->shift++;
	for (size_t i = 0; i < AGE_SLOTS; i++)
	{
		AgeSlot *slot;

		if (old[i].count == 0)
			continue;
		slot = find_slot(ages, old[i].at >> 1);
		ages->used += slot->count == 0;
		slot->at = old[i].at >> 1;
		slot->count += old[i].count;
	}
}

static void
ages_add(Ages *ages, int64_t at_ms)
{
	if (ages->last == NULL)
		ages->base_ms = at_ms;
	ages->sum_ms += at_ms - ages->base_ms;
	if (at_ms < ages->oldest_ms)
		ages->oldest_ms = at_ms;
	if (ages->last != NULL && ages->last->at == at_ms >> ages->shift)
	{
		ages->last->count++;
		return;
	}
	while (ages->used >= AGE_SLOTS / 2)
		coarsen(ages);
	ages->last = find_slot(ages, at_ms >> ages->shift);
	ages->used += ages->last->count == 0;
	ages->last->at = at_ms >> ages->shift;
	ages->last->count++;
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
		ages_add(&tally->ages, timestamp_ms < TIMESTAMP_MAX ? timestamp_ms : TIMESTAMP_MAX);
}

static void
add_slot(Metrics *metrics, const AgeSlot *slot, int shift, int64_t now_ms)
{
	/* In the middle of those that share it. */
	const int64_t at_ms = (slot->at << shift) + ((INT64_C(1) << shift) >> 1);
	size_t bucket = 0;

	while (bucket < LATENCY_BUCKETS - 1 && now_ms - at_ms > bounds_ms[bucket])
		bucket++;
	metrics->latency_buckets[bucket] += slot->count;
	metrics->latency_count += slot->count;
}

/* A clock at the source that is ahead of ours makes no latency below 0. */
static void
add_latencies(Metrics *metrics, const Ages *ages, int64_t now_ms)
{
	const uint64_t before = metrics->latency_count;
	double sum_ms;

	for (size_t i = 0; i < AGE_SLOTS; i++)
		if (ages->slots[i].count > 0)
			add_slot(metrics, &ages->slots[i], ages->shift, now_ms);
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
	if (tally->ages.used > 0)
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

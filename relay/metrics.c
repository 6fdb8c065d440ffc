/*
 * relay/metrics.c - see metrics.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/metrics.h"

#include "common/lsn.h"
#include "core/json.h"
#include "core/map.h"

#include <time.h>

/* When so many records had been sent, the last of them was committed at that time. */
typedef struct Mark
{
	uint64_t records;
	int64_t commit_time;
} Mark;

struct Metrics
{
	Task *task;
	Map *topics; /* Traffic by name */
	uint64_t transactions;
	uint64_t retries;
	Mark older; /* nothing that is not acknowledged is older */
	Mark newer;
	int64_t waiting_since; /* commit time of the oldest row on its way; 0: none */
	bool slot_known;
	SlotFigures slot;
};

static json_t *to_json(void *context);

Metrics *
metrics_new(Task *task)
{
	Metrics *metrics = xcalloc(1, sizeof *metrics);

	metrics->task = task;
	metrics->topics = map_new();
	task_set_metrics(task, to_json, metrics);
	return metrics;
}

void
metrics_free(Metrics *metrics)
{
	if (metrics == NULL)
		return;
	task_set_metrics(metrics->task, NULL, NULL);
	map_free(metrics->topics, free);
	free(metrics);
}

Traffic *
metrics_topic(Metrics *metrics, const char *topic)
{
	Traffic *traffic;

	if (metrics == NULL)
		return NULL;
	traffic = map_get(metrics->topics, slice_text(topic));
	if (traffic == NULL)
	{
		traffic = xcalloc(1, sizeof *traffic);
		map_put(metrics->topics, slice_text(topic), traffic);
		task_topic(metrics->task, topic);
	}
	return traffic;
}

void
metrics_transaction(Metrics *metrics)
{
	if (metrics != NULL)
		metrics->transactions++;
}

void
metrics_retry(Metrics *metrics)
{
	if (metrics != NULL)
		metrics->retries++;
}

void
metrics_progress(Metrics *metrics, uint64_t sent, uint64_t acked, int64_t commit_time, bool held)
{
	const Mark now = {sent, commit_time};

	if (metrics == NULL)
		return;
	if (acked == sent)
	{
		metrics->older = metrics->newer = now;
		metrics->waiting_since = held ? commit_time : 0;
		return;
	}
	/* A new session counts from 0. */
	if (sent < metrics->newer.records || metrics->waiting_since == 0)
		metrics->older = metrics->newer = now;
	if (acked >= metrics->older.records)
	{
		metrics->older = metrics->newer;
		metrics->newer = now;
	}
	metrics->waiting_since = metrics->older.commit_time;
}

void
metrics_slot(Metrics *metrics, const SlotFigures *figures)
{
	if (metrics == NULL)
		return;
	metrics->slot_known = figures != NULL;
	if (figures != NULL)
		metrics->slot = *figures;
}

/* In milliseconds' steps. */
static double
seconds_since(int64_t commit_time)
{
	struct timespec now;
	int64_t ms;

	if (commit_time == 0)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	ms = (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000 - commit_time / 1000;
	return ms < 0 ? 0 : (double) ms / 1000;
}

static json_t *
to_json(void *context)
{
	const Metrics *metrics = context;
	Traffic all = {0};
	json_t *topics = json_object();
	json_t *json;
	size_t cursor = 0;
	Slice name;
	void *value;

	while (map_next(metrics->topics, &cursor, &name, &value))
	{
		const Traffic *traffic = value;
		AUTO_TEXT char *topic = xstrndup((const char *) name.data, name.len);

		all.rows += traffic->rows;
		all.bytes += traffic->bytes;
		json_object_set_new(topics, topic,
							json_pack("{s: I, s: I}", "rows", (json_int_t) traffic->rows, "bytes",
									  (json_int_t) traffic->bytes));
	}
	json = json_pack("{s: I, s: I, s: I, s: I, s: o, s: f}", "rows_total", (json_int_t) all.rows,
					 "bytes_total", (json_int_t) all.bytes, "retries_total",
					 (json_int_t) metrics->retries, "transactions_total",
					 (json_int_t) metrics->transactions, "topics", topics, "lag_seconds",
					 seconds_since(metrics->waiting_since));
	if (!metrics->slot_known)
		return json;
	json_object_set_new(json, "slot_lag_bytes", json_integer((json_int_t) metrics->slot.lag_bytes));
	json_object_set_new(json, "slot_retained_bytes",
						json_integer((json_int_t) metrics->slot.retained_bytes));
	json_object_set_new(json, "confirmed_lsn",
						json_sprintf(LSN_FORMAT, LSN_ARGS(metrics->slot.confirmed_lsn)));
	return json;
}

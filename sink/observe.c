/*
 * sink/observe.c - see observe.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/observe.h"

#include "sink/delivery.h"

#include <time.h>

int64_t
observe_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
observe_closed(Pump *pump)
{
	const DecoderCounts *counts = decoder_counts(pump->decoder);
	Tally *tally = pump_tally(pump, pump->open);

	tally->repeats = counts->repeats - pump->counted.repeats;
	tally->skipped = counts->tombstones - pump->counted.tombstones;
	pump->counted = *counts;
}

void
observe_dropped(Pump *pump)
{
	metrics_dropped(&pump->metrics, &pump->tallies[0]);
	metrics_dropped(&pump->metrics, &pump->tallies[1]);
	pump->counted = *decoder_counts(pump->decoder);
}

void
observe_waits(Pump *pump, const char *reason)
{
	pump->metrics.retries++;
	free(pump->trouble);
	pump->trouble = xstrdup(reason);
	task_waiting(pump->task, reason);
}

void
observe_healed(Pump *pump)
{
	if (pump->trouble == NULL)
		return;
	free(pump->trouble);
	pump->trouble = NULL;
	task_waiting(pump->task, NULL);
}

static void
measure_lag(Pump *pump)
{
	Metrics *metrics = &pump->metrics;
	int64_t oldest_ms = metrics_oldest(metrics, &pump->tallies[0], &pump->tallies[1]);
	const int64_t now_ms = observe_now_ms();

	metrics->lag_rows = 0;
	for (size_t i = 0; pump->consumer != NULL && i < pump->partition_count; i++)
		metrics->lag_rows += consumer_lag(pump->consumer, &pump->partitions[i],
										  !pump->held && !pump->partitions[i].aside);
	if (pump->pending != NULL)
	{
		rd_kafka_timestamp_type_t type;
		const int64_t at_ms = rd_kafka_message_timestamp(pump->pending, &type);

		oldest_ms = at_ms >= 0 && at_ms < oldest_ms ? at_ms : oldest_ms;
	}
	metrics->lag_s = oldest_ms < now_ms ? (double) (now_ms - oldest_ms) / 1000 : 0;
}

static bool
registry_silent(const Registry *registry)
{
	int64_t since_ms;

	return registry != NULL && registry_waiting(registry, &since_ms);
}

/* A retry that had nothing to apply again is over when there is nothing left. Without one, what
 * keeps records from coming is told. */
static void
tell_waiting(Pump *pump)
{
	if (pump->trouble != NULL && pump->claimed && pump->metrics.lag_rows == 0 &&
		delivery_is_settled(pump))
		observe_healed(pump);
	if (pump->trouble != NULL)
		return;

	AUTO_TEXT char *trouble = pump->consumer == NULL ? NULL : consumer_trouble(pump->consumer);

	if (trouble != NULL)
		task_waiting(pump->task, trouble);
	else if (registry_silent(pump->values) || registry_silent(pump->keys))
		task_waiting(pump->task, "the schema registry does not answer");
	else
		task_waiting(pump->task, NULL);
}

/* Called once a second. */
static json_t *
tell(void *context)
{
	Pump *pump = context;

	measure_lag(pump);
	tell_waiting(pump);
	return metrics_json(&pump->metrics);
}

void
observe_begin(Pump *pump)
{
	metrics_init(&pump->metrics);
	tally_init(&pump->tallies[0]);
	tally_init(&pump->tallies[1]);
	task_set_metrics(pump->task, tell, pump);
}

void
observe_end(Pump *pump)
{
	free(pump->trouble);
	metrics_done(&pump->metrics);
	tally_done(&pump->tallies[0]);
	tally_done(&pump->tallies[1]);
}

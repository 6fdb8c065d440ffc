/*
 * sink/bury.c - see bury.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/bury.h"

#include "core/log.h"
#include "sink/recovery.h"

#include <inttypes.h>

/* Most records that are on their way to the dead letter topic. */
#define OPEN_MAX 1000

/* A record that the destination has refused, and why. */
struct Condemned
{
	char *topic;
	int32_t partition;
	int64_t offset;
	char *reason;
};

static bool
has_topic(const Pump *pump)
{
	return pump->settings->errors_tolerance != 0 && pump->settings->dlq_topic != NULL &&
		   *pump->settings->dlq_topic != '\0';
}

bool
bury_open(Pump *pump, Error *err)
{
	return !has_topic(pump) || pump->letters != NULL ||
		   deadletters_new(pump->settings, pump->worker, pump->connector, task_number(pump->task),
						   pump->loop, &pump->letters, err);
}

static void
forget(Pump *pump, size_t i)
{
	free(pump->condemned[i].topic);
	free(pump->condemned[i].reason);
	pump->condemned[i] = pump->condemned[--pump->condemned_count];
}

void
bury_close(Pump *pump)
{
	deadletters_free(pump->letters);
	pump->letters = NULL;
	while (pump->condemned_count > 0)
		forget(pump, 0);
	free(pump->condemned);
	pump->condemned = NULL;
}

bool
bury_may(const Pump *pump, const Error *err)
{
	return pump->settings->errors_tolerance != 0 && err->kind == ERROR_DATA;
}

void
bury_condemn(Pump *pump, const Partition *partition, int64_t offset, const Error *why)
{
	pump->condemned =
		xrealloc(pump->condemned, (pump->condemned_count + 1) * sizeof *pump->condemned);
	pump->condemned[pump->condemned_count++] = (Condemned){.topic = xstrdup(partition->topic),
														   .partition = partition->number,
														   .offset = offset,
														   .reason = xstrdup(why->message)};
}

static bool
is_of(const Condemned *condemned, const Partition *partition)
{
	return condemned->partition == partition->number &&
		   strcmp(condemned->topic, partition->topic) == 0;
}

const char *
bury_condemned(const Pump *pump, const Partition *partition)
{
	for (size_t i = 0; i < pump->condemned_count; i++)
		if (pump->condemned[i].offset == pump->pending->offset &&
			is_of(&pump->condemned[i], partition))
			return pump->condemned[i].reason;
	return NULL;
}

void
bury_pending(Pump *pump, Partition *partition, DeadStage stage, const char *reason)
{
	const rd_kafka_message_t *message = pump->pending;
	Error err = {0};

	if (!decoder_pass_over(pump->decoder, message, partition, pump->open))
		return;
	pump->open->buried++;
	if (pump->letters == NULL)
		log_warn("left out, as errors.tolerance is all: %s", reason);
	else if (deadletters_send(pump->letters, message, stage, reason, &err))
		log_warn("to dead letter topic \"%s\": %s", pump->settings->dlq_topic, reason);
	else
		recovery_failed(pump, &err, FAILURE_OTHER);
}

bool
bury_is_full(const Pump *pump)
{
	return pump->letters != NULL && deadletters_open(pump->letters) >= OPEN_MAX;
}

bool
bury_settled(Pump *pump)
{
	Error err = {0};

	if (pump->letters == NULL || deadletters_open(pump->letters) == 0)
		return true;
	if (deadletters_poll(pump->letters, &err))
		return deadletters_open(pump->letters) == 0;
	recovery_failed(pump, &err, FAILURE_OTHER);
	return false;
}

void
bury_dropped(Pump *pump)
{
	if (pump->letters != NULL)
		deadletters_forget(pump->letters);
}

void
bury_committed(Pump *pump, const Batch *batch)
{
	pump->dead_letters += batch->buried;
	for (size_t k = 0; k < batch->advance_count; k++)
		for (size_t i = pump->condemned_count; i > 0; i--)
			if (is_of(&pump->condemned[i - 1], batch->advances[k].partition) &&
				pump->condemned[i - 1].offset < batch->advances[k].next_offset)
				forget(pump, i - 1);
}

/*
 * sink/bury.c - see bury.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/bury.h"

#include "core/log.h"
#include "sink/recovery.h"

#include <inttypes.h>

/* Most records that are passed over in one batch. */
#define OPEN_MAX 1000

/* A record that is passed over, and why; kept until the offset behind it is committed, so that a
 * batch that is read again does not send it again. */
struct Condemned
{
	char *topic;
	int32_t partition;
	int64_t offset;
	DeadStage stage;
	char *reason;
	bool sent; /* to the dead letter topic, or said in the log */
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

static bool
is_of(const Condemned *condemned, const Partition *partition)
{
	return condemned->partition == partition->number &&
		   strcmp(condemned->topic, partition->topic) == 0;
}

static Condemned *
find(const Pump *pump, const Partition *partition, int64_t offset)
{
	for (size_t i = 0; i < pump->condemned_count; i++)
		if (pump->condemned[i].offset == offset && is_of(&pump->condemned[i], partition))
			return &pump->condemned[i];
	return NULL;
}

void
bury_condemn(Pump *pump, const Partition *partition, int64_t offset, DeadStage stage,
			 const Error *why)
{
	if (find(pump, partition, offset) != NULL)
		return;
	pump->condemned =
		xrealloc(pump->condemned, (pump->condemned_count + 1) * sizeof *pump->condemned);
	pump->condemned[pump->condemned_count++] = (Condemned){.topic = xstrdup(partition->topic),
														   .partition = partition->number,
														   .offset = offset,
														   .stage = stage,
														   .reason = xstrdup(why->message)};
}

static bool
send_letter(Pump *pump, const Condemned *condemned, Error *err)
{
	if (pump->letters == NULL)
	{
		log_warn("left out, as errors.tolerance is all: %s", condemned->reason);
		return true;
	}
	log_warn("to dead letter topic \"%s\": %s", pump->settings->dlq_topic, condemned->reason);
	return deadletters_send(pump->letters, pump->pending, condemned->stage, condemned->reason, err);
}

bool
bury_pending(Pump *pump, Partition *partition)
{
	Condemned *condemned = find(pump, partition, pump->pending->offset);
	Error err = {0};

	if (condemned == NULL)
		return false;
	if (!decoder_pass_over(pump->decoder, pump->pending, partition, pump->open))
		return true;
	pump->open->buried++;
	if (!condemned->sent && !send_letter(pump, condemned, &err))
		recovery_failed(pump, &err, FAILURE_OTHER);
	else
		condemned->sent = true;
	return true;
}

bool
bury_is_full(const Pump *pump)
{
	return pump->open->buried >= OPEN_MAX;
}

void
bury_forget_others(Pump *pump)
{
	for (size_t i = pump->condemned_count; i > 0; i--)
	{
		bool assigned = false;

		for (size_t k = 0; !assigned && k < pump->partition_count; k++)
			assigned = is_of(&pump->condemned[i - 1], &pump->partitions[k]);
		if (!assigned)
			forget(pump, i - 1);
	}
}

bool
bury_settled(Pump *pump)
{
	Error err = {0};

	if (pump->letters == NULL || deadletters_open(pump->letters) == 0)
		return true;
	if (deadletters_poll(pump->letters, &err))
		return deadletters_open(pump->letters) == 0;
	/* Nothing is known of the others: all of them once more. */
	deadletters_forget(pump->letters);
	for (size_t i = 0; i < pump->condemned_count; i++)
		pump->condemned[i].sent = false;
	recovery_failed(pump, &err, FAILURE_OTHER);
	return false;
}

void
bury_committed(Pump *pump, const Batch *batch)
{
	pump->metrics.dead_letters += batch->buried;
	for (size_t k = 0; k < batch->advance_count; k++)
		for (size_t i = pump->condemned_count; i > 0; i--)
			if (is_of(&pump->condemned[i - 1], batch->advances[k].partition) &&
				pump->condemned[i - 1].offset < batch->advances[k].next_offset)
				forget(pump, i - 1);
}

/*
 * sink/intake.c - see intake.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/intake.h"

#include "core/fault.h"
#include "core/log.h"
#include "sink/bury.h"
#include "sink/recovery.h"

#include <assert.h>

/* Messages that are taken before the destination's socket is looked at again. */
#define TAKE_AT_ONCE 1000

/* Most records of a batch without any row: their offsets are to be stored now and then. */
#define RECORDS_MAX 1000000

/* How long nothing may be taken before fetching is paused, to keep the membership alive: far below
 * max.poll.interval.ms, and above what a batch takes. */
#define HOLD_AFTER_MS 20000

/* How long the registry may be silent before a partition that waits for it lets others pass. */
#define ASIDE_AFTER_MS 2000

void
intake_drop_pending(Pump *pump)
{
	if (pump->pending != NULL)
		rd_kafka_message_destroy(pump->pending);
	pump->pending = NULL;
	pump->stalled = false;
}

/* The pending message is in the open batch. */
static void
keep_pending(Pump *pump)
{
	const bool wanted = pump->settings->errors_tolerance != 0 &&
						pump->row_limit < (size_t) pump->settings->batch_rows;

	replay_keep(&pump->replay, pump_batch_number(pump, pump->open), pump->pending, wanted);
	pump->pending = NULL;
	pump->stalled = false;
}

static Partition *
find_partition(Pump *pump, const rd_kafka_message_t *message)
{
	for (size_t i = 0; i < pump->partition_count; i++)
	{
		const size_t at = (pump->last_partition + i) % pump->partition_count;
		Partition *partition = &pump->partitions[at];

		if (partition->number != message->partition)
			continue;
		if (partition->handle == NULL &&
			strcmp(partition->topic, rd_kafka_topic_name(message->rkt)) == 0)
			partition->handle = message->rkt;
		if (partition->handle != message->rkt)
			continue;
		pump->last_partition = at;
		return partition;
	}
	return NULL;
}

static bool
is_full(const Pump *pump)
{
	return pump->open->rows >= pump->row_limit ||
		   pump->open->bytes >= (size_t) pump->settings->batch_bytes ||
		   pump->open->records >= RECORDS_MAX || bury_is_full(pump);
}

bool
intake_may_take(const Pump *pump)
{
	return !pump->ended && pump->claimed && !pump->stalled && pump->stop_ms == 0 &&
		   pump->poison.kind == ERROR_NONE &&
		   consumer_rebalance(pump->consumer) == REBALANCE_NONE && !is_full(pump);
}

/* The registry has not answered for so long that others are not to wait with the record. */
static bool
registry_silent(const Pump *pump)
{
	int64_t since_ms;

	return (registry_waiting(pump->values, &since_ms) ||
			(pump->keys != NULL && registry_waiting(pump->keys, &since_ms))) &&
		   loop_now_ms() - since_ms > ASIDE_AFTER_MS;
}

/* A partition whose next record waits for the registry stops alone; it is read again from that
 * record on once the registry answers. */
static bool
put_aside(Pump *pump, Partition *partition)
{
	log_warn("topic \"%s\" partition %d waits for the schema registry", partition->topic,
			 partition->number);
	partition->aside = true;
	pump->any_aside = true;
	consumer_pause(pump->consumer, partition, 1);
	intake_drop_pending(pump);
	return true;
}

/* Reads all partitions on behind what was taken of them. */
static void
read_on(Pump *pump)
{
	Error err = {0};

	intake_drop_pending(pump);
	replay_drop_again(&pump->replay);
	for (size_t i = 0; i < pump->partition_count; i++)
		pump->partitions[i].aside = false;
	pump->any_aside = false;
	pump->held = false;
	pump->taken_ms = loop_now_ms();
	pump->at_hand = true;
	if (!consumer_start(pump->consumer, pump->partitions, pump->partition_count, &err))
		recovery_failed(pump, &err, FAILURE_OTHER);
}

/* The topic is used, if only by records that are skipped. */
static void
note_topic(Pump *pump, Partition *partition)
{
	partition->counter = metrics_topic(&pump->metrics, partition->topic);
	task_topic(pump->task, partition->topic);
}

/* For the metrics: a few additions, and the timestamp that came with the message. */
static void
count_row(Pump *pump, Partition *partition)
{
	rd_kafka_timestamp_type_t type;
	const int64_t at_ms = rd_kafka_message_timestamp(pump->pending, &type);

	tally_row(pump_tally(pump, pump->open), partition->counter, pump->pending->len,
			  type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : at_ms);
}

/* Passes the pending message over, if it was condemned. */
static bool
buried(Pump *pump, Partition *partition)
{
	if (pump->condemned_count == 0 || partition == NULL || partition->aside ||
		!bury_pending(pump, partition))
		return false;
	if (pump->claimed)
		keep_pending(pump);
	else
		intake_drop_pending(pump);
	return true;
}

/* Puts the pending message into the open batch. False: it has to wait. */
static bool
take_pending(Pump *pump)
{
	const size_t rows = pump->open->rows;
	Partition *partition = find_partition(pump, pump->pending);
	DecodeResult result = DECODE_TAKEN;
	Error err;

	if (buried(pump, partition))
		return pump->claimed;
	/* What still comes of a partition that was put aside is read again later. */
	if (partition != NULL && !partition->aside)
		result = decoder_take(pump->decoder, pump->pending, partition, pump->open, &err);
	switch (result)
	{
		case DECODE_TAKEN:
			if (partition != NULL && partition->counter == METRICS_NO_TOPIC)
				note_topic(pump, partition);
			if (pump->open->rows != rows)
				count_row(pump, partition);
			if (partition != NULL && !partition->aside)
				keep_pending(pump);
			else
				intake_drop_pending(pump);
			return true;
		case DECODE_FAILED:
			if (bury_may(pump, &err))
			{
				bury_condemn(pump, partition, pump->pending->offset, decoder_stage(pump->decoder),
							 &err);
				return buried(pump, partition) && pump->claimed;
			}
			pump->poison = err;
			intake_drop_pending(pump);
			return false;
		case DECODE_WAITING:
			pump->stalled = true;
			return !decoder_asks(pump->decoder) && registry_silent(pump) &&
				   put_aside(pump, partition);
		case DECODE_NO_ROOM:
			pump->stalled = true;
			return false;
	}
	return false;
}

static void
poll_consumer(Pump *pump)
{
	Error err = {0};

	assert(pump->pending == NULL);
	pump->pending = replay_next(&pump->replay);
	if (pump->pending != NULL)
		return;
	if (!consumer_poll(pump->consumer, &pump->pending, &err))
		recovery_failed(pump, &err, FAILURE_OTHER);
	else if (pump->pending == NULL)
		pump->at_hand = false;
}

void
intake_take(Pump *pump)
{
	int taken = 0;

	if (pump->pending != NULL)
	{
		pump->stalled = false;
		if (!intake_may_take(pump) || !take_pending(pump))
		{
			pump->stalled = pump->pending != NULL;
			return;
		}
	}
	for (; taken < TAKE_AT_ONCE && intake_may_take(pump) && !pump->held; taken++)
	{
		poll_consumer(pump);
		if (pump->pending == NULL)
			break;
		if (taken == 0 && fault("sink.after-fetch"))
		{
			recovery_failed(pump, &(Error){ERROR_RETRY, "fault point sink.after-fetch"},
							FAILURE_OTHER);
			return;
		}
		if (!take_pending(pump))
			break;
	}
	if (taken > 0 || !pump->at_hand)
		pump->taken_ms = loop_now_ms();
}

void
intake_poll_and_drop(Pump *pump)
{
	rd_kafka_message_t *message;
	Error err = {0};

	for (int i = 0; i < TAKE_AT_ONCE; i++)
	{
		if (!consumer_poll(pump->consumer, &message, &err))
		{
			recovery_failed(pump, &err, FAILURE_OTHER);
			return;
		}
		if (message == NULL)
			return;
		rd_kafka_message_destroy(message);
	}
}

void
intake_mind_membership(Pump *pump)
{
	if (pump->consumer == NULL)
		return;
	if (pump->claimed && !pump->held && pump->stop_ms == 0 &&
		loop_now_ms() - pump->taken_ms > HOLD_AFTER_MS)
		recovery_hold(pump);
	if (pump->held || !pump->claimed || consumer_rebalance(pump->consumer) != REBALANCE_NONE)
		intake_poll_and_drop(pump);
	if (intake_may_take(pump) && (pump->held || (pump->any_aside && !registry_silent(pump))))
		read_on(pump);
}

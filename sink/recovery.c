/*
 * sink/recovery.c - see recovery.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/recovery.h"

#include "core/fault.h"
#include "core/log.h"
#include "sink/bury.h"
#include "sink/intake.h"
#include "sink/observe.h"
#include "sink/rowkey.h"

#include <inttypes.h>

#define RETRY_MAX_MS 30000

static void
on_ready(void *context)
{
	((Pump *) context)->at_hand = true;
}

void
recovery_end(Pump *pump, const Error *err)
{
	if (err != NULL)
		pump->failure = *err;
	pump->ended = true;
}

void
recovery_disconnect(Pump *pump)
{
	if (pump->conn == NULL)
		return;
	loop_forget(pump->loop, PQsocket(pump->conn));
	apply_connect(pump->apply, NULL);
	PQfinish(pump->conn);
	pump->conn = NULL;
	free(pump->space);
	pump->space = NULL;
}

void
recovery_free_partitions(Pump *pump)
{
	for (size_t i = 0; i < pump->partition_count; i++)
		partition_done(&pump->partitions[i]);
	free(pump->partitions);
	pump->partitions = NULL;
	pump->partition_count = 0;
	pump->last_partition = 0;
	pump->metrics.dropped_ms = INT64_MAX;
}

void
recovery_recall(Pump *pump)
{
	for (size_t i = 0; i < pump->partition_count; i++)
		pump->partitions[i].known =
			rd_kafka_topic_partition_list_find(pump->known, pump->partitions[i].topic,
											   pump->partitions[i].number) != NULL;
}

static void
remember(Pump *pump)
{
	for (size_t i = 0; i < pump->partition_count; i++)
		if (rd_kafka_topic_partition_list_find(pump->known, pump->partitions[i].topic,
											   pump->partitions[i].number) == NULL)
			rd_kafka_topic_partition_list_add(pump->known, pump->partitions[i].topic,
											  pump->partitions[i].number);
}

void
recovery_hold(Pump *pump)
{
	if (pump->held || pump->consumer == NULL)
		return;
	consumer_pause(pump->consumer, pump->partitions, pump->partition_count);
	pump->held = true;
}

/* All but the records themselves. */
static void
drop_batches(Pump *pump)
{
	apply_reset(pump->apply);
	pump->applying = NULL;
	batch_clear(&pump->batches[0]);
	batch_clear(&pump->batches[1]);
	observe_dropped(pump);
	pump->poison.kind = ERROR_NONE;
	pump->again = true;
}

void
recovery_drop_open(Pump *pump)
{
	intake_drop_pending(pump);
	replay_drop(&pump->replay);
	drop_batches(pump);
	pump->claimed = false;
}

/* Takes the records of both batches again: from memory where they all are there, and the partitions
 * not about to go to others. */
static void
take_again(Pump *pump, const Batch *first)
{
	Error err = {0};

	if (consumer_rebalance(pump->consumer) != REBALANCE_NONE ||
		!replay_rewind(&pump->replay, pump_batch_number(pump, first), pump->pending))
	{
		recovery_drop_open(pump);
		return;
	}
	pump->pending = NULL;
	pump->stalled = false;
	drop_batches(pump);
	if (offsets_claim(pump->conn, pump->settings->name, pump->partitions, pump->partition_count,
					  &err))
		pump->at_hand = true;
	else
		recovery_failed(pump, &err, FAILURE_OTHER);
}

static void
wait_and_retry(Pump *pump, const Error *err)
{
	const int64_t wait_ms = pump->next_retry;

	if (wait_ms == 0)
		log_warn("%s; trying again", err->message);
	else
		log_warn("%s; trying again in %" PRId64 " ms", err->message, wait_ms);
	observe_waits(pump, err->message);
	pump->next_retry = wait_ms == 0 ? pump->settings->retry_ms : wait_ms * 2;
	if (pump->next_retry > RETRY_MAX_MS)
		pump->next_retry = RETRY_MAX_MS;
	loop_timer_arm(pump->retry, wait_ms);
}

static bool
ensure_connection(Pump *pump, Error *err)
{
	if (destination_usable(pump->conn))
		return true;
	recovery_disconnect(pump);
	if (!destination_connect(pump->settings, &pump->conn, &pump->space, err))
		return false;
	apply_connect(pump->apply, pump->conn);
	return true;
}

/* Claims the partitions, and says where those begin that are new. */
static bool
claim(Pump *pump, Error *err)
{
	const char *name = pump->settings->name;

	return offsets_claim(pump->conn, name, pump->partitions, pump->partition_count, err) &&
		   consumer_begin(pump->consumer, pump->imported, pump->partitions, pump->partition_count,
						  err) &&
		   offsets_begin(pump->conn, name, pump->partitions, pump->partition_count, err);
}

void
recovery_begin(Pump *pump)
{
	Error err = {0};

	if (!ensure_connection(pump, &err) || !claim(pump, &err))
	{
		recovery_failed(pump, &err, FAILURE_OTHER);
		return;
	}
	remember(pump);
	if (fault("sink.after-claim"))
		error_set(&err, ERROR_RETRY, "fault point sink.after-claim");
	else
		consumer_start(pump->consumer, pump->partitions, pump->partition_count, &err);
	if (err.kind != ERROR_NONE)
	{
		recovery_failed(pump, &err, FAILURE_OTHER);
		return;
	}
	for (size_t i = 0; i < pump->partition_count; i++)
		pump->partitions[i].aside = false;
	pump->any_aside = false;
	pump->held = false;
	pump->claimed = true;
	decoder_claimed(pump->decoder);
	pump->at_hand = true;
	pump->taken_ms = loop_now_ms();
}

void
recovery_leave_group(Pump *pump)
{
	consumer_free(pump->consumer);
	pump->consumer = NULL;
	bury_close(pump);
	pump->held = false;
	recovery_free_partitions(pump);
	decoder_forget(pump->decoder);
}

/* A record of a batch with one row is to blame for itself. */
static void
refused(Pump *pump, Error *err, const Batch *batch)
{
	Buffer key;

	if (batch->rows > 1)
	{
		pump->row_limit = batch->rows / 2;
		log_info("%zu rows were refused (%s); looking for the one by halves", batch->rows,
				 err->message);
		take_again(pump, batch);
		return;
	}
	buffer_init(&key, 1 << 16);
	rowkey_describe(batch, &key);
	if (batch->last_partition != NULL)
		error_add(err, "topic \"%s\" partition %" PRId32 " offset %" PRId64 "%s",
				  batch->last_partition->topic, batch->last_partition->number, batch->last_offset,
				  buffer_text(&key));
	buffer_done(&key);
	if (!bury_may(pump, err) || batch->last_partition == NULL || batch->rows == 0)
	{
		recovery_end(pump, err);
		return;
	}
	bury_condemn(pump, batch->last_partition, batch->last_offset, DEAD_TASK_PUT, err);
	take_again(pump, batch);
}

void
recovery_failed(Pump *pump, const Error *problem, ApplyFailure failure)
{
	Error err = *problem;
	const bool reread = failure == FAILURE_STALE && pump->stale++ == 0;

	if (failure == FAILURE_CONFLICT || reread)
	{
		pump->direct = failure != FAILURE_CONFLICT;
		log_info("%s; %s", err.message,
				 reread ? "reading the table anew" : "the batch goes through a staging table");
		recovery_drop_open(pump);
		if (reread)
			decoder_forget(pump->decoder);
		return;
	}
	switch (err.kind)
	{
		case ERROR_RETRY:
			recovery_drop_open(pump);
			if (failure == FAILURE_FENCED)
				recovery_leave_group(pump);
			if (failure == FAILURE_STALE)
				decoder_forget(pump->decoder);
			recovery_hold(pump);
			wait_and_retry(pump, &err);
			break;
		case ERROR_DATA:
			if (pump->applying != NULL)
				refused(pump, &err, pump->applying);
			else
				recovery_end(pump, &err);
			break;
		case ERROR_CONFIG:
		case ERROR_NONE:
			recovery_end(pump, &err);
			break;
	}
}

bool
recovery_join(Pump *pump)
{
	Error err = {0};

	if (pump->consumer != NULL)
		return true;
	if (ensure_connection(pump, &err) && bury_open(pump, &err) &&
		consumer_new(pump->settings, pump->worker, pump->connector, task_number(pump->task),
					 pump->loop, on_ready, pump, &pump->consumer, &err))
	{
		task_reached(pump->task, NULL);
		return true;
	}
	recovery_failed(pump, &err, FAILURE_OTHER);
	return false;
}

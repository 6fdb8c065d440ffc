/*
 * sink/delivery.c - see delivery.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/delivery.h"

#include "core/fault.h"
#include "core/log.h"
#include "sink/bury.h"
#include "sink/intake.h"
#include "sink/observe.h"
#include "sink/recovery.h"

#include <inttypes.h>

#define GROUP_COMMIT_MS 1000

/* The turn that follows does the work. */
static void
on_database(void *context, int revents)
{
	(void) context;
	(void) revents;
}

void
delivery_watch(const Pump *pump)
{
	if (pump->conn != NULL && PQsocket(pump->conn) >= 0)
		loop_watch(pump->loop, PQsocket(pump->conn),
				   pump->applying != NULL ? apply_events(pump->apply) : 0, on_database, NULL);
}

/* Said at once the first time, and with the totals afterwards. */
static void
count_missing(Pump *pump)
{
	const size_t missing = apply_missing(pump->apply);

	if (missing > 0 && pump->missing == 0)
		log_warn("%zu rows that were to be updated are not there; insert.mode=update does not "
				 "insert them. More of them are counted",
				 missing);
	pump->missing += missing;
}

static void
applied(Pump *pump)
{
	const Batch *batch = pump->applying;

	for (size_t i = 0; i < batch->advance_count; i++)
		batch->advances[i].partition->committed = batch->advances[i].next_offset;
	metrics_committed(&pump->metrics, pump_tally(pump, batch), observe_now_ms());
	observe_healed(pump);
	for (size_t i = 0; i < batch->table_count; i++)
		decoder_applied(pump->decoder, &batch->tables[i], apply_searched(pump->apply, i));
	log_debug("batch of %zu rows is committed", batch->rows);
	pump->rows += batch->rows;
	count_missing(pump);
	bury_committed(pump, batch);
	pump->committed_news = true;
	pump->next_retry = 0;
	pump->stale = 0;
	pump->direct = true;
	if (pump->row_limit < (size_t) pump->settings->batch_rows)
		pump->row_limit = pump->row_limit * 2;
	if (pump->row_limit > (size_t) pump->settings->batch_rows)
		pump->row_limit = (size_t) pump->settings->batch_rows;
	replay_forget(&pump->replay, pump_batch_number(pump, pump->applying));
	batch_clear(pump->applying);
	pump->applying = NULL;
	pump->again = true;
	apply_reset(pump->apply);
}

void
delivery_step(Pump *pump)
{
	Error err = {0};

	switch (apply_step(pump->apply, &err))
	{
		case APPLY_IDLE:
		case APPLY_RUNNING:
			break;
		case APPLY_DONE:
			applied(pump);
			break;
		case APPLY_FAILED:
			recovery_failed(pump, &err, apply_failure(pump->apply));
			break;
	}
}

void
delivery_start(Pump *pump)
{
	if (pump->applying != NULL || !pump->claimed || pump->open->records == 0 ||
		(intake_may_take(pump) && pump->at_hand && !pump->held) || !bury_settled(pump))
		return;
	batch_close(pump->open);
	observe_closed(pump);
	pump->applying = pump->open;
	pump->open = pump->open == &pump->batches[0] ? &pump->batches[1] : &pump->batches[0];
	log_debug("batch of %zu rows, %zu bytes begins", pump->applying->rows, pump->applying->bytes);
	apply_start(pump->apply, pump->applying, pump->direct);
	delivery_step(pump);
}

bool
delivery_is_settled(const Pump *pump)
{
	return pump->applying == NULL && pump->open->records == 0;
}

void
delivery_commit_group(Pump *pump, bool now)
{
	if (!pump->committed_news || pump->consumer == NULL ||
		(!now && loop_now_ms() < pump->group_commit_ms))
		return;
	consumer_commit(pump->consumer, pump->partitions, pump->partition_count);
	pump->committed_news = false;
	pump->group_commit_ms = loop_now_ms() + GROUP_COMMIT_MS;
	if (fault("sink.after-group-commit"))
		recovery_failed(pump, &(Error){ERROR_RETRY, "fault point sink.after-group-commit"},
						FAILURE_OTHER);
}

static void
give_back(Pump *pump)
{
	Error err = {0};

	delivery_commit_group(pump, true);
	recovery_drop_open(pump);
	recovery_free_partitions(pump);
	pump->held = false;
	if (!consumer_stop(pump->consumer, &err))
		log_warn("%s", err.message);
	log_info("gave all partitions back");
}

static void
take_over(Pump *pump)
{
	recovery_drop_open(pump);
	recovery_free_partitions(pump);
	pump->partitions = consumer_assignment(pump->consumer, &pump->partition_count);
	recovery_recall(pump);
	bury_forget_others(pump);
	for (size_t i = 0; i < pump->partition_count; i++)
		log_info("assigned topic \"%s\" partition %" PRId32, pump->partitions[i].topic,
				 pump->partitions[i].number);
	recovery_begin(pump);
}

void
delivery_answer_rebalance(Pump *pump)
{
	switch (consumer_rebalance(pump->consumer))
	{
		case REBALANCE_NONE:
			break;
		case REBALANCE_ASSIGN:
			take_over(pump);
			break;
		case REBALANCE_LOST:
			log_warn("the partitions were lost to others; dropping what is open");
			if (pump->applying != NULL)
				recovery_disconnect(pump);
			give_back(pump);
			break;
		case REBALANCE_REVOKE:
			if (!pump->claimed || delivery_is_settled(pump))
				give_back(pump);
			break;
	}
}

static void
ask_partitions(Pump *pump, const char *topic)
{
	Error err = {0};
	int32_t count;

	pump->again = true;
	if (consumer_partitions(pump->consumer, topic, &count, &err))
		decoder_tell_partitions(pump->decoder, count);
	else
		recovery_failed(pump, &err, FAILURE_OTHER);
}

/* Before the table is read: what comes behind these ends may know more of it. */
static void
note_ends(Pump *pump)
{
	for (size_t i = 0; i < pump->partition_count; i++)
		if (decoder_asks_for(pump->decoder, pump->partitions[i].topic))
			pump->partitions[i].end = consumer_end(pump->consumer, &pump->partitions[i]);
}

void
delivery_ask(Pump *pump)
{
	Error err = {0};
	const char *counting = decoder_asks_partitions(pump->decoder);

	if (pump->stalled && counting != NULL)
		ask_partitions(pump, counting);
	if (!pump->stalled || !decoder_asks(pump->decoder) || !delivery_is_settled(pump))
		return;
	note_ends(pump);
	PQsetnonblocking(pump->conn, 0);

	/* A record that was refused may have left the table of a plan there, which goes now. */
	batch_clear(pump->open);

	const bool answered = decoder_ask(pump->decoder, pump->conn, pump->space, &err);

	PQsetnonblocking(pump->conn, 1);
	pump->again = true;
	if (!answered)
		recovery_failed(pump, &err, FAILURE_OTHER);
}

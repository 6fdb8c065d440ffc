/*
 * relay/confirm.c - see confirm.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/confirm.h"

#include "common/lsn.h"
#include "common/murmur2.h"
#include "core/fault.h"
#include "core/log.h"

#include <string.h>

/* An idle slot moves by keepalives, no more often than this. */
#define IDLE_INTERVAL_MS 10000

struct Confirm
{
	const Setting *setting;
	Pipeline *pipeline;
	StoredPosition *position;
	char *key;
	rd_kafka_topic_t *topic;
	int32_t partition;
	uint64_t writing_lsn; /* 0: nothing is on its way */
	uint64_t written;	  /* records, of which the last is on its way */
	bool requested;
	bool request_written; /* the record on its way was made after the request */
	bool hurry;
	int64_t last_ms;
	uint64_t last_acked; /* records, when the last position was written */
};

Confirm *
confirm_new(const Setting *setting, Pipeline *pipeline, StoredPosition *position, int partitions)
{
	Confirm *confirm = xcalloc(1, sizeof *confirm);
	const RelayOptions *options = setting->options;

	confirm->setting = setting;
	confirm->pipeline = pipeline;
	confirm->position = position;
	confirm->key = position_key(options->name, options->slot);
	confirm->topic =
		rd_kafka_topic_new(producer_client(pipeline->producer), options->offsets_topic, NULL);
	confirm->partition = murmur2_partition(slice_text(confirm->key), partitions);
	confirm->last_ms = loop_now_ms();
	return confirm;
}

void
confirm_free(Confirm *confirm)
{
	if (confirm == NULL)
		return;
	rd_kafka_topic_destroy(confirm->topic);
	free(confirm->key);
	free(confirm);
}

ProduceResult
confirm_write(Confirm *confirm, Error *err)
{
	AUTO_TEXT char *value = position_to_json(confirm->position);
	const Record record = {.topic = confirm->topic,
						   .partition = confirm->partition,
						   .key = slice_text(confirm->key),
						   .value = slice_text(value)};
	ProduceResult result = producer_send(confirm->pipeline->producer, &record, err);

	if (result == PRODUCE_DONE)
		confirm->written++;
	return result;
}

void
confirm_request(Confirm *confirm)
{
	confirm->requested = true;
	confirm->request_written = false;
}

void
confirm_hurry(Confirm *confirm)
{
	confirm->hurry = true;
}

bool
confirm_requested(const Confirm *confirm)
{
	return confirm->requested;
}

static uint64_t
flush_lsn(const Confirm *confirm)
{
	return ledger_flush_lsn(confirm->pipeline->ledger);
}

static uint64_t
acked_records(const Confirm *confirm)
{
	return emit_records(confirm->pipeline->emit) - ledger_pending(confirm->pipeline->ledger);
}

static bool
write_due(const Confirm *confirm)
{
	if (confirm->requested)
		return true;
	return flush_lsn(confirm) > confirm->position->lsn &&
		   (confirm->hurry || loop_now_ms() >= confirm_due_ms(confirm));
}

/* The record carries the new LSN; the position itself has it when it is acknowledged. */
static bool
write_next(Confirm *confirm, Error *err)
{
	uint64_t stored = confirm->position->lsn;
	uint64_t lsn = flush_lsn(confirm);
	ProduceResult result;

	if (fault("relay.before-position"))
		return error_set(err, ERROR_RETRY, "fault at relay.before-position");
	confirm->position->lsn = lsn > stored ? lsn : stored;
	result = confirm_write(confirm, err);
	lsn = confirm->position->lsn;
	confirm->position->lsn = stored;
	if (result == PRODUCE_FAILED)
		return error_add(err, "writing the position");
	if (result == PRODUCE_FULL)
		return true;
	confirm->writing_lsn = lsn;
	confirm->request_written = confirm->requested;
	confirm->hurry = false;
	confirm->last_ms = loop_now_ms();
	confirm->last_acked = acked_records(confirm);
	return true;
}

static bool
take_acknowledgement(Confirm *confirm, bool *moved, Error *err)
{
	if (producer_positions_acked(confirm->pipeline->producer) < confirm->written)
		return true;
	*moved = confirm->writing_lsn > confirm->position->lsn;
	confirm->position->lsn = confirm->writing_lsn;
	confirm->writing_lsn = 0;
	if (confirm->request_written)
		confirm->requested = confirm->request_written = false;
	if (*moved)
		log_debug("slot \"%s\": position " LSN_FORMAT " is stored", confirm->setting->options->slot,
				  LSN_ARGS(confirm->position->lsn));
	if (fault("relay.after-position"))
		return error_set(err, ERROR_RETRY, "fault at relay.after-position");
	return true;
}

bool
confirm_step(Confirm *confirm, bool *moved, Error *err)
{
	*moved = false;
	if (confirm->writing_lsn != 0 && !take_acknowledgement(confirm, moved, err))
		return false;
	return confirm->writing_lsn != 0 || !write_due(confirm) || write_next(confirm, err);
}

int64_t
confirm_due_ms(const Confirm *confirm)
{
	int64_t interval = confirm->setting->options->confirm_interval_ms;

	if (acked_records(confirm) == confirm->last_acked && interval < IDLE_INTERVAL_MS)
		interval = IDLE_INTERVAL_MS;
	return confirm->last_ms + interval;
}

bool
confirm_settled(const Confirm *confirm)
{
	return confirm->writing_lsn == 0 && !confirm->requested &&
		   flush_lsn(confirm) <= confirm->position->lsn;
}

bool
confirm_writing(const Confirm *confirm)
{
	return confirm->writing_lsn != 0;
}

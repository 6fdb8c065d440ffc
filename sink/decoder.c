/*
 * sink/decoder.c - see decoder.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/decoder.h"

#include "core/log.h"
#include "core/loop.h"

#include <inttypes.h>

/* How long a table that was read is taken for what it was, of records that could have been refused
 * then: many of them are not to read it many times. */
#define TABLE_HOLDS_MS 1000

struct Decoder
{
	const Settings *settings;
	Catalog *values;
	Catalog *keys; /* NULL: keys are not read, or are no Avro */
	Planner planner;
	Targets targets;
	const rd_kafka_topic_t *last_handle; /* of the last message's topic */
	Topic *last_topic;
	Asking asking;
	bool truncate_skipped;
	struct
	{
		const Topic *topic;
		int32_t partition;
		int64_t offset;
	} suspect; /* the record for which the table was read anew */
	DecoderCounts counts;
};

Decoder *
decoder_new(const Settings *settings, Registry *values, Registry *keys)
{
	Decoder *decoder = xcalloc(1, sizeof *decoder);

	decoder->settings = settings;
	decoder->values = catalog_new(values);
	decoder->keys = keys == NULL ? NULL : catalog_new(keys);
	decoder->planner = (Planner){.settings = settings,
								 .opening = opening_new(settings, decoder->values, decoder->keys),
								 .asking = &decoder->asking};
	targets_init(&decoder->targets, settings);
	return decoder;
}

void
decoder_free(Decoder *decoder)
{
	if (decoder == NULL)
		return;
	targets_done(&decoder->targets);
	opening_free(decoder->planner.opening);
	catalog_free(decoder->values);
	catalog_free(decoder->keys);
	free(decoder);
}

void
decoder_forget(Decoder *decoder)
{
	targets_forget_all(&decoder->targets);
	decoder->asking = (Asking){.topic = NULL};
	decoder->planner.counting = NULL;
	decoder->last_handle = NULL;
}

static bool
add_place(const rd_kafka_message_t *message, Error *err)
{
	return error_add(err, "topic \"%s\" partition %" PRId32 " offset %" PRId64,
					 rd_kafka_topic_name(message->rkt), message->partition, message->offset);
}

static Topic *
find_topic(Decoder *decoder, const rd_kafka_topic_t *handle)
{
	if (handle != decoder->last_handle)
	{
		decoder->last_topic = targets_topic(&decoder->targets, rd_kafka_topic_name(handle));
		decoder->last_handle = handle;
	}
	return decoder->last_topic;
}

/* Nothing is there that the missing columns could be taken from. */
static bool
check_unchanged(const Decoder *decoder, const BatchInput *after, Error *err)
{
	if (after->notes == NULL || !after->notes->unchanged)
		return true;
	if (after->plan->way.use == PLAN_BY_MODE &&
		decoder->settings->insert_mode != INSERT_MODE_INSERT)
		return true;
	for (size_t i = 0; i < after->notes->count; i++)
		if (after->notes->items[i].kind == NOTE_UNCHANGED &&
			after->notes->items[i].index < after->plan->value->count)
			return error_set(err, ERROR_DATA,
							 "field \"%s\" was left as it was by an update and is not in the "
							 "record, which is to be added as a row; set "
							 "unchanged.toast.mode=reselect at the source, or there: alter table "
							 "... replica identity full",
							 after->plan->value->fields[after->notes->items[i].index].name);
	return error_set(err, ERROR_DATA, "the record has notes that are not of its value");
}

/* A value that the column does not take: the column may have become another since it was read. Who
 * alters a table and then writes finds it altered: a record that was not there yet when the table
 * was read is never refused by what was read. Of those that were, some may be. */
static bool
suspects_table(Decoder *decoder, const Record *record, const Partition *partition)
{
	const rd_kafka_message_t *message = record->message;
	const bool asked = decoder->suspect.topic == record->topic &&
					   decoder->suspect.partition == message->partition &&
					   decoder->suspect.offset == message->offset;
	const bool known = message->offset < partition->end &&
					   loop_now_ms() - record->topic->target->read_ms < TABLE_HOLDS_MS;

	if (asked || known)
		return false;
	decoder->suspect.topic = record->topic;
	decoder->suspect.partition = message->partition;
	decoder->suspect.offset = message->offset;
	decoder->asking = (Asking){.topic = record->topic};
	return true;
}

static DecodeResult
add_row(Decoder *decoder, const Record *record, const Work *work, const Partition *partition,
		Batch *batch, Error *err)
{
	const InsertMode mode = (InsertMode) decoder->settings->insert_mode;
	const bool keyless = mode != INSERT_MODE_INSERT &&
						 (work->before.plan != NULL || work->after.plan->way.use == PLAN_APPEND);
	const char *where = NULL;
	const char *problem;

	if (keyless)
		problem = batch_replace(batch, work->before.plan == NULL ? NULL : &work->before,
								work->after.plan == NULL ? NULL : &work->after, &where);
	else
		problem = batch_add(batch, mode, &work->after, &where);
	if (problem == NULL)
		return DECODE_TAKEN;
	if (problem == batch_no_room)
		return DECODE_NO_ROOM;
	if (where != NULL && suspects_table(decoder, record, partition))
		return DECODE_WAITING;
	if (where == NULL)
		error_set(err, ERROR_DATA, "the record %s", problem);
	else
		error_set(err, ERROR_DATA, "field \"%s\" %s", where, problem);
	return DECODE_FAILED;
}

static void
count_skipped(Decoder *decoder, const Record *record)
{
	if (record->truncates && !decoder->truncate_skipped)
	{
		decoder->truncate_skipped = true;
		log_warn("topic \"%s\" has a TRUNCATE, which is not applied: truncate.enabled is false; "
				 "it is skipped, and more of them are counted",
				 record->topic->name);
	}
	else if (decoder->counts.tombstones == 0 && !record->topic->target->missing)
		log_info("topic \"%s\" has deletes or records without a value that are not to be applied "
				 "(delete.enabled, transforms); they are skipped and counted",
				 record->topic->name);
	decoder->counts.tombstones++;
}

/* The effect of a record that was not applied before. */
static DecodeResult
take_row(Decoder *decoder, const Record *record, const Work *work, Partition *partition,
		 Batch *batch, Error *err)
{
	const rd_kafka_message_t *message = record->message;
	Position header;
	DecodeResult result = DECODE_TAKEN;

	if (positions_repeat(&partition->positions, message->offset,
						 headers_position(&record->headers, &header)))
	{
		decoder->counts.repeats++;
		return DECODE_TAKEN;
	}
	if (record->skipped)
	{
		count_skipped(decoder, record);
		positions_raise(&partition->positions, message->offset);
		return DECODE_TAKEN;
	}
	/* The mark only afterwards: one of a record that is refused would hide it from the next try. */
	if (work->truncated != NULL)
		batch_truncate(batch, work->truncated);
	else if (!check_unchanged(decoder, &work->after, err))
		result = DECODE_FAILED;
	else
		result = add_row(decoder, record, work, partition, batch, err);
	if (result != DECODE_TAKEN)
		return result;
	positions_raise(&partition->positions, message->offset);
	batch->last_partition = partition;
	batch->last_offset = message->offset;
	return DECODE_TAKEN;
}

/* A record without a value. With the former row it is the event of one without key. Behind
 * Debezium's event of a row without key it has nothing at all. */
static bool
skips_tombstone(const Settings *settings, const Record *record)
{
	if (record->headers.before.data != NULL)
		return settings_skips_delete_event(settings, true);
	return !settings->delete_enabled || settings->skip_tombstones ||
		   (settings->envelopes && record->message->key == NULL);
}

DecodeResult
decoder_take(Decoder *decoder, const rd_kafka_message_t *message, Partition *partition,
			 Batch *batch, Error *err)
{
	const Settings *settings = decoder->settings;
	Record record = {.message = message,
					 .topic = find_topic(decoder, message->rkt),
					 .headers = headers_read(message)};
	DecodeResult result = DECODE_TAKEN;
	Work work = {0};

	decoder->planner.partition = partition;

	record.truncates =
		message->payload == NULL && message->key == NULL && record.headers.operation == 't';
	record.skipped =
		!record.truncates && message->payload == NULL && skips_tombstone(settings, &record);
	if (!record.skipped)
		result = planner_prepare(&decoder->planner, &record, batch, &work, err);
	if (result == DECODE_TAKEN)
		result = take_row(decoder, &record, &work, partition, batch, err);
	if (result == DECODE_TAKEN)
		batch_advance(batch, partition, message->offset);
	if (result == DECODE_FAILED)
		add_place(message, err);
	return result;
}

DeadStage
decoder_stage(const Decoder *decoder)
{
	return decoder->planner.stage;
}

bool
decoder_pass_over(Decoder *decoder, const rd_kafka_message_t *message, Partition *partition,
				  Batch *batch)
{
	Position header;
	const Headers headers = headers_read(message);
	const bool repeat = positions_repeat(&partition->positions, message->offset,
										 headers_position(&headers, &header));

	if (repeat)
		decoder->counts.repeats++;
	else
		positions_raise(&partition->positions, message->offset);
	batch_advance(batch, partition, message->offset);
	return !repeat;
}

bool
decoder_asks(const Decoder *decoder)
{
	return decoder->asking.topic != NULL;
}

bool
decoder_asks_for(const Decoder *decoder, const char *topic)
{
	const Targets *targets = &decoder->targets;

	for (size_t i = 0; i < targets->topic_count; i++)
		if (strcmp(targets->topics[i]->name, topic) == 0)
			return targets->topics[i]->target == decoder->asking.topic->target;
	return false;
}

const char *
decoder_asks_partitions(const Decoder *decoder)
{
	return decoder->planner.counting == NULL ? NULL : decoder->planner.counting->name;
}

void
decoder_tell_partitions(Decoder *decoder, int32_t count)
{
	decoder->planner.counting->partition_count = count;
	decoder->planner.counting = NULL;
}

bool
decoder_ask(Decoder *decoder, PGconn *conn, const char *space, Error *err)
{
	return asking_answer(&decoder->asking, &decoder->targets, conn, space, err);
}

void
decoder_applied(Decoder *decoder, const TableBatch *table, bool searched)
{
	targets_applied(&decoder->targets, table, searched);
}

void
decoder_claimed(Decoder *decoder)
{
	for (size_t i = 0; i < decoder->targets.target_count; i++)
		decoder->targets.targets[i]->missing = false;
	/* A topic that has more partitions by now is assigned anew. */
	for (size_t i = 0; i < decoder->targets.topic_count; i++)
		decoder->targets.topics[i]->partition_count = 0;
}

const DecoderCounts *
decoder_counts(const Decoder *decoder)
{
	return &decoder->counts;
}

/*
 * sink/decoder.c - see decoder.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/decoder.h"

#include "core/log.h"
#include "sink/opening.h"
#include "sink/writer.h"

#include <inttypes.h>

struct Decoder
{
	const Settings *settings;
	Catalog *values;
	Catalog *keys; /* NULL: keys are not read, or are no Avro */
	Opening *opening;
	Targets targets;
	const rd_kafka_topic_t *last_handle; /* of the last message's topic */
	Topic *last_topic;
	Topic *asking; /* its table is to be read */
	bool asking_index;
	int64_t plan_number;
	DeadStage stage;
	DecoderCounts counts;
};

Decoder *
decoder_new(const Settings *settings, Registry *values, Registry *keys)
{
	Decoder *decoder = xcalloc(1, sizeof *decoder);

	decoder->settings = settings;
	decoder->values = catalog_new(values);
	decoder->keys = keys == NULL ? NULL : catalog_new(keys);
	decoder->opening = opening_new(settings, decoder->values, decoder->keys);
	targets_init(&decoder->targets, settings);
	return decoder;
}

void
decoder_free(Decoder *decoder)
{
	if (decoder == NULL)
		return;
	targets_done(&decoder->targets);
	opening_free(decoder->opening);
	catalog_free(decoder->values);
	catalog_free(decoder->keys);
	free(decoder);
}

void
decoder_forget(Decoder *decoder)
{
	targets_forget_all(&decoder->targets);
	decoder->asking = NULL;
	decoder->asking_index = false;
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

static bool
no_table(const Decoder *decoder, const Record *record, const Schema *key, const Schema *value,
		 Error *err)
{
	const Topic *topic = record->topic;
	AUTO_TEXT char *ddl =
		plan_create_table(decoder->settings, topic->name, topic->target->name, key, value);

	return error_set(err, ERROR_CONFIG,
					 "table \"%s\" for topic \"%s\" does not exist at the destination (or our role "
					 "may not see it); create it, for example with: %s",
					 topic->target->name, topic->name, ddl);
}

static bool
lacks_index(const Decoder *decoder, const Plan *plan)
{
	const Column *keys[32];
	const size_t count = plan->key_count < 32 ? plan->key_count : 32;

	for (size_t i = 0; i < count; i++)
		keys[i] = plan->columns[i].column;
	return decoder->settings->insert_mode != INSERT_MODE_INSERT &&
		   table_indexed_column(plan->table, keys, count) < 0;
}

static void
keep_plan(Decoder *decoder, const Record *record, Plan *plan)
{
	Topic *topic = record->topic;

	plan->number = ++decoder->plan_number;
	topic_keep_plan(topic, record->key_id, record->value_id, plan);
	if (!topic->target->index_checked && lacks_index(decoder, plan))
	{
		decoder->asking = topic;
		decoder->asking_index = true;
	}
}

/* Makes the plan of a record. *plan stays NULL while something is missing for it. */
static bool
make_plan(Decoder *decoder, const Record *record, Plan **plan, Error *err)
{
	Topic *topic = record->topic;
	Target *target = topic->target;
	const Schema *key;
	const Schema *value;
	bool ready;

	if (!opening_schemas(decoder->opening, record, &key, &value, &ready, err))
		return false;
	if (!ready)
		return true;
	if (target->missing)
	{
		target->missing = false;
		return no_table(decoder, record, key, value, err);
	}
	if (target->table == NULL)
	{
		decoder->asking = topic;
		return true;
	}
	if (!plan_new(decoder->settings, topic->name, target->table, key, value, plan, err))
	{
		/* The table may have been changed to fit: look again before giving up. */
		decoder->asking = target->fresh ? decoder->asking : topic;
		return !target->fresh;
	}
	target->fresh = false;
	log_debug("topic \"%s\": plan for schema ids %d and %d", topic->name, record->key_id,
			  record->value_id);
	keep_plan(decoder, record, *plan);
	return true;
}

static const Position *
position_of(const rd_kafka_message_t *message, Position *position)
{
	rd_kafka_headers_t *headers;
	const void *value;
	size_t size;

	if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
		rd_kafka_header_get_last(headers, POSITION_HEADER, &value, &size) !=
			RD_KAFKA_RESP_ERR_NO_ERROR)
		return NULL;
	return position_get((Slice){value, size}, position) ? position : NULL;
}

static DecodeResult
add_row(Decoder *decoder, const Plan *plan, const Record *record, Batch *batch, Error *err)
{
	const char *where;
	const char *problem = batch_add(batch, plan, (InsertMode) decoder->settings->insert_mode,
									record->key, record->value, &where);

	if (problem == NULL)
		return DECODE_TAKEN;
	if (problem == batch_no_room)
		return DECODE_NO_ROOM;
	if (where == NULL)
		error_set(err, ERROR_DATA, "the record %s", problem);
	else
		error_set(err, ERROR_DATA, "field \"%s\" %s", where, problem);
	return DECODE_FAILED;
}

static void
count_skipped(Decoder *decoder, const Record *record)
{
	if (decoder->counts.tombstones++ == 0)
		log_info("topic \"%s\" has deletes or records without a value that are not to be applied "
				 "(delete.enabled, transforms); they are skipped and counted",
				 record->topic->name);
}

/* The row of a record that was not applied before. */
static DecodeResult
take_row(Decoder *decoder, const Record *record, const Plan *plan, Partition *partition,
		 Batch *batch, Error *err)
{
	const rd_kafka_message_t *message = record->message;
	Position header;

	if (positions_repeat(&partition->positions, message->offset, position_of(message, &header)))
	{
		decoder->counts.repeats++;
		return DECODE_TAKEN;
	}
	if (plan == NULL)
	{
		count_skipped(decoder, record);
		positions_raise(&partition->positions, message->offset);
		return DECODE_TAKEN;
	}
	/* The mark only afterwards: one of a record that is refused would hide it from the next try. */
	const DecodeResult result = add_row(decoder, plan, record, batch, err);

	if (result != DECODE_TAKEN)
		return result;
	positions_raise(&partition->positions, message->offset);
	batch->last_partition = partition;
	batch->last_offset = message->offset;
	return DECODE_TAKEN;
}

/* The plan of a record that has an effect. */
static DecodeResult
prepare(Decoder *decoder, Record *record, const Batch *batch, Plan **plan, Error *err)
{
	const OpenResult opened = opening_open(decoder->opening, record, &decoder->stage, err);

	if (opened != OPEN_DONE)
		return opened == OPEN_WAITING ? DECODE_WAITING : DECODE_FAILED;
	if (record->skipped)
		return DECODE_TAKEN;
	*plan = topic_plan(record->topic, record->key_id, record->value_id);
	if (*plan == NULL && !make_plan(decoder, record, plan, err))
		return DECODE_FAILED;
	if (*plan == NULL ||
		(decoder->asking != NULL && decoder->asking->target == record->topic->target))
		return DECODE_WAITING;
	return batch_fits(batch, *plan) ? DECODE_TAKEN : DECODE_NO_ROOM;
}

DecodeResult
decoder_take(Decoder *decoder, const rd_kafka_message_t *message, Partition *partition,
			 Batch *batch, Error *err)
{
	const Settings *settings = decoder->settings;
	Record record = {.message = message, .topic = find_topic(decoder, message->rkt)};
	DecodeResult result = DECODE_TAKEN;
	Plan *plan = NULL;

	record.skipped =
		message->payload == NULL && (!settings->delete_enabled || settings->skip_tombstones);
	if (!record.skipped)
		result = prepare(decoder, &record, batch, &plan, err);
	if (result == DECODE_TAKEN)
		result = take_row(decoder, &record, plan, partition, batch, err);
	if (result == DECODE_TAKEN)
		batch_advance(batch, partition, message->offset);
	if (result == DECODE_FAILED)
		add_place(message, err);
	return result;
}

DeadStage
decoder_stage(const Decoder *decoder)
{
	return decoder->stage;
}

bool
decoder_pass_over(Decoder *decoder, const rd_kafka_message_t *message, Partition *partition,
				  Batch *batch)
{
	Position header;
	const bool repeat =
		positions_repeat(&partition->positions, message->offset, position_of(message, &header));

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
	return decoder->asking != NULL;
}

/* Makes the index of the first plan's key, or says why each batch will read the whole table. */
static bool
make_index(const Decoder *decoder, const Topic *topic, PGconn *conn, Error *err)
{
	static const char slow[] = "each batch reads the whole table, for lack of an index on its key";
	Buffer sql;
	Error problem;
	bool done = true;

	buffer_init(&sql, 1 << 20);
	writer_create_index(&sql, topic->plans[topic->last].plan);
	if (!decoder->settings->auto_index)
		log_warn("table \"%s\": %s; auto.index is false, so make it yourself: %s",
				 topic->target->name, slow, buffer_text(&sql));
	else if (pg_exec(conn, buffer_text(&sql), PGRES_COMMAND_OK, NULL, &problem))
		log_info("table \"%s\" had no index on its key; made one: %s", topic->target->name,
				 buffer_text(&sql));
	else if (problem.kind == ERROR_RETRY)
		done = error_set(err, ERROR_RETRY, "%s", problem.message);
	else
		log_warn("table \"%s\": %s; let its owner run: %s (%s)", topic->target->name, slow,
				 buffer_text(&sql), problem.message);
	buffer_done(&sql);
	return done;
}

bool
decoder_ask(Decoder *decoder, PGconn *conn, const char *space, Error *err)
{
	Topic *topic = decoder->asking;
	Target *target = topic->target;

	if (decoder->asking_index)
	{
		if (!make_index(decoder, topic, conn, err))
			return error_add(err, "table \"%s\"", target->name);
		target->index_checked = true;
		decoder->asking_index = false;
	}
	/* Plans hold the table as it was. */
	targets_forget(&decoder->targets, target);
	log_debug("reading table \"%s\"", target->name);
	if (!table_load(conn, space, target->name, &target->table, err))
		return error_add(err, "table \"%s\"", target->name);
	target->missing = target->table == NULL;
	target->fresh = !target->missing;
	decoder->asking = NULL;
	return true;
}

const DecoderCounts *
decoder_counts(const Decoder *decoder)
{
	return &decoder->counts;
}

/*
 * sink/decoder.c - see decoder.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/decoder.h"

#include "core/log.h"
#include "sink/asking.h"
#include "sink/opening.h"
#include "sink/variant.h"

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
	Asking asking;
	Topic *counting; /* its partitions are to be counted */
	bool truncate_skipped;
	struct
	{
		const Topic *topic;
		int32_t partition;
		int64_t offset;
	} suspect;					/* the record for which the table was read anew */
	const Partition *partition; /* of the record under way */
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
	decoder->asking = (Asking){.topic = NULL};
	decoder->counting = NULL;
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
	const DdlRequest request = {
		.topic = topic->name, .table = topic->target->name, .key = key, .value = value};
	AUTO_TEXT char *ddl = ddl_propose(decoder->settings, &request);

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
keep_plan(Decoder *decoder, const Record *record, int32_t value_id, Plan *plan)
{
	Topic *topic = record->topic;

	plan->number = ++decoder->plan_number;
	topic_keep_plan(topic, record->key_id, value_id, plan);
	if (plan->way.use == PLAN_BY_MODE && !topic->target->index_checked &&
		lacks_index(decoder, plan))
	{
		decoder->asking = (Asking){.topic = topic, .index = true};
	}
}

/* A record without key is of a table without key, or wrong. */
static bool
check_keyless(Decoder *decoder, const Schema *value, Error *err)
{
	if (value->type != SCHEMA_RECORD || !value->identity_full)
	{
		decoder->stage = DEAD_KEY_CONVERTER;
		return error_set(
			err, ERROR_DATA,
			"the record has no key, but pk.mode=record_key takes the key columns from it; use "
			"pk.mode=record_value with pk.fields (or alter table ... replica identity full at the "
			"source, with old.rows=keyless)");
	}
	return decoder->settings->insert_mode != INSERT_MODE_UPDATE ||
		   error_set(err, ERROR_CONFIG,
					 "the record is of a table without key, whose rows insert.mode=update cannot "
					 "find; use insert.mode=upsert");
}

/* Most records have no position in a header: it is counted from that of one before. */
static DdlRequest
request_of(const Decoder *decoder, const Record *record, const Schema *key, const Schema *value)
{
	DdlRequest request = {.topic = record->topic->name,
						  .table = record->topic->target->name,
						  .key = key,
						  .value = value};

	request.has_position =
		headers_position(&record->headers, &request.position) != NULL ||
		positions_at(&decoder->partition->positions, record->message->offset, &request.position);
	return request;
}

/* The destination is to be asked for the table, or was and does not have it. */
static bool
ask_table(Decoder *decoder, const Record *record, const Schema *key, const Schema *value,
		  Error *err)
{
	Target *target = record->topic->target;
	const DdlRequest request = request_of(decoder, record, key, value);

	if (!target->missing)
	{
		decoder->asking = (Asking){.topic = record->topic};
		return true;
	}
	target->missing = false;
	return asking_create(&decoder->asking, decoder->settings, record->topic, &request) ||
		   no_table(decoder, record, key, value, err);
}

/* Makes the ordinary plan of one of a record's rows. *plan stays NULL while something is missing
 * for it. */
static bool
make_plan(Decoder *decoder, const Record *record, const Image *image, Plan **plan, Error *err)
{
	Topic *topic = record->topic;
	Target *target = topic->target;
	const PlanWay way = {.use = record->keyless ? PLAN_APPEND : PLAN_BY_MODE};
	const Schema *key;
	const Schema *value;
	bool ready;

	if (!opening_schemas(decoder->opening, record, image, &key, &value, &ready, err))
		return false;
	if (!ready)
		return true;
	if (record->keyless && !check_keyless(decoder, value, err))
		return false;
	if (target->table == NULL)
		return ask_table(decoder, record, key, value, err);
	/* Where the source has changed its table, somebody may have changed this one. */
	if (image->id != NO_SCHEMA && !topic_meet(topic, image->id) && !target->fresh)
	{
		decoder->asking = (Asking){.topic = topic};
		return true;
	}

	const DdlRequest request = request_of(decoder, record, key, value);

	if (asking_change(&decoder->asking, decoder->settings, topic, image->id, &request))
		return true;
	if (!plan_new_way(decoder->settings, topic->name, target->table, key, value, &way, plan, err))
	{
		/* The table may have been changed to fit: look again before giving up. */
		if (!target->fresh)
			decoder->asking = (Asking){.topic = topic};
		return !target->fresh;
	}
	target->fresh = false;
	log_debug("topic \"%s\": plan for schema ids %d and %d", topic->name, record->key_id,
			  image->id);
	keep_plan(decoder, record, image->id, *plan);
	return true;
}

/* What is to be done with a record. */
typedef struct Work
{
	BatchInput after; /* plan NULL: nothing */
	BatchInput before;
	const Table *truncated; /* or NULL */
} Work;

static bool
is_waiting(const Decoder *decoder, const Record *record)
{
	return decoder->asking.topic != NULL && decoder->asking.topic->target == record->topic->target;
}

/* The plan of one of the record's rows: DECODE_TAKEN, or why there is none. */
static DecodeResult
find_plan(Decoder *decoder, const Record *record, const Image *image, PlanUse use,
		  BatchInput *input, Error *err)
{
	Plan *plan = topic_plan(record->topic, record->key_id, image->id);

	if (plan == NULL && !make_plan(decoder, record, image, &plan, err))
		return DECODE_FAILED;
	if (plan == NULL || is_waiting(decoder, record))
		return DECODE_WAITING;
	if ((image->notes != NULL || use != plan->way.use) &&
		!variant_find(plan, use, image->notes, &decoder->plan_number, &plan, err))
		return DECODE_FAILED;
	*input = (BatchInput){
		.plan = plan, .key = record->key, .value = image->value, .notes = image->notes};
	if (plan != NULL)
		return DECODE_TAKEN;
	decoder->asking = (Asking){.topic = record->topic};
	return DECODE_WAITING;
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

/* A value that the column does not take: the column may have become another since it was read. */
static bool
suspects_table(Decoder *decoder, const Record *record)
{
	const rd_kafka_message_t *message = record->message;
	const bool known = decoder->suspect.topic == record->topic &&
					   decoder->suspect.partition == message->partition &&
					   decoder->suspect.offset == message->offset;

	if (known)
		return false;
	decoder->suspect.topic = record->topic;
	decoder->suspect.partition = message->partition;
	decoder->suspect.offset = message->offset;
	decoder->asking = (Asking){.topic = record->topic};
	return true;
}

static DecodeResult
add_row(Decoder *decoder, const Record *record, const Work *work, Batch *batch, Error *err)
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
	if (where != NULL && suspects_table(decoder, record))
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
		result = add_row(decoder, record, work, batch, err);
	if (result != DECODE_TAKEN)
		return result;
	positions_raise(&partition->positions, message->offset);
	batch->last_partition = partition;
	batch->last_offset = message->offset;
	return DECODE_TAKEN;
}

/* A TRUNCATE has its place among the rows of one partition alone. */
static DecodeResult
prepare_truncate(Decoder *decoder, const Record *record, Work *work, Error *err)
{
	Topic *topic = record->topic;

	if (topic->target->table == NULL)
		return ask_table(decoder, record, NULL, NULL, err) ? DECODE_WAITING : DECODE_FAILED;
	if (topic->partition_count == 0)
	{
		decoder->counting = topic;
		return DECODE_WAITING;
	}
	if (topic->partition_count > 1)
	{
		error_set(err, ERROR_CONFIG,
				  "the record is a TRUNCATE, but the topic has %" PRId32
				  " partitions, whose rows have no order among each other; set truncate.enabled to "
				  "false and truncate the table yourself, or give the topic one partition",
				  topic->partition_count);
		return DECODE_FAILED;
	}
	work->truncated = topic->target->table;
	return DECODE_TAKEN;
}

/* The plans of a record that has an effect. */
static DecodeResult
prepare(Decoder *decoder, Record *record, const Batch *batch, Work *work, Error *err)
{
	const OpenResult opened = opening_open(decoder->opening, record, &decoder->stage, err);
	const bool has_before = record->before.id != NO_SCHEMA;
	DecodeResult result = DECODE_TAKEN;

	if (opened != OPEN_DONE)
		return opened == OPEN_WAITING ? DECODE_WAITING : DECODE_FAILED;
	if (record->truncates && !decoder->settings->truncate_enabled)
		record->skipped = true;
	/* There is nothing yet that could be deleted. */
	if (record->after.id == NO_SCHEMA || record->truncates)
		record->skipped =
			record->skipped || (decoder->settings->auto_create && record->topic->target->missing);
	if (record->skipped)
		return DECODE_TAKEN;
	if (record->truncates)
		return prepare_truncate(decoder, record, work, err);
	if (has_before)
		result = find_plan(decoder, record, &record->before, PLAN_REMOVE, &work->before, err);
	if (result == DECODE_TAKEN && (!has_before || record->after.id != NO_SCHEMA))
		result = find_plan(decoder, record, &record->after,
						   record->keyless ? PLAN_APPEND : PLAN_BY_MODE, &work->after, err);
	if (result != DECODE_TAKEN)
		return result;
	return batch_fits(batch, has_before ? work->before.plan : work->after.plan) ? DECODE_TAKEN
																				: DECODE_NO_ROOM;
}

/* A record without a value. Behind Debezium's event of a row without key it has nothing at all. */
static bool
skips_tombstone(const Settings *settings, const Record *record)
{
	if (record->headers.before.data != NULL)
		return !settings->delete_enabled;
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

	decoder->partition = partition;

	record.truncates =
		message->payload == NULL && message->key == NULL && record.headers.operation == 't';
	record.skipped =
		!record.truncates && message->payload == NULL && skips_tombstone(settings, &record);
	if (!record.skipped)
		result = prepare(decoder, &record, batch, &work, err);
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
	return decoder->stage;
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

const char *
decoder_asks_partitions(const Decoder *decoder)
{
	return decoder->counting == NULL ? NULL : decoder->counting->name;
}

void
decoder_tell_partitions(Decoder *decoder, int32_t count)
{
	decoder->counting->partition_count = count;
	decoder->counting = NULL;
}

bool
decoder_ask(Decoder *decoder, PGconn *conn, const char *space, Error *err)
{
	return asking_answer(&decoder->asking, &decoder->targets, conn, space, err);
}

void
decoder_claimed(Decoder *decoder)
{
	for (size_t i = 0; i < decoder->targets.target_count; i++)
		decoder->targets.targets[i]->missing = false;
}

const DecoderCounts *
decoder_counts(const Decoder *decoder)
{
	return &decoder->counts;
}

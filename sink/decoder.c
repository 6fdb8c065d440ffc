/*
 * sink/decoder.c - see decoder.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/decoder.h"

#include "common/avro.h"
#include "common/bytes.h"
#include "core/log.h"
#include "sink/catalog.h"
#include "sink/writer.h"

#include <inttypes.h>

#define NO_SCHEMA INT32_C(-1)

/* A plan and the ids it was made for; NO_SCHEMA where that side is not read. */
typedef struct PlanEntry
{
	int32_t key_id;
	int32_t value_id;
	Plan *plan;
} PlanEntry;

typedef struct Topic
{
	char *name;
	char *table_name;
	Table *table; /* NULL: to be read */
	PlanEntry *plans;
	size_t plan_count;
	size_t last;		/* plan of the last message */
	bool missing;		/* the destination was asked: there is no such table */
	bool fresh;			/* the table was read, and no plan made since */
	bool index_checked; /* whether its key has an index, or cannot be given one */
} Topic;

struct Decoder
{
	const Settings *settings;
	Catalog *values;
	Catalog *keys; /* NULL: keys are not read */
	Topic *topics;
	size_t topic_count;
	const rd_kafka_topic_t *last_handle; /* of the last message's topic */
	Topic *last_topic;
	Topic *asking; /* its table is to be read */
	bool asking_index;
	int64_t plan_number;
	DecoderCounts counts;
};

/* A message on its way into the batch. */
typedef struct Record
{
	const rd_kafka_message_t *message;
	Topic *topic;
	int32_t key_id;
	int32_t value_id;
	Slice key; /* behind the Confluent header; absent: not read, or not there */
	Slice value;
} Record;

Decoder *
decoder_new(const Settings *settings, Registry *values, Registry *keys)
{
	Decoder *decoder = xcalloc(1, sizeof *decoder);

	decoder->settings = settings;
	decoder->values = catalog_new(values);
	decoder->keys = keys == NULL ? NULL : catalog_new(keys);
	decoder->topic_count = settings->topics.count;
	decoder->topics = xcalloc(decoder->topic_count, sizeof *decoder->topics);
	for (size_t i = 0; i < decoder->topic_count; i++)
	{
		decoder->topics[i].name = xstrdup(settings->topics.items[i]);
		decoder->topics[i].table_name = settings_table(settings, settings->topics.items[i]);
	}
	return decoder;
}

static void
forget_topic(Topic *topic)
{
	for (size_t i = 0; i < topic->plan_count; i++)
		plan_free(topic->plans[i].plan);
	free(topic->plans);
	table_free(topic->table);
	topic->plans = NULL;
	topic->table = NULL;
	topic->plan_count = 0;
	topic->last = 0;
	topic->missing = false;
}

void
decoder_free(Decoder *decoder)
{
	if (decoder == NULL)
		return;
	for (size_t i = 0; i < decoder->topic_count; i++)
	{
		forget_topic(&decoder->topics[i]);
		free(decoder->topics[i].name);
		free(decoder->topics[i].table_name);
	}
	free(decoder->topics);
	catalog_free(decoder->values);
	catalog_free(decoder->keys);
	free(decoder);
}

void
decoder_forget(Decoder *decoder)
{
	for (size_t i = 0; i < decoder->topic_count; i++)
	{
		forget_topic(&decoder->topics[i]);
		decoder->topics[i].index_checked = false;
	}
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

/* Takes the Confluent header off: magic byte and schema id. */
static bool
take_id(const void *data, size_t len, const char *side, Slice *body, int32_t *id, Error *err)
{
	const uint8_t *bytes = data;

	if (len < CONFLUENT_HEADER)
		return error_set(err, ERROR_DATA,
						 "the %s has %zu bytes, too few for a magic byte and a schema id; it is "
						 "not Avro from a producer that uses the registry",
						 side, len);
	if (bytes[0] != 0)
		return error_set(err, ERROR_DATA,
						 "the %s begins with byte %02x in place of the magic 00; it is not Avro "
						 "from a producer that uses the registry",
						 side, bytes[0]);
	*id = (int32_t) get_be32(bytes + 1);
	*body = (Slice){bytes + CONFLUENT_HEADER, len - CONFLUENT_HEADER};
	return true;
}

static bool
open_record(const Decoder *decoder, Record *record, Error *err)
{
	const rd_kafka_message_t *message = record->message;

	record->key_id = NO_SCHEMA;
	record->value_id = NO_SCHEMA;
	if (message->payload != NULL &&
		!take_id(message->payload, message->len, "value", &record->value, &record->value_id, err))
		return false;
	if (decoder->keys == NULL)
		return true;
	if (message->key == NULL)
		return error_set(err, ERROR_DATA,
						 "the record has no key, but pk.mode=record_key takes the key columns from "
						 "it; use pk.mode=record_value with pk.fields");
	return take_id(message->key, message->key_len, "key", &record->key, &record->key_id, err);
}

static Topic *
find_topic(Decoder *decoder, const rd_kafka_topic_t *handle)
{
	const char *name;

	if (handle == decoder->last_handle)
		return decoder->last_topic;
	name = rd_kafka_topic_name(handle);
	for (size_t i = 0; i < decoder->topic_count; i++)
		if (strcmp(decoder->topics[i].name, name) == 0)
		{
			decoder->last_handle = handle;
			decoder->last_topic = &decoder->topics[i];
			return decoder->last_topic;
		}
	return NULL;
}

static Plan *
find_plan(Topic *topic, const Record *record)
{
	for (size_t i = 0; i < topic->plan_count; i++)
	{
		/* The last one first. */
		const size_t at = (topic->last + i) % topic->plan_count;

		if (topic->plans[at].value_id == record->value_id &&
			topic->plans[at].key_id == record->key_id)
		{
			topic->last = at;
			return topic->plans[at].plan;
		}
	}
	return NULL;
}

static bool
no_table(const Decoder *decoder, const Record *record, const Schema *key, const Schema *value,
		 Error *err)
{
	AUTO_TEXT char *ddl =
		plan_create_table(decoder->settings, record->topic->table_name, key, value);

	return error_set(err, ERROR_CONFIG,
					 "table \"%s\" for topic \"%s\" does not exist at the destination (or our role "
					 "may not see it); create it, for example with: %s",
					 record->topic->table_name, record->topic->name, ddl);
}

static bool
lacks_index(const Decoder *decoder, const Plan *plan)
{
	const Column *keys[32];
	const size_t count = plan->key_count < 32 ? plan->key_count : 32;

	for (size_t i = 0; i < count; i++)
		keys[i] = plan->columns[i].column;
	return decoder->settings->insert_mode == INSERT_MODE_UPSERT &&
		   table_indexed_column(plan->table, keys, count) < 0;
}

static void
keep_plan(Decoder *decoder, const Record *record, Plan *plan)
{
	Topic *topic = record->topic;

	plan->number = ++decoder->plan_number;
	topic->plans = xrealloc(topic->plans, (topic->plan_count + 1) * sizeof *topic->plans);
	topic->last = topic->plan_count;
	topic->plans[topic->plan_count++] =
		(PlanEntry){.key_id = record->key_id, .value_id = record->value_id, .plan = plan};
	if (!topic->index_checked && lacks_index(decoder, plan))
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
	const Schema *key = NULL;
	const Schema *value = NULL;

	if (record->value_id != NO_SCHEMA &&
		!catalog_get(decoder->values, record->value_id, &value, err))
		return false;
	if (record->key_id != NO_SCHEMA && !catalog_get(decoder->keys, record->key_id, &key, err))
		return false;
	if ((record->value_id != NO_SCHEMA && value == NULL) ||
		(record->key_id != NO_SCHEMA && key == NULL))
		return true;
	if (topic->missing)
	{
		topic->missing = false;
		return no_table(decoder, record, key, value, err);
	}
	if (topic->table == NULL)
	{
		decoder->asking = topic;
		return true;
	}
	if (!plan_new(decoder->settings, topic->table, key, value, plan, err))
	{
		/* The table may have been changed to fit: look again before giving up. */
		decoder->asking = topic->fresh ? decoder->asking : topic;
		return !topic->fresh;
	}
	topic->fresh = false;
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

static bool
add_row(Decoder *decoder, const Plan *plan, const Record *record, Batch *batch, Error *err)
{
	const bool keyed = decoder->settings->insert_mode == INSERT_MODE_UPSERT;
	const char *where;
	const char *problem = batch_add(batch, plan, keyed, record->key, record->value, &where);

	if (problem == NULL)
		return true;
	if (where == NULL)
		return error_set(err, ERROR_DATA, "the record %s", problem);
	return error_set(err, ERROR_DATA, "field \"%s\" %s", where, problem);
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
		if (decoder->counts.tombstones++ == 0)
			log_info("topic \"%s\" has records without a value; they are skipped and counted, as "
					 "delete.enabled is false",
					 record->topic->name);
		positions_raise(&partition->positions, message->offset);
		return DECODE_TAKEN;
	}
	/* The mark only afterwards: one of a record that is refused would hide it from the next try. */
	if (!add_row(decoder, plan, record, batch, err))
		return DECODE_FAILED;
	positions_raise(&partition->positions, message->offset);
	batch->last_partition = partition;
	batch->last_offset = message->offset;
	return DECODE_TAKEN;
}

static DecodeResult
take_record(Decoder *decoder, Record *record, Partition *partition, Batch *batch, Error *err)
{
	const rd_kafka_message_t *message = record->message;
	const bool skipped = message->payload == NULL && !decoder->settings->delete_enabled;
	Plan *plan = NULL;

	if (!skipped)
	{
		if (!open_record(decoder, record, err))
			return DECODE_FAILED;
		plan = find_plan(record->topic, record);
		if (plan == NULL && !make_plan(decoder, record, &plan, err))
			return DECODE_FAILED;
		if (plan == NULL || decoder->asking == record->topic)
			return DECODE_WAITING;
		if (!batch_fits(batch, plan))
			return DECODE_NO_ROOM;
	}

	const DecodeResult result = take_row(decoder, record, plan, partition, batch, err);

	if (result == DECODE_TAKEN)
		batch_advance(batch, partition, message->offset);
	return result;
}

DecodeResult
decoder_take(Decoder *decoder, const rd_kafka_message_t *message, Partition *partition,
			 Batch *batch, Error *err)
{
	Record record = {.message = message, .topic = find_topic(decoder, message->rkt)};
	DecodeResult result = DECODE_FAILED;

	if (record.topic == NULL)
		error_set(err, ERROR_CONFIG, "a record of a topic that was not asked for");
	else
		result = take_record(decoder, &record, partition, batch, err);
	if (result == DECODE_FAILED)
		add_place(message, err);
	return result;
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
				 topic->table_name, slow, buffer_text(&sql));
	else if (pg_exec(conn, buffer_text(&sql), PGRES_COMMAND_OK, NULL, &problem))
		log_info("table \"%s\" had no index on its key; made one: %s", topic->table_name,
				 buffer_text(&sql));
	else if (problem.kind == ERROR_RETRY)
		done = error_set(err, ERROR_RETRY, "%s", problem.message);
	else
		log_warn("table \"%s\": %s; let its owner run: %s (%s)", topic->table_name, slow,
				 buffer_text(&sql), problem.message);
	buffer_done(&sql);
	return done;
}

bool
decoder_ask(Decoder *decoder, PGconn *conn, const char *space, Error *err)
{
	Topic *topic = decoder->asking;

	if (decoder->asking_index)
	{
		if (!make_index(decoder, topic, conn, err))
			return error_add(err, "table \"%s\"", topic->table_name);
		topic->index_checked = true;
		decoder->asking_index = false;
	}
	/* Plans hold the table as it was. */
	forget_topic(topic);
	log_debug("reading table \"%s\"", topic->table_name);
	if (!table_load(conn, space, topic->table_name, &topic->table, err))
		return error_add(err, "table \"%s\"", topic->table_name);
	topic->missing = topic->table == NULL;
	topic->fresh = !topic->missing;
	decoder->asking = NULL;
	return true;
}

const DecoderCounts *
decoder_counts(const Decoder *decoder)
{
	return &decoder->counts;
}

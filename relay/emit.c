/*
 * relay/emit.c - see emit.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/emit.h"

#include "common/avro.h"
#include "common/bytes.h"
#include "common/murmur2.h"
#include "common/position.h"
#include "core/memory.h"
#include "relay/shape.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What a record is, as the headers name it. */
typedef enum Operation
{
	OPERATION_CREATE = 'c',
	OPERATION_UPDATE = 'u',
	OPERATION_DELETE = 'd',
	OPERATION_READ = 'r',
} Operation;

struct Emit
{
	const RelayOptions *options;
	Producer *producer;
	Ledger *ledger;
	Relations *relations;
	const Eras *eras;
	uint64_t source;
	EmitTxn txn;
	TxnSeq seq;
	uint64_t txn_number; /* of PartitionCount.txn; from 1 */
	size_t era;
	bool tombstone_sent; /* the first of the two records of an UPDATE that changes the key */
	uint64_t records;
	uint64_t keys_until; /* 0: all transactions have this session's keys */
	Buffer text;		 /* of the key at hand, where keys are texts */
};

Emit *
emit_new(const RelayOptions *options, Producer *producer, Ledger *ledger, Relations *relations,
		 const Eras *eras, uint64_t source)
{
	Emit *emit = xcalloc(1, sizeof *emit);

	emit->options = options;
	emit->producer = producer;
	emit->ledger = ledger;
	emit->relations = relations;
	emit->eras = eras;
	emit->source = source;
	buffer_init(&emit->text, SIZE_MAX);
	return emit;
}

void
emit_free(Emit *emit)
{
	if (emit != NULL)
		buffer_done(&emit->text);
	free(emit);
}

/* What is before may be confirmed, also where that is nothing. */
static bool
other_keys(Emit *emit, uint64_t commit_lsn)
{
	const Era *era = &emit->eras->items[eras_of(emit->eras, commit_lsn)];

	if (shape_same_stream(era->shape, emit->eras->items[0].shape))
		return false;
	emit->keys_until = era->since;
	if (emit->ledger != NULL)
		ledger_idle(emit->ledger, era->since + 1);
	return true;
}

uint64_t
emit_keys_until(const Emit *emit)
{
	return emit->keys_until;
}

Flow
emit_begin(Emit *emit, const EmitTxn *txn)
{
	if (other_keys(emit, txn->commit_lsn))
		return FLOW_BLOCKED;
	/* A copy's messages need a number that is not the position's. */
	emit->seq = 1;
	if (emit->ledger != NULL)
	{
		if (ledger_full(emit->ledger))
			return FLOW_BLOCKED;
		emit->seq = ledger_begin(emit->ledger);
	}
	emit->txn = *txn;
	emit->txn_number++;
	emit->era = eras_of(emit->eras, txn->commit_lsn);
	emit->tombstone_sent = false;
	return FLOW_ON;
}

void
emit_commit(Emit *emit)
{
	if (emit->txn.lane == 0)
		metrics_transaction(producer_metrics(emit->producer));
	if (emit->ledger != NULL)
		ledger_commit(emit->ledger, emit->txn.end_lsn);
}

static void
add_text(rd_kafka_headers_t *headers, const char *name, const char *text)
{
	rd_kafka_header_add(headers, name, -1, text, -1);
}

static void
add_number(rd_kafka_headers_t *headers, const char *name, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, number);
	add_text(headers, name, text);
}

/* Debezium's names, on request. */
static void
add_requested(const Emit *emit, rd_kafka_headers_t *headers, const Topic *topic, const char *op)
{
	for (size_t i = 0; i < emit->options->headers_count; i++)
	{
		const HeaderWish *wish = &emit->options->headers[i];

		switch (wish->field)
		{
			case HEADER_OP:
				add_text(headers, wish->name, op);
				break;
			case HEADER_LSN:
				add_number(headers, wish->name, emit->txn.commit_lsn);
				break;
			case HEADER_TX_ID:
				add_number(headers, wish->name, emit->txn.xid);
				break;
			case HEADER_SOURCE_TS_MS:
				add_number(headers, wish->name, (uint64_t) (emit->txn.commit_time / 1000));
				break;
			case HEADER_TABLE:
				add_text(headers, wish->name, topic->table);
				break;
			case HEADER_SCHEMA:
				add_text(headers, wish->name, topic->schema);
				break;
		}
	}
}

/* NULL when the record needs none. */
static rd_kafka_headers_t *
headers_for(const Emit *emit, const Topic *topic, Operation operation, bool with_position,
			uint64_t n)
{
	const char op[] = {(char) operation, '\0'};
	rd_kafka_headers_t *headers;

	if (!with_position && operation == OPERATION_CREATE && emit->options->headers_count == 0)
		return NULL;
	headers = rd_kafka_headers_new(8);
	if (operation != OPERATION_CREATE)
		add_text(headers, "op", op);
	if (with_position)
	{
		const Position position = {.source = emit->source,
								   .lane = emit->txn.lane,
								   .commit_lsn = emit->txn.commit_lsn,
								   .n = n};
		uint8_t bytes[POSITION_SIZE];

		position_put(bytes, &position);
		rd_kafka_header_add(headers, POSITION_HEADER, -1, bytes, sizeof bytes);
	}
	add_requested(emit, headers, topic, op);
	return headers;
}

/* Writes the schema id into the bytes that the plugin has left free for it. They lie in a buffer of
 * ours. */
static bool
put_id(Slice framed, int32_t id)
{
	if (framed.len < CONFLUENT_HEADER)
		return false;
	put_be32((uint8_t *) (uintptr_t) framed.data + 1, (uint32_t) id);
	return true;
}

/* Key and value as they are sent: with their schemas' ids, or the key as a text. */
static bool
finish_bytes(Emit *emit, const Relation *relation, Slice *key, Slice value, Error *err)
{
	bool room = value.data == NULL || put_id(value, relation->value.id);

	if (key->data != NULL && relation->text_key != NULL)
	{
		if (!text_key_write(relation->text_key, *key, &emit->text, err))
			return false;
		*key = buffer_slice(&emit->text);
	}
	else if (key->data != NULL)
		room = put_id(*key, relation->key.id) && room;
	return room || error_set(err, ERROR_DATA, "a row without room for its schema id");
}

static Flow
send_record(Emit *emit, const Relation *relation, Slice key, Slice value, Operation operation,
			Error *err)
{
	Topic *topic = relation->topic;
	int32_t partition;
	PartitionCount *count;
	bool first;
	Record record;

	if (!finish_bytes(emit, relation, &key, value, err))
	{
		error_add(err, "table \"%s.%s\"", topic->schema, topic->table);
		return FLOW_FAILED;
	}
	topic_set_era(topic, emit->eras, emit->era);
	partition =
		key.data == NULL ? topic->keyless_partition : murmur2_partition(key, topic->partitions);
	count = &topic->counts[partition];
	first = count->txn != emit->txn_number;
	record = (Record){.topic = topic->handle,
					  .partition = partition,
					  .timestamp_ms = emit->txn.commit_time / 1000,
					  .key = key,
					  .value = value,
					  .headers = headers_for(emit, topic, operation, first, first ? 0 : count->n),
					  .opaque = emit->seq};
	switch (producer_send(emit->producer, &record, err))
	{
		case PRODUCE_DONE:
			break;
		case PRODUCE_FULL:
			if (record.headers != NULL)
				rd_kafka_headers_destroy(record.headers);
			return FLOW_BLOCKED;
		case PRODUCE_FAILED:
			if (record.headers != NULL)
				rd_kafka_headers_destroy(record.headers);
			return FLOW_FAILED;
	}
	*count = (PartitionCount){.txn = emit->txn_number, .n = first ? 1 : count->n + 1};
	if (emit->ledger != NULL)
		ledger_sent(emit->ledger);
	emit->records++;
	return FLOW_ON;
}

static bool
want_tombstones(const Emit *emit)
{
	return emit->eras->items[emit->era].tombstones;
}

/* Only with ValueToKey. */
static Flow
old_key_unknown(const Topic *topic, Error *err)
{
	error_set(
		err, ERROR_CONFIG,
		"table \"%s.%s\": a row was updated, and the log does not hold what the columns of its "
		"key (transforms, ValueToKey) were before; run ALTER TABLE ... REPLICA IDENTITY FULL, "
		"or USING INDEX with these columns, for the updates that come, and set "
		"tombstones.on.delete=false to pass this one",
		topic->schema, topic->table);
	return FLOW_FAILED;
}

static Flow
emit_update(Emit *emit, const Relation *relation, const Message *message, Error *err)
{
	bool unknown = message->old_key.data != NULL && message->old_key.len == 0;
	Flow flow;

	/* No era can have sent its tombstone: the present option decides. */
	if (unknown && want_tombstones(emit) && emit->options->tombstones)
		return old_key_unknown(relation->topic, err);
	if (message->old_key.data != NULL && !unknown && !emit->tombstone_sent)
	{
		if (!want_tombstones(emit))
			topic_skip_delete(relation->topic);
		else if ((flow = send_record(emit, relation, message->old_key, SLICE_ABSENT,
									 OPERATION_DELETE, err)) != FLOW_ON)
			return flow;
		emit->tombstone_sent = true;
	}
	flow = send_record(emit, relation, message->key, message->value, OPERATION_UPDATE, err);
	if (flow == FLOW_ON)
		emit->tombstone_sent = false;
	return flow;
}

static Flow
emit_delete(Emit *emit, const Relation *relation, const Message *message, Error *err)
{
	const Topic *topic = relation->topic;

	/* A row without a key can never have been sent as a tombstone: the present option decides. */
	if (!want_tombstones(emit) || (message->key.data == NULL && !emit->options->tombstones))
	{
		topic_skip_delete(relation->topic);
		return FLOW_ON;
	}
	if (message->key.data != NULL)
		return send_record(emit, relation, message->key, SLICE_ABSENT, OPERATION_DELETE, err);
	error_set(
		err, ERROR_CONFIG,
		"table \"%s.%s\": a row was deleted, but the log has no key to name it by; give the table "
		"a "
		"primary key or a unique index as replica identity (ALTER TABLE ... REPLICA IDENTITY "
		"USING INDEX ..., or FULL where ValueToKey makes keys of other columns) for the deletes "
		"that come, and set tombstones.on.delete=false to leave out this one",
		topic->schema, topic->table);
	return FLOW_FAILED;
}

Flow
emit_row(Emit *emit, const Message *message, Error *err)
{
	const Relation *relation = relations_get(emit->relations, message->relation, err);

	if (relation == NULL)
		return FLOW_FAILED;
	if (!relation_ready(relation))
		return FLOW_BLOCKED;
	switch (message->type)
	{
		case MESSAGE_INSERT:
			return send_record(emit, relation, message->key, message->value,
							   emit->txn.lane == 0 ? OPERATION_CREATE : OPERATION_READ, err);
		case MESSAGE_UPDATE:
			return emit_update(emit, relation, message, err);
		case MESSAGE_DELETE:
			return emit_delete(emit, relation, message, err);
		case MESSAGE_TRUNCATE:
			topic_skip_truncate(relation->topic);
			return FLOW_ON;
		case MESSAGE_BEGIN:
		case MESSAGE_COMMIT:
		case MESSAGE_RELATION:
		case MESSAGE_STREAM_START:
		case MESSAGE_STREAM_STOP:
		case MESSAGE_STREAM_COMMIT:
		case MESSAGE_STREAM_ABORT:
			break;
	}
	error_set(err, ERROR_DATA, "message \"%c\" is no row", message->type);
	return FLOW_FAILED;
}

int64_t
emit_commit_time(const Emit *emit)
{
	return emit->txn.commit_time;
}

uint64_t
emit_records(const Emit *emit)
{
	return emit->records;
}

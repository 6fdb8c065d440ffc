/*
 * relay/emit.c - see emit.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/emit.h"

#include "common/avro.h"
#include "common/bytes.h"
#include "common/murmur2.h"
#include "core/memory.h"
#include "relay/events.h"
#include "relay/headers.h"
#include "relay/records.h"
#include "relay/shape.h"

#define ERA_NONE SIZE_MAX

struct Emit
{
	const RelayOptions *options;
	Producer *producer;
	Ledger *ledger;
	Relations *relations;
	Unchanged *unchanged;
	const Eras *eras;
	uint64_t source;
	EmitTxn txn;
	TxnSeq seq;
	uint64_t txn_number; /* of PartitionCount.txn; from 1 */
	size_t era;			 /* an index; ERA_NONE before the first transaction */
	bool other_keys;	 /* the era's rows cannot be of this session */
	RecordRules rules;	 /* of the era */
	bool drafted;		 /* the message at hand is taken apart, and step of its records are sent */
	Drafts drafts;
	size_t step;
	uint64_t records;
	uint64_t keys_until; /* 0: all transactions have this session's keys */
	Buffer text;		 /* of the key at hand, where keys are texts */
	Buffer before;		 /* the header wal2avro.before of the record at hand */
	Events *events;
};

Emit *
emit_new(const RelayOptions *options, Producer *producer, Ledger *ledger, Relations *relations,
		 Unchanged *unchanged, const Eras *eras, uint64_t source)
{
	Emit *emit = xcalloc(1, sizeof *emit);

	emit->options = options;
	emit->producer = producer;
	emit->ledger = ledger;
	emit->relations = relations;
	emit->unchanged = unchanged;
	emit->eras = eras;
	emit->source = source;
	emit->era = ERA_NONE;
	buffer_init(&emit->text, SIZE_MAX);
	buffer_init(&emit->before, SIZE_MAX);
	emit->events = events_new(options, relations, ledger == NULL ? 0 : ledger_flush_lsn(ledger));
	return emit;
}

void
emit_free(Emit *emit)
{
	if (emit == NULL)
		return;
	buffer_done(&emit->text);
	buffer_done(&emit->before);
	events_free(emit->events);
	free(emit);
}

/* What is before may be confirmed, also where that is nothing. */
static void
stop_at_era(Emit *emit)
{
	const Era *era = &emit->eras->items[emit->era];

	emit->keys_until = era->since;
	if (emit->ledger != NULL)
		ledger_idle(emit->ledger, era->since + 1);
}

uint64_t
emit_keys_until(const Emit *emit)
{
	return emit->keys_until;
}

/* Reads the shape of an era: once, as long as transactions of it follow each other. */
static void
turn_to_era(Emit *emit, size_t index)
{
	const Era *era = &emit->eras->items[index];

	if (emit->era == index)
		return;
	emit->era = index;
	emit->other_keys = !shape_same_stream(era->shape, emit->eras->items[0].shape);
	emit->rules = (RecordRules){
		.enveloped = shape_enveloped(era->shape),
		.tombstones = era->tombstones,
		.skipped = shape_skipped(era->shape),
		.tombstones_now = emit->options->tombstones,
		.deletes_now = (emit->options->skipped & operation_bit(OPERATION_DELETE)) == 0,
	};
}

Flow
emit_begin(Emit *emit, const EmitTxn *txn)
{
	turn_to_era(emit, eras_of(emit->eras, txn->commit_lsn));
	if (emit->other_keys)
	{
		stop_at_era(emit);
		return FLOW_BLOCKED;
	}
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
	emit->rules.copy = txn->lane != 0;
	emit->drafted = false;
	events_begin(emit->events, txn);
	return FLOW_ON;
}

/* Writes the schema id into the bytes that the plugin has left free for it, which lie in a buffer
 * of ours. True, too, for what is absent. */
static bool
put_id(Slice framed, int32_t id)
{
	if (framed.data == NULL)
		return true;
	if (framed.len < CONFLUENT_HEADER)
		return false;
	put_be32((uint8_t *) (uintptr_t) framed.data + 1, (uint32_t) id);
	return true;
}

/* Key, value and old row as they are sent: with their schemas' ids, or the key as a text. */
static bool
finish_bytes(Emit *emit, const Relation *relation, Draft *draft, Error *err)
{
	bool room;

	if (!events_finish(emit->events, relation, draft, err))
		return false;
	room = put_id(draft->value, relation->value.id) && put_id(draft->before, relation->value.id);

	if (draft->key.data != NULL && relation->text_key != NULL)
	{
		if (!text_key_write(relation->text_key, draft->key, &emit->text, err))
			return false;
		draft->key = buffer_slice(&emit->text);
	}
	else
		room = put_id(draft->key, relation->key.id) && room;
	return room || error_set(err, ERROR_DATA, "a row without room for its schema id");
}

/* first: of the transaction in its partition. */
static rd_kafka_headers_t *
headers_of(Emit *emit, const Relation *relation, const Draft *draft, bool first)
{
	bool row = relation != events_transactions(emit->events);
	const HeaderPlace place = {.options = emit->options,
							   .topic = row ? relation->topic : NULL,
							   .txn = &emit->txn,
							   .lsn = events_lsn(emit->events),
							   .enveloped = emit->rules.enveloped,
							   .with_position = first,
							   .source = emit->source};

	return headers_make(&place, draft, &emit->before);
}

static Flow
produce(Emit *emit, const Record *record, Error *err)
{
	Flow flow = FLOW_FAILED;

	switch (producer_send(emit->producer, record, err))
	{
		case PRODUCE_DONE:
			return FLOW_ON;
		case PRODUCE_FULL:
			flow = FLOW_BLOCKED;
			break;
		case PRODUCE_FAILED:
			break;
	}
	if (record->headers != NULL)
		rd_kafka_headers_destroy(record->headers);
	return flow;
}

static Flow
send_draft(Emit *emit, const Relation *relation, Draft draft, Error *err)
{
	Topic *topic = relation->topic;
	int32_t partition;
	PartitionCount *count;
	bool first;
	Record record;
	Flow flow;

	if (!finish_bytes(emit, relation, &draft, err))
	{
		error_add(err, "table \"%s.%s\"", topic->schema, topic->table);
		return FLOW_FAILED;
	}
	partition = draft.key.data == NULL ? topic->keyless_partition
									   : murmur2_partition(draft.key, topic->partitions);
	count = &topic->counts[partition];
	first = count->txn != emit->txn_number;
	record = (Record){.topic = topic->handle,
					  .partition = partition,
					  .timestamp_ms = emit->txn.commit_time / 1000,
					  .key = draft.key,
					  .value = draft.value,
					  .headers = headers_of(emit, relation, &draft, first),
					  .opaque = emit->seq};
	flow = produce(emit, &record, err);
	if (flow != FLOW_ON)
		return flow;
	*count = (PartitionCount){.txn = emit->txn_number, .n = first ? 1 : count->n + 1};
	if (emit->ledger != NULL)
		ledger_sent(emit->ledger);
	emit->records++;
	events_sent(emit->events, relation, &draft);
	return FLOW_ON;
}

/* BEGIN or END. */
static Flow
send_mark(Emit *emit, Draft mark, Error *err)
{
	const Relation *relation = events_transactions(emit->events);

	if (!relation_ready(relation))
		return FLOW_BLOCKED;
	topic_set_era(relation->topic, emit->eras, emit->era);
	return send_draft(emit, relation, mark, err);
}

static Flow
begin_events(Emit *emit, Error *err)
{
	Draft mark;
	Flow flow;

	if (emit->drafts.count == 0 || !events_begins(emit->events, &mark))
		return FLOW_ON;
	flow = send_mark(emit, mark, err);
	if (flow == FLOW_ON)
		events_begun(emit->events);
	return flow;
}

Flow
emit_commit(Emit *emit, Error *err)
{
	Draft mark;
	Flow flow = events_ends(emit->events, &mark) ? send_mark(emit, mark, err) : FLOW_ON;

	if (flow != FLOW_ON)
		return flow;
	events_commit(emit->events);
	if (emit->txn.lane == 0)
		metrics_transaction(producer_metrics(emit->producer));
	if (emit->ledger != NULL)
		ledger_commit(emit->ledger, emit->txn.end_lsn);
	return FLOW_ON;
}

/* Between several partitions there is no order, so that rows from before could come behind it. */
static bool
drop_truncate(const Emit *emit, const Topic *topic, Drafts *drafts, Error *err)
{
	if (drafts->count == 0 || drafts->items[0].operation != OPERATION_TRUNCATE ||
		topic->partitions == 1)
		return true;
	if (emit->options->truncate_partitions == TRUNCATE_FAIL)
		return error_set(
			err, ERROR_CONFIG,
			"table \"%s.%s\" was truncated, and topic \"%s\" has %d partitions, between "
			"which there is no order; truncate the destination by hand and set "
			"truncate.partitions=skip (or skipped.operations=t) to pass this one, or "
			"use a topic with one partition",
			topic->schema, topic->table, topic->name, topic->partitions);
	drafts->count = 0;
	drafts->left_out |= operation_bit(OPERATION_TRUNCATE);
	return true;
}

static void
count_left_out(const Emit *emit, Topic *topic)
{
	for (Operation operation = OPERATION_CREATE; operation < OPERATIONS; operation++)
		if (emit->drafts.left_out & operation_bit(operation))
			topic_leave_out(topic, operation);
}

/* Keys are ended: by records without a value, or by Debezium's events. */
static bool
ends_keys(const RecordRules *rules)
{
	return rules->enveloped ||
		   (rules->tombstones && (rules->skipped & operation_bit(OPERATION_DELETE)) == 0);
}

/* Of a row that is gone: the same records, but the last one ends the key. */
static void
end_key(Drafts *drafts)
{
	Draft *last;

	if (drafts->count == 0)
		return;
	last = &drafts->items[drafts->count - 1];
	*last = (Draft){.operation = OPERATION_DELETE, .key = last->key, .enveloped = last->enveloped};
}

static Flow
draft(Emit *emit, const Relation *relation, const Message *message, Error *err)
{
	const UnchangedTxn txn = {.xid = emit->txn.xid, .deletes = ends_keys(&emit->rules)};
	bool left_out = message->type == MESSAGE_UPDATE &&
					(emit->rules.skipped & operation_bit(OPERATION_UPDATE)) != 0;
	bool gone = false;
	Flow flow = FLOW_ON;

	if (!left_out)
		flow = unchanged_row(emit->unchanged, relation, txn, &message, &gone, err);
	if (flow != FLOW_ON)
		return flow;
	topic_set_era(relation->topic, emit->eras, emit->era);
	if (!records_of(&emit->rules, relation, message, &emit->drafts, err) ||
		!drop_truncate(emit, relation->topic, &emit->drafts, err))
		return FLOW_FAILED;
	if (gone)
		end_key(&emit->drafts);
	emit->drafted = true;
	emit->step = 0;
	return FLOW_ON;
}

Flow
emit_row(Emit *emit, const Message *message, Error *err)
{
	const Relation *relation = relations_get(emit->relations, message->relation, err);
	Flow begun;

	if (relation == NULL)
		return FLOW_FAILED;
	if (!relation_ready(relation))
		return FLOW_BLOCKED;
	if (!emit->drafted)
	{
		Flow flow = draft(emit, relation, message, err);

		if (flow != FLOW_ON)
			return flow;
	}
	events_row(emit->events, message->lsn);
	if ((begun = begin_events(emit, err)) != FLOW_ON)
		return begun;
	for (; emit->step < emit->drafts.count; emit->step++)
	{
		Flow flow = send_draft(emit, relation, emit->drafts.items[emit->step], err);

		if (flow != FLOW_ON)
			return flow;
	}
	count_left_out(emit, relation->topic);
	unchanged_done(emit->unchanged);
	emit->drafted = false;
	return FLOW_ON;
}

void
emit_copy_last(Emit *emit, bool of_copy)
{
	events_last(emit->events, of_copy);
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

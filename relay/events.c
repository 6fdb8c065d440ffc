/*
 * relay/events.c - see events.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/events.h"

#include "core/memory.h"
#include "relay/envelope.h"
#include "relay/transactions.h"

#include <time.h>

struct Events
{
	EnvelopeOrigin origin;
	EmitTxn txn;
	uint64_t row_lsn;	   /* of the message at hand */
	uint64_t last_end_lsn; /* of the transaction before */
	uint64_t sent;		   /* in all transactions */
	uint64_t sent_in_txn;
	const Relation *relation;	/* of transactions; NULL: they have no records */
	Transactions *transactions; /* the same */
	EnvelopeSnapshot last;		/* of the row at hand, where it is the last one; else STREAM */
	bool begun;					/* BEGIN is sent */
	Buffer envelope;			/* of the record at hand */
	Buffer new_key;
	Buffer old_key;
	Buffer key; /* of BEGIN or END */
	Buffer value;
};

Events *
events_new(const RelayOptions *options, const Relations *relations, uint64_t last_end_lsn)
{
	Events *events = xcalloc(1, sizeof *events);
	Buffer *const buffers[] = {&events->envelope, &events->new_key, &events->old_key, &events->key,
							   &events->value};

	for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
		buffer_init(buffers[i], SIZE_MAX);
	events->origin = (EnvelopeOrigin){.name = options->topic_prefix, .database = options->database};
	events->last_end_lsn = last_end_lsn;
	events->relation = relations_transactions(relations);
	if (events->relation != NULL)
		events->transactions = transactions_new();
	return events;
}

void
events_free(Events *events)
{
	if (events == NULL)
		return;
	transactions_free(events->transactions);
	buffer_done(&events->envelope);
	buffer_done(&events->new_key);
	buffer_done(&events->old_key);
	buffer_done(&events->key);
	buffer_done(&events->value);
	free(events);
}

void
events_begin(Events *events, const EmitTxn *txn)
{
	events->txn = *txn;
	events->sent_in_txn = 0;
	events->last = ENVELOPE_STREAM;
	events->begun = false;
	if (events->transactions != NULL)
		transactions_begin(events->transactions, txn->xid, txn->end_lsn, txn->commit_time);
}

void
events_row(Events *events, uint64_t lsn)
{
	events->row_lsn = lsn == 0 ? events->txn.commit_lsn : lsn;
}

uint64_t
events_lsn(const Events *events)
{
	return events->row_lsn;
}

void
events_last(Events *events, bool of_copy)
{
	events->last = of_copy ? ENVELOPE_LAST : ENVELOPE_LAST_OF_TABLE;
}

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static EnvelopeSnapshot
snapshot_mark(const Events *events)
{
	if (events->txn.lane == 0 || events->last != ENVELOPE_STREAM)
		return events->last;
	if (events->sent == 0)
		return ENVELOPE_FIRST;
	return events->sent_in_txn == 0 ? ENVELOPE_FIRST_OF_TABLE : ENVELOPE_COPIED;
}

static bool
make_envelope(Events *events, const Relation *relation, Draft *draft, Error *err)
{
	EnvelopeOrder order = {0};
	const EnvelopeEvent event = {
		.op = operation_letter(draft->operation),
		.before = draft->old,
		.after = draft->value,
		.origin = &events->origin,
		.snapshot = snapshot_mark(events),
		.schema = relation->topic->schema,
		.table = relation->topic->table,
		.commit_time = events->txn.commit_time,
		.xid = events->txn.xid,
		.lsn = events->row_lsn,
		.last_commit_lsn = events->last_end_lsn,
		.order = events->transactions == NULL ? NULL : &order,
		.now_ns = now_ns(),
	};

	if (events->transactions != NULL)
		order = transactions_next(events->transactions, relation->collection);
	buffer_clear(&events->envelope);
	if (!envelope_write(&event, &events->envelope))
		return error_set(err, ERROR_DATA, "an envelope is too large");
	draft->value = buffer_slice(&events->envelope);
	return true;
}

/* A key as JSON, in place of its Avro; absent where it has none. */
static bool
name_key(const Relation *relation, Slice *key, Buffer *text, Error *err)
{
	if (key->data == NULL)
		return true;
	if (relation->json_key == NULL)
		*key = SLICE_ABSENT;
	else if (!text_key_write(relation->json_key, *key, text, err))
		return false;
	else
		*key = buffer_slice(text);
	return true;
}

bool
events_finish(Events *events, const Relation *relation, Draft *draft, Error *err)
{
	return name_key(relation, &draft->new_key, &events->new_key, err) &&
		   name_key(relation, &draft->old_key, &events->old_key, err) &&
		   (!draft->enveloped || make_envelope(events, relation, draft, err));
}

void
events_sent(Events *events, const Relation *relation, const Draft *draft)
{
	if (relation == events->relation)
		return;
	events->sent++;
	events->sent_in_txn++;
	if (events->transactions != NULL && !draft->follows)
		transactions_count(events->transactions, relation->collection);
}

const Relation *
events_transactions(const Events *events)
{
	return events->relation;
}

static void
fill(Events *events, Draft *out)
{
	*out = (Draft){.operation = OPERATION_CREATE,
				   .key = buffer_slice(&events->key),
				   .value = buffer_slice(&events->value)};
}

bool
events_begins(Events *events, Draft *out)
{
	if (events->transactions == NULL || events->begun)
		return false;
	buffer_clear(&events->key);
	buffer_clear(&events->value);
	transactions_write_begin(events->transactions, events->row_lsn, &events->key, &events->value);
	fill(events, out);
	return true;
}

void
events_begun(Events *events)
{
	events->begun = true;
}

bool
events_ends(Events *events, Draft *out)
{
	if (!events->begun)
		return false;
	buffer_clear(&events->key);
	buffer_clear(&events->value);
	transactions_write_end(events->transactions, &events->key, &events->value);
	fill(events, out);
	return true;
}

void
events_commit(Events *events)
{
	events->begun = false;
	if (events->txn.lane == 0)
		events->last_end_lsn = events->txn.end_lsn;
}

/*
 * relay/events.h - what Debezium's formats have beside rows: envelopes, the names of keys in
 * headers, and the records of transactions. Knows the transaction at hand.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_EVENTS_H
#define WAL2AVRO_RELAY_EVENTS_H

#include "relay/emit.h"
#include "relay/records.h"

typedef struct Events Events;

/* All are borrowed. last_end_lsn: the end of the transaction before the first one; 0: none. */
Events *events_new(const RelayOptions *options, const Relations *relations, uint64_t last_end_lsn);
void events_free(Events *events);

void events_begin(Events *events, const EmitTxn *txn);

/* The message at hand; lsn 0: a row of a copy. */
void events_row(Events *events, uint64_t lsn);

/* Of that message, as envelopes have it. */
uint64_t events_lsn(const Events *events);

/* The next row is the last of its table in a copy; of_copy: of the last one. */
void events_last(Events *events, bool of_copy);

/* Puts the envelope in the place of an event's rows, and JSON in the place of the keys that headers
 * name. The slices are the events' until the next call. */
bool events_finish(Events *events, const Relation *relation, Draft *draft, Error *err);

/* The record is on its way: it is counted in its transaction. */
void events_sent(Events *events, const Relation *relation, const Draft *draft);

/* The relation of BEGIN and END; NULL: none is sent. */
const Relation *events_transactions(const Events *events);

/* BEGIN, in front of the first event, and END: true when it has to be sent now, until
 * events_begun, or events_commit, is called. */
bool events_begins(Events *events, Draft *out);
void events_begun(Events *events);
bool events_ends(Events *events, Draft *out);
void events_commit(Events *events);

#endif

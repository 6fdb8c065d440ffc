/*
 * relay/transactions.h - Debezium's records of transactions: BEGIN and END in the topic
 * <topic.prefix>.transaction, and each event's place in its transaction.
 *
 * An event is what Debezium counts: a change of a row, two for an update that changes the key, and
 * one for each truncated table; tombstones behind a delete are none. A transaction without events
 * has no records. Everything follows from the transaction, so that one that is sent again is
 * counted as before. Pure: no I/O.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_TRANSACTIONS_H
#define WAL2AVRO_RELAY_TRANSACTIONS_H

#include "core/buffer.h"
#include "relay/envelope.h"

typedef struct Transactions Transactions;

/* The schemas of the topic's keys and values; for the caller to free. */
char *transactions_key_schema(void);
char *transactions_value_schema(void);

Transactions *transactions_new(void);
void transactions_free(Transactions *transactions);

/* A transaction begins, without events. commit_time: microseconds since 1970 UTC. */
void transactions_begin(Transactions *transactions, uint32_t xid, uint64_t end_lsn,
						int64_t commit_time);

/* The place that the next event of a table has. table: schema.table. */
EnvelopeOrder transactions_next(const Transactions *transactions, const char *table);

/* The event is sent. */
void transactions_count(Transactions *transactions, const char *table);

/* Of all tables. */
uint64_t transactions_events(const Transactions *transactions);

/* Append the key and the value of BEGIN (lsn: of the first event) or END, each behind
 * CONFLUENT_HEADER bytes of 0. */
void transactions_write_begin(const Transactions *transactions, uint64_t lsn, Buffer *key,
							  Buffer *value);
void transactions_write_end(const Transactions *transactions, Buffer *key, Buffer *value);

#endif

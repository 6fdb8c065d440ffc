/*
 * relay/ledger.h - remembers transactions in flight and knows the LSN that may be confirmed. No
 * I/O, no clock.
 *
 * Transactions stand in commit order in a ring. The flush LSN moves only over the contiguous prefix
 * of those that are committed and whose messages are all acknowledged, whatever the order in which
 * acknowledgements come.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_LEDGER_H
#define WAL2AVRO_RELAY_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Ledger Ledger;

/* Number in commit order, from 1; travels as the message opaque, so that no envelope is allocated
 * per message. Given again when nothing of its transaction was in flight at its commit. */
typedef uint64_t TxnSeq;

/* start_lsn: what the flush LSN is before anything is acknowledged. max: the most transactions that
 * may be open at once. */
Ledger *ledger_new(uint64_t start_lsn, size_t max);
void ledger_free(Ledger *ledger);

/* No further transaction may begin before some are acknowledged. */
bool ledger_full(const Ledger *ledger);

/* One transaction at a time is open: begin, sent..., commit. The ledger must not be full. */
TxnSeq ledger_begin(Ledger *ledger);
void ledger_sent(Ledger *ledger);
void ledger_commit(Ledger *ledger, uint64_t end_lsn);

/* Acknowledges one message of a transaction, open or committed. */
void ledger_acked(Ledger *ledger, TxnSeq txn);

/* A keepalive: everything before wal_end has been received. Also moves the slot, once what stands
 * before is acknowledged; means nothing within a transaction. */
void ledger_idle(Ledger *ledger, uint64_t wal_end);

/* Everything before it is acknowledged. Never goes back. */
uint64_t ledger_flush_lsn(const Ledger *ledger);

/* Messages sent and not acknowledged. */
uint64_t ledger_pending(const Ledger *ledger);

#endif

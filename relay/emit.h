/*
 * relay/emit.h - makes Kafka records of rows: partition, number, headers, tombstones.
 *
 * Everything that decides about a record (docs/wire.md, section 2) is a function of the row, of its
 * transaction and of the era, so that a record that is sent again is the same. A call that cannot
 * go on gives FLOW_BLOCKED and is made again with the same message.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_EMIT_H
#define WAL2AVRO_RELAY_EMIT_H

#include "common/wire.h"
#include "relay/flow.h"
#include "relay/relations.h"
#include "relay/unchanged.h"

typedef struct Emit Emit;

typedef struct EmitTxn
{
	uint32_t lane; /* 0: the stream; from 1: a table of the first copy */
	uint32_t xid;
	uint64_t commit_lsn;
	uint64_t end_lsn;
	int64_t commit_time; /* microseconds since 1970-01-01 UTC */
} EmitTxn;

/* All are borrowed; the eras' shapes stay as they are. ledger NULL: a copy, which no LSN is
 * confirmed by. source: the slot's token. */
Emit *emit_new(const RelayOptions *options, Producer *producer, Ledger *ledger,
			   Relations *relations, Unchanged *unchanged, const Eras *eras, uint64_t source);
void emit_free(Emit *emit);

/* FLOW_BLOCKED, too, for a transaction whose keys are made otherwise than this session's, which are
 * those of the oldest era. */
Flow emit_begin(Emit *emit, const EmitTxn *txn);

/* Since which LSN keys are made otherwise, where a transaction waits for that; 0: none does. All
 * that was before it is on its way or acknowledged. */
uint64_t emit_keys_until(const Emit *emit);

/* INSERT, UPDATE, DELETE or TRUNCATE within a transaction. Writes the schema ids into the message's
 * key and value. */
Flow emit_row(Emit *emit, const Message *message, Error *err);

/* FLOW_BLOCKED: to be called again. */
Flow emit_commit(Emit *emit, Error *err);

/* The next row is the last of its table in a copy; of_copy: of the last one. */
void emit_copy_last(Emit *emit, bool of_copy);

/* Of the transaction that began last; microseconds since 1970 UTC. */
int64_t emit_commit_time(const Emit *emit);

/* Records given to the producer so far. */
uint64_t emit_records(const Emit *emit);

#endif

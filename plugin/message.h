/*
 * plugin/message.h - appends whole messages of docs/wire.md to the output.
 *
 * Each function adds one message that is complete when the function returns; an ERROR on the way
 * leaves a torso for output_rewind(). The stream and the SQL functions share them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_MESSAGE_H
#define WAL2AVRO_PLUGIN_MESSAGE_H

#include "plugin/compat.h"

#include "access/htup.h"

#include "plugin/plan.h"

/* What a row says of itself: the relation number, its xid inside a stream, else 0, and its place in
 * the log. */
typedef struct RowHead
{
	uint32 number;
	TransactionId xid;
	XLogRecPtr lsn; /* of the change; 0 in a function */
} RowHead;

void message_begin(Output *out, const ReorderBufferTXN *txn);
void message_commit(Output *out, const ReorderBufferTXN *txn, XLogRecPtr commit_lsn);
void message_relation(Output *out, const Plan *plan, uint32 number);

void message_insert(Output *out, Plan *plan, RowHead head, HeapTuple tuple);

/* old_tuple: what the replica identity makes the server log; NULL when the key stayed. */
void message_update(Output *out, Plan *plan, RowHead head, HeapTuple old_tuple, HeapTuple tuple);

/* old_tuple NULL: the table has no replica identity, and the message no key. */
void message_delete(Output *out, Plan *plan, RowHead head, HeapTuple old_tuple);
/* flags: as common/wire.h has them. */
void message_truncate(Output *out, RowHead head, uint8_t flags);

void message_stream_start(Output *out, TransactionId xid);
void message_stream_stop(Output *out);
void message_stream_commit(Output *out, const ReorderBufferTXN *txn, XLogRecPtr commit_lsn);
void message_stream_abort(Output *out, TransactionId xid, TransactionId subxid);

#endif

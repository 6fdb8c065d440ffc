/*
 * plugin/message.c - see message.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/message.h"

#include "datatype/timestamp.h"

#include "common/avro.h"
#include "plugin/tuple.h"

/* From 2000, as the server counts, to 1970, in microseconds. */
#define EPOCH_MICROS ((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

static void
put_commit(Output *out, const ReorderBufferTXN *txn, XLogRecPtr commit_lsn)
{
	output_u64(out, commit_lsn);
	output_u64(out, txn->end_lsn);
	output_u64(out, (uint64) (txn->xact_time.commit_time + EPOCH_MICROS));
}

void
message_begin(Output *out, const ReorderBufferTXN *txn)
{
	output_message_begin(out, MESSAGE_BEGIN);
	put_commit(out, txn, txn->final_lsn);
	output_u32(out, txn->xid);
	output_message_end(out);
}

void
message_commit(Output *out, const ReorderBufferTXN *txn, XLogRecPtr commit_lsn)
{
	output_message_begin(out, MESSAGE_COMMIT);
	put_commit(out, txn, commit_lsn);
	output_u32(out, txn->xid);
	output_message_end(out);
}

static void
put_schema(Output *out, const char *schema)
{
	output_u32(out, (uint32) strlen(schema));
	output_bytes(out, schema, strlen(schema));
}

void
message_relation(Output *out, const Plan *plan, uint32 number)
{
	output_message_begin(out, MESSAGE_RELATION);
	output_u32(out, number);
	output_u32(out, plan->relid);
	output_text(out, plan->namespace_name);
	output_text(out, plan->table_name);
	if (plan->key_schema != NULL)
		put_schema(out, plan->key_schema);
	else
		output_blob_absent(out);
	put_schema(out, plan->value_schema);
	output_message_end(out);
}

static void
begin_row(Output *out, MessageType type, RowHead head)
{
	output_message_begin(out, type);
	output_u32(out, head.number);
	output_u32(out, head.xid);
	output_u64(out, head.lsn);
}

/* Begins a blob with the framing that the relay fills with the registry's schema id. */
static size_t
begin_framed(Output *out)
{
	size_t blob = output_blob_begin(out);

	memset(output_reserve(out, CONFLUENT_HEADER), 0, CONFLUENT_HEADER);
	out->len += CONFLUENT_HEADER;
	return blob;
}

/* The key of a row, or none. Returns the blob. */
static size_t
put_key(Output *out, const Plan *plan, const Image *image)
{
	size_t blob = out->len;

	if (plan->key == NULL)
	{
		output_blob_absent(out);
		return blob;
	}
	blob = begin_framed(out);
	tuple_put_key(out, plan, image);
	output_blob_end(out, blob);
	return blob;
}

static void
put_notes(Output *out, const StringInfoData *notes)
{
	size_t blob;

	if (notes->data == NULL)
	{
		output_blob_absent(out);
		return;
	}
	blob = output_blob_begin(out);
	output_bytes(out, notes->data, (size_t) notes->len);
	output_blob_end(out, blob);
}

/* A whole row and its notes. */
static void
put_row(Output *out, const Plan *plan, const Image *image)
{
	StringInfoData notes = {0};
	size_t blob = begin_framed(out);

	tuple_put_row(out, plan, image, &notes);
	output_blob_end(out, blob);
	put_notes(out, &notes);
}

/* The row that was and its notes, where they are wanted and known. */
static void
put_before(Output *out, const Plan *plan, bool has_old)
{
	if (plan->sends_old_rows && has_old)
		put_row(out, plan, &plan->old_row);
	else
	{
		output_blob_absent(out);
		output_blob_absent(out);
	}
}

void
message_insert(Output *out, Plan *plan, RowHead head, HeapTuple tuple)
{
	tuple_take(plan, tuple, false);
	begin_row(out, MESSAGE_INSERT, head);
	put_key(out, plan, &plan->row);
	put_row(out, plan, &plan->row);
	output_message_end(out);
}

/* Old key and key, one behind the other; the old one gives way when it is the same. */
static void
put_both_keys(Output *out, const Plan *plan)
{
	size_t old_key = put_key(out, plan, &plan->old_row);
	size_t key = put_key(out, plan, &plan->row);

	if (!slice_equal(output_blob(out, old_key), output_blob(out, key)))
		return;
	out->len = old_key;
	output_blob_absent(out);
	put_key(out, plan, &plan->row);
}

static void
put_keys(Output *out, const Plan *plan, bool has_old)
{
	if (plan->key != NULL && plan->old_key == OLD_KEY_UNKNOWN)
	{
		output_blob_end(out, output_blob_begin(out));
		put_key(out, plan, &plan->row);
	}
	else if (plan->key != NULL && has_old)
		put_both_keys(out, plan);
	else
	{
		output_blob_absent(out);
		put_key(out, plan, &plan->row);
	}
}

void
message_update(Output *out, Plan *plan, RowHead head, HeapTuple old_tuple, HeapTuple tuple)
{
	bool has_old = old_tuple != NULL;

	if (has_old)
		tuple_take_old(plan, old_tuple);
	tuple_take(plan, tuple, has_old);
	begin_row(out, MESSAGE_UPDATE, head);
	put_keys(out, plan, has_old);
	put_row(out, plan, &plan->row);
	put_before(out, plan, has_old);
	output_message_end(out);
}

void
message_delete(Output *out, Plan *plan, RowHead head, HeapTuple old_tuple)
{
	bool has_old = old_tuple != NULL;

	if (has_old)
		tuple_take_old(plan, old_tuple);
	begin_row(out, MESSAGE_DELETE, head);
	if (has_old && plan->old_key != OLD_KEY_UNKNOWN)
		put_key(out, plan, &plan->old_row);
	else
		output_blob_absent(out);
	put_before(out, plan, has_old);
	output_message_end(out);
}

void
message_truncate(Output *out, RowHead head, uint8_t flags)
{
	begin_row(out, MESSAGE_TRUNCATE, head);
	output_u8(out, flags);
	output_message_end(out);
}

void
message_stream_start(Output *out, TransactionId xid)
{
	output_message_begin(out, MESSAGE_STREAM_START);
	output_u32(out, xid);
	output_message_end(out);
}

void
message_stream_stop(Output *out)
{
	output_message_begin(out, MESSAGE_STREAM_STOP);
	output_message_end(out);
}

void
message_stream_commit(Output *out, const ReorderBufferTXN *txn, XLogRecPtr commit_lsn)
{
	output_message_begin(out, MESSAGE_STREAM_COMMIT);
	output_u32(out, txn->xid);
	put_commit(out, txn, commit_lsn);
	output_message_end(out);
}

void
message_stream_abort(Output *out, TransactionId xid, TransactionId subxid)
{
	output_message_begin(out, MESSAGE_STREAM_ABORT);
	output_u32(out, xid);
	output_u32(out, subxid);
	output_message_end(out);
}

/*
 * plugin/plugin.c - the output plugin "wal2avro": the callbacks of logical decoding.
 *
 * Every callback starts with enter(), which drops what an error has left of the callback before it:
 * when a transaction in progress aborts, the server ends its decoding by an error in the middle of
 * a row, and goes on with the next callback. Frames are written when they are full, and always at
 * commit and stream stop, so that an idle walsender never confirms rows that it has not sent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/compat.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "replication/output_plugin.h"
#include "utils/memutils.h"

#include "plugin/message.h"
#include "plugin/options.h"
#include "plugin/relation.h"
#include "plugin/settings.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_output_plugin_init(OutputPluginCallbacks *cb);

/* State of one decoding session; lives in the decoding context. */
typedef struct Session
{
	Options options;
	Output out;
	RelationCache *relations;
	MemoryContext row_context; /* reset with every callback */
	bool begun;				   /* B or s of the transaction, or block, at hand is out */
	bool streaming;			   /* inside a block of a transaction in progress */
	bool settings_fixed;	   /* for the server's transaction around this one's callbacks */
	int changes_filtered;	   /* since progress was reported last */
} Session;

static Session *
enter(LogicalDecodingContext *ctx)
{
	Session *session = ctx->output_plugin_private;

	output_rewind(&session->out);
	MemoryContextReset(session->row_context);
	return session;
}

static void
startup(LogicalDecodingContext *ctx, OutputPluginOptions *options, bool is_init)
{
	Session *session = MemoryContextAllocZero(ctx->context, sizeof *session);
	MemoryContext old = MemoryContextSwitchTo(ctx->context);

	options->output_type = OUTPUT_PLUGIN_BINARY_OUTPUT;
	ctx->output_plugin_private = session;
	/* A slot is created without options, and then nothing is decoded. */
	if (!is_init)
	{
		options_from_list(&session->options, ctx->output_plugin_options);
		ctx->streaming = ctx->streaming && session->options.streaming;
		output_init(&session->out, ctx->context, (size_t) session->options.frame_bytes);
		session->relations = relation_cache_new(
			AllocSetContextCreate(ctx->context, "wal2avro relations", ALLOCSET_DEFAULT_SIZES),
			&session->options);
		session->row_context =
			AllocSetContextCreate(ctx->context, "wal2avro row", ALLOCSET_DEFAULT_SIZES);
	}
	MemoryContextSwitchTo(old);
}

static void
begin(LogicalDecodingContext *ctx, ReorderBufferTXN *txn)
{
	Session *session = enter(ctx);

	(void) txn;
	session->begun = false;
	session->streaming = false;
	session->settings_fixed = false;
}

/* Sends B or s before the first row. That a block was sent is noted in the transaction, since only
 * then its end means something to the relay. */
static void
ensure_begun(Session *session, ReorderBufferTXN *txn)
{
	if (session->begun)
		return;
	if (session->streaming)
	{
		message_stream_start(&session->out, txn->xid);
		txn->output_plugin_private = session;
	}
	else
		message_begin(&session->out, txn);
	session->begun = true;
}

/* The head of a row of this table, after what has to come before it. */
static RowHead
ensure_announced(Session *session, RelationEntry *entry, ReorderBufferTXN *txn,
				 const ReorderBufferChange *change)
{
	ensure_begun(session, txn);
	if (!entry->version->sent)
	{
		message_relation(&session->out, entry->plan, entry->version->number);
		entry->version->sent = true;
	}
	if (entry->plan->needs_settings && !session->settings_fixed)
	{
		settings_fix();
		session->settings_fixed = true;
	}
	return (RowHead){.number = entry->version->number,
					 .xid = session->streaming ? change->txn->xid : 0,
					 .lsn = change->lsn};
}

static RelationEntry *
find_entry(Session *session, Relation relation)
{
	RelationEntry *entry = relation_find(session->relations, RelationGetRelid(relation));

	return entry != NULL ? entry : relation_load(session->relations, relation);
}

/* What leaves no trace in the stream must still keep the connection alive. */
static void
note_filtered(Session *session, LogicalDecodingContext *ctx)
{
	if (PROGRESS_EVERY_CHANGES == 0 || ++session->changes_filtered < PROGRESS_EVERY_CHANGES)
		return;
	OutputPluginUpdateProgress(ctx, false);
	session->changes_filtered = 0;
}

static void
put_row(Session *session, Plan *plan, RowHead head, const ReorderBufferChange *change)
{
	HeapTuple old_tuple = change_tuple(change->data.tp.oldtuple);
	HeapTuple new_tuple = change_tuple(change->data.tp.newtuple);

	if (change->action == REORDER_BUFFER_CHANGE_INSERT)
		message_insert(&session->out, plan, head, new_tuple);
	else if (change->action == REORDER_BUFFER_CHANGE_UPDATE)
		message_update(&session->out, plan, head, old_tuple, new_tuple);
	else if (change->action == REORDER_BUFFER_CHANGE_DELETE)
		message_delete(&session->out, plan, head, old_tuple);
	else
		elog(ERROR, "unexpected kind of change: %d", (int) change->action);
}

static void
change_row(LogicalDecodingContext *ctx, ReorderBufferTXN *txn, Relation relation,
		   ReorderBufferChange *change)
{
	Session *session = enter(ctx);
	MemoryContext old = MemoryContextSwitchTo(session->row_context);
	RelationEntry *entry = find_entry(session, relation);

	CHECK_FOR_INTERRUPTS();
	if (entry->plan != NULL)
	{
		RowHead head = ensure_announced(session, entry, txn, change);

		put_row(session, entry->plan, head, change);
		if (output_is_full(&session->out))
			output_write(&session->out, ctx);
	}
	else
		note_filtered(session, ctx);
	MemoryContextSwitchTo(old);
	MemoryContextReset(session->row_context);
}

/* Its root is not truncated by the same statement. */
static bool
is_without_root(Oid root, int relations_len, const Relation relations[])
{
	for (int i = 0; i < relations_len; i++)
		if (RelationGetRelid(relations[i]) == root)
			return false;
	return true;
}

/* What is said of one of the tables that a statement truncates: 0 or more flags; false: nothing. */
static bool
truncate_flags(const RelationEntry *entry, int table, int relations_len, const Relation relations[],
			   uint8_t *flags)
{
	if (entry->plan == NULL)
		return false;
	if (entry->plan->relid == entry->relid)
		return true;
	*flags |= WIRE_TRUNCATE_PARTITION;
	return relations[table]->rd_rel->relkind == RELKIND_RELATION &&
		   is_without_root(entry->plan->relid, relations_len, relations);
}

static void
truncate_tables(LogicalDecodingContext *ctx, ReorderBufferTXN *txn, int relations_len,
				Relation relations[], ReorderBufferChange *change)
{
	Session *session = enter(ctx);
	MemoryContext old = MemoryContextSwitchTo(session->row_context);
	const uint8_t all = (change->data.truncate.cascade ? WIRE_TRUNCATE_CASCADE : 0) |
						(change->data.truncate.restart_seqs ? WIRE_TRUNCATE_RESTART_IDENTITY : 0);

	for (int i = 0; i < relations_len; i++)
	{
		RelationEntry *entry = find_entry(session, relations[i]);
		uint8_t flags = all;

		if (truncate_flags(entry, i, relations_len, relations, &flags))
			message_truncate(&session->out, ensure_announced(session, entry, txn, change), flags);
	}
	if (output_is_full(&session->out))
		output_write(&session->out, ctx);
	MemoryContextSwitchTo(old);
}

static void
commit(LogicalDecodingContext *ctx, ReorderBufferTXN *txn, XLogRecPtr commit_lsn)
{
	Session *session = enter(ctx);

	OutputPluginUpdateProgress(ctx, !session->begun);
	if (!session->begun)
		return;
	message_commit(&session->out, txn, commit_lsn);
	output_write(&session->out, ctx);
}

static void
stream_start(LogicalDecodingContext *ctx, ReorderBufferTXN *txn)
{
	Session *session = enter(ctx);

	(void) txn;
	session->begun = false;
	session->streaming = true;
	session->settings_fixed = false;
}

static void
stream_stop(LogicalDecodingContext *ctx, ReorderBufferTXN *txn)
{
	Session *session = enter(ctx);

	(void) txn;
	session->streaming = false;
	if (!session->begun)
		return;
	message_stream_stop(&session->out);
	output_write(&session->out, ctx);
}

static void
stream_abort(LogicalDecodingContext *ctx, ReorderBufferTXN *txn, XLogRecPtr abort_lsn)
{
	Session *session = enter(ctx);
	const ReorderBufferTXN *top = txn->toptxn != NULL ? txn->toptxn : txn;

	(void) abort_lsn;
	if (top->output_plugin_private == NULL)
		return;
	message_stream_abort(&session->out, top->xid, txn->xid);
	output_write(&session->out, ctx);
}

static void
stream_commit(LogicalDecodingContext *ctx, ReorderBufferTXN *txn, XLogRecPtr commit_lsn)
{
	Session *session = enter(ctx);
	bool sent = txn->output_plugin_private != NULL;

	OutputPluginUpdateProgress(ctx, !sent);
	if (!sent)
		return;
	message_stream_commit(&session->out, txn, commit_lsn);
	output_write(&session->out, ctx);
}

void
_PG_output_plugin_init(OutputPluginCallbacks *cb)
{
	cb->startup_cb = startup;
	cb->begin_cb = begin;
	cb->change_cb = change_row;
	cb->truncate_cb = truncate_tables;
	cb->commit_cb = commit;
	cb->stream_start_cb = stream_start;
	cb->stream_stop_cb = stream_stop;
	cb->stream_abort_cb = stream_abort;
	cb->stream_commit_cb = stream_commit;
	cb->stream_change_cb = change_row;
	cb->stream_truncate_cb = truncate_tables;
}

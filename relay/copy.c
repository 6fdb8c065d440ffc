/*
 * relay/copy.c - see copy.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/copy.h"

#include "common/lsn.h"
#include "core/fault.h"
#include "core/log.h"
#include "relay/confirm.h"
#include "relay/slot.h"
#include "relay/snapshot.h"
#include "relay/stream.h"

#include <inttypes.h>
#include <poll.h>

/* Frames (rows) taken before the loop looks at anything else. */
#define ROWS_PER_TURN 1000
#define TURN_MS		  1000
#define STUCK_MS	  3000 /* blocked for so long: said in the status */

typedef struct Copy
{
	const Setting *setting;
	Pipeline pipeline;
	Confirm *confirm;
	Snapshot *snapshot;
	StoredPosition *position;
	bool in_transaction;
	bool slot_useless; /* created, and no position says yet that it counts */
	int64_t moved_ms;  /* when it was last not blocked */
} Copy;

static void
wake(void *context, int revents)
{
	(void) context;
	(void) revents;
}

/* Queues the position; the queue has room again when the broker has taken something. */
static bool
send_position(Copy *copy, Error *err)
{
	for (;;)
	{
		switch (confirm_write(copy->confirm, err))
		{
			case PRODUCE_DONE:
				return true;
			case PRODUCE_FAILED:
				return false;
			case PRODUCE_FULL:
				break;
		}
		loop_once(copy->setting->loop, TURN_MS);
		if (loop_stopping(copy->setting->loop))
			return error_set(err, ERROR_RETRY, "interrupted");
		if (!pipeline_check(&copy->pipeline, err))
			return false;
	}
}

/* Says that a copy has begun, before anything that must be undone exists. */
static bool
store_copying(Copy *copy, Error *err)
{
	copy->position->state = POSITION_COPYING;
	return producer_init_transactions(copy->pipeline.producer, err) &&
		   producer_begin(copy->pipeline.producer, err) && send_position(copy, err) &&
		   producer_commit(copy->pipeline.producer, err);
}

static bool
create_slot(Copy *copy, PGconn *query, PGconn *replication, bool drop_slot, char **exported,
			Error *err)
{
	const RelayOptions *options = copy->setting->options;

	if (drop_slot && !slot_drop(query, options->slot, err))
		return false;
	if (!stream_create_slot(replication, copy->setting->loop, options->slot, true,
							&copy->position->lsn, exported, err))
		return false;
	copy->slot_useless = true;
	log_info("slot \"%s\": created at " LSN_FORMAT, options->slot, LSN_ARGS(copy->position->lsn));
	if (fault("relay.after-slot"))
		return error_set(err, ERROR_RETRY, "fault at relay.after-slot");
	return true;
}

/* What a turn of a table came to. */
typedef enum Rows
{
	ROWS_MORE,
	ROWS_WAIT,	  /* for the server */
	ROWS_BLOCKED, /* until Kafka or the registry has answered */
	ROWS_END,
	ROWS_FAILED,
} Rows;

static Rows
take_rows(Copy *copy, Error *err)
{
	static const Rows rows[] = {
		[SNAPSHOT_NOTHING] = ROWS_WAIT, [SNAPSHOT_END] = ROWS_END, [SNAPSHOT_FAILED] = ROWS_FAILED};

	for (int i = 0; i < ROWS_PER_TURN; i++)
	{
		Flow flow = feed_continue(copy->pipeline.feed, err);
		SnapshotResult result;
		Slice frame;

		if (flow != FLOW_ON)
			return flow == FLOW_BLOCKED ? ROWS_BLOCKED : ROWS_FAILED;
		result = snapshot_next(copy->snapshot, &frame, err);
		if (result != SNAPSHOT_FRAME)
			return rows[result];
		if (snapshot_ends_table(copy->snapshot))
			feed_copy_last(copy->pipeline.feed, snapshot_ends_copy(copy->snapshot));
		feed_frame(copy->pipeline.feed, frame);
		/* The routing is stored with the copy itself. */
		feed_routing_stored(copy->pipeline.feed);
		if (fault("relay.during-copy"))
		{
			error_set(err, ERROR_RETRY, "fault at relay.during-copy");
			return ROWS_FAILED;
		}
	}
	return ROWS_MORE;
}

static void
say_whether_stuck(Copy *copy, Rows rows)
{
	const Setting *setting = copy->setting;
	int64_t now = loop_now_ms();

	if (rows != ROWS_BLOCKED)
	{
		copy->moved_ms = now;
		task_waiting(setting->task, NULL);
	}
	else if (now - copy->moved_ms >= STUCK_MS)
		task_waiting(setting->task, registries_stuck(setting->registries));
}

static bool
turn(Copy *copy, Rows rows, Error *err)
{
	Loop *loop = copy->setting->loop;

	say_whether_stuck(copy, rows);
	loop_watch(loop, snapshot_socket(copy->snapshot), rows == ROWS_WAIT ? POLLIN : 0, wake, NULL);
	loop_once(loop, rows == ROWS_MORE ? 0 : TURN_MS);
	if (loop_stopping(loop))
		return error_set(err, ERROR_RETRY, "interrupted");
	return pipeline_check(&copy->pipeline, err);
}

static bool
copy_table(Copy *copy, size_t table, Error *err)
{
	const EmitTxn txn = {.lane = (uint32_t) table + 1,
						 .commit_lsn = copy->position->lsn,
						 .end_lsn = copy->position->lsn,
						 .commit_time = snapshot_time(copy->snapshot)};
	uint64_t before = emit_records(copy->pipeline.emit);
	Rows rows;

	relations_forget(copy->pipeline.relations);
	if (feed_copy_begin(copy->pipeline.feed, &txn) == FLOW_FAILED ||
		!snapshot_begin(copy->snapshot, table, err))
		return false;
	while ((rows = take_rows(copy, err)) != ROWS_END)
		if (rows == ROWS_FAILED || !turn(copy, rows, err))
			return false;
	feed_copy_end(copy->pipeline.feed);
	log_info("first copy of table %s: %" PRIu64 " rows", snapshot_table_name(copy->snapshot, table),
			 emit_records(copy->pipeline.emit) - before);
	return true;
}

/* A schema that the registry refuses must stop the copy, also that of a table without rows. */
static bool
wait_for_schemas(Copy *copy, Error *err)
{
	while (!relations_ready(copy->pipeline.relations))
		if (!turn(copy, ROWS_BLOCKED, err))
			return false;
	return relations_check(copy->pipeline.relations, err);
}

static bool
copy_tables(Copy *copy, Error *err)
{
	if (!producer_begin(copy->pipeline.producer, err))
		return false;
	copy->in_transaction = true;
	for (size_t i = 0; i < snapshot_tables(copy->snapshot); i++)
		if (!copy_table(copy, i, err))
			return false;
	if (!wait_for_schemas(copy, err))
		return false;
	copy->position->state = POSITION_STREAMING;
	if (!send_position(copy, err))
		return false;
	if (fault("relay.before-copy-commit"))
		return error_set(err, ERROR_RETRY, "fault at relay.before-copy-commit");
	/* From here on the transaction may have been committed, whatever we hear. */
	copy->slot_useless = false;
	if (!producer_commit(copy->pipeline.producer, err))
		return false;
	copy->in_transaction = false;
	if (fault("relay.after-copy-commit"))
		return error_set(err, ERROR_RETRY, "fault at relay.after-copy-commit");
	log_info("first copy: %zu tables, %" PRIu64 " rows; the stream begins at " LSN_FORMAT,
			 snapshot_tables(copy->snapshot), emit_records(copy->pipeline.emit),
			 LSN_ARGS(copy->position->lsn));
	return true;
}

static bool
run(Copy *copy, PGconn *query, PGconn *replication, bool drop_slot, Error *err)
{
	const RelayOptions *options = copy->setting->options;
	const PgTarget target = {.url = options->url,
							 .user = options->user,
							 .password = options->password,
							 .application_name = "wal2avro-relay copy"};
	AUTO_TEXT char *exported = NULL;

	return server_ensure_extension(query, err) && store_copying(copy, err) &&
		   create_slot(copy, query, replication, drop_slot, &exported, err) &&
		   snapshot_open(&target, options, copy->position->eras.items[0].shape, exported,
						 &copy->snapshot, err) &&
		   copy_tables(copy, err);
}

/* Leaves nothing behind that readers would wait for or that keeps the server's log. */
static void
undo(Copy *copy, PGconn *query)
{
	Error err;

	if (copy->in_transaction)
		producer_abort(copy->pipeline.producer);
	if (copy->slot_useless && !slot_drop(query, copy->setting->options->slot, &err))
		log_warn("the slot of the unfinished copy is left: %s", err.message);
}

bool
copy_run(const Setting *setting, PGconn *query, PGconn *replication, bool drop_slot,
		 int offsets_partitions, StoredPosition *position, Error *err)
{
	AUTO_TEXT char *transactional_id = position_transactional_id(setting->options->name);
	Copy copy = {.setting = setting, .position = position, .moved_ms = loop_now_ms()};
	bool ok = pipeline_open(&copy.pipeline, setting, position, NULL, transactional_id,
							TOPIC_TIMEOUT_MS, err);

	if (ok)
	{
		copy.confirm = confirm_new(setting, &copy.pipeline, position, offsets_partitions);
		ok = run(&copy, query, replication, drop_slot, err);
	}
	if (copy.snapshot != NULL)
		loop_forget(setting->loop, snapshot_socket(copy.snapshot));
	snapshot_free(copy.snapshot);
	if (!ok)
		undo(&copy, query);
	confirm_free(copy.confirm);
	pipeline_close(&copy.pipeline);
	return ok;
}

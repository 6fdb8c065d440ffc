/*
 * relay/snapshot_rows.c - the rows of a table, out of the server's COPY; see snapshot.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/snapshot_parts.h"

#include "common/bytes.h"

#include <string.h>

#define COPY_SIGNATURE		  "PGCOPY\n\377\r\n" /* and its NUL */
#define COPY_SIGNATURE_LENGTH 11
#define COPY_HEADER_LENGTH	  (COPY_SIGNATURE_LENGTH + 8) /* flags, length of the extension */

static bool
ask(Snapshot *snapshot, Error *err)
{
	const SnapshotTable *table = &snapshot->tables[snapshot->current];
	AUTO_TEXT char *sql = NULL;

	/* tuple.* is the whole row even when the table has a column named tuple. */
	if (snapshot->rows)
		sql = xasprintf("COPY (SELECT wal2avro.insert_message(tuple.*, '%s') FROM %s %s tuple) "
						"TO STDOUT (FORMAT binary)",
						snapshot->row_options, table->partitioned ? "" : "ONLY", table->name);
	else
		sql = xasprintf("COPY (SELECT wal2avro.relation_message(%s::oid::regclass, '%s')) "
						"TO STDOUT (FORMAT binary)",
						table->oid, snapshot->row_options);
	if (!PQsendQuery(snapshot->conn, sql))
		return pg_error(snapshot->conn, NULL, err);
	snapshot->state = SNAPSHOT_ASKED;
	snapshot->header_seen = false;
	return true;
}

bool
snapshot_begin(Snapshot *snapshot, size_t table, Error *err)
{
	snapshot->current = table;
	snapshot->rows = false;
	return ask(snapshot, err);
}

/* The list of tables was true when the copy began: one that was dropped or renamed since is found,
 * or not, by the copy that starts over. 42703 is none of these: key.columns names what is not
 * there. */
static bool
is_gone(const char *sqlstate)
{
	return strcmp(sqlstate, "42P01") == 0 || strcmp(sqlstate, "3F000") == 0;
}

/* A row of more than 1 GB: what the extension says, or the server that cannot put the row together
 * (in words that it translates nowhere; older minor releases without an SQLSTATE of their own). */
static bool
is_too_large(const PGresult *result, const char *sqlstate)
{
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	return strcmp(sqlstate, "54000") == 0 ||
		   (strcmp(sqlstate, "XX000") == 0 && text != NULL &&
			strncmp(text, "invalid memory alloc request size", 33) == 0);
}

static SnapshotResult
refused(Snapshot *snapshot, const PGresult *result, Error *err)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *name = snapshot->tables[snapshot->current].name;
	AUTO_TEXT char *role = pg_quote(PQuser(snapshot->conn));

	pg_error(snapshot->conn, result, err);
	if (sqlstate != NULL && strcmp(sqlstate, "42501") == 0)
		error_set(
			err, ERROR_CONFIG,
			"the role may not read table %s; its owner must run: GRANT SELECT ON %s TO %s (and "
			"GRANT USAGE ON its schema), or, where row security hides rows, a superuser: "
			"ALTER ROLE %s BYPASSRLS",
			name, name, role, role);
	else if (sqlstate != NULL && is_too_large(result, sqlstate))
		error_set(
			err, ERROR_CONFIG,
			"first copy of table %s: a row has more than 1 GB, which the server cannot give as "
			"a whole; keep its values smaller, take the table out of the list of tables, or "
			"set snapshot.mode=no_data",
			name);
	else
		error_add(err, "first copy of table %s", name);
	if (sqlstate != NULL && is_gone(sqlstate))
		err->kind = ERROR_RETRY;
	return SNAPSHOT_FAILED;
}

static SnapshotResult
bad_copy(Error *err)
{
	error_set(err, ERROR_DATA, "the server sent a COPY that is not in its binary format");
	return SNAPSHOT_FAILED;
}

/* One CopyData: the header before the first row, a row of one column, or the trailer. */
static SnapshotResult
take_row(Snapshot *snapshot, Slice data, Slice *frame, Error *err)
{
	int16_t columns;
	uint32_t len;

	if (!snapshot->header_seen)
	{
		if (data.len < COPY_HEADER_LENGTH ||
			memcmp(data.data, COPY_SIGNATURE, COPY_SIGNATURE_LENGTH) != 0)
			return bad_copy(err);
		len = get_be32(data.data + COPY_HEADER_LENGTH - 4);
		if (data.len - COPY_HEADER_LENGTH < len)
			return bad_copy(err);
		data.data += COPY_HEADER_LENGTH + len;
		data.len -= COPY_HEADER_LENGTH + len;
		snapshot->header_seen = true;
	}
	if (data.len == 0)
		return SNAPSHOT_NOTHING;
	if (data.len < 2)
		return bad_copy(err);
	columns = (int16_t) get_be16(data.data);
	if (columns == -1)
		return SNAPSHOT_NOTHING;
	if (columns != 1 || data.len < 6)
		return bad_copy(err);
	len = get_be32(data.data + 2);
	if (data.len - 6 != len)
		return bad_copy(err);
	*frame = (Slice){data.data + 6, len};
	return SNAPSHOT_FRAME;
}

/* What a step of the copy came to. */
typedef enum Step
{
	STEP_AGAIN, /* in another state now */
	STEP_WAIT,	/* libpq needs more input */
	STEP_DONE,	/* with a result */
} Step;

static void
free_buffer(Snapshot *snapshot)
{
	if (snapshot->buffer != NULL)
		PQfreemem(snapshot->buffer);
	snapshot->buffer = NULL;
}

static Step
step_asked(Snapshot *snapshot, SnapshotResult *result, Error *err)
{
	AUTO(PGresult) *answer = NULL;

	if (PQisBusy(snapshot->conn))
		return STEP_WAIT;
	answer = PQgetResult(snapshot->conn);
	if (PQresultStatus(answer) == PGRES_COPY_OUT)
	{
		snapshot->state = SNAPSHOT_COPYING;
		return STEP_AGAIN;
	}
	*result = refused(snapshot, answer, err);
	return STEP_DONE;
}

static Step
step_copying(Snapshot *snapshot, Slice *frame, SnapshotResult *result, Error *err)
{
	int len = PQgetCopyData(snapshot->conn, &snapshot->buffer, 1);

	if (len == 0)
		return STEP_WAIT;
	if (len == -1)
	{
		snapshot->state = SNAPSHOT_ENDING;
		return STEP_AGAIN;
	}
	if (len < 0)
	{
		*result = refused(snapshot, NULL, err);
		return STEP_DONE;
	}
	*result =
		take_row(snapshot, (Slice){(const uint8_t *) snapshot->buffer, (size_t) len}, frame, err);
	if (*result != SNAPSHOT_NOTHING)
		return STEP_DONE;
	free_buffer(snapshot);
	return STEP_AGAIN;
}

static Step
step_ending(Snapshot *snapshot, SnapshotResult *result, Error *err)
{
	AUTO(PGresult) *answer = NULL;

	if (PQisBusy(snapshot->conn))
		return STEP_WAIT;
	answer = PQgetResult(snapshot->conn);
	if (answer != NULL)
	{
		if (PQresultStatus(answer) == PGRES_COMMAND_OK)
			return STEP_AGAIN;
		*result = refused(snapshot, answer, err);
		return STEP_DONE;
	}
	if (snapshot->rows)
	{
		snapshot->state = SNAPSHOT_IDLE;
		*result = SNAPSHOT_END;
		return STEP_DONE;
	}
	snapshot->rows = true;
	if (ask(snapshot, err))
		return STEP_AGAIN;
	*result = SNAPSHOT_FAILED;
	return STEP_DONE;
}

static Step
step(Snapshot *snapshot, Slice *frame, SnapshotResult *result, Error *err)
{
	switch (snapshot->state)
	{
		case SNAPSHOT_ASKED:
			return step_asked(snapshot, result, err);
		case SNAPSHOT_COPYING:
			return step_copying(snapshot, frame, result, err);
		case SNAPSHOT_ENDING:
			return step_ending(snapshot, result, err);
		case SNAPSHOT_IDLE:
			break;
	}
	*result = SNAPSHOT_END;
	return STEP_DONE;
}

/* What comes next; its bytes are in the buffer. */
static SnapshotResult
read_frame(Snapshot *snapshot, Slice *frame, Error *err)
{
	SnapshotResult result;
	bool read = false;

	for (;;)
		switch (step(snapshot, frame, &result, err))
		{
			case STEP_AGAIN:
				break;
			case STEP_DONE:
				return result;
			case STEP_WAIT:
				if (read)
					return SNAPSHOT_NOTHING;
				read = true;
				if (!PQconsumeInput(snapshot->conn))
					return refused(snapshot, NULL, err);
				break;
		}
}

/* Gives the frame that was ahead, and keeps what is in the buffer in its place. */
static void
give(Snapshot *snapshot, Slice read, Slice *frame)
{
	*frame = snapshot->ahead_frame;
	snapshot->given = snapshot->ahead;
	snapshot->ahead = snapshot->buffer;
	snapshot->ahead_frame = read;
	snapshot->buffer = NULL;
}

SnapshotResult
snapshot_next(Snapshot *snapshot, Slice *frame, Error *err)
{
	PQfreemem(snapshot->given);
	snapshot->given = NULL;
	for (;;)
	{
		bool ahead = snapshot->ahead != NULL;
		Slice read = SLICE_ABSENT;
		SnapshotResult result = read_frame(snapshot, &read, err);

		if (result == SNAPSHOT_NOTHING || result == SNAPSHOT_FAILED ||
			(result == SNAPSHOT_END && !ahead))
			return result;
		give(snapshot, read, frame);
		snapshot->last = result == SNAPSHOT_END;
		if (ahead)
			return SNAPSHOT_FRAME;
	}
}

bool
snapshot_ends_table(const Snapshot *snapshot)
{
	return snapshot->last;
}

bool
snapshot_ends_copy(const Snapshot *snapshot)
{
	return snapshot->last && snapshot->current + 1 == snapshot->count;
}

/*
 * relay/stream.c - see stream.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/stream.h"

#include "common/bytes.h"
#include "common/lsn.h"
#include "common/wire.h"
#include "core/buffer.h"
#include "core/log.h"
#include "relay/shape.h"
#include "relay/slot.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#define WAIT_SAID_MS	 5000
#define COMMAND_MAX		 ((size_t) 2 << 20)
#define WAL_DATA_HEADER	 25 /* 'w', start, end, clock */
#define KEEPALIVE_LENGTH 18 /* 'k', end, clock, reply requested */
#define STATUS_LENGTH	 34 /* 'r', written, flushed, applied, clock, reply requested */

/* Microseconds between 1970-01-01 and PostgreSQL's own epoch, 2000-01-01. */
#define POSTGRES_EPOCH_US (INT64_C(946684800) * 1000000)

bool
stream_identify(PGconn *conn, Identity *out, Error *err)
{
	AUTO(PGresult) *result = NULL;

	if (!pg_exec(conn, "IDENTIFY_SYSTEM", PGRES_TUPLES_OK, &result, err))
		return false;
	*out = (Identity){.system_identifier = strtoull(PQgetvalue(result, 0, 0), NULL, 10),
					  .timeline = (uint32_t) strtoul(PQgetvalue(result, 0, 1), NULL, 10)};
	return true;
}

static void
wake(void *context, int revents)
{
	(void) context;
	(void) revents;
}

static void
cancel(PGconn *conn)
{
	PGcancel *handle = PQgetCancel(conn);
	char problem[256];

	if (handle == NULL)
		return;
	if (PQcancel(handle, problem, sizeof problem) == 0)
		log_debug("cancelling a statement: %s", problem);
	PQfreeCancel(handle);
}

/* Lets the loop run until the server has answered. */
static bool
wait_for_answer(PGconn *conn, Loop *loop, const char *sql, Error *err)
{
	int64_t said_at = loop_now_ms() + WAIT_SAID_MS;
	bool said = false;

	while (PQisBusy(conn))
	{
		loop_once(loop, WAIT_SAID_MS);
		if (loop_stopping(loop))
		{
			cancel(conn);
			return error_set(err, ERROR_RETRY, "interrupted");
		}
		if (!PQconsumeInput(conn))
			return pg_error(conn, NULL, err);
		if (!said && loop_now_ms() >= said_at)
		{
			log_info("still waiting for the server: %.60s", sql);
			said = true;
		}
	}
	return true;
}

bool
stream_command(PGconn *conn, Loop *loop, const char *sql, PGresult **result, Error *err)
{
	bool ok;

	if (!PQsendQuery(conn, sql))
		return pg_error(conn, NULL, err);
	loop_watch(loop, PQsocket(conn), POLLIN, wake, NULL);
	ok = wait_for_answer(conn, loop, sql, err);
	loop_forget(loop, PQsocket(conn));
	if (ok)
		*result = PQgetResult(conn);
	return ok;
}

bool
stream_create_slot(PGconn *conn, Loop *loop, const char *slot, bool export_snapshot,
				   uint64_t *consistent_lsn, char **snapshot, Error *err)
{
	AUTO(PGresult) *result = NULL;
	AUTO(PGresult) *end = NULL;
	AUTO_TEXT char *sql =
		xasprintf("CREATE_REPLICATION_SLOT \"%s\" LOGICAL " PLUGIN_NAME " (SNAPSHOT '%s')", slot,
				  export_snapshot ? "export" : "nothing");
	uint64_t lsn;

	if (!stream_command(conn, loop, sql, &result, err))
		return error_add(err, "slot \"%s\"", slot);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
	{
		slot_error(conn, result, NULL, err);
		return error_add(err, "slot \"%s\"", slot);
	}
	if (!lsn_parse(PQgetvalue(result, 0, 1), &lsn))
		return error_set(err, ERROR_RETRY, "slot \"%s\" was created at no position", slot);
	end = PQgetResult(conn);
	*consistent_lsn = lsn;
	*snapshot = export_snapshot ? xstrdup(PQgetvalue(result, 0, 2)) : NULL;
	return true;
}

/* One option of START_REPLICATION, its value quoted. */
static void
append_option(Buffer *sql, const char *name, const char *value)
{
	buffer_printf(sql, "%s\"%s\" '", sql->data[sql->len - 1] == '(' ? "" : ", ", name);
	for (; *value != '\0'; value++)
		buffer_append(sql, *value == '\'' ? "''" : value, *value == '\'' ? 2 : 1);
	buffer_append_text(sql, "'");
}

static void
append_tables(Buffer *sql, const Tables *tables)
{
	AUTO_TEXT char *names = tables_to_text(tables);
	AUTO_TEXT char *patterns = tables_patterns_to_text(tables);

	if (tables->count > 0)
		append_option(sql, tables->exclude ? "table.exclude.list" : "table.include.list", names);
	if (tables->patterns_count > 0)
		append_option(sql, tables->exclude ? "table.exclude.patterns" : "table.include.patterns",
					  patterns);
	if (tables->only != NULL)
		append_option(sql, "table.include.patterns", tables->only);
}

static void
append_shape(void *context, const char *name, const char *value)
{
	append_option(context, name, value);
}

static void
start_command(Buffer *sql, const RelayOptions *options, const char *shape, uint64_t lsn)
{
	const char *key = shape_columns(shape);
	char number[24];

	buffer_printf(sql, "START_REPLICATION SLOT \"%s\" LOGICAL " LSN_FORMAT " (", options->slot,
				  LSN_ARGS(lsn));
	snprintf(number, sizeof number, "%d", WIRE_PROTOCOL_VERSION);
	append_option(sql, "protocol.version", number);
	append_tables(sql, &options->tables);
	if (key != NULL)
		append_option(sql, "key.columns", key);
	shape_tell(shape, SHAPE_STREAM, append_shape, sql);
	append_option(sql, "streaming", options->streaming ? "on" : "off");
	snprintf(number, sizeof number, "%" PRId64, options->frame_bytes);
	append_option(sql, "frame.bytes", number);
	buffer_append_text(sql, ")");
}

bool
stream_start(PGconn *conn, Loop *loop, const RelayOptions *options, const char *shape, uint64_t lsn,
			 bool *busy, Error *err)
{
	AUTO(PGresult) *result = NULL;
	Buffer sql;
	bool ok;

	buffer_init(&sql, COMMAND_MAX);
	start_command(&sql, options, shape, lsn);
	ok = stream_command(conn, loop, buffer_text(&sql), &result, err);
	buffer_done(&sql);
	if (ok && PQresultStatus(result) != PGRES_COPY_BOTH)
		ok = slot_error(conn, result, busy, err);
	if (ok && PQsetnonblocking(conn, 1) != 0)
		ok = pg_error(conn, NULL, err);
	return ok || error_add(err, "slot \"%s\"", options->slot);
}

static StreamResult
take_message(char *buffer, size_t len, StreamMessage *out, Error *err)
{
	const uint8_t *bytes = (const uint8_t *) buffer;

	*out = (StreamMessage){0};
	if (bytes[0] == 'w' && len >= WAL_DATA_HEADER)
	{
		out->buffer = buffer;
		out->frame = (Slice){bytes + WAL_DATA_HEADER, len - WAL_DATA_HEADER};
		out->wal_end = get_be64(bytes + 1);
		return STREAM_FRAME;
	}
	if (bytes[0] == 'k' && len == KEEPALIVE_LENGTH)
	{
		out->wal_end = get_be64(bytes + 1);
		out->reply_requested = bytes[17] != 0;
		PQfreemem(buffer);
		return STREAM_KEEPALIVE;
	}
	error_set(err, ERROR_DATA, "the server sent a replication message of type %u and %zu bytes",
			  bytes[0], len);
	PQfreemem(buffer);
	return STREAM_FAILED;
}

/* The server has ended the stream: why. */
static StreamResult
ended(PGconn *conn, Error *err)
{
	AUTO(PGresult) *result = PQgetResult(conn);

	if (PQresultStatus(result) == PGRES_FATAL_ERROR || PQstatus(conn) == CONNECTION_BAD)
		slot_error(conn, result, NULL, err);
	else
		error_set(err, ERROR_RETRY, "the server ended the stream");
	return STREAM_FAILED;
}

StreamResult
stream_next(PGconn *conn, StreamMessage *out, Error *err)
{
	char *buffer = NULL;
	int len = PQgetCopyData(conn, &buffer, 1);

	if (len == 0)
	{
		if (!PQconsumeInput(conn))
		{
			pg_error(conn, NULL, err);
			return STREAM_FAILED;
		}
		len = PQgetCopyData(conn, &buffer, 1);
	}
	if (len == 0)
		return STREAM_NOTHING;
	if (len == -1)
		return ended(conn, err);
	if (len < 0)
	{
		pg_error(conn, NULL, err);
		return STREAM_FAILED;
	}
	return take_message(buffer, (size_t) len, out, err);
}

bool
stream_status(PGconn *conn, uint64_t written, uint64_t flushed, Error *err)
{
	uint8_t status[STATUS_LENGTH] = {'r'};
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	put_be64(status + 1, written);
	put_be64(status + 9, flushed);
	put_be64(status + 17, flushed);
	put_be64(status + 25,
			 (uint64_t) (now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000 - POSTGRES_EPOCH_US));
	if (PQputCopyData(conn, (const char *) status, sizeof status) < 0)
		return pg_error(conn, NULL, err);
	return true;
}

bool
stream_flush(PGconn *conn, bool *pending, Error *err)
{
	int state = PQflush(conn);

	if (state < 0)
		return pg_error(conn, NULL, err);
	*pending = state > 0;
	return true;
}

bool
stream_server_leaves(PGconn *conn)
{
	PQconninfoOption *options = PQconninfo(conn);
	const char *names[64];
	const char *values[64];
	size_t count = 0;
	PGPing answer;

	for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL;
		 option++)
		if (option->val != NULL && strcmp(option->keyword, "connect_timeout") != 0 &&
			strcmp(option->keyword, "replication") != 0 && count < 60)
		{
			names[count] = option->keyword;
			values[count++] = option->val;
		}
	names[count] = "connect_timeout";
	values[count++] = "2";
	names[count] = values[count] = NULL;
	answer = PQpingParams(names, values, 0);
	PQconninfoFree(options);
	return answer == PQPING_REJECT;
}

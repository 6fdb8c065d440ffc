/*
 * relay/reselect.c - see reselect.h; what is asked is made in reselect_query.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/reselect.h"

#include "common/bytes.h"
#include "core/log.h"
#include "core/pg.h"
#include "relay/notes.h"
#include "relay/reselect_query.h"
#include "relay/shape.h"

#include <poll.h>
#include <stdio.h>

#define AGAIN_MS 20

typedef enum ReselectState
{
	RESELECT_IDLE,
	RESELECT_ASKED,
	RESELECT_LATER,	   /* asked again when the timer is due */
	RESELECT_ANSWERED, /* the message's slices are ours, or why says that there is no row */
} ReselectState;

struct Reselect
{
	Loop *loop;
	const RelayOptions *options;
	char *row_options;
	PGconn *conn;
	ReselectState state;
	Buffer value;
	Buffer notes;
	char why[512]; /* empty: the row was found */
	bool gone;
	LoopTimer *timer;
	int64_t until_ms; /* the transaction is waited for */
	ReselectBy by;
};

/* The loop has been woken, which is all. */
static void
due(void *context)
{
	(void) context;
}

Reselect *
reselect_new(Loop *loop, const RelayOptions *options, const char *shape)
{
	Reselect *reselect = xcalloc(1, sizeof *reselect);

	reselect->loop = loop;
	reselect->options = options;
	reselect->row_options = shape_row_options(shape);
	reselect->timer = loop_timer_new(loop, due, reselect);
	buffer_init(&reselect->value, SIZE_MAX);
	buffer_init(&reselect->notes, SIZE_MAX);
	return reselect;
}

static void
disconnect(Reselect *reselect)
{
	if (reselect->conn == NULL)
		return;
	loop_forget(reselect->loop, PQsocket(reselect->conn));
	PQfinish(reselect->conn);
	reselect->conn = NULL;
}

void
reselect_free(Reselect *reselect)
{
	if (reselect == NULL)
		return;
	disconnect(reselect);
	loop_timer_free(reselect->timer);
	buffer_done(&reselect->value);
	buffer_done(&reselect->notes);
	free(reselect->row_options);
	free(reselect);
}

void
reselect_forget(Reselect *reselect)
{
	reselect->state = RESELECT_IDLE;
}

static void
wake(void *context, int revents)
{
	(void) context;
	(void) revents;
}

static bool
connect_once(Reselect *reselect, Error *err)
{
	const RelayOptions *options = reselect->options;
	const PgTarget target = {.url = options->url,
							 .user = options->user,
							 .password = options->password,
							 .application_name = "wal2avro-relay reselect"};
	char settings[128];

	if (reselect->conn != NULL)
		return true;
	/* row_security off: a policy that would hide a row is an error instead. */
	snprintf(settings, sizeof settings, "SET row_security = off; SET statement_timeout = %d",
			 RESELECT_MS);
	if (!pg_connect(&target, &reselect->conn, err) ||
		!pg_exec(reselect->conn, settings, PGRES_COMMAND_OK, NULL, err))
		return error_add(err, "reselect");
	loop_watch(reselect->loop, PQsocket(reselect->conn), POLLIN, wake, NULL);
	return true;
}

static void
give_up(Reselect *reselect, const char *why)
{
	snprintf(reselect->why, sizeof reselect->why, "%.500s", why);
	reselect->state = RESELECT_ANSWERED;
	reselect->gone = false;
}

static ReselectTable
table_of(const Reselect *reselect, const Relation *relation)
{
	return (ReselectTable){.oid = relation->oid,
						   .schema = relation->topic->schema,
						   .name = relation->topic->table,
						   .key_schema = relation->key_schema,
						   .row_schema = relation->row_schema,
						   .row_options = reselect->row_options};
}

static ReselectQuery *
query_of(Reselect *reselect, const Relation *relation, Reselecting what, const Message *message)
{
	const ReselectTable table = table_of(reselect, relation);
	ReselectQuery *query =
		reselect_query(&table, what.xid, message->key, message->notes, reselect->by);

	if (query != NULL || !what.scan)
		return query;
	reselect->by = RESELECT_BY_SCAN;
	return reselect_query(&table, what.xid, message->key, message->notes, reselect->by);
}

static bool
ask(Reselect *reselect, const Relation *relation, Reselecting what, const Message *message,
	Error *err)
{
	AUTO(ReselectQuery) *query = query_of(reselect, relation, what, message);

	if (query == NULL)
	{
		give_up(reselect, "no column of its key can be looked for");
		return true;
	}
	if (!connect_once(reselect, err))
		return false;
	if (PQsendQueryParams(reselect->conn, query->sql, query->count, NULL, query->values, NULL, NULL,
						  1) == 0)
		return pg_error(reselect->conn, NULL, err);
	reselect->state = RESELECT_ASKED;
	return true;
}

static Slice
field_of(const PGresult *result, int row, int column)
{
	if (PQgetisnull(result, row, column))
		return SLICE_ABSENT;
	return (Slice){(const uint8_t *) PQgetvalue(result, row, column),
				   (size_t) PQgetlength(result, row, column)};
}

static bool
is_true(const PGresult *result, int column)
{
	Slice value = field_of(result, 0, column);

	return value.len == 1 && value.data[0] == 1;
}

static void
ask_again(Reselect *reselect, int after_ms)
{
	loop_timer_arm(reselect->timer, after_ms);
	reselect->state = RESELECT_LATER;
}

/* The log may say of a transaction before others can see what it has done. */
static void
wait_until_seen(Reselect *reselect)
{
	if (loop_now_ms() >= reselect->until_ms)
	{
		give_up(reselect, "its transaction cannot be seen yet");
		return;
	}
	ask_again(reselect, AGAIN_MS);
}

static void
splice(Reselect *reselect, const Message *message, const PGresult *result)
{
	size_t count = (size_t) PQntuples(result);
	Current *current = xcalloc(count, sizeof *current);

	for (int row = 0; row < PQntuples(result); row++)
		current[row] =
			(Current){field_of(result, row, RESELECT_FIELD), field_of(result, row, RESELECT_TEXT)};
	if (notes_splice(message->value, message->notes, current, count, &reselect->value,
					 &reselect->notes))
		give_up(reselect, "");
	else
		give_up(reselect, "its key names several rows");
	free(current);
}

/* See RESELECT_SEEN and what follows it. */
static void
take_rows(Reselect *reselect, const Relation *relation, const Message *message,
		  const PGresult *result)
{
	const ReselectTable table = table_of(reselect, relation);

	if (PQntuples(result) > 0 && !is_true(result, RESELECT_SEEN))
		wait_until_seen(reselect);
	else if (PQntuples(result) == 0 || !is_true(result, RESELECT_SAME))
		give_up(reselect, "the key of the table is not what it was");
	else if (PQgetisnull(result, 0, RESELECT_FIELD))
	{
		give_up(reselect, "the row is not there any more");
		reselect->gone = true;
	}
	else if (!reselect_same_columns(&table, field_of(result, 0, RESELECT_SCHEMA), message->notes))
		give_up(reselect, "the column is not what it was");
	else
		splice(reselect, message, result);
}

/* Unless it took too long or the role may not read the table: there is no operator that is found
 * without a search_path, or it is another type's, which has no such value: the reg* types have
 * oid's, composite types record's. */
static bool
may_be_of_operator(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return state != NULL && strcmp(state, "57014") != 0 && strcmp(state, "42501") != 0;
}

/* Asks by less of the key, as long as there is less. */
static void
take_refusal(Reselect *reselect, Reselecting what, const PGresult *result)
{
	const ReselectBy last = what.scan ? RESELECT_BY_SCAN : RESELECT_BY_TEXT;
	Error refused;

	pg_error(reselect->conn, result, &refused);
	if (!may_be_of_operator(result) || reselect->by >= last)
	{
		give_up(reselect, refused.message);
		return;
	}
	reselect->by++;
	ask_again(reselect, 0);
}

/* The last result, when all has come. */
static bool
take_answer(Reselect *reselect, const Relation *relation, Reselecting what, const Message *message,
			Error *err)
{
	PGresult *result;

	while ((result = PQgetResult(reselect->conn)) != NULL)
	{
		if (PQresultStatus(result) == PGRES_TUPLES_OK)
			take_rows(reselect, relation, message, result);
		else if (PQstatus(reselect->conn) == CONNECTION_BAD)
		{
			pg_error(reselect->conn, result, err);
			PQclear(result);
			return false;
		}
		else
			take_refusal(reselect, what, result);
		PQclear(result);
	}
	return true;
}

static Flow
answer_of(const Reselect *reselect, Message *message, Reselected *out)
{
	bool found = reselect->why[0] == '\0';

	*out = (Reselected){.why = found ? NULL : reselect->why, .gone = reselect->gone};
	if (found)
	{
		message->value = buffer_slice(&reselect->value);
		message->notes = reselect->notes.len == 0 ? SLICE_ABSENT : buffer_slice(&reselect->notes);
	}
	return FLOW_ON;
}

/* One step. False with the error. */
static bool
go_on(Reselect *reselect, const Relation *relation, Reselecting what, const Message *message,
	  Error *err)
{
	switch (reselect->state)
	{
		case RESELECT_IDLE:
			reselect->until_ms = loop_now_ms() + RESELECT_MS;
			reselect->by = RESELECT_BY_INDEX;
			return ask(reselect, relation, what, message, err);
		case RESELECT_LATER:
			return loop_timer_armed(reselect->timer) || ask(reselect, relation, what, message, err);
		case RESELECT_ASKED:
			if (!PQconsumeInput(reselect->conn))
				return pg_error(reselect->conn, NULL, err);
			return PQisBusy(reselect->conn) || take_answer(reselect, relation, what, message, err);
		case RESELECT_ANSWERED:
			break;
	}
	return true;
}

Flow
reselect_row(Reselect *reselect, const Relation *relation, Reselecting what, Message *message,
			 Reselected *out, Error *err)
{
	if (!go_on(reselect, relation, what, message, err))
	{
		disconnect(reselect);
		error_add(err, "reselect");
		err->kind = ERROR_RETRY;
		return FLOW_FAILED;
	}
	return reselect->state == RESELECT_ANSWERED ? answer_of(reselect, message, out) : FLOW_BLOCKED;
}

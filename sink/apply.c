/*
 * sink/apply.c - see apply.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/apply.h"

#include "core/fault.h"
#include "sink/copy.h"
#include "sink/script.h"

#include <poll.h>
#include <string.h>

struct Apply
{
	PGconn *conn;
	const Batch *batch;
	Phase phase;
	Script script;
	Copy copy;
	bool want_write;
	size_t missing; /* rows that an update did not find */
	bool failed;
	ApplyFailure failure;
	Error error;
};

Apply *
apply_new(const Settings *settings)
{
	Apply *apply = xcalloc(1, sizeof *apply);

	script_init(&apply->script, settings);
	return apply;
}

void
apply_free(Apply *apply)
{
	if (apply == NULL)
		return;
	script_done(&apply->script);
	free(apply);
}

void
apply_connect(Apply *apply, PGconn *conn)
{
	apply->conn = conn;
	script_connect(&apply->script, conn);
	apply->phase = PHASE_IDLE;
	apply->failed = false;
	apply->copy.section = NULL;
	if (conn != NULL)
		PQsetnonblocking(conn, 1);
}

static void
fail(Apply *apply, ApplyFailure failure)
{
	if (apply->failed)
		return;
	apply->failed = true;
	apply->failure = failure;
}

/* The fault point behind a phase, before the next. */
static bool
broken(Phase finished)
{
	switch (finished)
	{
		case PHASE_BEGIN:
			return fault("sink.after-begin");
		case PHASE_ROWS:
			return fault("sink.before-commit");
		case PHASE_COMMIT:
			return fault("sink.after-commit");
		case PHASE_IDLE:
		case PHASE_STAGING:
		case PHASE_END:
			break;
	}
	return false;
}

/* Goes on to the next phase that has statements, and sends them. */
static void
advance(Apply *apply)
{
	for (;;)
	{
		if (broken(apply->phase))
		{
			error_set(&apply->error, ERROR_RETRY, "a fault point was passed");
			fail(apply, FAILURE_OTHER);
			return;
		}
		apply->phase++;
		if (!script_phase(&apply->script, apply->phase))
		{
			error_set(&apply->error, ERROR_CONFIG,
					  "the statements of a batch take more than 64 MiB; lower batch.size");
			fail(apply, FAILURE_OTHER);
			return;
		}
		if (apply->phase == PHASE_END || apply->script.expect_count > 0)
			break;
	}
	if (apply->phase == PHASE_END)
		return;
	if (PQsendQuery(apply->conn, buffer_text(&apply->script.sql)) == 1)
		return;
	pg_error(apply->conn, NULL, &apply->error);
	fail(apply, FAILURE_OTHER);
}

void
apply_start(Apply *apply, const Batch *batch, bool direct)
{
	apply->batch = batch;
	apply->missing = batch->vanished;
	apply->failed = false;
	apply->failure = FAILURE_OTHER;
	apply->copy.section = NULL;
	apply->want_write = false;
	apply->phase = PHASE_IDLE;
	script_batch(&apply->script, batch, direct);
	advance(apply);
}

static const Section *
section_of(const Apply *apply, const Expect *expected)
{
	return &apply->batch->tables[expected->table].sections[expected->section];
}

static void
begin_copy(Apply *apply, const Expect *expected)
{
	if (apply->failed)
	{
		PQputCopyEnd(apply->conn, "given up");
		return;
	}
	copy_begin(&apply->copy, section_of(apply, expected));
}

/* What an SQLSTATE means beyond its kind. */
static ApplyFailure
classify(const Apply *apply, const PGresult *res)
{
	static const char *const stale[] = {
		"0A000", /* cached plan must not change result type, and the like */
		"08P01", /* COPY BINARY, with the next two: the column has another type now */
		"22P03", "22P04", "22021", /* maybe a number's bytes: the column is text now */
		"42703", "42P01", "42P10", "42804",
	};
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	if (state == NULL)
		return FAILURE_OTHER;
	if (strcmp(state, "23505") == 0 && script_is_keyed(&apply->script) && apply->script.direct)
		return FAILURE_CONFLICT;
	for (size_t i = 0; i < sizeof stale / sizeof *stale; i++)
		if (strcmp(state, stale[i]) == 0)
			return FAILURE_STALE;
	return FAILURE_OTHER;
}

/* The server names no column when a text is not one of the column's type: these may be meant. */
static void
add_text_columns(Apply *apply, const Plan *plan)
{
	Buffer names;

	buffer_init(&names, sizeof apply->error.message);
	for (size_t i = 0; i < plan->count; i++)
		if (plan->columns[i].as_text)
			buffer_printf(&names, "%s\"%s\" of type %s", names.len == 0 ? "" : ", ",
						  plan->columns[i].column->name, plan->columns[i].column->type_sql);
	error_add(&apply->error, "column %s, which takes the text of a field of another type",
			  buffer_text(&names));
	buffer_done(&names);
}

static void
refused(Apply *apply, const PGresult *res)
{
	const Expect *expected = script_peek(&apply->script);
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	if (apply->failed)
		return;
	pg_error(apply->conn, res, &apply->error);
	/* Two rows of a batch have keys that the server takes for the same: halving parts them. */
	if (state != NULL && strcmp(state, "21000") == 0)
		apply->error.kind = ERROR_DATA;
	if (state != NULL && strcmp(state, "08P01") == 0)
		apply->error.kind = ERROR_CONFIG;
	/* Class 22 is about a value; a constraint (23) names what it is about itself. */
	if (state != NULL && strncmp(state, "22", 2) == 0 && expected != NULL &&
		apply->batch->table_count > 0 &&
		expected->section < apply->batch->tables[expected->table].section_count)
	{
		const Plan *plan = section_of(apply, expected)->plan;

		if (plan->staged)
			add_text_columns(apply, plan);
	}
	fail(apply, classify(apply, res));
}

/* What a statement was to find, and did not: halving finds the record. */
static void
check_found(Apply *apply, const Expect *expected, size_t missing)
{
	const char *table = apply->batch->tables[expected->table].table->name;

	if (missing == 0 || apply->failed)
		return;
	if (expected->kind == EXPECT_REMOVED)
		error_set(&apply->error, ERROR_DATA,
				  "table \"%s\" has no row that equals the former row of an update or delete "
				  "without key; make the table equal to its source, and let nobody else change it",
				  table);
	else
		error_set(&apply->error, ERROR_DATA,
				  "table \"%s\" does not have the row of an update that left large values as they "
				  "were, and the record lacks them; set unchanged.toast.mode=reselect at the "
				  "source, or there: alter table ... replica identity full",
				  table);
	fail(apply, FAILURE_OTHER);
}

static void
check_columns(Apply *apply, const Table *table, size_t count)
{
	if (count == table->count || apply->failed)
		return;
	error_set(&apply->error, ERROR_RETRY, "table \"%s\" was changed meanwhile", table->name);
	fail(apply, FAILURE_STALE);
}

/* One result of the message under way. */
static void
take(Apply *apply, const PGresult *res)
{
	const char *changed = PQcmdTuples((PGresult *) res);
	const ExecStatusType status = PQresultStatus(res);

	if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE)
	{
		refused(apply, res);
		return;
	}

	const Expect *expected = script_next(&apply->script);

	if (expected == NULL)
		return;
	switch (expected->kind)
	{
		case EXPECT_COMMAND:
		case EXPECT_QUERY:
			break;
		case EXPECT_OFFSETS:
			if (strtoul(changed, NULL, 10) == apply->batch->advance_count)
				break;
			error_set(&apply->error, ERROR_RETRY,
					  "another process has claimed a partition of the batch");
			fail(apply, FAILURE_FENCED);
			break;
		case EXPECT_MISSING:
			apply->missing += strtoul(PQgetvalue(res, 0, 0), NULL, 10);
			break;
		case EXPECT_UPDATED:
			apply->missing += section_of(apply, expected)->live - strtoul(changed, NULL, 10);
			break;
		case EXPECT_PRESENT:
			check_found(apply, expected, strtoul(PQgetvalue(res, 0, 0), NULL, 10));
			break;
		case EXPECT_KEPT:
		case EXPECT_REMOVED:
			check_found(apply, expected,
						section_of(apply, expected)->live - strtoul(changed, NULL, 10));
			break;
		case EXPECT_PROBE:
			apply->script.may_have[expected->table] = PQgetvalue(res, 0, 0)[0] == 't';
			break;
		case EXPECT_COPY:
			begin_copy(apply, expected);
			break;
		case EXPECT_COLUMNS:
			check_columns(apply, apply->batch->tables[expected->table].table,
						  strtoul(PQgetvalue(res, 0, 0), NULL, 10));
			break;
	}
}

static ApplyState
lost(Apply *apply, Error *err)
{
	if (!apply->failed)
		pg_error(apply->conn, NULL, &apply->error);
	if (PQstatus(apply->conn) == CONNECTION_BAD)
		apply->error.kind = ERROR_RETRY;
	fail(apply, FAILURE_OTHER);
	*err = apply->error;
	return APPLY_FAILED;
}

static ApplyState
finished(Apply *apply, Error *err)
{
	if (apply->failed)
	{
		if (apply->phase == PHASE_STAGING)
			script_failed(&apply->script);
		*err = apply->error;
		return APPLY_FAILED;
	}
	return apply->phase == PHASE_END ? APPLY_DONE : APPLY_RUNNING;
}

ApplyState
apply_step(Apply *apply, Error *err)
{
	if (apply->phase == PHASE_IDLE)
		return apply->failed ? finished(apply, err) : APPLY_IDLE;
	apply->want_write = false;
	while (apply->phase != PHASE_END)
	{
		if (!copy_feed(&apply->copy, apply->conn, &apply->want_write))
			return lost(apply, err);

		const int flushed = PQflush(apply->conn);

		if (flushed < 0 || PQconsumeInput(apply->conn) == 0)
			return lost(apply, err);
		apply->want_write = flushed == 1;
		if (apply->copy.section != NULL || PQisBusy(apply->conn))
			return APPLY_RUNNING;

		AUTO(PGresult) *res = PQgetResult(apply->conn);

		if (res != NULL)
			take(apply, res);
		else if (PQstatus(apply->conn) == CONNECTION_BAD)
			return lost(apply, err);
		else if (apply->failed)
			break;
		else
			advance(apply);
		if (apply->failed && PQtransactionStatus(apply->conn) != PQTRANS_ACTIVE)
			break;
	}
	return finished(apply, err);
}

short
apply_events(const Apply *apply)
{
	return (short) (POLLIN | (apply->want_write ? POLLOUT : 0));
}

size_t
apply_missing(const Apply *apply)
{
	return apply->missing;
}

bool
apply_searched(const Apply *apply, size_t table)
{
	return script_searched(&apply->script, table);
}

ApplyFailure
apply_failure(const Apply *apply)
{
	return apply->failure;
}

void
apply_reset(Apply *apply)
{
	apply->phase = PHASE_IDLE;
	apply->failed = false;
	apply->copy.section = NULL;
	apply->batch = NULL;
	if (apply->conn == NULL || (PQtransactionStatus(apply->conn) != PQTRANS_INTRANS &&
								PQtransactionStatus(apply->conn) != PQTRANS_INERROR))
		return;
	PQsetnonblocking(apply->conn, 0);
	PQclear(PQexec(apply->conn, "rollback"));
	PQsetnonblocking(apply->conn, 1);
}

/*
 * sink/apply.c - see apply.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/apply.h"

#include "core/fault.h"
#include "sink/copy.h"

#include <poll.h>
#include <string.h>

#define SQL_MAX ((size_t) 64 << 20)

/* What one result of the message under way has to be. */
typedef enum ExpectKind
{
	EXPECT_COMMAND,
	EXPECT_QUERY,
	EXPECT_OFFSETS, /* as many rows changed as the batch has partitions */
	EXPECT_PROBE,	/* t: the table may have keys of the batch */
	EXPECT_COPY,	/* asks for the rows of a section */
} ExpectKind;

typedef struct Expect
{
	ExpectKind kind;
	size_t table;
	size_t section;
} Expect;

/* One message with statements goes out in each phase but IDLE. */
typedef enum Phase
{
	PHASE_IDLE,
	PHASE_STAGING, /* staging tables that this connection lacks */
	PHASE_BEGIN,   /* BEGIN, offsets, marks, questions; without keys also the rows */
	PHASE_ROWS,	   /* with keys: the rows, now that the answers are there */
	PHASE_COMMIT,
	PHASE_END,
} Phase;

struct Apply
{
	const Settings *settings;
	PGconn *conn;
	const Batch *batch;
	Phase phase;
	bool direct;
	bool *may_have; /* of each table of the batch, by its probe */
	size_t may_have_capacity;
	Buffer sql;
	Expect *expects;
	size_t expect_count;
	size_t expect_next;
	size_t expect_capacity;
	Copy copy;
	bool want_write;
	bool failed;
	ApplyFailure failure;
	Error error;
	int64_t *staged; /* numbers of the plans that have a staging table on this connection */
	size_t staged_count;
	size_t staged_before; /* the message under way */
};

static bool
is_keyed(const Apply *apply)
{
	return apply->settings->insert_mode == INSERT_MODE_UPSERT;
}

Apply *
apply_new(const Settings *settings)
{
	Apply *apply = xcalloc(1, sizeof *apply);

	apply->settings = settings;
	buffer_init(&apply->sql, SQL_MAX);
	return apply;
}

void
apply_free(Apply *apply)
{
	if (apply == NULL)
		return;
	buffer_done(&apply->sql);
	free(apply->expects);
	free(apply->may_have);
	free(apply->staged);
	free(apply);
}

void
apply_connect(Apply *apply, PGconn *conn)
{
	apply->conn = conn;
	apply->staged_count = 0;
	apply->phase = PHASE_IDLE;
	apply->failed = false;
	apply->copy.section = NULL;
	if (conn != NULL)
		PQsetnonblocking(conn, 1);
}

static bool
is_staged(const Apply *apply, const Plan *plan)
{
	for (size_t i = 0; i < apply->staged_count; i++)
		if (apply->staged[i] == plan->number)
			return true;
	return false;
}

static void
fail(Apply *apply, ApplyFailure failure)
{
	if (apply->failed)
		return;
	apply->failed = true;
	apply->failure = failure;
}

static void
expect(Apply *apply, ExpectKind kind, size_t table, size_t section)
{
	if (apply->expect_count == apply->expect_capacity)
	{
		apply->expect_capacity = apply->expect_capacity == 0 ? 16 : apply->expect_capacity * 2;
		apply->expects = xrealloc(apply->expects, apply->expect_capacity * sizeof(Expect));
	}
	apply->expects[apply->expect_count++] =
		(Expect){.kind = kind, .table = table, .section = section};
}

/* A statement behind the others of the message; the writer_* functions append them likewise. */
static bool
add(Apply *apply, const char *statement)
{
	expect(apply, EXPECT_COMMAND, 0, 0);
	return buffer_append_text(&apply->sql, statement);
}

/* How the rows of a section go: a delete and a keyed row that may be there need a statement over a
 * staging table, as do columns without a binary form. */
static bool
needs_staging(const Apply *apply, size_t table, const Section *section)
{
	if (section->plan->staged || section->plan->value == NULL)
		return true;
	return is_keyed(apply) && (!apply->direct || apply->may_have[table]);
}

static bool
add_section(Apply *apply, size_t t, size_t s)
{
	const Section *section = &apply->batch->tables[t].sections[s];
	const Plan *plan = section->plan;
	const bool staged = needs_staging(apply, t, section);
	const WriterWay way = writer_way(plan, PQserverVersion(apply->conn));

	if (section->live == 0)
		return true;
	expect(apply, EXPECT_COPY, t, s);
	expect(apply, EXPECT_COMMAND, t, s);
	if (!writer_copy(&apply->sql, plan, staged))
		return false;
	if (!staged)
		return true;
	for (size_t i = writer_statements(plan, is_keyed(apply), way); i > 0; i--)
		expect(apply, EXPECT_COMMAND, t, s);
	return writer_apply(&apply->sql, plan, is_keyed(apply), way, section->live);
}

/* Deletes go first: a row that takes over a deleted row's other unique values must find them free.
 */
static bool
add_rows(Apply *apply)
{
	for (size_t t = 0; t < apply->batch->table_count; t++)
		for (int deletes = 1; deletes >= 0; deletes--)
			for (size_t s = 0; s < apply->batch->tables[t].section_count; s++)
			{
				const Plan *plan = apply->batch->tables[t].sections[s].plan;

				if ((plan->value == NULL) == (deletes == 1) && !add_section(apply, t, s))
					return false;
			}
	return true;
}

static bool
add_questions(Apply *apply)
{
	for (size_t t = 0; t < apply->batch->table_count; t++)
	{
		const TableBatch *table = &apply->batch->tables[t];
		const WriterWay way = writer_way(table->sections[0].plan, PQserverVersion(apply->conn));
		bool possible = false;

		apply->may_have[t] = true;
		if (way != WRITER_CONFLICT)
		{
			expect(apply, EXPECT_QUERY, t, 0);
			if (!writer_lock(&apply->sql, table->table))
				return false;
		}
		if (apply->direct && !writer_probe(&apply->sql, table, &possible))
			return false;
		if (possible)
			expect(apply, EXPECT_PROBE, t, 0);
	}
	return true;
}

static bool
script_staging(Apply *apply)
{
	apply->staged_before = apply->staged_count;
	for (size_t t = 0; t < apply->batch->table_count; t++)
		for (size_t s = 0; s < apply->batch->tables[t].section_count; s++)
		{
			const Plan *plan = apply->batch->tables[t].sections[s].plan;

			if ((!is_keyed(apply) && !plan->staged) || is_staged(apply, plan))
				continue;
			apply->staged =
				xrealloc(apply->staged, (apply->staged_count + 1) * sizeof *apply->staged);
			apply->staged[apply->staged_count++] = plan->number;
			expect(apply, EXPECT_COMMAND, t, s);
			if (!writer_create_staging(&apply->sql, plan))
				return false;
		}
	return true;
}

static bool
script_begin(Apply *apply)
{
	const Batch *batch = apply->batch;
	bool marks;

	if (!add(apply, "begin;"))
		return false;
	expect(apply, EXPECT_OFFSETS, 0, 0);
	if (!offsets_append_update(&apply->sql, apply->conn, apply->settings->name, batch->advances,
							   batch->advance_count) ||
		!buffer_append_text(&apply->sql, ";") ||
		!offsets_append_marks(&apply->sql, apply->conn, apply->settings->name, batch->advances,
							  batch->advance_count, &marks))
		return false;
	if (marks && !add(apply, ";"))
		return false;
	return is_keyed(apply) ? add_questions(apply) : add_rows(apply);
}

/* The statements of a phase; none: it is passed over. */
static bool
script(Apply *apply)
{
	buffer_clear(&apply->sql);
	apply->expect_count = 0;
	apply->expect_next = 0;
	switch (apply->phase)
	{
		case PHASE_IDLE:
		case PHASE_END:
			return true;
		case PHASE_STAGING:
			return script_staging(apply);
		case PHASE_BEGIN:
			return script_begin(apply);
		case PHASE_ROWS:
			return !is_keyed(apply) || add_rows(apply);
		case PHASE_COMMIT:
			return add(apply, "commit;");
	}
	return false;
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
		if (!script(apply))
		{
			error_set(&apply->error, ERROR_CONFIG,
					  "the statements of a batch take more than 64 MiB; lower batch.size");
			fail(apply, FAILURE_OTHER);
			return;
		}
		if (apply->phase == PHASE_END || apply->expect_count > 0)
			break;
	}
	if (apply->phase == PHASE_END)
		return;
	if (PQsendQuery(apply->conn, buffer_text(&apply->sql)) == 1)
		return;
	pg_error(apply->conn, NULL, &apply->error);
	fail(apply, FAILURE_OTHER);
}

void
apply_start(Apply *apply, const Batch *batch, bool direct)
{
	apply->batch = batch;
	apply->direct = direct;
	apply->failed = false;
	apply->failure = FAILURE_OTHER;
	apply->copy.section = NULL;
	apply->want_write = false;
	apply->phase = PHASE_IDLE;
	if (apply->may_have_capacity < batch->table_count)
	{
		apply->may_have_capacity = batch->table_count;
		apply->may_have = xrealloc(apply->may_have, batch->table_count * sizeof *apply->may_have);
	}
	advance(apply);
}

static void
begin_copy(Apply *apply, const Expect *expected)
{
	if (apply->failed)
	{
		PQputCopyEnd(apply->conn, "given up");
		return;
	}
	copy_begin(&apply->copy, &apply->batch->tables[expected->table].sections[expected->section]);
}

/* What an SQLSTATE means beyond its kind. */
static ApplyFailure
classify(const Apply *apply, const PGresult *res)
{
	static const char *const stale[] = {
		"0A000", /* cached plan must not change result type, and the like */
		"08P01", /* COPY BINARY, with the next two: the column has another type now */
		"22P03", "22P04", "42703", "42P01", "42P10", "42804",
	};
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	if (state == NULL)
		return FAILURE_OTHER;
	if (strcmp(state, "23505") == 0 && is_keyed(apply) && apply->direct)
		return FAILURE_CONFLICT;
	for (size_t i = 0; i < sizeof stale / sizeof *stale; i++)
		if (strcmp(state, stale[i]) == 0)
			return FAILURE_STALE;
	return FAILURE_OTHER;
}

static void
refused(Apply *apply, const PGresult *res)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	if (apply->failed)
		return;
	pg_error(apply->conn, res, &apply->error);
	/* Two rows of a batch have keys that the server takes for the same: halving parts them. */
	if (state != NULL && strcmp(state, "21000") == 0)
		apply->error.kind = ERROR_DATA;
	if (state != NULL && strcmp(state, "08P01") == 0)
		apply->error.kind = ERROR_CONFIG;
	fail(apply, classify(apply, res));
}

/* One result of the message under way. */
static void
take(Apply *apply, const PGresult *res)
{
	const ExecStatusType status = PQresultStatus(res);

	if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE)
	{
		refused(apply, res);
		return;
	}
	if (apply->expect_next == apply->expect_count)
		return;

	const Expect *expected = &apply->expects[apply->expect_next++];

	switch (expected->kind)
	{
		case EXPECT_COMMAND:
		case EXPECT_QUERY:
			break;
		case EXPECT_OFFSETS:
			if (strtoul(PQcmdTuples((PGresult *) res), NULL, 10) == apply->batch->advance_count)
				break;
			error_set(&apply->error, ERROR_RETRY,
					  "another process has claimed a partition of the batch");
			fail(apply, FAILURE_FENCED);
			break;
		case EXPECT_PROBE:
			apply->may_have[expected->table] = PQgetvalue(res, 0, 0)[0] == 't';
			break;
		case EXPECT_COPY:
			begin_copy(apply, expected);
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
			apply->staged_count = apply->staged_before;
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

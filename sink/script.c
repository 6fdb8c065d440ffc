/*
 * sink/script.c - see script.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/script.h"

#define SQL_MAX ((size_t) 64 << 20)

/* Most staging tables of a connection: they are plans that were made anew, and variants. */
#define STAGED_MAX 500

/* Staging tables that the server empties by itself. It does so with all of them at each commit,
 * which takes as long as emptying one otherwise when there are some. */
#define EMPTIED_MAX 6

void
script_init(Script *script, const Settings *settings)
{
	*script = (Script){.settings = settings};
	buffer_init(&script->sql, SQL_MAX);
}

void
script_done(Script *script)
{
	buffer_done(&script->sql);
	free(script->expects);
	free(script->may_have);
	free(script->staged);
}

void
script_connect(Script *script, PGconn *conn)
{
	script->conn = conn;
	script->staged_count = 0;
	script->staged_before = 0;
}

void
script_failed(Script *script)
{
	script->staged_count = script->staged_before;
}

static InsertMode
mode(const Script *script)
{
	return (InsertMode) script->settings->insert_mode;
}

void
script_batch(Script *script, const Batch *batch, bool direct)
{
	script->batch = batch;
	script->direct = direct && mode(script) == INSERT_MODE_UPSERT;
	if (script->may_have_capacity >= batch->table_count)
		return;
	script->may_have_capacity = batch->table_count;
	script->may_have = xrealloc(script->may_have, batch->table_count * sizeof *script->may_have);
}

bool
script_is_keyed(const Script *script)
{
	return mode(script) != INSERT_MODE_INSERT;
}

const Expect *
script_peek(const Script *script)
{
	return script->expect_next == script->expect_count ? NULL
													   : &script->expects[script->expect_next];
}

const Expect *
script_next(Script *script)
{
	const Expect *expected = script_peek(script);

	if (expected != NULL)
		script->expect_next++;
	return expected;
}

static const Staged *
find_staged(const Script *script, const Plan *plan)
{
	for (size_t i = 0; i < script->staged_count; i++)
		if (script->staged[i].number == plan->number)
			return &script->staged[i];
	return NULL;
}

static void
expect(Script *script, ExpectKind kind, size_t table, size_t section)
{
	if (script->expect_count == script->expect_capacity)
	{
		script->expect_capacity = script->expect_capacity == 0 ? 16 : script->expect_capacity * 2;
		script->expects = xrealloc(script->expects, script->expect_capacity * sizeof(Expect));
	}
	script->expects[script->expect_count++] =
		(Expect){.kind = kind, .table = table, .section = section};
}

/* A statement behind the others of the message; the writer_* functions append them likewise. */
static bool
add(Script *script, const char *statement)
{
	expect(script, EXPECT_COMMAND, 0, 0);
	return buffer_append_text(&script->sql, statement);
}

/* Rows that go by a statement over a staging table whatever the table has. */
static bool
is_indirect(const Plan *plan)
{
	return plan->staged || plan->value == NULL || plan->way.partial || plan->way.use == PLAN_REMOVE;
}

/* How the rows of a section go: a keyed row that may be there needs a statement, too. */
static bool
needs_staging(const Script *script, size_t table, const Section *section)
{
	if (is_indirect(section->plan))
		return true;
	return section->plan->way.use == PLAN_BY_MODE && script_is_keyed(script) &&
		   (!script->direct || script->may_have[table]);
}

bool
script_searched(const Script *script, size_t t)
{
	const TableBatch *table = &script->batch->tables[t];

	for (size_t s = 0; s < table->section_count; s++)
		if (table->sections[s].live > 0 && table->sections[s].plan->way.use == PLAN_BY_MODE &&
			needs_staging(script, t, &table->sections[s]))
			return true;
	return false;
}

/* With a unique index on the key, an update changes one row or none; without, the rows that are not
 * there have to be counted. */
static bool
add_update(Script *script, size_t t, size_t s, WriterWay way)
{
	const Section *section = &script->batch->tables[t].sections[s];
	const bool unique = way == WRITER_CONFLICT && !section->plan->loose;

	if (!unique)
	{
		expect(script, EXPECT_MISSING, t, s);
		if (!writer_count_missing(&script->sql, section->plan, section->live))
			return false;
	}
	expect(script, unique ? EXPECT_UPDATED : EXPECT_COMMAND, t, s);
	return writer_apply(&script->sql, section->plan, INSERT_MODE_UPDATE, way, section->live);
}

/* Updates of rows that have to be there; with insert.mode=update others are counted, as always. */
static bool
add_partial(Script *script, size_t t, size_t s, WriterWay way)
{
	const Section *section = &script->batch->tables[t].sections[s];
	const bool lenient = mode(script) == INSERT_MODE_UPDATE;
	const size_t start = script->sql.len;
	bool any;

	if (!writer_update_partial(&script->sql, section, &any))
		return false;
	if (any && way == WRITER_CONFLICT && !section->plan->loose)
	{
		expect(script, lenient ? EXPECT_UPDATED : EXPECT_KEPT, t, s);
		return true;
	}
	script->sql.len = start;
	expect(script, lenient ? EXPECT_MISSING : EXPECT_PRESENT, t, s);
	if (!writer_count_missing(&script->sql, section->plan, section->live))
		return false;
	if (any)
		expect(script, EXPECT_COMMAND, t, s);
	return writer_update_partial(&script->sql, section, &any);
}

/* From staging into the table. */
static bool
add_statements(Script *script, size_t t, size_t s)
{
	const Section *section = &script->batch->tables[t].sections[s];
	const Plan *plan = section->plan;
	const InsertMode how = plan->way.use == PLAN_APPEND ? INSERT_MODE_INSERT : mode(script);
	const WriterWay way = writer_way(plan, PQserverVersion(script->conn));

	if (plan->way.use == PLAN_REMOVE)
	{
		expect(script, EXPECT_REMOVED, t, s);
		return writer_remove(&script->sql, section);
	}
	if (plan->way.partial)
		return add_partial(script, t, s, way);
	if (how == INSERT_MODE_UPDATE && plan->value != NULL)
		return add_update(script, t, s, way);
	for (size_t i = writer_statements(plan, how, way); i > 0; i--)
		expect(script, EXPECT_COMMAND, t, s);
	return writer_apply(&script->sql, plan, how, way, section->live);
}

static bool
add_section(Script *script, size_t t, size_t s)
{
	const Section *section = &script->batch->tables[t].sections[s];
	const bool staged = needs_staging(script, t, section);

	if (section->live == 0)
		return true;
	expect(script, EXPECT_COPY, t, s);
	expect(script, EXPECT_COMMAND, t, s);
	if (!writer_copy(&script->sql, section->plan, staged))
		return false;
	if (!staged)
		return true;
	if (!add_statements(script, t, s))
		return false;
	if (!find_staged(script, section->plan)->kept)
		return true;
	expect(script, EXPECT_COMMAND, t, s);
	return writer_empty_staging(&script->sql, section->plan);
}

static bool
takes_away(const Plan *plan)
{
	return plan->value == NULL || plan->way.use == PLAN_REMOVE;
}

/* Deletes go first: a row that takes over a deleted row's other unique values must find them free.
 */
static bool
add_table(Script *script, size_t t)
{
	const TableBatch *table = &script->batch->tables[t];

	if (table->truncated)
		expect(script, EXPECT_COMMAND, t, 0);
	if (table->truncated && !writer_truncate(&script->sql, table->table))
		return false;
	for (int deletes = 1; deletes >= 0; deletes--)
		for (size_t s = 0; s < table->section_count; s++)
			if (takes_away(table->sections[s].plan) == (deletes == 1) && !add_section(script, t, s))
				return false;
	/* Somebody may have given a column's name to a new one, or another type to the column. */
	if (table->section_count == 0 || table->table->count == 0)
		return true;
	expect(script, EXPECT_COLUMNS, t, 0);
	return writer_count_columns(&script->sql, table->table);
}

static bool
add_rows(Script *script)
{
	for (size_t t = 0; t < script->batch->table_count; t++)
		if (!add_table(script, t))
			return false;
	return true;
}

/* Of two who look for equal rows without a key, one would find none. */
static bool
needs_lock(const TableBatch *table, WriterWay way)
{
	if (table->sections[0].plan->way.use == PLAN_BY_MODE)
		return way != WRITER_CONFLICT;
	for (size_t s = 0; s < table->section_count; s++)
		if (table->sections[s].plan->way.use == PLAN_REMOVE && table->sections[s].live > 0)
			return true;
	return false;
}

static bool
add_questions(Script *script)
{
	if (mode(script) == INSERT_MODE_UPDATE)
		return true;
	for (size_t t = 0; t < script->batch->table_count; t++)
	{
		const TableBatch *table = &script->batch->tables[t];
		bool possible = false;

		script->may_have[t] = true;
		if (table->section_count == 0)
			continue;
		if (needs_lock(table, writer_way(table->sections[0].plan, PQserverVersion(script->conn))))
		{
			expect(script, EXPECT_QUERY, t, 0);
			if (!writer_lock(&script->sql, table->table))
				return false;
		}
		if (script->direct && !writer_probe(&script->sql, table, &possible))
			return false;
		if (possible)
			expect(script, EXPECT_PROBE, t, 0);
	}
	return true;
}

static bool
staging_tables(Script *script)
{
	if (script->staged_count > STAGED_MAX)
	{
		script->staged_count = 0;
		if (!add(script, "discard temp;"))
			return false;
	}
	script->staged_before = script->staged_count;
	for (size_t t = 0; t < script->batch->table_count; t++)
		for (size_t s = 0; s < script->batch->tables[t].section_count; s++)
		{
			const Plan *plan = script->batch->tables[t].sections[s].plan;

			if (script->batch->tables[t].sections[s].live == 0 ||
				find_staged(script, plan) != NULL ||
				!(is_indirect(plan) || (script_is_keyed(script) && plan->way.use == PLAN_BY_MODE)))
				continue;
			script->staged =
				xrealloc(script->staged, (script->staged_count + 1) * sizeof *script->staged);
			script->staged[script->staged_count] =
				(Staged){plan->number, script->staged_count >= EMPTIED_MAX};
			expect(script, EXPECT_COMMAND, t, s);
			if (!writer_create_staging(&script->sql, plan,
									   script->staged[script->staged_count++].kept))
				return false;
		}
	return true;
}

static bool
beginning(Script *script)
{
	const Batch *batch = script->batch;
	bool marks;

	if (!add(script, "begin;"))
		return false;
	expect(script, EXPECT_OFFSETS, 0, 0);
	if (!offsets_append_update(&script->sql, script->conn, script->settings->name, batch->advances,
							   batch->advance_count) ||
		!buffer_append_text(&script->sql, ";") ||
		!offsets_append_marks(&script->sql, script->conn, script->settings->name, batch->advances,
							  batch->advance_count, &marks))
		return false;
	if (marks && !add(script, ";"))
		return false;
	return script_is_keyed(script) ? add_questions(script) : add_rows(script);
}

bool
script_phase(Script *script, Phase phase)
{
	buffer_clear(&script->sql);
	script->expect_count = 0;
	script->expect_next = 0;
	switch (phase)
	{
		case PHASE_IDLE:
		case PHASE_END:
			return true;
		case PHASE_STAGING:
			return staging_tables(script);
		case PHASE_BEGIN:
			return beginning(script);
		case PHASE_ROWS:
			return !script_is_keyed(script) || add_rows(script);
		case PHASE_COMMIT:
			return add(script, "commit;");
	}
	return false;
}

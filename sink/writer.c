/*
 * sink/writer.c - see writer.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/writer.h"

#include "common/bytes.h"
#include "sink/clauses.h"
#include "sink/literal.h"
#include "sink/naming.h"
#include "sink/pgtypes.h"

#include <inttypes.h>

#define MERGE_VERSION 150000

WriterWay
writer_way(const Plan *plan, int server_version)
{
	const Column *keys[PLAN_INDEX_COLUMNS];
	const size_t count = plan_key_columns(plan, plan->table, keys);

	if (count == plan->key_count && table_has_arbiter(plan->table, keys, count))
		return WRITER_CONFLICT;
	return server_version >= MERGE_VERSION ? WRITER_MERGE : WRITER_UPDATE;
}

bool
writer_create_staging(Buffer *sql, const Plan *plan, bool kept)
{
	bool done = buffer_append_text(sql, "create temporary table if not exists ") &&
				clauses_staging(sql, plan) && buffer_append_text(sql, " (");

	for (size_t i = 0; done && i < plan->count; i++)
		done = buffer_printf(sql, "%s%s %s", i == 0 ? "" : ", ", plan->columns[i].column->quoted,
							 plan->columns[i].as_text ? "pg_catalog.text"
													  : clauses_type(&plan->columns[i], plan));
	if (plan->way.partial)
		done = done && buffer_append_text(sql, ", " CLAUSES_MASK " pg_catalog.bytea");
	if (plan->loose)
		done = done &&
			   buffer_append_text(sql, ", " CLAUSES_ROW " bigint generated always as identity");
	return done && buffer_append_text(sql, kept ? ");" : ") on commit delete rows;");
}

bool
writer_empty_staging(Buffer *sql, const Plan *plan)
{
	return buffer_append_text(sql, "truncate ") && clauses_staging(sql, plan) &&
		   buffer_append_text(sql, ";");
}

bool
writer_copy(Buffer *sql, const Plan *plan, bool staged)
{
	bool done = buffer_append_text(sql, "copy ") &&
				(staged ? clauses_staging(sql, plan) : buffer_append_text(sql, plan->table->sql));

	/* A list of no columns is none to the server. */
	if (plan->count > 0)
		done = done && buffer_append_text(sql, " (") &&
			   clauses_columns(sql, plan, plan->count, "") &&
			   (!plan->way.partial || buffer_append_text(sql, ", " CLAUSES_MASK)) &&
			   buffer_append_text(sql, ")");
	return done && buffer_append_text(sql, " from stdin (format binary);");
}

static bool
updates_any(const Plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan_can_update(plan, i))
			return true;
	return false;
}

static bool
append_set(Buffer *sql, const Plan *plan, const char *from)
{
	bool first = true;
	bool done = true;

	for (size_t i = 0; done && i < plan->count; i++)
	{
		const char *quoted = plan->columns[i].column->quoted;

		if (!plan_can_update(plan, i))
			continue;
		done = buffer_printf(sql, "%s%s = %s.%s", first ? "" : ", ", quoted, from, quoted);
		first = false;
	}
	return done;
}

static const char *
overriding(const Plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->columns[i].column->identity)
			return " overriding system value";
	return "";
}

static bool
append_insert(Buffer *sql, const Plan *plan)
{
	return buffer_printf(sql, "insert into %s as d (", plan->table->sql) &&
		   clauses_columns(sql, plan, plan->count, "") &&
		   buffer_printf(sql, ")%s ", overriding(plan));
}

static bool
append_conflict(Buffer *sql, const Plan *plan, size_t rows)
{
	if (!append_insert(sql, plan) || !clauses_source(sql, plan, rows) ||
		!buffer_append_text(sql, " on conflict (") ||
		!clauses_columns(sql, plan, plan->key_count, ""))
		return false;
	if (!updates_any(plan))
		return buffer_append_text(sql, ") do nothing;");
	return buffer_append_text(sql, ") do update set ") && append_set(sql, plan, "excluded") &&
		   buffer_append_text(sql, ";");
}

static bool
append_merge(Buffer *sql, const Plan *plan, size_t rows)
{
	bool done = buffer_printf(sql, "merge into %s as d using (", plan->table->only) &&
				clauses_source(sql, plan, rows) && buffer_append_text(sql, ") s on ") &&
				clauses_match(sql, plan);

	if (done && updates_any(plan))
		done =
			buffer_append_text(sql, " when matched then update set ") && append_set(sql, plan, "s");
	return done && buffer_append_text(sql, " when not matched then insert (") &&
		   clauses_columns(sql, plan, plan->count, "") &&
		   buffer_printf(sql, ")%s values (", overriding(plan)) &&
		   clauses_columns(sql, plan, plan->count, "s.") && buffer_append_text(sql, ");");
}

static bool
append_update(Buffer *sql, const Plan *plan, size_t rows)
{
	return buffer_printf(sql, "update %s as d set ", plan->table->only) &&
		   append_set(sql, plan, "s") && buffer_append_text(sql, " from (") &&
		   clauses_source(sql, plan, rows) && buffer_append_text(sql, ") s where ") &&
		   clauses_match(sql, plan) && buffer_append_text(sql, ";");
}

/* "from the staging rows that the table does not have" */
static bool
append_from_missing(Buffer *sql, const Plan *plan, size_t rows)
{
	return buffer_append_text(sql, " from (") && clauses_source(sql, plan, rows) &&
		   buffer_printf(sql, ") s where not exists (select from %s as d where ",
						 plan->table->only) &&
		   clauses_match(sql, plan) && buffer_append_text(sql, ");");
}

static bool
append_update_and_insert(Buffer *sql, const Plan *plan, size_t rows)
{
	return (!updates_any(plan) || append_update(sql, plan, rows)) && append_insert(sql, plan) &&
		   buffer_append_text(sql, "select ") && clauses_columns(sql, plan, plan->count, "s.") &&
		   append_from_missing(sql, plan, rows);
}

bool
writer_count_missing(Buffer *sql, const Plan *plan, size_t rows)
{
	return buffer_append_text(sql, "select pg_catalog.count(*)") &&
		   append_from_missing(sql, plan, rows);
}

bool
writer_apply(Buffer *sql, const Plan *plan, InsertMode mode, WriterWay way, size_t rows)
{
	if (plan->value == NULL)
		return buffer_printf(sql, "delete from %s as d using (", plan->table->only) &&
			   clauses_source(sql, plan, rows) && buffer_append_text(sql, ") s where ") &&
			   clauses_match(sql, plan) && buffer_append_text(sql, ";");
	if (mode == INSERT_MODE_INSERT)
		return append_insert(sql, plan) && clauses_source(sql, plan, rows) &&
			   buffer_append_text(sql, ";");
	if (mode == INSERT_MODE_UPDATE)
		return append_update(sql, plan, rows);
	switch (way)
	{
		case WRITER_CONFLICT:
			return append_conflict(sql, plan, rows);
		case WRITER_MERGE:
			return append_merge(sql, plan, rows);
		case WRITER_UPDATE:
			return append_update_and_insert(sql, plan, rows);
	}
	return false;
}

size_t
writer_statements(const Plan *plan, InsertMode mode, WriterWay way)
{
	return plan->value != NULL && mode == INSERT_MODE_UPSERT && way == WRITER_UPDATE &&
				   updates_any(plan)
			   ? 2
			   : 1;
}

bool
writer_truncate(Buffer *sql, const Table *table)
{
	return buffer_printf(sql, "truncate %s;", table->sql);
}

bool
writer_lock(Buffer *sql, const Table *table)
{
	/* The number of our locks in the high half, "w2av", the table's oid in the low one. */
	return buffer_printf(sql, "select pg_catalog.pg_advisory_xact_lock(%" PRId64 ");",
						 INT64_C(0x77326176) << 32 | table->oid);
}

bool
writer_count_columns(Buffer *sql, const Table *table)
{
	bool done = buffer_append_text(sql, "select pg_catalog.count(*) from (values ");

	for (size_t i = 0; done && i < table->count; i++)
		done = buffer_printf(sql, "%s(%d, ", i == 0 ? "" : ", ", table->columns[i].number) &&
			   literal_of_text(table->columns[i].name, sql) && buffer_append_text(sql, ", ") &&
			   literal_of_text(table->columns[i].type_sql, sql) && buffer_append_text(sql, ")");
	return done && buffer_printf(sql,
								 ") c (number, name, type) join pg_catalog.pg_attribute on "
								 "attrelid = %" PRIu32 " and attnum = number and attname = name "
								 "and pg_catalog.format_type(atttypid, -1) = type;",
								 table->oid);
}

/* Bytes of one field of a row in COPY's form, by its place among the key columns. */
static Slice
key_field(const Section *section, const BatchRow *row, size_t place)
{
	const uint8_t *p = section->bytes.data + row->start + 2;

	for (size_t i = 0; i < place; i++)
		p += 4 + get_be32(p);
	return (Slice){p + 4, get_be32(p)};
}

/* Types whose binary form can be compared here: integers, and uuid as bytes. */
static bool
is_integer(uint32_t oid)
{
	return oid == PG_INT2 || oid == PG_INT4 || oid == PG_INT8;
}

static int64_t
integer_of(Slice field)
{
	if (field.len == 2)
		return (int16_t) get_be16(field.data);
	return field.len == 4 ? (int32_t) get_be32(field.data) : (int64_t) get_be64(field.data);
}

static int
compare(uint32_t oid, Slice a, Slice b)
{
	if (is_integer(oid))
		return integer_of(a) < integer_of(b) ? -1 : integer_of(a) > integer_of(b);
	return memcmp(a.data, b.data, 16);
}

static bool
append_value(Buffer *sql, const Column *column, Slice field)
{
	if (is_integer(column->type.oid))
		return buffer_printf(sql, "'%" PRId64 "'::%s", integer_of(field), column->type_sql);

	bool done = buffer_append_text(sql, "'");

	for (size_t i = 0; done && i < field.len; i++)
		done = buffer_printf(sql, "%02x", field.data[i]);
	return done && buffer_printf(sql, "'::%s", column->type_sql);
}

bool
writer_probe(Buffer *sql, const TableBatch *batch, bool *possible)
{
	const Plan *plan = batch->sections[0].plan;
	const Column *keys[PLAN_INDEX_COLUMNS] = {NULL};
	const size_t count = plan_key_columns(plan, plan->table, keys);
	const int indexed = table_indexed_column(batch->table, keys, count);
	const size_t place = indexed < 0 ? 0 : (size_t) indexed;
	const Column *column = count == 0 ? NULL : keys[place];
	Slice least = SLICE_ABSENT;
	Slice greatest = SLICE_ABSENT;

	*possible = column != NULL && !plan->loose &&
				(is_integer(column->type.oid) || column->type.oid == PG_UUID);
	for (size_t i = 0; *possible && i < batch->section_count; i++)
		for (size_t k = 0; k < batch->sections[i].row_count; k++)
		{
			const Section *section = &batch->sections[i];
			const Slice field = key_field(section, &section->rows[k], place);

			if (least.data == NULL || compare(column->type.oid, field, least) < 0)
				least = field;
			if (greatest.data == NULL || compare(column->type.oid, field, greatest) > 0)
				greatest = field;
		}
	if (!*possible)
		return true;
	/* By order and limit rather than exists(): whatever the statistics say, an index gives the
	 * first row of a range at once, and a scan of the whole table does not. */
	return buffer_printf(sql, "select (select true from %s where %s >= ", batch->table->only,
						 column->quoted) &&
		   append_value(sql, column, least) && buffer_printf(sql, " and %s <= ", column->quoted) &&
		   append_value(sql, column, greatest) &&
		   (indexed < 0 || buffer_printf(sql, " order by %s", column->quoted)) &&
		   buffer_append_text(sql, " limit 1) is not null;");
}

/* name, or as much of it as leaves room for the rest of the index's name; UTF-8 stays whole. */
static size_t
cut_name(const char *name, size_t room)
{
	size_t len = strlen(name);

	if (len <= room)
		return len;
	for (len = room; len > 0 && ((uint8_t) name[len] & 0xc0) == 0x80;)
		len--;
	return len;
}

bool
writer_create_index(Buffer *sql, const Plan *plan)
{
	static const char suffix[] = "_wal2avro_idx";
	Buffer name;

	buffer_init(&name, 1 << 16);
	buffer_append_text(&name, plan->table->bare);
	for (size_t i = 0; i < plan->key_count; i++)
		buffer_printf(&name, "_%s", plan->columns[i].column->name);
	name.len = cut_name(buffer_text(&name), NAME_MAX_BYTES - strlen(suffix));
	buffer_append_text(&name, suffix);

	AUTO_TEXT char *quoted = pg_quote(buffer_text(&name));

	buffer_done(&name);
	return buffer_printf(sql, "create index if not exists %s on %s (", quoted, plan->table->sql) &&
		   clauses_columns(sql, plan, plan->key_count, "") && buffer_append_text(sql, ");");
}

/*
 * sink/writer_rows.c - the statements for records that are not the whole story of a row: some
 * columns stay as they are, or a row without key is to go; see writer.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/clauses.h"
#include "sink/pgtypes.h"
#include "sink/writer.h"

static bool
has_bit(const uint8_t *bits, size_t i)
{
	return (bits[i / 8] >> i % 8 & 1) != 0;
}

/* A column that some rows have and others do not stays as it is in the latter: the same value,
 * which the server does not write anew where it is stored apart. */
static bool
append_kept(Buffer *sql, const char *quoted, size_t i)
{
	return buffer_printf(
		sql, "case when pg_catalog.get_bit(s." CLAUSES_MASK ", %zu) = 1 then d.%s else s.%s end", i,
		quoted, quoted);
}

bool
writer_update_partial(Buffer *sql, const Section *section, bool *any)
{
	const Plan *plan = section->plan;
	const size_t start = sql->len;
	bool done = buffer_printf(sql, "update %s as d set ", plan->table->only);

	*any = false;
	for (size_t i = 0; done && i < plan->count; i++)
	{
		const char *quoted = plan->columns[i].column->quoted;

		if (!plan_can_update(plan, i) || has_bit(section->all, i))
			continue;
		done = buffer_printf(sql, "%s%s = ", *any ? ", " : "", quoted) &&
			   (has_bit(section->some, i) ? append_kept(sql, quoted, i)
										  : buffer_printf(sql, "s.%s", quoted));
		*any = true;
	}
	if (done && !*any)
		sql->len = start;
	return done && (!*any || (buffer_append_text(sql, " from (") &&
							  clauses_source(sql, plan, section->live) &&
							  buffer_append_text(sql, ") s where ") && clauses_match(sql, plan) &&
							  buffer_append_text(sql, ";")));
}

/* Types whose values are equal where their bytes are, with an operator that hashes and merges, and
 * some value of each. */
static const struct
{
	uint32_t oid;
	const char *some; /* as SQL */
} comparable[] = {
	{PG_BOOL, "'false'::pg_catalog.bool"},
	{PG_BYTEA, "''::pg_catalog.bytea"},
	{PG_NAME, "''::pg_catalog.name"},
	{PG_INT8, "'0'::pg_catalog.int8"},
	{PG_INT2, "'0'::pg_catalog.int2"},
	{PG_INT4, "'0'::pg_catalog.int4"},
	{PG_OID, "'0'::pg_catalog.oid"},
	{PG_TEXT, "''::pg_catalog.text"},
	{PG_VARCHAR, "''::pg_catalog.text"},
	{PG_BPCHAR, "''::pg_catalog.bpchar"},
	{PG_DATE, "'2000-01-01'::pg_catalog.date"},
	{PG_TIME, "'00:00'::pg_catalog.time"},
	{PG_NUMERIC, "'0'::pg_catalog.numeric"},
	{PG_TIMESTAMP, "'infinity'::pg_catalog.timestamp"},
	{PG_TIMESTAMPTZ, "'infinity'::pg_catalog.timestamptz"},
	{PG_FLOAT4, "'0'::pg_catalog.float4"},
	{PG_FLOAT8, "'0'::pg_catalog.float8"},
	{PG_UUID, "'00000000-0000-0000-0000-000000000000'::pg_catalog.uuid"},
};

#define COMPARABLE (sizeof comparable / sizeof *comparable)

/* The index of the column's type among them; their number: it is none. */
static size_t
place_of(const Column *column)
{
	size_t i = 0;

	while (i < COMPARABLE && comparable[i].oid != column->type.oid)
		i++;
	return i;
}

/* A column that is never null in the batch's rows and may have many values: enough to find rows by.
 */
static bool
has_good_column(const Section *section)
{
	const Plan *plan = section->plan;

	for (size_t i = 0; i < plan->count; i++)
		if (place_of(plan->columns[i].column) < COMPARABLE &&
			plan->columns[i].column->type.oid != PG_BOOL && !has_bit(section->some, i))
			return true;
	return false;
}

/*
 * " and d.a = s.a": what equal rows have in common, for the server to find them by. Where some row
 * of the batch has null, that is taken for a value: no index serves then, but the join can still be
 * one by hash. texts: types without an operator by their text, or each row of the table would be
 * held against each of the batch.
 */
static bool
append_equal(Buffer *sql, const Column *column, bool has_null, bool texts)
{
	const char *quoted = column->quoted;
	const size_t place = place_of(column);

	if (place == COMPARABLE)
		return !texts || buffer_printf(sql,
									   " and coalesce(d.%s::pg_catalog.text, '') = "
									   "coalesce(s.%s::pg_catalog.text, '')",
									   quoted, quoted);
	if (!has_null)
		return buffer_printf(sql, " and d.%s = s.%s", quoted, quoted);
	return buffer_printf(sql, " and coalesce(d.%s, %s) = coalesce(s.%s, %s)", quoted,
						 comparable[place].some, quoted, comparable[place].some);
}

/* row(s."a", s."b")::record: without the cast, two rows side by side are compared by column. */
static bool
append_record(Buffer *sql, const Plan *plan, const char *before)
{
	return buffer_append_text(sql, "row(") && clauses_columns(sql, plan, plan->count, before) &&
		   buffer_append_text(sql, ")::record");
}

/* Each row that is to go once, with the number of times. */
static bool
append_wanted(Buffer *sql, const Section *section)
{
	const Plan *plan = section->plan;

	return buffer_append_text(sql, "select w.*, pg_catalog.count(*) over (partition by "
								   "wal2avro_first) as wal2avro_times from (select s.*, "
								   "pg_catalog.rank() over o as wal2avro_first, "
								   "pg_catalog.row_number() over o as wal2avro_number from (") &&
		   clauses_source(sql, plan, section->live) &&
		   buffer_append_text(sql, ") s window o as (order by ") &&
		   append_record(sql, plan, "s.") &&
		   buffer_append_text(sql, " using operator(pg_catalog.*<))) w");
}

static bool
append_same(Buffer *sql, const Section *section)
{
	const Plan *plan = section->plan;
	const bool texts = !has_good_column(section);
	bool done = append_record(sql, plan, "d.") &&
				buffer_append_text(sql, " operator(pg_catalog.*=) ") &&
				append_record(sql, plan, "s.");

	for (size_t i = 0; done && i < plan->count; i++)
		done = append_equal(sql, plan->columns[i].column, has_bit(section->some, i), texts);
	return done;
}

bool
writer_remove(Buffer *sql, const Section *section)
{
	const char *only = section->plan->table->only;

	return buffer_printf(sql,
						 "delete from %s as x using (select wal2avro_table, wal2avro_place from "
						 "(select d.tableoid as wal2avro_table, d.ctid as wal2avro_place, "
						 "s.wal2avro_times, pg_catalog.row_number() over (partition by "
						 "s.wal2avro_first) as wal2avro_copy from (select * from (",
						 only) &&
		   append_wanted(sql, section) &&
		   buffer_printf(sql, ") v where wal2avro_number = wal2avro_first) s join %s as d on ",
						 only) &&
		   append_same(sql, section) &&
		   buffer_append_text(sql, ") c where wal2avro_copy <= wal2avro_times) g where x.ctid = "
								   "g.wal2avro_place and x.tableoid = g.wal2avro_table;");
}

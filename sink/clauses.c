/*
 * sink/clauses.c - see clauses.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/clauses.h"

#include <inttypes.h>

bool
clauses_staging(Buffer *sql, const Plan *plan)
{
	return buffer_printf(sql, "pg_temp.wal2avro_%" PRId64, plan->number);
}

bool
clauses_columns(Buffer *sql, const Plan *plan, size_t count, const char *before)
{
	bool done = true;

	for (size_t i = 0; done && i < count; i++)
		done = buffer_printf(sql, "%s%s%s", i == 0 ? "" : ", ", before,
							 plan->columns[i].column->quoted);
	return done;
}

/* The staging table's columns, each of the destination's type and with its name. */
static bool
append_cast_columns(Buffer *sql, const Plan *plan)
{
	bool done = true;

	for (size_t i = 0; done && i < plan->count; i++)
	{
		const PlanColumn *column = &plan->columns[i];

		if (column->as_text && column->column->reader != NULL)
			done = buffer_printf(sql, "%s%s(pg_catalog.textout(%s))", i == 0 ? "" : ", ",
								 column->column->reader, column->column->quoted);
		else
			done = buffer_printf(sql, "%s%s", i == 0 ? "" : ", ", column->column->quoted);
		if (done && column->as_text)
			done = buffer_printf(sql, "::%s as %s", clauses_type(column, plan),
								 column->column->quoted);
	}
	return done && (!plan->way.partial || buffer_append_text(sql, ", " CLAUSES_MASK));
}

/* Of rows whose keys the server takes for equal, the last one. */
static bool
append_last_rows(Buffer *sql, const Plan *plan)
{
	return buffer_append_text(sql, "(select distinct on (") &&
		   clauses_columns(sql, plan, plan->key_count, "") && buffer_append_text(sql, ") ") &&
		   append_cast_columns(sql, plan) && buffer_append_text(sql, " from ") &&
		   clauses_staging(sql, plan) && buffer_append_text(sql, " order by ") &&
		   clauses_columns(sql, plan, plan->key_count, "") &&
		   buffer_append_text(sql, ", " CLAUSES_ROW " desc) k");
}

bool
clauses_source(Buffer *sql, const Plan *plan, size_t rows)
{
	bool done = buffer_append_text(sql, "select ");

	if (plan->loose)
		done = done && clauses_columns(sql, plan, plan->count, "") &&
			   (!plan->way.partial || buffer_append_text(sql, ", " CLAUSES_MASK)) &&
			   buffer_append_text(sql, " from ") && append_last_rows(sql, plan);
	else
		done = done && append_cast_columns(sql, plan) && buffer_append_text(sql, " from ") &&
			   clauses_staging(sql, plan);
	return done && buffer_printf(sql, " limit %zu", rows);
}

bool
clauses_match(Buffer *sql, const Plan *plan)
{
	bool done = true;

	for (size_t i = 0; done && i < plan->key_count; i++)
	{
		const Column *column = plan->columns[i].column;

		done = buffer_printf(sql, "%sd.%s %s s.%s", i == 0 ? "" : " and ", column->quoted,
							 column->equals, column->quoted);
	}
	return done;
}

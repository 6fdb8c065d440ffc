/*
 * sink/clauses.h - what the statements over a staging table are put together from. Text only.
 *
 * In all of them d is the table and s the staging table's rows. Each appends to sql; false beyond
 * its maximum.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_CLAUSES_H
#define WAL2AVRO_SINK_CLAUSES_H

#include "core/buffer.h"
#include "sink/plan.h"

/* Columns of a staging table beside the plan's: the order of its rows, for keys whose bytes may
 * differ, and a partial plan's mask. */
#define CLAUSES_ROW	 "wal2avro_row"
#define CLAUSES_MASK "wal2avro_kept"

/* The type of a column in staging. Rows that are to be compared as a whole have to be exactly what
 * the table makes of them, by the type's modifier too. */
static inline const char *
clauses_type(const PlanColumn *column, const Plan *plan)
{
	return plan->way.use == PLAN_REMOVE ? column->column->stored_sql : column->column->type_sql;
}

/* The staging table's name. */
bool clauses_staging(Buffer *sql, const Plan *plan);

/* The columns' names with something before each: "id", "num" or s."id", s."num". */
bool clauses_columns(Buffer *sql, const Plan *plan, size_t count, const char *before);

/* A query for the staging table's rows, with the table's types; a partial plan's mask behind them.
 * The limit takes nothing away: it tells the planner, who takes any new table for some thousand
 * rows, how few there are. */
bool clauses_source(Buffer *sql, const Plan *plan, size_t rows);

/* d.k = s.k and ... */
bool clauses_match(Buffer *sql, const Plan *plan);

#endif

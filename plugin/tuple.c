/*
 * plugin/tuple.c - see tuple.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/tuple.h"

#include "access/htup_details.h"

#include "plugin/selfcheck.h"

static bool
is_missing(const Column *column, const Datum *values, const bool *nulls)
{
	return column->may_be_external && !nulls[column->index] &&
		   VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(values[column->index]));
}

static void
take_unchanged(Plan *plan, const Column *column, bool has_old)
{
	if (!has_old || plan->old_nulls[column->index] ||
		is_missing(column, plan->old_values, plan->old_nulls))
		ereport(
			ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			errmsg("column \"%s\" has an unchanged TOAST value, which the WAL does not hold; run "
				   "ALTER TABLE ... REPLICA IDENTITY FULL for later rows, or take the table out "
				   "of the list of tables",
				   column->type->column));
	plan->values[column->index] = plan->old_values[column->index];
}

void
tuple_take(Plan *plan, HeapTuple tuple, HeapTuple old_tuple)
{
	heap_deform_tuple(tuple, plan->tupdesc, plan->values, plan->nulls);
	if (old_tuple != NULL)
		tuple_take_old(plan, old_tuple);
	if (likely(!HeapTupleHasExternal(tuple)))
		return;
	for (int i = 0; i < plan->columns_len; i++)
		if (is_missing(&plan->columns[i], plan->values, plan->nulls))
			take_unchanged(plan, &plan->columns[i], old_tuple != NULL);
}

void
tuple_take_old(Plan *plan, HeapTuple tuple)
{
	heap_deform_tuple(tuple, plan->tupdesc, plan->old_values, plan->old_nulls);
}

static inline void
put_column(Output *out, const Column *column, const Datum *values, const bool *nulls)
{
	bool is_null = nulls[column->index];

	if (column->nullable)
		output_long(out, is_null ? 0 : 1); /* branch of the union */
	else if (unlikely(is_null))
		ereport(ERROR, errcode(ERRCODE_NOT_NULL_VIOLATION),
				errmsg("column \"%s\" is declared NOT NULL and is NULL; mend the row, or drop the "
					   "constraint",
					   column->type->column));
	if (!is_null)
		column->type->encode(out, column->type, values[column->index]);
}

/* What an error inside a row says of its place. */
typedef struct Place
{
	const Plan *plan;
	const Column *column;
	ErrorContextCallback callback;
} Place;

static void
report_place(void *arg)
{
	const Place *place = arg;

	if (place->column != NULL)
		errcontext("column \"%s\"", place->column->type->column);
	else
		errcontext("table \"%s\"", place->plan->label);
}

static void
enter(Place *place, const Plan *plan)
{
	place->plan = plan;
	place->column = NULL;
	place->callback.callback = report_place;
	place->callback.arg = place;
	place->callback.previous = error_context_stack;
	error_context_stack = &place->callback;
}

static void
leave(const Place *place)
{
	error_context_stack = place->callback.previous;
}

void
tuple_put_value(Output *out, const Plan *plan)
{
	size_t start = out->len;
	Place place;

	enter(&place, plan);
	for (int i = 0; i < plan->columns_len; i++)
	{
		place.column = &plan->columns[i];
		put_column(out, place.column, plan->values, plan->nulls);
	}
	selfcheck(plan->value_schema, out->data + start, out->len - start);
	leave(&place);
}

static void
put_key(Output *out, const Plan *plan, const Datum *values, const bool *nulls)
{
	size_t start = out->len;
	Place place;

	enter(&place, plan);
	for (int i = 0; i < plan->key_len; i++)
	{
		place.column = plan->key[i];
		put_column(out, place.column, values, nulls);
	}
	selfcheck(plan->key_schema, out->data + start, out->len - start);
	leave(&place);
}

void
tuple_put_key(Output *out, const Plan *plan)
{
	put_key(out, plan, plan->values, plan->nulls);
}

void
tuple_put_old_key(Output *out, const Plan *plan)
{
	put_key(out, plan, plan->old_values, plan->old_nulls);
}

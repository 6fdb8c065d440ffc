/*
 * plugin/tuple.c - see tuple.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/tuple.h"

#include "access/htup_details.h"

#include "plugin/note.h"
#include "plugin/selfcheck.h"

static inline bool
is_missing(const Column *column, const Image *image)
{
	return image->may_miss && column->may_be_external && !image->nulls[column->index] &&
		   VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(image->values[column->index]));
}

static void
take(Image *image, TupleDesc tupdesc, HeapTuple tuple)
{
	heap_deform_tuple(tuple, tupdesc, image->values, image->nulls);
	image->may_miss = HeapTupleHasExternal(tuple);
}

/* An unchanged value is what it was; a null of the old row means that the log does not have it. */
static void
take_unchanged(Plan *plan)
{
	for (int i = 0; i < plan->columns_len; i++)
	{
		const Column *column = &plan->columns[i];

		if (is_missing(column, &plan->row) && !plan->old_row.nulls[column->index])
			plan->row.values[column->index] = plan->old_row.values[column->index];
	}
}

void
tuple_take(Plan *plan, HeapTuple tuple, bool has_old)
{
	take(&plan->row, plan->tupdesc, tuple);
	if (unlikely(plan->row.may_miss) && has_old)
		take_unchanged(plan);
}

void
tuple_take_old(Plan *plan, HeapTuple tuple)
{
	take(&plan->old_row, plan->tupdesc, tuple);
	plan->old_row.partial = !plan->old_is_full;
}

static void
refuse_null(const Column *column)
{
	ereport(ERROR, errcode(ERRCODE_NOT_NULL_VIOLATION),
			errmsg("column \"%s\" is declared NOT NULL and is NULL; mend the row, or drop the "
				   "constraint",
				   column->label));
}

static void
put_slice(Output *out, Slice bytes)
{
	output_bytes(out, bytes.data, bytes.len);
}

/* A value that is there. out->inexact says what became of it. */
static inline void
put_column(Output *out, const Column *column, const Image *image)
{
	bool is_null = image->nulls[column->index];

	out->inexact = false;
	if (column->nullable)
		output_u8(out, is_null ? 0 : 2); /* branch of the union, as an Avro long: 0 or 1 */
	if (likely(!is_null))
		column->type->encode(out, column->type, image->values[column->index]);
	else if (column->nullable)
		return;
	else if (image->partial)
		put_slice(out, column->empty);
	else
		refuse_null(column);
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
		errcontext("column \"%s\"", place->column->label);
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

/* What has been written of the field since start is not the value: says so. */
static void
put_note(StringInfo notes, const Column *column, const Image *image, FieldPlace place)
{
	const char *text;
	size_t len;

	if (is_missing(column, image))
	{
		note_unchanged(notes, place);
		return;
	}
	text = note_exact(column->type, image->values[column->index], &len);
	note_inexact(notes, place, text, len);
}

void
tuple_put_row(Output *out, const Plan *plan, const Image *image, StringInfo notes)
{
	size_t start = out->len;
	Place place;

	enter(&place, plan);
	for (int i = 0; i < plan->columns_len; i++)
	{
		const Column *column = &plan->columns[i];
		size_t field = out->len;

		place.column = column;
		tuple_put_field(out, column, image);
		if (unlikely(out->inexact))
			put_note(notes, column, image,
					 (FieldPlace){.index = i, .start = field - start, .len = out->len - field});
	}
	selfcheck(plan->value_schema, out->data + start, out->len - start);
	leave(&place);
}

void
tuple_put_field(Output *out, const Column *column, const Image *image)
{
	if (likely(!is_missing(column, image)))
	{
		put_column(out, column, image);
		return;
	}
	put_slice(out, column->unavailable);
	output_inexact(out);
}

static void
refuse_missing(const Column *column)
{
	ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			errmsg("column \"%s\" is part of the key and has an unchanged TOAST value, which the "
				   "WAL does not hold; run ALTER TABLE ... REPLICA IDENTITY FULL for later rows, "
				   "and take the table out of the list of tables to pass this one",
				   column->label));
}

static void
refuse_inexact(const Column *column)
{
	ereport(ERROR, errcode(ERRCODE_DATA_EXCEPTION),
			errmsg("column \"%s\" is part of the key and holds a value that its Avro type cannot "
				   "carry; choose another form with the options for its type, or other columns "
				   "with \"key.columns\"",
				   column->label));
}

void
tuple_put_key(Output *out, const Plan *plan, const Image *image)
{
	size_t start = out->len;
	Place place;

	enter(&place, plan);
	for (int i = 0; i < plan->key_len; i++)
	{
		const Column *column = &plan->key[i];

		place.column = column;
		if (unlikely(is_missing(column, image)))
			refuse_missing(column);
		put_column(out, column, image);
		if (unlikely(out->inexact))
			refuse_inexact(column);
	}
	selfcheck(plan->key_schema, out->data + start, out->len - start);
	leave(&place);
}

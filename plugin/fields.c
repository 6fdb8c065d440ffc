/*
 * plugin/fields.c - see fields.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/fields.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "plugin/note.h"
#include "plugin/tuple.h"

bytea *
fields_copy(const uint8_t *data, size_t len)
{
	bytea *result = palloc(VARHDRSZ + len);

	SET_VARSIZE(result, VARHDRSZ + len);
	memcpy(VARDATA(result), data, len);
	return result;
}

Datum
fields_text(const char *utf8, size_t len)
{
	return CStringGetTextDatum(pg_any_to_server(utf8, (int) len, PG_UTF8));
}

static const Column *
find_column(const Plan *plan, Datum name, bool is_null)
{
	const Column *column = is_null ? NULL : plan_find_column(plan, TextDatumGetCString(name));

	if (column == NULL)
		ereport(ERROR, errcode(ERRCODE_UNDEFINED_COLUMN),
				errmsg("table \"%s\" has no column \"%s\" in its rows; name columns as the "
					   "table has them",
					   plan->label, is_null ? "null" : TextDatumGetCString(name)));
	return column;
}

static void
write_field(Output *out, const Plan *plan, const Column *column, Fields *result)
{
	const Image *image = &plan->row;
	size_t start = out->len;
	size_t len;

	tuple_put_field(out, column, image);
	result->fields[result->len] = PointerGetDatum(fields_copy(out->data + start, out->len - start));
	result->exact[result->len] = !out->inexact;
	if (out->inexact)
	{
		const char *text = note_exact(column->type, image->values[column->index], &len);

		result->texts[result->len] = fields_text(text, len);
	}
	output_rewind(out);
	result->len++;
}

Fields
fields_write(Output *out, Plan *plan, HeapTuple tuple, ArrayType *names)
{
	Fields result = {0};
	Datum *items;
	bool *nulls;
	int count;

	deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls, &count);
	result.fields = palloc(sizeof(Datum) * count);
	result.texts = palloc0(sizeof(Datum) * count);
	result.exact = palloc(sizeof(bool) * count);
	tuple_take(plan, tuple, false);
	for (int i = 0; i < count; i++)
		write_field(out, plan, find_column(plan, items[i], nulls[i]), &result);
	return result;
}

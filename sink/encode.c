/*
 * sink/encode.c - from a record to the row of its plan; see plan.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "common/array_text.h"
#include "common/avro.h"
#include "common/bytes.h"
#include "sink/form.h"
#include "sink/moment.h"
#include "sink/pgtypes.h"
#include "sink/plan.h"
#include "sink/walk.h"

static const char no_room[] = "is larger than a batch may be";

/* Cuts a record into its fields. */
static const char *
cut(const Schema *schema, Slice in, Slice *fields, const char **where)
{
	size_t bad;
	const char *problem;

	if (schema->type == SCHEMA_RECORD)
	{
		problem = walk_record(schema, in, fields, &bad);
		if (problem != NULL && bad < schema->count)
			*where = schema->fields[bad].name;
		return problem;
	}
	fields[0] = in;
	problem = walk_value(schema, &in);
	return problem == NULL && in.len > 0 ? "has bytes behind its value" : problem;
}

static const char *
encode_column(const PlanColumn *column, Slice in, Buffer *out, bool is_key)
{
	const size_t at = out->len;
	uint8_t *p = buffer_reserve(out, 4);
	Slice value = in;
	int64_t branch = 0;
	const char *problem;

	if (p == NULL)
		return no_room;
	out->len += 4;
	if (column->null_branch >= 0 && !avro_get_long(&value, &branch))
		return "is malformed";
	if (column->null_branch >= 0 && branch == column->null_branch)
	{
		put_be32(p, UINT32_MAX);
		return is_key ? "is null, but part of the key" : NULL;
	}
	if (!column->several)
		in = value;
	problem = column->noted
				  ? form_of_value(column->conversion.schema, &column->column->type, &in, out)
				  : column->conversion.convert(&column->conversion, &in, out);
	if (problem != NULL)
		return problem;
	if (out->len - at - 4 > INT32_MAX)
		return no_room;
	put_be32(out->data + at, (uint32_t) (out->len - at - 4));
	return NULL;
}

/* data NULL: null. */
static const char *
put_field(Slice field, Buffer *out)
{
	uint8_t *p = field.len > INT32_MAX ? NULL : buffer_reserve(out, 4 + field.len);

	if (p == NULL)
		return no_room;
	put_be32(p, field.data == NULL ? UINT32_MAX : (uint32_t) field.len);
	if (field.len > 0)
		memcpy(p + 4, field.data, field.len);
	out->len += 4 + field.len;
	return NULL;
}

/* As the server would read the text; digits that the column would round away are refused, as
 * everywhere. */
static const char *
put_moment(const ColumnType *type, Slice text, Buffer *out)
{
	int64_t unit = 1;
	int64_t micros;
	uint8_t bytes[8];

	if (!(type->oid == PG_TIME ? moment_time : moment_timestamp)(text, &micros))
		return "has a note that is no time or timestamp";
	for (int i = 6; type->rounds && i > type->digits; i--)
		unit *= 10;
	if (micros % unit != 0 && micros != INT64_MAX && micros != INT64_MIN)
		return "has more digits behind the point than its column";
	put_be64(bytes, (uint64_t) micros);
	return put_field((Slice){bytes, sizeof bytes}, out);
}

/* An array of a type that has no comma between its elements, as the texts of notes do. */
static bool
is_delimited(const PlanColumn *column)
{
	const ColumnType *type = &column->column->type;

	return column->conversion.schema->type == SCHEMA_ARRAY && type->element != 0 &&
		   type->delimiter != 0 && type->delimiter != ',';
}

static const char *
put_delimited(const ColumnType *type, Slice text, Buffer *out)
{
	uint8_t *p =
		text.len >= INT32_MAX / 2 ? NULL : buffer_reserve(out, 4 + ARRAY_TEXT_MAX(text.len));

	if (p == NULL)
		return no_room;

	const size_t len = array_text_delimit(text, ',', type->delimiter, p + 4);

	put_be32(p, (uint32_t) len);
	out->len += 4 + len;
	return NULL;
}

/* A column that a note is on. */
static const char *
encode_note(const PlanColumn *column, const Note *note, bool is_key, Buffer *out)
{
	if (note->kind == NOTE_TEXT && column->is_moment)
		return put_moment(&column->column->type, note->text, out);
	if (note->kind == NOTE_TEXT)
		return is_delimited(column) ? put_delimited(&column->column->type, note->text, out)
									: put_field(note->text, out);
	return is_key ? "was left unchanged and is not in the record, but part of the key"
				  : put_field(SLICE_ABSENT, out);
}

static const char *
encode_row(const Plan *plan, const Notes *notes, Buffer *out, PlanRow *row, const char **where)
{
	uint8_t *p = buffer_reserve(out, 2);

	if (p == NULL)
		return no_room;
	put_be16(p, (uint16_t) (plan->count + plan->way.partial));
	out->len += 2;
	for (size_t i = 0; i < plan->count; i++)
	{
		const PlanColumn *column = &plan->columns[i];
		const Slice *fields = column->from_key ? plan->key_fields : plan->value_fields;
		const Note *note =
			notes == NULL || column->from_key ? NULL : notes_find(notes, column->index);
		const char *problem =
			note == NULL ? encode_column(column, fields[column->index], out, i < plan->key_count)
						 : encode_note(column, note, i < plan->key_count, out);

		if (problem != NULL)
		{
			*where = column->field;
			return problem;
		}
		if (i + 1 == plan->key_count)
			row->key_len = out->len - row->start - 2;
	}
	return NULL;
}

/* Which columns stay as they are. */
static const char *
encode_mask(const Plan *plan, const Notes *notes, Buffer *out)
{
	const size_t size = plan_mask_size(plan);
	uint8_t *p = buffer_reserve(out, 4 + size);

	if (p == NULL)
		return no_room;
	put_be32(p, (uint32_t) size);
	memset(p + 4, 0, size);
	for (size_t i = 0; i < plan->count; i++)
	{
		const PlanColumn *column = &plan->columns[i];
		const Note *note = column->from_key ? NULL : notes_find(notes, column->index);

		if (note != NULL && note->kind == NOTE_UNCHANGED)
			p[4 + i / 8] |= (uint8_t) (1 << i % 8);
	}
	out->len += 4 + size;
	return NULL;
}

const char *
plan_encode(const Plan *plan, Slice key, Slice value, const Notes *notes, Buffer *out, PlanRow *row,
			const char **where)
{
	const size_t start = out->len;
	const char *problem = NULL;

	*where = NULL;
	*row = (PlanRow){.start = start};
	if (plan->key != NULL)
		problem = cut(plan->key, key, plan->key_fields, where);
	if (problem == NULL && plan->value != NULL)
		problem = cut(plan->value, value, plan->value_fields, where);
	if (problem == NULL && notes != NULL &&
		!notes_fit(notes, value, plan->value_fields, plan->value->count))
		problem = "has notes that are not of its value";
	if (problem == NULL)
		problem = encode_row(plan, notes, out, row, where);
	if (problem == NULL && plan->way.partial)
		problem = encode_mask(plan, notes, out);
	if (problem != NULL)
		out->len = start;
	return problem;
}

void
plan_cut_row(const Plan *plan, const uint8_t *row, Slice *fields)
{
	const uint8_t *p = row + 2;

	for (size_t i = 0; i < plan->count + plan->way.partial; i++)
	{
		const uint32_t len = get_be32(p);

		p += 4;
		fields[i] = len == UINT32_MAX ? SLICE_ABSENT : (Slice){p, len};
		p += fields[i].len;
	}
}

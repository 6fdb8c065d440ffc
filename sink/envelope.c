/*
 * sink/envelope.c - see envelope.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE /* memmem */
#include "sink/envelope.h"

#include "common/avro.h"
#include "core/memory.h"
#include "sink/walk.h"

#include <string.h>

/* As Avro has it: the length in front, 28 in zigzag. */
static const char placeholder[] = "\x38__debezium_unavailable_value";

#define PLACEHOLDER_SIZE (sizeof placeholder - 1)

static bool
is_envelope_name(const char *name)
{
	const char *dot = name == NULL ? NULL : strrchr(name, '.');

	return name != NULL && strcmp(dot == NULL ? name : dot + 1, "Envelope") == 0;
}

bool
envelope_is_row(const Schema *value)
{
	const char *dot =
		value->type != SCHEMA_RECORD || value->name == NULL ? NULL : strrchr(value->name, '.');

	return dot != NULL && strcmp(dot, ".Value") == 0;
}

/* The schema of a field without its null branch, or NULL when there is no such field. */
static const Schema *
field_of(const Schema *record, const char *name, size_t *index, int *null_branch)
{
	for (size_t i = 0; i < record->count; i++)
		if (strcmp(record->fields[i].name, name) == 0)
		{
			*index = i;
			return schema_nullable(record->fields[i].schema, null_branch);
		}
	return NULL;
}

void
envelope_init(Envelope *envelope, const Schema *value)
{
	const Schema *op;
	const Schema *after;
	const Schema *before;

	*envelope = (Envelope){.schema = value};
	if (value->type != SCHEMA_RECORD || !is_envelope_name(value->name))
		return;
	op = field_of(value, "op", &envelope->op, &envelope->op_null_branch);
	after = field_of(value, "after", &envelope->after, &envelope->after_null_branch);
	if (op == NULL || op->type != SCHEMA_STRING || after == NULL || after->type != SCHEMA_RECORD)
		return;
	before = field_of(value, "before", &envelope->before, &envelope->before_null_branch);
	if (before != after)
		envelope->before = SIZE_MAX;
	envelope->row = after;
	envelope->fields = xcalloc(value->count, sizeof *envelope->fields);
}

bool
envelope_is_one(const Schema *value)
{
	Envelope envelope;
	bool is_one;

	envelope_init(&envelope, value);
	is_one = envelope.row != NULL;
	envelope_done(&envelope);
	return is_one;
}

void
envelope_done(Envelope *envelope)
{
	free(envelope->fields);
	*envelope = (Envelope){0};
}

/* Takes the branch of a nullable field off. False: it is null. */
static bool
take_branch(Slice *field, int null_branch)
{
	int64_t branch;

	return null_branch < 0 || (avro_get_long(field, &branch) && branch != null_branch);
}

const char *
envelope_open(Envelope *envelope, Slice value, char *op, Slice *after, Slice *before,
			  const char **where)
{
	size_t bad;
	Slice text;
	const char *problem = walk_record(envelope->schema, value, envelope->fields, &bad);
	Slice *fields = envelope->fields;

	*where = NULL;
	if (problem != NULL)
	{
		*where = bad < envelope->schema->count ? envelope->schema->fields[bad].name : NULL;
		return problem;
	}
	*where = "op";
	if (!take_branch(&fields[envelope->op], envelope->op_null_branch) ||
		!avro_get_bytes(&fields[envelope->op], &text) || text.len != 1)
		return "is no operation";
	*op = (char) text.data[0];
	*after = fields[envelope->after];
	if (!take_branch(after, envelope->after_null_branch))
		*after = (Slice){0};
	*before = envelope->before == SIZE_MAX ? SLICE_ABSENT : fields[envelope->before];
	if (before->data != NULL && !take_branch(before, envelope->before_null_branch))
		*before = SLICE_ABSENT;
	return NULL;
}

static bool
is_placeholder(const Schema *schema, Slice field)
{
	int null_branch;
	int64_t branch;

	schema = schema_nullable(schema, &null_branch);
	if ((schema->type != SCHEMA_STRING && schema->type != SCHEMA_BYTES) ||
		(null_branch >= 0 && !avro_get_long(&field, &branch)))
		return false;
	return field.len == PLACEHOLDER_SIZE && memcmp(field.data, placeholder, PLACEHOLDER_SIZE) == 0;
}

bool
envelope_find_placeholders(const Schema *row, Slice value, Slice *fields, Notes *notes)
{
	size_t bad;

	if (value.len == 0 || memmem(value.data, value.len, placeholder, PLACEHOLDER_SIZE) == NULL)
		return true;
	/* What is malformed is for the plan to say. */
	if (walk_record(row, value, fields, &bad) != NULL)
		return true;
	for (size_t i = 0; i < row->count; i++)
		if (is_placeholder(row->fields[i].schema, fields[i]))
			notes_add(notes, &(Note){.index = i,
									 .kind = NOTE_UNCHANGED,
									 .start = (size_t) (fields[i].data - value.data),
									 .len = fields[i].len});
	return notes->unchanged;
}

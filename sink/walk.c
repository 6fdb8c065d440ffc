/*
 * sink/walk.c - see walk.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/walk.h"

#include "common/avro.h"

static const char truncated[] = "ends in the middle of a value";

static const char *walk(const Schema *schema, Slice *in, int depth);

static const char *
walk_bytes(Slice *in)
{
	Slice rest = *in;
	Slice bytes;
	int64_t len;

	if (avro_get_bytes(in, &bytes))
		return NULL;
	if (avro_get_long(&rest, &len) && len < 0)
		return "has a negative length";
	return "has a length beyond its end";
}

static const char *
walk_enum(const Schema *schema, Slice *in)
{
	int32_t index;

	if (!avro_get_int(in, &index))
		return truncated;
	return index >= 0 && (size_t) index < schema->count ? NULL : "has an enum index out of range";
}

static const char *
walk_union(const Schema *schema, Slice *in, int depth)
{
	int64_t branch;

	if (!avro_get_long(in, &branch))
		return truncated;
	if (branch < 0 || (uint64_t) branch >= schema->count)
		return "has a union branch out of range";
	return walk(schema->branches[branch], in, depth);
}

/* One block of an array or a map: *count items, 0 at the end. A negative count is followed by the
 * size of the block in bytes. */
static const char *
walk_block(Slice *in, int64_t *count)
{
	int64_t size;

	if (!avro_get_long(in, count))
		return truncated;
	if (*count >= 0)
		return NULL;
	if (*count == INT64_MIN || !avro_get_long(in, &size) || size < 0)
		return "has a bad block of items";
	*count = -*count;
	return NULL;
}

static const char *
walk_items(const Schema *schema, Slice *in, int depth)
{
	int64_t empty = 0;

	for (;;)
	{
		int64_t count;
		const char *problem = walk_block(in, &count);

		if (problem != NULL || count == 0)
			return problem;
		for (int64_t i = 0; i < count; i++)
		{
			const uint8_t *before = in->data;

			if (schema->type == SCHEMA_MAP && (problem = walk_bytes(in)) != NULL)
				return problem;
			if ((problem = walk(schema->items, in, depth)) != NULL)
				return problem;
			if (in->data == before && ++empty > WALK_MAX_EMPTY_ITEMS)
				return "has too many items";
		}
	}
}

static const char *
walk_fields(const Schema *schema, Slice *in, int depth)
{
	for (size_t i = 0; i < schema->count; i++)
	{
		const char *problem = walk(schema->fields[i].schema, in, depth);

		if (problem != NULL)
			return problem;
	}
	return NULL;
}

static const char *
walk(const Schema *schema, Slice *in, int depth)
{
	int32_t i32;
	int64_t i64;
	bool flag;
	Slice bytes;

	if (depth > WALK_MAX_DEPTH)
		return "is nested too deeply";
	switch (schema->type)
	{
		case SCHEMA_NULL:
			return NULL;
		case SCHEMA_BOOLEAN:
			return avro_get_boolean(in, &flag)
					   ? NULL
					   : (in->len == 0 ? truncated : "has a boolean that is neither 0 nor 1");
		case SCHEMA_INT:
			return avro_get_int(in, &i32) ? NULL : "has an int that is truncated or too large";
		case SCHEMA_LONG:
			return avro_get_long(in, &i64) ? NULL : "has a long that is truncated or too large";
		case SCHEMA_FLOAT:
			return avro_get_fixed(in, sizeof(float), &bytes) ? NULL : truncated;
		case SCHEMA_DOUBLE:
			return avro_get_fixed(in, sizeof(double), &bytes) ? NULL : truncated;
		case SCHEMA_BYTES:
		case SCHEMA_STRING:
			return walk_bytes(in);
		case SCHEMA_FIXED:
			return avro_get_fixed(in, schema->size, &bytes) ? NULL : truncated;
		case SCHEMA_ENUM:
			return walk_enum(schema, in);
		case SCHEMA_ARRAY:
		case SCHEMA_MAP:
			return walk_items(schema, in, depth + 1);
		case SCHEMA_UNION:
			return walk_union(schema, in, depth + 1);
		case SCHEMA_RECORD:
			return walk_fields(schema, in, depth + 1);
	}
	return "has an unknown type";
}

const char *
walk_value(const Schema *schema, Slice *in)
{
	return walk(schema, in, 0);
}

const char *
walk_record(const Schema *record, Slice in, Slice *fields, size_t *bad)
{
	for (size_t i = 0; i < record->count; i++)
	{
		const uint8_t *start = in.data;
		const char *problem = walk(record->fields[i].schema, &in, 0);

		if (problem != NULL)
		{
			*bad = i;
			return problem;
		}
		fields[i] = (Slice){start, (size_t) (in.data - start)};
	}
	if (in.len == 0)
		return NULL;
	*bad = record->count;
	return "has bytes behind its last field";
}

/*
 * sink/convert_array.c - arrays of any number of dimensions; see convert.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/convert_parts.h"

/* One array on its way: the length of each dimension, -1 before the first one of it ended. */
typedef struct Shape
{
	int64_t lengths[CONVERT_MAX_DIMENSIONS];
	bool has_null;
} Shape;

static const char *
put_item(const Conversion *conversion, const Schema *items, Slice *in, Shape *shape, Buffer *out)
{
	const Conversion item = {.schema = conversion->item,
							 .type = &conversion->item_type,
							 .convert = conversion->convert_item,
							 .plain = conversion->plain_item};
	const size_t at = out->len;
	const int null_branch = schema_null_branch(items);
	int64_t branch = -1;
	const char *problem;

	if (null_branch >= 0 && !avro_get_long(in, &branch))
		return convert_malformed;
	if ((problem = convert_put32(UINT32_MAX, out)) != NULL)
		return problem;
	if (null_branch >= 0 && branch == null_branch)
	{
		shape->has_null = true;
		return NULL;
	}
	if ((problem = item.convert(&item, in, out)) != NULL)
		return problem;
	put_be32(out->data + at, (uint32_t) (out->len - at - 4));
	return NULL;
}

static const char *put_level(const Conversion *conversion, const Schema *schema, int level,
							 Slice *in, Shape *shape, Buffer *out);

/* An item of a level: an array of the next one, or what is in the array. */
static const char *
put_inner(const Conversion *conversion, const Schema *items, int level, Slice *in, Shape *shape,
		  Buffer *out)
{
	int null_branch;
	int64_t branch;

	if (level == conversion->dimensions - 1)
		return put_item(conversion, items, in, shape, out);

	const Schema *inner = schema_nullable(items, &null_branch);

	if (null_branch >= 0 && (!avro_get_long(in, &branch) || branch == null_branch))
		return "has a null in place of an array within its array, which PostgreSQL cannot hold";
	return put_level(conversion, inner, level + 1, in, shape, out);
}

static const char *
put_level(const Conversion *conversion, const Schema *schema, int level, Slice *in, Shape *shape,
		  Buffer *out)
{
	int64_t length = 0;
	int64_t count;
	int64_t size;

	for (;;)
	{
		if (!avro_get_long(in, &count) || (count < 0 && !avro_get_long(in, &size)))
			return convert_malformed;
		if (count == 0)
			break;
		for (int64_t i = count < 0 ? -count : count; i > 0; i--, length++)
		{
			const char *problem = put_inner(conversion, schema->items, level, in, shape, out);

			if (problem != NULL)
				return problem;
		}
	}
	if (shape->lengths[level] >= 0 && shape->lengths[level] != length)
		return "has arrays of different lengths within one array, which PostgreSQL cannot hold";
	shape->lengths[level] = length;
	return length > INT32_MAX ? convert_out_of_range : NULL;
}

/* array_recv: dimensions, flag for nulls, element type; per dimension size and lower bound; then
 * each element with its length. */
const char *
convert_to_array(const Conversion *conversion, Slice *in, Buffer *out)
{
	const size_t at = out->len;
	const size_t header = 12 + 8 * (size_t) conversion->dimensions;
	Shape shape = {.has_null = false};
	bool empty = false;

	for (int i = 0; i < conversion->dimensions; i++)
		shape.lengths[i] = -1;
	if (buffer_reserve(out, header) == NULL)
		return convert_no_room;
	out->len += header;

	const char *problem = put_level(conversion, conversion->schema, 0, in, &shape, out);

	if (problem != NULL)
		return problem;
	for (int i = 0; i < conversion->dimensions; i++)
	{
		empty = empty || shape.lengths[i] <= 0;
		put_be32(out->data + at + 12 + 8 * i, (uint32_t) shape.lengths[i]);
		put_be32(out->data + at + 16 + 8 * i, 1);
	}
	put_be32(out->data + at, empty ? 0 : (uint32_t) conversion->dimensions);
	put_be32(out->data + at + 4, shape.has_null);
	put_be32(out->data + at + 8, conversion->type->element);
	if (empty)
		out->len = at + 12;
	return NULL;
}

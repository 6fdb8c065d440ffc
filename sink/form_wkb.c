/*
 * sink/form_wkb.c - PostgreSQL's geometric types from Debezium's records: points, lines, circles,
 * and shapes in well-known binary (OGC 06-103r4, "Well-known Binary Representation"); see
 * form_shape.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "common/avro.h"
#include "sink/form_shape.h"
#include "sink/text.h"

#define WKB_LINE	UINT32_C(2)
#define WKB_POLYGON UINT32_C(3)

static const char no_room[] = "is larger than a batch may be";
static const char no_shape[] = "is no such shape";

static uint32_t
get_le32(const uint8_t *p)
{
	return (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}

/* The points of a line, or of a polygon's only ring: little-endian, as Debezium writes them. */
static bool
take_points(Slice wkb, Slice *points, size_t *count)
{
	size_t at = 5;

	if (wkb.len < 9 || wkb.data[0] != 1)
		return false;
	if (get_le32(wkb.data + 1) == WKB_POLYGON)
	{
		if (get_le32(wkb.data + at) != 1 || wkb.len < 13)
			return false;
		at += 4;
	}
	else if (get_le32(wkb.data + 1) != WKB_LINE)
		return false;
	*count = get_le32(wkb.data + at);
	*points = (Slice){wkb.data + at + 4, wkb.len - at - 4};
	return *count > 0 && points->len == *count * 16;
}

/* A double is the same in Avro and in little-endian well-known binary. */
static const char *
put_point(Slice points, size_t i, Buffer *out)
{
	const Schema number = {.type = SCHEMA_DOUBLE};
	Slice in = {points.data + 16 * i, 16};
	const char *problem;

	if (!buffer_append_text(out, "("))
		return no_room;
	problem = text_of_value(&number, &in, out);
	if (problem == NULL && !buffer_append_text(out, ","))
		problem = no_room;
	if (problem == NULL)
		problem = text_of_value(&number, &in, out);
	return problem != NULL || buffer_append_text(out, ")") ? problem : no_room;
}

/* "closed" among the extensions, as "true". */
static bool
is_closed(const Schema *record, Slice in)
{
	const Schema *map;
	Slice value;
	int64_t count;
	int64_t size;
	Slice key;
	Slice text;

	if (!form_find(record, in, "extensions", &map, &value) || map->type != SCHEMA_MAP)
		return false;
	while (avro_get_long(&value, &count) && count != 0 &&
		   (count > 0 || avro_get_long(&value, &size)))
		for (int64_t i = count < 0 ? -count : count; i > 0; i--)
		{
			const Schema *of = map->items;
			bool null;

			if (!avro_get_bytes(&value, &key) || text_enter(&of, &value, &null) != NULL || null ||
				of->type != SCHEMA_STRING || !avro_get_bytes(&value, &text))
				return false;
			if (slice_equal(key, slice_text("closed")))
				return slice_equal(text, slice_text("true"));
		}
	return false;
}

typedef enum Points
{
	POINTS_ALL,
	POINTS_RING,	/* without the last, which is the first again */
	POINTS_CORNERS, /* the first and the one across */
} Points;

/* What is written around and of the points, by the type's name. */
static const struct
{
	const char *type;
	Points points;
	const char *open;
	const char *close;
} shapes[] = {
	{"lseg", POINTS_ALL, "[", "]"},
	{"path", POINTS_ALL, "[", "]"},
	{"polygon", POINTS_RING, "(", ")"},
	{"box", POINTS_CORNERS, "", ""},
};

static const char *
put_points(Slice points, size_t count, Points which, Buffer *out)
{
	const size_t end = which == POINTS_RING && count > 1 ? count - 1 : count;
	const char *problem = NULL;

	for (size_t i = 0; problem == NULL && i < end; i++)
	{
		if (which == POINTS_CORNERS && i != 0 && i != 2)
			continue;
		if (i > 0 && !buffer_append_text(out, ","))
			return no_room;
		problem = put_point(points, i, out);
	}
	return problem;
}

const char *
form_put_shape(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	const bool closed = strcmp(type->name, "path") == 0 && is_closed(schema, *in);
	const Schema *field;
	Slice value;
	Slice wkb;
	Slice points;
	size_t count;

	if (!form_find(schema, *in, "wkb", &field, &value) || field->type != SCHEMA_BYTES ||
		!avro_get_bytes(&value, &wkb) || !take_points(wkb, &points, &count))
		return no_shape;
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
	{
		const char *problem;

		if (strcmp(shapes[i].type, type->name) != 0)
			continue;
		if (!buffer_append_text(out, closed ? "(" : shapes[i].open))
			return no_room;
		problem = put_points(points, count, shapes[i].points, out);
		if (problem == NULL && !buffer_append_text(out, closed ? ")" : shapes[i].close))
			return no_room;
		return problem ? problem : walk_value(schema, in);
	}
	return no_shape;
}

/* Appends the numbers of these fields with commas between them. */
static const char *
put_numbers(const Schema *schema, Slice in, const char *const *names, size_t count, Buffer *out)
{
	for (size_t i = 0; i < count; i++)
	{
		const Schema *number;
		Slice value;
		const char *problem;

		if (!form_find(schema, in, names[i], &number, &value) || number->type > SCHEMA_DOUBLE)
			return no_shape;
		if (i > 0 && !buffer_append_text(out, ","))
			return no_room;
		if ((problem = text_of_value(number, &value, out)) != NULL)
			return problem;
	}
	return NULL;
}

static const char *
put_around(const Schema *schema, Slice *in, const char *const *names, size_t count,
		   const char *around, Buffer *out)
{
	const char *problem;

	if (!buffer_append(out, around, 1))
		return no_room;
	problem = put_numbers(schema, *in, names, count, out);
	if (problem == NULL && !buffer_append(out, around + 1, 1))
		problem = no_room;
	return problem ? problem : walk_value(schema, in);
}

const char *
form_put_point(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	static const char *const names[] = {"x", "y"};

	(void) type;
	return put_around(schema, in, names, 2, "()", out);
}

const char *
form_put_line(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	static const char *const names[] = {"a", "b", "c"};

	(void) type;
	return put_around(schema, in, names, 3, "{}", out);
}

const char *
form_put_circle(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	static const char *const names[] = {"radius"};
	const Schema *center;
	Slice value;
	const char *problem;

	if (!form_find(schema, *in, "center", &center, &value) || center->type != SCHEMA_RECORD)
		return no_shape;
	if (!buffer_append_text(out, "<"))
		return no_room;
	problem = form_put_point(center, type, &value, out);
	if (problem == NULL && !buffer_append_text(out, ","))
		problem = no_room;
	if (problem == NULL)
		problem = put_numbers(schema, *in, names, 1, out);
	if (problem == NULL && !buffer_append_text(out, ">"))
		problem = no_room;
	return problem ? problem : walk_value(schema, in);
}

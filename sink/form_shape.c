/*
 * sink/form_shape.c - see form_shape.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/form_shape.h"

#include "common/avro.h"
#include "sink/text.h"

/* The flag of extended well-known binary that says that a reference system follows the type. */
#define EWKB_HAS_SRID UINT32_C(0x20000000)

static const char malformed[] = "is malformed";
static const char no_room[] = "is larger than a batch may be";

bool
form_find(const Schema *record, Slice in, const char *name, const Schema **schema, Slice *value)
{
	bool null;

	for (size_t i = 0; i < record->count; i++)
	{
		*value = in;
		*schema = record->fields[i].schema;
		if (walk_value(record->fields[i].schema, &in) != NULL)
			return false;
		if (strcmp(record->fields[i].name, name) == 0)
			return text_enter(schema, value, &null) == NULL && !null;
	}
	return false;
}

/* The number of the reference system goes behind the type, in the byte order that the binary has.
 */
static bool
append_srid(Slice wkb, uint32_t srid, Buffer *out)
{
	const bool little = wkb.data[0] == 1;
	uint8_t head[9] = {wkb.data[0]};
	uint32_t kind = 0;

	for (size_t i = 0; i < 4; i++)
		kind |= (uint32_t) wkb.data[1 + i] << (little ? 8 * i : 24 - 8 * i);
	kind |= EWKB_HAS_SRID;
	for (size_t i = 0; i < 4; i++)
	{
		head[1 + i] = (uint8_t) (kind >> (little ? 8 * i : 24 - 8 * i));
		head[5 + i] = (uint8_t) (srid >> (little ? 8 * i : 24 - 8 * i));
	}
	for (size_t i = 0; i < sizeof head; i++)
		if (!buffer_printf(out, "%02x", head[i]))
			return false;
	return true;
}

const char *
form_put_ewkb(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	const Schema *field;
	Slice value;
	Slice wkb;
	int64_t srid = 0;
	size_t at = 0;

	(void) type;
	if (form_find(schema, *in, "srid", &field, &value) && field->type == SCHEMA_INT)
		avro_get_long(&value, &srid);
	if (!form_find(schema, *in, "wkb", &field, &value) || field->type != SCHEMA_BYTES ||
		!avro_get_bytes(&value, &wkb) || wkb.len < 5)
		return "is no geometry";
	if (srid > 0 && ((wkb.data[wkb.data[0] == 1 ? 4 : 1] & 0x20) == 0))
	{
		if (!append_srid(wkb, (uint32_t) srid, out))
			return no_room;
		at = 5;
	}
	for (; at < wkb.len; at++)
		if (!buffer_printf(out, "%02x", wkb.data[at]))
			return no_room;
	return walk_value(schema, in);
}

/* One pair of an element's number and its value. */
static const char *
put_pair(const Schema *schema, Slice *in, Buffer *out)
{
	const Schema text = {.type = SCHEMA_STRING};
	const bool record = schema->type == SCHEMA_ARRAY;
	const Schema *key = record ? schema->items->fields[0].schema : &text;
	const Schema *value = record ? schema->items->fields[1].schema : schema->items;
	bool null;
	const char *problem = text_enter(&key, in, &null);

	if (problem == NULL && null)
		problem = malformed;
	if (problem == NULL)
		problem = text_of_value(key, in, out);
	if (problem == NULL && !buffer_append_text(out, ":"))
		problem = no_room;
	if (problem == NULL)
		problem = text_enter(&value, in, &null);
	if (problem == NULL && null)
		problem = malformed;
	return problem ? problem : text_of_value(value, in, out);
}

const char *
form_put_sparse(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	const Schema *vector;
	const Schema *field;
	Slice value;
	Slice pairs;
	int64_t dimensions = 0;
	int64_t count;
	int64_t size;
	const char *problem = NULL;
	bool first = true;

	(void) type;
	if (!form_find(schema, *in, "dimensions", &field, &value) ||
		!avro_get_long(&value, &dimensions) || !form_find(schema, *in, "vector", &vector, &pairs) ||
		!text_is_map(vector))
		return "is no vector";
	if (!buffer_append_text(out, "{"))
		return no_room;
	do
	{
		if (!avro_get_long(&pairs, &count) || (count < 0 && !avro_get_long(&pairs, &size)))
			return malformed;
		for (int64_t i = count < 0 ? -count : count; problem == NULL && i > 0; i--)
		{
			if (!first && !buffer_append_text(out, ","))
				return no_room;
			first = false;
			problem = put_pair(vector, &pairs, out);
		}
	} while (problem == NULL && count != 0);
	if (problem == NULL && !buffer_printf(out, "}/%lld", (long long) dimensions))
		return no_room;
	return problem ? problem : walk_value(schema, in);
}

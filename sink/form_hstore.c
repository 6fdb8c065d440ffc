/*
 * sink/form_hstore.c - see form_hstore.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/form_hstore.h"

#include "common/avro.h"
#include "sink/json.h"
#include "sink/text.h"

#include <jansson.h>

static const char malformed[] = "is malformed";
static const char no_room[] = "is larger than a batch may be";

static const char *
put(Buffer *out, const char *text)
{
	return buffer_append_text(out, text) ? NULL : no_room;
}

static const char *
put_part(const Schema *schema, Slice *in, Buffer *out)
{
	const size_t at = out->len;
	bool null;
	const char *problem = text_enter(&schema, in, &null);

	if (problem != NULL || null)
		return problem ? problem : put(out, "NULL");
	problem =
		text_possible(schema) ? text_of_value(schema, in, out) : json_of_value(schema, in, out);
	return problem ? problem : text_requote(at, text_quote, out);
}

const char *
form_put_hstore(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	const Schema text = {.type = SCHEMA_STRING};
	const bool record = schema->type == SCHEMA_ARRAY;
	const Schema *key = record ? schema->items->fields[0].schema : &text;
	const Schema *value = record ? schema->items->fields[1].schema : schema->items;
	const size_t start = out->len;
	const char *problem = NULL;
	int64_t count;
	int64_t size;

	(void) type;
	while (problem == NULL)
	{
		if (!avro_get_long(in, &count) || (count < 0 && !avro_get_long(in, &size)))
			return malformed;
		if (count == 0)
			return NULL;
		for (int64_t i = count < 0 ? -count : count; problem == NULL && i > 0; i--)
		{
			problem = out->len == start ? NULL : put(out, ",");
			if (problem == NULL)
				problem = put_part(key, in, out);
			if (problem == NULL)
				problem = put(out, "=>");
			if (problem == NULL)
				problem = put_part(value, in, out);
		}
	}
	return problem;
}

static const char *
put_member(const char *key, json_t *value, Buffer *out)
{
	char *dumped =
		json_is_string(value) || json_is_null(value)
			? NULL
			: json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(17));
	const char *text = dumped ? dumped : json_string_value(value);
	const char *problem = text_quote(slice_text(key), out);

	if (problem == NULL)
		problem = put(out, "=>");
	if (problem == NULL)
		problem = text ? text_quote(slice_text(text), out) : put(out, "NULL");
	free(dumped);
	return problem;
}

const char *
form_put_hstore_of_json(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	const size_t start = out->len;
	const char *problem = NULL;
	const char *key;
	json_t *value;
	Slice text;

	(void) schema;
	(void) type;
	if (!avro_get_bytes(in, &text))
		return malformed;

	json_t *object = json_loadb((const char *) text.data, text.len, 0, NULL);

	json_object_foreach(object, key, value)
	{
		if (problem == NULL && out->len > start)
			problem = put(out, ",");
		if (problem == NULL)
			problem = put_member(key, value, out);
	}
	if (!json_is_object(object))
		problem = "has text that is no JSON object";
	json_decref(object);
	return problem;
}

/*
 * sink/json.c - see json.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/json.h"

#include "common/avro.h"
#include "sink/text.h"

static const char malformed[] = "is malformed";
static const char no_room[] = "is larger than a batch may be";

static const char *
put(Buffer *out, const char *text)
{
	return buffer_append_text(out, text) ? NULL : no_room;
}

static const char *
put_string(Slice text, Buffer *out)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t *p = buffer_reserve(out, 2 + 6 * text.len);

	if (p == NULL)
		return no_room;
	*p++ = '"';
	for (size_t i = 0; i < text.len; i++)
	{
		const uint8_t byte = text.data[i];

		if (byte == '"' || byte == '\\')
			*p++ = '\\';
		if (byte >= 0x20)
		{
			*p++ = byte;
			continue;
		}
		memcpy(p, "\\u00", 4);
		p[4] = (uint8_t) hex[byte >> 4];
		p[5] = (uint8_t) hex[byte & 15];
		p += 6;
	}
	*p++ = '"';
	out->len = (size_t) (p - out->data);
	return NULL;
}

static const char *
put_base64(Slice bytes, Buffer *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t *p = buffer_reserve(out, 2 + (bytes.len + 2) / 3 * 4);

	if (p == NULL)
		return no_room;
	*p++ = '"';
	for (size_t i = 0; i < bytes.len; i += 3)
	{
		const size_t left = bytes.len - i;
		const uint32_t bits = (uint32_t) bytes.data[i] << 16 |
							  (left > 1 ? (uint32_t) bytes.data[i + 1] << 8 : 0) |
							  (left > 2 ? bytes.data[i + 2] : 0);

		*p++ = (uint8_t) digits[bits >> 18];
		*p++ = (uint8_t) digits[bits >> 12 & 63];
		*p++ = left > 1 ? (uint8_t) digits[bits >> 6 & 63] : '=';
		*p++ = left > 2 ? (uint8_t) digits[bits & 63] : '=';
	}
	*p++ = '"';
	out->len = (size_t) (p - out->data);
	return NULL;
}

/* A number whose text begins with a digit, or that and a sign, is JSON; NaN and infinity are not.
 */
static bool
is_number(const Schema *schema, Slice text)
{
	const bool counts = schema->logical == LOGICAL_DECIMAL ||
						schema->logical == LOGICAL_VARIABLE_DECIMAL ||
						schema->logical == LOGICAL_YEAR ||
						(schema->logical == LOGICAL_NONE && schema->type >= SCHEMA_INT &&
						 schema->type <= SCHEMA_DOUBLE);
	const size_t sign = text.len > 0 && text.data[0] == '-';

	return counts && text.len > sign && text.data[sign] >= '0' && text.data[sign] <= '9';
}

/* What has a text, as that, in quotes where it is no number. */
static const char *
put_text(const Schema *schema, Slice *in, Buffer *out)
{
	const size_t at = out->len;
	const char *problem = text_of_value(schema, in, out);
	const Slice text = {out->data + at, out->len - at};

	if (problem != NULL || is_number(schema, text))
		return problem;
	return text_requote(at, put_string, out);
}

/* One member of an object: Connect's map has an array of records {key, value}. */
static const char *
put_entry(const Schema *schema, Slice *in, Buffer *out)
{
	const Schema text = {.type = SCHEMA_STRING};
	const bool record = schema->type == SCHEMA_ARRAY;
	const Schema *key = record ? schema->items->fields[0].schema : &text;
	const size_t at = out->len;
	bool null;
	const char *problem = text_enter(&key, in, &null);

	if (problem == NULL && null)
		problem = "has a null for a key";
	if (problem == NULL)
		problem = text_of_value(key, in, out);
	if (problem == NULL)
		problem = text_requote(at, put_string, out);
	if (problem == NULL)
		problem = put(out, ":");
	return problem
			   ? problem
			   : json_of_value(record ? schema->items->fields[1].schema : schema->items, in, out);
}

static const char *
put_items(const Schema *schema, Slice *in, Buffer *out)
{
	const bool object = text_is_map(schema);
	const char *problem = put(out, object ? "{" : "[");
	bool first = true;
	int64_t count;
	int64_t size;

	while (problem == NULL)
	{
		if (!avro_get_long(in, &count) || (count < 0 && !avro_get_long(in, &size)))
			return malformed;
		if (count == 0)
			return put(out, object ? "}" : "]");
		for (int64_t i = count < 0 ? -count : count; problem == NULL && i > 0; i--)
		{
			problem = first ? NULL : put(out, ",");
			first = false;
			if (problem == NULL)
				problem =
					object ? put_entry(schema, in, out) : json_of_value(schema->items, in, out);
		}
	}
	return problem;
}

static const char *
put_record(const Schema *schema, Slice *in, Buffer *out)
{
	const char *problem = put(out, "{");

	for (size_t i = 0; problem == NULL && i < schema->count; i++)
	{
		if (i > 0)
			problem = put(out, ",");
		if (problem == NULL)
			problem = put_string(slice_text(schema->fields[i].column), out);
		if (problem == NULL)
			problem = put(out, ":");
		if (problem == NULL)
			problem = json_of_value(schema->fields[i].schema, in, out);
	}
	return problem ? problem : put(out, "}");
}

const char *
json_of_value(const Schema *schema, Slice *in, Buffer *out)
{
	int64_t branch;
	Slice bytes;
	bool flag;

	switch (schema->type)
	{
		case SCHEMA_NULL:
			return put(out, "null");
		case SCHEMA_BOOLEAN:
			return avro_get_boolean(in, &flag) ? put(out, flag ? "true" : "false") : malformed;
		case SCHEMA_UNION:
			if (!avro_get_long(in, &branch) || branch < 0 || (uint64_t) branch >= schema->count)
				return malformed;
			return json_of_value(schema->branches[branch], in, out);
		case SCHEMA_ARRAY:
		case SCHEMA_MAP:
			return put_items(schema, in, out);
		case SCHEMA_RECORD:
			return schema->logical == LOGICAL_VARIABLE_DECIMAL ? put_text(schema, in, out)
															   : put_record(schema, in, out);
		case SCHEMA_BYTES:
		case SCHEMA_FIXED:
			if (schema->logical != LOGICAL_NONE)
				return put_text(schema, in, out);
			if (schema->type == SCHEMA_BYTES ? !avro_get_bytes(in, &bytes)
											 : !avro_get_fixed(in, schema->size, &bytes))
				return malformed;
			return put_base64(bytes, out);
		case SCHEMA_INT:
		case SCHEMA_LONG:
		case SCHEMA_FLOAT:
		case SCHEMA_DOUBLE:
		case SCHEMA_STRING:
		case SCHEMA_ENUM:
			return put_text(schema, in, out);
	}
	return malformed;
}

/*
 * sink/text.c - see text.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/text.h"

#include "common/avro.h"
#include "sink/numeric.h"
#include "sink/text_time.h"
#include "sink/walk.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char no_room[] = "is larger than a batch may be";
static const char malformed[] = "is malformed";

static const char *
done(bool appended)
{
	return appended ? NULL : no_room;
}

/* The shortest text that reads back as the same number. */
static const char *
put_double(double value, int least, int most, Buffer *out)
{
	char text[40];

	if (isnan(value))
		return done(buffer_append_text(out, "NaN"));
	if (isinf(value))
		return done(buffer_append_text(out, value > 0 ? "Infinity" : "-Infinity"));
	for (int digits = least; digits <= most; digits++)
	{
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (most == 17 ? strtod(text, NULL) == value : strtof(text, NULL) == (float) value)
			break;
	}
	return done(buffer_append_text(out, text));
}

static const char *
put_hex(Slice bytes, Buffer *out)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t *p = buffer_reserve(out, 2 + 2 * bytes.len);

	if (p == NULL)
		return no_room;
	*p++ = '\\';
	*p++ = 'x';
	for (size_t i = 0; i < bytes.len; i++)
	{
		*p++ = (uint8_t) hex[bytes.data[i] >> 4];
		*p++ = (uint8_t) hex[bytes.data[i] & 15];
	}
	out->len += 2 + 2 * bytes.len;
	return NULL;
}

const char *
text_quote(Slice text, Buffer *out)
{
	uint8_t *p = buffer_reserve(out, 2 + 2 * text.len);

	if (p == NULL)
		return no_room;
	*p++ = '"';
	for (size_t i = 0; i < text.len; i++)
	{
		if (text.data[i] == '"' || text.data[i] == '\\')
			*p++ = '\\';
		*p++ = text.data[i];
	}
	*p++ = '"';
	out->len = (size_t) (p - out->data);
	return NULL;
}

const char *
text_requote(size_t at, TextQuote *quote, Buffer *out)
{
	const size_t len = out->len - at;
	/* No quoting makes more than six bytes of one; behind them there is room for the text. */
	const size_t away = at + 2 + 6 * len;

	if (buffer_reserve(out, 2 + 7 * len) == NULL)
		return no_room;
	memmove(out->data + away, out->data + at, len);
	out->len = at;
	return quote((Slice){out->data + away, len}, out);
}

static const char *
put_element(const Schema *items, Slice *in, Buffer *out)
{
	const size_t at = out->len;
	bool null;
	const char *problem = text_enter(&items, in, &null);

	if (problem != NULL || null)
		return problem ? problem : done(buffer_append_text(out, "NULL"));
	problem = text_of_value(items, in, out);
	return problem != NULL || items->type == SCHEMA_ARRAY ? problem
														  : text_requote(at, text_quote, out);
}

const char *
text_enter(const Schema **schema, Slice *in, bool *null)
{
	int64_t branch;

	*null = false;
	while ((*schema)->type == SCHEMA_UNION)
	{
		if (!avro_get_long(in, &branch) || branch < 0 || (uint64_t) branch >= (*schema)->count)
			return malformed;
		*schema = (*schema)->branches[branch];
	}
	*null = (*schema)->type == SCHEMA_NULL;
	return NULL;
}

static const char *
put_array(const Schema *schema, Slice *in, Buffer *out)
{
	bool first = true;
	int64_t count;
	int64_t size;

	if (!buffer_append_text(out, "{"))
		return no_room;
	for (;;)
	{
		if (!avro_get_long(in, &count))
			return malformed;
		if (count == 0)
			return done(buffer_append_text(out, "}"));
		if (count < 0 && !avro_get_long(in, &size))
			return malformed;
		for (int64_t i = count < 0 ? -count : count; i > 0; i--)
		{
			const char *problem;

			if (!first && !buffer_append_text(out, ","))
				return no_room;
			first = false;
			if ((problem = put_element(schema->items, in, out)) != NULL)
				return problem;
		}
	}
}

bool
text_is_map(const Schema *schema)
{
	return schema->type == SCHEMA_MAP ||
		   (schema->type == SCHEMA_ARRAY && schema->entries &&
			schema->items->type == SCHEMA_RECORD && schema->items->count == 2);
}

bool
text_possible(const Schema *schema)
{
	if (schema->type == SCHEMA_ARRAY)
		return text_possible(schema->items);
	for (size_t i = 0; schema->type == SCHEMA_UNION && i < schema->count; i++)
		if (!text_possible(schema->branches[i]))
			return false;
	return schema->type < SCHEMA_ARRAY || schema->type == SCHEMA_UNION ||
		   schema->logical == LOGICAL_VARIABLE_DECIMAL;
}

bool
text_bit(Slice bytes, size_t length, size_t i)
{
	const size_t place = length - 1 - i;

	return place / 8 < bytes.len && (bytes.data[place / 8] >> (place % 8) & 1) != 0;
}

size_t
text_bit_length(const Schema *schema, Slice bytes)
{
	size_t length = 8 * bytes.len;

	if (schema->length > 0 && schema->length < INT32_MAX)
		return (size_t) schema->length;
	/* Debezium does not say how long a bit varying is; its own sink begins with the first 1. */
	while (length > 1 && !text_bit(bytes, length, 0))
		length--;
	return length;
}

static const char *
put_bits(const Schema *schema, Slice bytes, Buffer *out)
{
	const size_t length = text_bit_length(schema, bytes);
	uint8_t *p = buffer_reserve(out, length);

	if (p == NULL)
		return no_room;
	for (size_t i = 0; i < length; i++)
		p[i] = text_bit(bytes, length, i) ? '1' : '0';
	out->len += length;
	return NULL;
}

static const char *
put_uuid(Slice bytes, Buffer *out)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (!buffer_printf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
						   bytes.data[i]))
			return no_room;
	return NULL;
}

static const char *
put_bytes(const Schema *schema, Slice bytes, Buffer *out)
{
	if (schema->logical == LOGICAL_DECIMAL)
		return numeric_text_of_decimal(bytes, schema->scale, out);
	if (schema->logical == LOGICAL_BITS)
		return put_bits(schema, bytes, out);
	if (schema->logical == LOGICAL_MONTHS_DAYS_MILLIS)
		return text_of_months(bytes, out);
	return schema->logical == LOGICAL_UUID ? put_uuid(bytes, out) : put_hex(bytes, out);
}

/* Debezium's {scale, value}, in whatever order. */
const char *
text_variable_decimal(const Schema *schema, Slice *in, int *scale, Slice *unscaled)
{
	bool found_scale = false;
	bool found_value = false;

	for (size_t i = 0; i < schema->count; i++)
	{
		const SchemaField *field = &schema->fields[i];
		Slice value = *in;
		int32_t number;
		const char *problem = walk_value(field->schema, in);

		if (problem != NULL)
			return problem;
		if (field->schema->type == SCHEMA_INT && strcmp(field->name, "scale") == 0 &&
			avro_get_int(&value, &number) && number > -1000 && number <= 16383)
		{
			*scale = number;
			found_scale = true;
		}
		if (field->schema->type == SCHEMA_BYTES && strcmp(field->name, "value") == 0)
			found_value = avro_get_bytes(&value, unscaled);
	}
	return found_scale && found_value ? NULL : "is no number with a scale";
}

static const char *
put_number(const Schema *schema, Slice *in, Buffer *out)
{
	int64_t i64;
	float f32;
	double f64;

	if (schema->type == SCHEMA_FLOAT)
		return avro_get_float(in, &f32) ? put_double((double) f32, 6, 9, out) : malformed;
	if (schema->type == SCHEMA_DOUBLE)
		return avro_get_double(in, &f64) ? put_double(f64, 15, 17, out) : malformed;
	return avro_get_long(in, &i64) ? text_of_integer(schema, i64, out) : malformed;
}

static const char *
put_string(const Schema *schema, Slice text, Buffer *out)
{
	return schema->logical >= LOGICAL_ZONED_TIMESTAMP && schema->logical <= LOGICAL_ISO_TIMESTAMP
			   ? text_of_iso(text, out)
			   : done(buffer_append(out, text.data, text.len));
}

static const char *
put_variable(const Schema *schema, Slice *in, Buffer *out)
{
	int scale;
	Slice unscaled;
	const char *problem = text_variable_decimal(schema, in, &scale, &unscaled);

	return problem ? problem : numeric_text_of_decimal(unscaled, scale, out);
}

static const char *
put_branch(const Schema *schema, Slice *in, Buffer *out)
{
	bool null;
	const char *problem = text_enter(&schema, in, &null);

	if (problem != NULL)
		return problem;
	return null ? "has a null where there is no place for one" : text_of_value(schema, in, out);
}

const char *
text_of_value(const Schema *schema, Slice *in, Buffer *out)
{
	bool flag;
	int64_t index;
	Slice bytes;

	switch (schema->type)
	{
		case SCHEMA_BOOLEAN:
			if (!avro_get_boolean(in, &flag))
				return malformed;
			return done(buffer_append_text(out, flag ? "true" : "false"));
		case SCHEMA_INT:
		case SCHEMA_LONG:
		case SCHEMA_FLOAT:
		case SCHEMA_DOUBLE:
			return put_number(schema, in, out);
		case SCHEMA_STRING:
			if (!avro_get_bytes(in, &bytes))
				return malformed;
			return put_string(schema, bytes, out);
		case SCHEMA_BYTES:
		case SCHEMA_FIXED:
			if (schema->type == SCHEMA_BYTES ? !avro_get_bytes(in, &bytes)
											 : !avro_get_fixed(in, schema->size, &bytes))
				return malformed;
			return put_bytes(schema, bytes, out);
		case SCHEMA_ENUM:
			if (!avro_get_long(in, &index) || index < 0 || (uint64_t) index >= schema->count)
				return malformed;
			return done(buffer_append_text(out, schema->symbols[index]));
		case SCHEMA_ARRAY:
			return put_array(schema, in, out);
		case SCHEMA_UNION:
			return put_branch(schema, in, out);
		case SCHEMA_RECORD:
			if (schema->logical == LOGICAL_VARIABLE_DECIMAL)
				return put_variable(schema, in, out);
			break;
		case SCHEMA_NULL:
		case SCHEMA_MAP:
			break;
	}
	return "has no text form";
}

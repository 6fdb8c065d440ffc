/*
 * sink/literal.c - see literal.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/literal.h"

#include "common/avro.h"
#include "sink/text.h"

#include <jansson.h>

/* Longest default that is taken over, in bytes. */
#define DEFAULT_MAX 65536

bool
literal_of_text(const char *text, Buffer *out)
{
	bool done = buffer_append_text(out, "'");

	for (const char *p = text; done && *p != '\0'; p++)
		done = buffer_append(out, p, 1) && (*p != '\'' || buffer_append(out, p, 1));
	return done && buffer_append_text(out, "'");
}

static bool
put_long(int64_t value, Buffer *avro)
{
	uint8_t *p = buffer_reserve(avro, AVRO_LONG_MAX);

	if (p == NULL)
		return false;
	avro->len = (size_t) (avro_put_long(p, value) - avro->data);
	return true;
}

/* A string's bytes; a default of bytes has each byte as the character of that number (Apache Avro
 * specification, "Complex Types"). */
static bool
put_string(const Schema *schema, Slice text, Buffer *avro)
{
	Buffer bytes;
	bool done = true;

	if (schema->type == SCHEMA_STRING)
		return put_long((int64_t) text.len, avro) && buffer_append(avro, text.data, text.len);
	buffer_init(&bytes, DEFAULT_MAX);
	for (size_t i = 0; done && i < text.len; i++)
	{
		uint8_t byte = text.data[i];

		done = byte < 0xc4;
		if (byte >= 0x80 && done)
			byte = (uint8_t) ((byte & 3) << 6 | (text.data[++i] & 0x3f));
		done = done && buffer_append(&bytes, &byte, 1);
	}
	done = done && (schema->type == SCHEMA_FIXED || put_long((int64_t) bytes.len, avro)) &&
		   buffer_append(avro, bytes.data, bytes.len);
	buffer_done(&bytes);
	return done;
}

/* The default as the Avro that a record would have. */
static bool
put_value(const Schema *schema, json_t *json, Buffer *avro)
{
	const bool boolean = json_is_true(json);
	uint8_t *p = buffer_reserve(avro, sizeof(double));

	if (schema->type == SCHEMA_BOOLEAN && json_is_boolean(json))
		return buffer_append(avro, &boolean, 1);
	if ((schema->type == SCHEMA_INT || schema->type == SCHEMA_LONG) && json_is_integer(json))
		return put_long(json_integer_value(json), avro);
	if ((schema->type == SCHEMA_STRING || schema->type == SCHEMA_BYTES ||
		 schema->type == SCHEMA_FIXED) &&
		json_is_string(json))
		return put_string(
			schema, (Slice){(const uint8_t *) json_string_value(json), json_string_length(json)},
			avro);
	for (size_t i = 0; schema->type == SCHEMA_ENUM && json_is_string(json) && i < schema->count;
		 i++)
		if (strcmp(schema->symbols[i], json_string_value(json)) == 0)
			return put_long((int64_t) i, avro);
	if (p == NULL || !json_is_number(json) ||
		(schema->type != SCHEMA_FLOAT && schema->type != SCHEMA_DOUBLE))
		return false;
	p = schema->type == SCHEMA_FLOAT ? avro_put_float(p, (float) json_number_value(json))
									 : avro_put_double(p, json_number_value(json));
	avro->len = (size_t) (p - avro->data);
	return true;
}

bool
literal_of_default(const SchemaField *field, Buffer *out)
{
	const Schema *schema = field->schema;
	const size_t at = out->len;
	Buffer avro;
	Buffer text;
	json_t *json;
	bool done = false;

	if (field->text_if_missing != NULL)
		return literal_of_text(field->text_if_missing, out);
	if (field->value_if_missing == NULL)
		return false;
	/* A default is of the first branch. */
	if (schema->type == SCHEMA_UNION)
		schema = schema->branches[0];
	if (schema->logical == LOGICAL_BASE64 || schema->logical == LOGICAL_HEX)
		return false;
	buffer_init(&avro, DEFAULT_MAX);
	buffer_init(&text, 4 * DEFAULT_MAX);
	json = json_loads(field->value_if_missing, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (json != NULL && put_value(schema, json, &avro))
	{
		Slice in = buffer_slice(&avro);

		done =
			text_of_value(schema, &in, &text) == NULL && literal_of_text(buffer_text(&text), out);
	}
	json_decref(json);
	buffer_done(&avro);
	buffer_done(&text);
	if (!done)
		out->len = at;
	return done;
}

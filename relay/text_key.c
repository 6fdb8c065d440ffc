/*
 * relay/text_key.c - see text_key.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/text_key.h"

#include "common/avro.h"
#include "core/json.h"
#include "core/memory.h"

#include <inttypes.h>
#include <string.h>

typedef struct Field Field;

/* Takes a value off the bytes and writes its text. False for bytes that are none. */
typedef bool WriteField(const Field *field, Slice *bytes, Buffer *out);

struct Field
{
	char *name;
	bool nullable;
	WriteField *write;
	int scale;
};

struct TextKey
{
	TextKeyStyle style;
	Field *fields;
	size_t count;
};

static bool
write_boolean(const Field *field, Slice *bytes, Buffer *out)
{
	bool value;

	(void) field;
	return avro_get_boolean(bytes, &value) && buffer_append_text(out, value ? "true" : "false");
}

static bool
write_long(const Field *field, Slice *bytes, Buffer *out)
{
	int64_t value;

	(void) field;
	return avro_get_long(bytes, &value) && buffer_printf(out, "%" PRId64, value);
}

static bool
write_string(const Field *field, Slice *bytes, Buffer *out)
{
	Slice value;

	(void) field;
	return avro_get_bytes(bytes, &value) && buffer_append(out, value.data, value.len);
}

/* Divides big-endian bytes by ten, in place, and gives the remainder. */
static unsigned
divide_by_ten(uint8_t *number, size_t len)
{
	unsigned rest = 0;

	for (size_t i = 0; i < len; i++)
	{
		unsigned part = rest << 8 | number[i];

		number[i] = (uint8_t) (part / 10);
		rest = part % 10;
	}
	return rest;
}

static bool
is_zero(const uint8_t *number, size_t len)
{
	while (len > 0 && number[len - 1] == 0)
		len--;
	return len == 0;
}

/* The digits of a two's complement number, the last one first, for the caller to free. */
static char *
digits_of(Slice value, bool *negative)
{
	uint8_t *number = xmalloc(value.len + 1);
	char *digits = xmalloc(3 * value.len + 2);
	size_t count = 0;
	unsigned carry = 1;

	memcpy(number, value.data, value.len);
	*negative = value.len > 0 && number[0] >= 0x80;
	for (size_t i = value.len; *negative && i-- > 0;)
	{
		carry += (uint8_t) ~number[i];
		number[i] = (uint8_t) carry;
		carry >>= 8;
	}
	do
		digits[count++] = (char) ('0' + divide_by_ten(number, value.len));
	while (!is_zero(number, value.len));
	digits[count] = '\0';
	free(number);
	return digits;
}

/* java.math.BigDecimal, toString: plain while the number is not too small, else with an exponent.
 */
static bool
write_decimal(const Field *field, Slice *bytes, Buffer *out)
{
	Slice value;
	bool negative;

	if (!avro_get_bytes(bytes, &value))
		return false;

	AUTO_TEXT char *digits = digits_of(value, &negative);
	int count = (int) strlen(digits);
	int exponent = count - 1 - field->scale;
	int point = exponent >= -6 ? field->scale : count - 1; /* digits behind it */

	buffer_append_text(out, negative ? "-" : "");
	for (int i = point >= count ? point : count - 1; i >= 0; i--)
	{
		buffer_append(out, i < count ? &digits[i] : "0", 1);
		if (i == point && i > 0)
			buffer_append_text(out, ".");
	}
	return exponent >= -6 || buffer_printf(out, "E%d", exponent);
}

static bool
write_json_string(const Field *field, Slice *bytes, Buffer *out)
{
	Slice value;

	(void) field;
	if (!avro_get_bytes(bytes, &value))
		return false;
	buffer_append_text(out, "\"");
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] < ' ')
			buffer_printf(out, "\\u%04x", value.data[i]);
		else
		{
			if (value.data[i] == '"' || value.data[i] == '\\')
				buffer_append_text(out, "\\");
			buffer_append(out, value.data + i, 1);
		}
	return buffer_append_text(out, "\"");
}

static bool
write_float(const Field *field, Slice *bytes, Buffer *out)
{
	float value;

	(void) field;
	return avro_get_float(bytes, &value) && buffer_printf(out, "%.9g", (double) value);
}

static bool
write_double(const Field *field, Slice *bytes, Buffer *out)
{
	double value;

	(void) field;
	return avro_get_double(bytes, &value) && buffer_printf(out, "%.17g", value);
}

static bool
write_base64(const Field *field, Slice *bytes, Buffer *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	Slice value;

	(void) field;
	if (!avro_get_bytes(bytes, &value))
		return false;
	buffer_append_text(out, "\"");
	for (size_t i = 0; i < value.len; i += 3)
	{
		size_t left = value.len - i;
		uint32_t group = (uint32_t) value.data[i] << 16 |
						 (left > 1 ? (uint32_t) value.data[i + 1] << 8 : 0) |
						 (left > 2 ? value.data[i + 2] : 0u);

		for (size_t k = 0; k < 4; k++)
			buffer_append(out, k <= left ? &digits[group >> (18 - 6 * k) & 63] : "=", 1);
	}
	return buffer_append_text(out, "\"");
}

/* What is written of a type, by its name and by that of its logical type (NULL: none). */
static const struct
{
	const char *type;
	const char *logical;
	WriteField *write; /* as a struct's text; NULL: refused */
	WriteField *json;
	const char *why;
} types[] = {
	{"boolean", NULL, write_boolean, write_boolean, NULL},
	{"int", NULL, write_long, write_long, NULL},
	{"long", NULL, write_long, write_long, NULL},
	{"string", NULL, write_string, write_json_string, NULL},
	{"bytes", "decimal", write_decimal, write_decimal, NULL},
	{"int", "date", NULL, write_long, "a date has the text of Java's time zone"},
	{"int", "time-millis", NULL, write_long,
	 "a time has the text of Java's time zone, without its fractions"},
	{"long", "timestamp-millis", NULL, write_long,
	 "a timestamp has the text of Java's time zone, without its fractions"},
	{"long", "timestamp-micros", write_long, write_long, NULL},
	{"long", "local-timestamp-micros", write_long, write_long, NULL},
	{"long", "time-micros", write_long, write_long, NULL},
	{"float", NULL, NULL, write_float, "a floating point number has the text of a version of Java"},
	{"double", NULL, NULL, write_double,
	 "a floating point number has the text of a version of Java"},
	{"bytes", NULL, NULL, write_base64, "bytes have the text of their address in Java's memory"},
	{"array", NULL, NULL, NULL, "an array has no text in Java that can be told from another's"},
};

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* type: without "null". */
static bool
set_type(Field *field, const json_t *type, TextKeyStyle style, Error *err)
{
	const char *logical = json_string_value(json_object_get(type, "logicalType"));
	const char *name =
		json_string_value(json_is_object(type) ? json_object_get(type, "type") : type);
	const char *why = "its type has no one text in Java";

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (same(types[i].type, name) && same(types[i].logical, logical))
		{
			field->write = style == TEXT_KEY_JSON ? types[i].json : types[i].write;
			why = types[i].why;
		}
	field->scale = (int) json_integer_value(json_object_get(type, "scale"));
	return field->write != NULL ||
		   error_set(err, ERROR_CONFIG,
					 "key.converter is StringConverter, and column \"%s\" of the key cannot be "
					 "written by it: %s; use AvroConverter for keys",
					 field->name, why);
}

static bool
set_field(Field *field, const json_t *described, TextKeyStyle style, Error *err)
{
	const json_t *type = json_object_get(described, "type");
	const char *name = json_string_value(json_object_get(described, "wal2avro.name"));

	if (name == NULL)
		name = json_string_value(json_object_get(described, "name"));
	field->name = xstrdup(name == NULL ? "" : name);
	field->nullable = json_is_array(type);
	return set_type(field, field->nullable ? json_array_get(type, 1) : type, style, err);
}

bool
text_key_new(Slice schema, TextKeyStyle style, TextKey **out, Error *err)
{
	json_t *root = json_schema(schema);
	const json_t *fields = json_object_get(root, "fields");
	TextKey *key = xcalloc(1, sizeof *key);
	bool ok = true;

	key->style = style;
	key->fields = xcalloc(json_array_size(fields) + 1, sizeof *key->fields);
	while (ok && key->count < json_array_size(fields))
	{
		const json_t *described = json_array_get(fields, key->count);

		ok = set_field(&key->fields[key->count++], described, style, err);
	}
	json_decref(root);
	if (ok)
		*out = key;
	else
		text_key_free(key);
	return ok;
}

void
text_key_free(TextKey *key)
{
	if (key == NULL)
		return;
	for (size_t i = 0; i < key->count; i++)
		free(key->fields[i].name);
	free(key->fields);
	free(key);
}

/* The text of a struct leaves out what is null. */
static bool
write_field(const TextKey *key, const Field *field, Slice *bytes, bool *first, Buffer *out)
{
	bool json = key->style == TEXT_KEY_JSON;
	int64_t branch = 1;

	if (field->nullable && !avro_get_long(bytes, &branch))
		return false;
	if (branch == 0 && !json)
		return true;
	buffer_printf(out, json ? "%s\"%s\":" : "%s%s=", *first ? "" : ",", field->name);
	*first = false;
	return branch == 0 ? buffer_append_text(out, "null") : field->write(field, bytes, out);
}

bool
text_key_write(const TextKey *key, Slice framed, Buffer *out, Error *err)
{
	bool first = true;
	bool ok = framed.len >= CONFLUENT_HEADER;
	Slice bytes = SLICE_ABSENT;

	if (ok)
		bytes = (Slice){framed.data + CONFLUENT_HEADER, framed.len - CONFLUENT_HEADER};
	buffer_clear(out);
	buffer_append_text(out, key->style == TEXT_KEY_JSON ? "{" : "Struct{");
	for (size_t i = 0; ok && i < key->count; i++)
		ok = write_field(key, &key->fields[i], &bytes, &first, out);
	buffer_append_text(out, "}");
	return (ok && bytes.len == 0) ||
		   error_set(err, ERROR_DATA, "a key is not what its schema says");
}

/*
 * sink/convert_text.c - texts, bytes and bits into columns; see convert.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/convert_parts.h"
#include "sink/form.h"
#include "sink/pgtypes.h"
#include "sink/text.h"

const char *
convert_to_bytea(const Conversion *conversion, Slice *in, Buffer *out)
{
	Slice bytes;

	return convert_take_bytes(conversion->schema, in, &bytes) ? convert_put_bytes(bytes, out)
															  : convert_malformed;
}

/* Of both alphabets; -1: none of them. */
static int
base64_value(uint8_t byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 26;
	if (byte >= '0' && byte <= '9')
		return byte - '0' + 52;
	if (byte == '+' || byte == '-')
		return 62;
	return byte == '/' || byte == '_' ? 63 : -1;
}

const char *
convert_base64_to_bytea(const Conversion *conversion, Slice *in, Buffer *out)
{
	uint32_t bits = 0;
	int count = 0;
	Slice text;

	(void) conversion;
	if (!avro_get_bytes(in, &text))
		return convert_malformed;

	uint8_t *p = buffer_reserve(out, text.len);

	if (p == NULL)
		return convert_no_room;
	while (text.len > 0 && text.data[text.len - 1] == '=')
		text.len--;
	for (size_t i = 0; i < text.len; i++)
	{
		const int value = base64_value(text.data[i]);

		if (value < 0)
			return "has text that is no base64";
		bits = bits << 6 | (uint32_t) value;
		count += 6;
		if (count >= 8)
		{
			count -= 8;
			*p++ = (uint8_t) (bits >> count);
		}
	}
	out->len = (size_t) (p - out->data);
	return count < 6 ? NULL : "has text that is no base64";
}

static int
hex_value(uint8_t byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

const char *
convert_hex_to_bytea(const Conversion *conversion, Slice *in, Buffer *out)
{
	Slice text;

	(void) conversion;
	if (!avro_get_bytes(in, &text) || text.len % 2 != 0)
		return "has text that is no hexadecimal";

	uint8_t *p = buffer_reserve(out, text.len / 2);

	if (p == NULL)
		return convert_no_room;
	for (size_t i = 0; i < text.len; i += 2)
	{
		const int high = hex_value(text.data[i]);
		const int low = hex_value(text.data[i + 1]);

		if (high < 0 || low < 0)
			return "has text that is no hexadecimal";
		*p++ = (uint8_t) (high << 4 | low);
	}
	out->len += text.len / 2;
	return NULL;
}

const char *
convert_string_to_text(const Conversion *conversion, Slice *in, Buffer *out)
{
	Slice text;

	(void) conversion;
	return avro_get_bytes(in, &text) ? convert_put_bytes(text, out) : convert_malformed;
}

const char *
convert_any_to_text(const Conversion *conversion, Slice *in, Buffer *out)
{
	return form_of_value(conversion->schema, conversion->type, in, out);
}

/* jsonb_recv: a version, then the text. */
const char *
convert_any_to_jsonb(const Conversion *conversion, Slice *in, Buffer *out)
{
	static const uint8_t version = 1;
	const char *problem = convert_put_bytes((Slice){&version, 1}, out);

	return problem ? problem : form_of_value(conversion->schema, conversion->type, in, out);
}

/* As uuid_in: 32 digits, hyphens between groups of four, braces around it. */
const char *
convert_string_to_uuid(const Conversion *conversion, Slice *in, Buffer *out)
{
	uint8_t uuid[16] = {0};
	size_t digits = 0;
	Slice text;

	(void) conversion;
	if (!avro_get_bytes(in, &text))
		return convert_malformed;
	if (text.len >= 2 && text.data[0] == '{' && text.data[text.len - 1] == '}')
		text = (Slice){text.data + 1, text.len - 2};
	for (size_t i = 0; i < text.len; i++)
	{
		const int value = hex_value(text.data[i]);

		if (text.data[i] == '-' && digits % 4 == 0 && digits > 0 && text.data[i - 1] != '-')
			continue;
		if (value < 0 || digits == 32)
			return "has text that is no uuid";
		uuid[digits / 2] = (uint8_t) (uuid[digits / 2] << 4 | value);
		digits++;
	}
	return digits == 32 ? convert_put_bytes((Slice){uuid, sizeof uuid}, out)
						: "has text that is no uuid";
}

const char *
convert_fixed_to_uuid(const Conversion *conversion, Slice *in, Buffer *out)
{
	Slice bytes;

	if (!convert_take_bytes(conversion->schema, in, &bytes))
		return convert_malformed;
	return bytes.len == 16 ? convert_put_bytes(bytes, out)
						   : "has a number of bytes that makes no uuid";
}

static bool
is_octal(Slice text)
{
	for (size_t i = 1; i < 4; i++)
		if (text.len != 4 || text.data[i] < '0' || text.data[i] > '7')
			return false;
	return text.data[0] == '\\' && text.data[1] <= '3';
}

/* "char": one byte, which PostgreSQL 16 writes as \ooo where it is no ASCII; no text is the byte 0.
 */
const char *
convert_string_to_char(const Conversion *conversion, Slice *in, Buffer *out)
{
	Slice text;
	uint8_t byte;

	(void) conversion;
	if (!avro_get_bytes(in, &text))
		return convert_malformed;
	if (text.len <= 1)
		byte = text.len == 0 ? 0 : text.data[0];
	else if (is_octal(text))
		byte = (uint8_t) ((text.data[1] - '0') << 6 | (text.data[2] - '0') << 3 |
						  (text.data[3] - '0'));
	else
		return "has text of more than the one byte that the column holds";
	return convert_put_bytes((Slice){&byte, 1}, out);
}

/* bit_recv: number of bits, then bytes, the first bit on top. */
const char *
convert_boolean_to_bit(const Conversion *conversion, Slice *in, Buffer *out)
{
	bool value;
	const char *problem;

	(void) conversion;
	if (!avro_get_boolean(in, &value))
		return convert_malformed;
	if ((problem = convert_put32(1, out)) != NULL)
		return problem;
	return convert_put_bytes((Slice){(const uint8_t[]){value ? 0x80 : 0}, 1}, out);
}

const char *
convert_bits_to_bit(const Conversion *conversion, Slice *in, Buffer *out)
{
	Slice bytes;

	if (!convert_take_bytes(conversion->schema, in, &bytes))
		return convert_malformed;

	const Schema unsized = {.type = SCHEMA_BYTES};
	const size_t length =
		text_bit_length(conversion->type->oid == PG_VARBIT ? &unsized : conversion->schema, bytes);
	const size_t size = (length + 7) / 8;
	uint8_t *p = length > INT32_MAX ? NULL : buffer_reserve(out, 4 + size);

	if (p == NULL)
		return convert_no_room;
	put_be32(p, (uint32_t) length);
	memset(p + 4, 0, size);
	for (size_t i = 0; i < length; i++)
		if (text_bit(bytes, length, i))
			p[4 + i / 8] |= (uint8_t) (0x80 >> (i % 8));
	out->len += 4 + size;
	return NULL;
}

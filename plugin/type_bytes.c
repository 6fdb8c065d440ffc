/*
 * plugin/type_bytes.c - see type_bytes.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/type_bytes.h"

#include "utils/varbit.h"

#include "common/avro.h"

/* Debezium's length of a bit string without a limit. */
#define BITS_WITHOUT_LIMIT INT32_MAX

bool
bytes_want_base64(const TypeRequest *request)
{
	return request->options->binary_handling == BINARY_BASE64;
}

bool
bytes_want_base64_url(const TypeRequest *request)
{
	return request->options->binary_handling == BINARY_BASE64_URL_SAFE;
}

bool
bytes_want_hex(const TypeRequest *request)
{
	return request->options->binary_handling == BINARY_HEX;
}

bool
bits_want_boolean(const TypeRequest *request)
{
	return request->typmod == 1;
}

bool
varbits_want_boolean(const TypeRequest *request)
{
	return request->typmod == 1 && bits_want_debezium(request);
}

bool
bits_want_debezium(const TypeRequest *request)
{
	return request->options->schema_style == STYLE_DEBEZIUM;
}

void
bytes_setup_string(ValueType *type, const TypeRequest *request)
{
	static const char *const words[] = {
		[BINARY_BYTES] = NULL,
		[BINARY_BASE64] = "base64",
		[BINARY_BASE64_URL_SAFE] = "base64-url-safe",
		[BINARY_HEX] = "hex",
	};

	type->encoding = words[request->options->binary_handling];
}

void
bits_setup(ValueType *type, const TypeRequest *request)
{
	type->bits = request->typmod;
	type->bits_vary = request->oid == VARBITOID;
	type->ambiguous = request->typmod > 0;
	type->schema = psprintf("{\"type\":\"bytes\",\"connect.version\":1,"
							"\"connect.parameters\":{\"length\":\"%d\"},"
							"\"connect.name\":\"io.debezium.data.Bits\"}",
							request->typmod > 0 ? request->typmod : BITS_WITHOUT_LIMIT);
}

void
encode_bytea(Output *out, const ValueType *type, Datum value)
{
	const bytea *bytes = DatumGetByteaPP(value);

	(void) type;
	output_counted(out, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
}

/* Writes the length of a string whose len bytes the caller writes at the result. */
static uint8_t *
begin_string(Output *out, size_t len)
{
	uint8_t *p = avro_put_long(output_reserve(out, AVRO_LONG_MAX + len), (int64_t) len);

	out->len = (size_t) (p - out->data) + len;
	return p;
}

/* As java.util.Base64's encoders: with padding, in one line. */
static void
put_base64(Output *out, Datum value, const char *alphabet)
{
	const bytea *bytes = DatumGetByteaPP(value);
	const uint8_t *data = (const uint8_t *) VARDATA_ANY(bytes);
	size_t len = VARSIZE_ANY_EXHDR(bytes);
	uint8_t *p = begin_string(out, (len + 2) / 3 * 4);

	for (size_t i = 0; i < len; i += 3)
	{
		uint32 group = (uint32) data[i] << 16 | (i + 1 < len ? (uint32) data[i + 1] << 8 : 0) |
					   (i + 2 < len ? data[i + 2] : 0);

		*p++ = (uint8_t) alphabet[group >> 18];
		*p++ = (uint8_t) alphabet[group >> 12 & 63];
		*p++ = i + 1 < len ? (uint8_t) alphabet[group >> 6 & 63] : '=';
		*p++ = i + 2 < len ? (uint8_t) alphabet[group & 63] : '=';
	}
}

#define BASE64_COMMON "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

void
encode_base64(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	put_base64(out, value, BASE64_COMMON "+/");
}

void
encode_base64_url(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	put_base64(out, value, BASE64_COMMON "-_");
}

void
encode_hex(Output *out, const ValueType *type, Datum value)
{
	static const char digits[] = "0123456789abcdef";
	const bytea *bytes = DatumGetByteaPP(value);
	const uint8_t *data = (const uint8_t *) VARDATA_ANY(bytes);
	size_t len = VARSIZE_ANY_EXHDR(bytes);
	uint8_t *p = begin_string(out, len * 2);

	(void) type;
	for (size_t i = 0; i < len; i++)
	{
		*p++ = (uint8_t) digits[data[i] >> 4];
		*p++ = (uint8_t) digits[data[i] & 15];
	}
}

/* The bit strings keep their first bit highest. */
static bool
get_bit(VarBit *bits, int index)
{
	return (VARBITS(bits)[index / BITS_PER_BYTE] >> (BITS_PER_BYTE - 1 - index % BITS_PER_BYTE) &
			1) != 0;
}

void
encode_one_bit(Output *out, const ValueType *type, Datum value)
{
	VarBit *bits = DatumGetVarBitP(value);

	(void) type;
	if (VARBITLEN(bits) != 1)
		output_inexact(out); /* an empty bit varying(1) */
	output_u8(out, VARBITLEN(bits) == 1 && get_bit(bits, 0) ? 1 : 0);
}

void
encode_bits(Output *out, const ValueType *type, Datum value)
{
	VarBit *bits = DatumGetVarBitP(value);
	int count = VARBITLEN(bits);
	int first = 0;
	size_t len;
	uint8_t *p;

	while (first < count && !get_bit(bits, first))
		first++;
	/* Zeros in front are told by nobody where readers do not take the declared length for it. */
	if (count != type->bits || (type->bits_vary && first > 0))
		output_inexact(out);
	len = (size_t) (count - first + BITS_PER_BYTE - 1) / BITS_PER_BYTE;
	p = begin_string(out, len);
	memset(p, 0, len);
	for (int i = first; i < count; i++)
	{
		int place = count - 1 - i;

		p[place / BITS_PER_BYTE] |= (uint8_t) (get_bit(bits, i) << place % BITS_PER_BYTE);
	}
}

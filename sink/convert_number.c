/*
 * sink/convert_number.c - numbers into columns of numbers; see convert.h.
 *
 * Nothing is rounded: a number that the column cannot hold as it is, is an error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/convert_parts.h"
#include "sink/numeric.h"
#include "sink/text.h"

#include <math.h>

static const char not_exact[] = "has a number that the column would round";

static const char *
put_float4(float value, Buffer *out)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	return convert_put32(bits, out);
}

static const char *
put_float8(double value, Buffer *out)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	return convert_put64(bits, out);
}

const char *
convert_to_bool(const Conversion *conversion, Slice *in, Buffer *out)
{
	const uint8_t *byte = in->data;
	bool value;

	(void) conversion;
	return avro_get_boolean(in, &value) ? convert_put_bytes((Slice){byte, 1}, out)
										: convert_malformed;
}

const char *
convert_to_int2(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	(void) conversion;
	if (!avro_get_long(in, &value))
		return convert_malformed;
	return value < INT16_MIN || value > INT16_MAX ? convert_out_of_range
												  : convert_put16((uint16_t) value, out);
}

const char *
convert_to_int4(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	(void) conversion;
	if (!avro_get_long(in, &value))
		return convert_malformed;
	return value < INT32_MIN || value > INT32_MAX ? convert_out_of_range
												  : convert_put32((uint32_t) value, out);
}

const char *
convert_to_int8(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	(void) conversion;
	return avro_get_long(in, &value) ? convert_put64((uint64_t) value, out) : convert_malformed;
}

const char *
convert_to_oid(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	(void) conversion;
	if (!avro_get_long(in, &value))
		return convert_malformed;
	return value < 0 || value > UINT32_MAX ? convert_out_of_range
										   : convert_put32((uint32_t) value, out);
}

/* The bits of an integer between its first and its last one: as many as a float has to hold. */
static int
significant_bits(int64_t value)
{
	const uint64_t size = value < 0 ? -(uint64_t) value : (uint64_t) value;

	return size == 0 ? 0 : 64 - __builtin_clzll(size) - __builtin_ctzll(size);
}

const char *
convert_integer_to_float4(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	(void) conversion;
	if (!avro_get_long(in, &value))
		return convert_malformed;
	return significant_bits(value) > 24 ? not_exact : put_float4((float) value, out);
}

const char *
convert_integer_to_float8(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	(void) conversion;
	if (!avro_get_long(in, &value))
		return convert_malformed;
	return significant_bits(value) > 53 ? not_exact : put_float8((double) value, out);
}

const char *
convert_integer_to_numeric(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	(void) conversion;
	return avro_get_long(in, &value) ? numeric_from_long(value, out) : convert_malformed;
}

const char *
convert_float_to_float4(const Conversion *conversion, Slice *in, Buffer *out)
{
	float value;

	(void) conversion;
	return avro_get_float(in, &value) ? put_float4(value, out) : convert_malformed;
}

const char *
convert_float_to_float8(const Conversion *conversion, Slice *in, Buffer *out)
{
	float value;

	(void) conversion;
	return avro_get_float(in, &value) ? put_float8((double) value, out) : convert_malformed;
}

/* The same number, or the same shortest text of both: 0.1 stays 0.1. */
const char *
convert_double_to_float4(const Conversion *conversion, Slice *in, Buffer *out)
{
	double value;
	Slice text = *in;
	uint8_t bytes[4];
	char wide[40];
	char narrow[40];
	const Schema single = {.type = SCHEMA_FLOAT};
	Buffer a = {.data = (uint8_t *) wide, .capacity = sizeof wide - 1, .max = sizeof wide - 1};
	Buffer b = {
		.data = (uint8_t *) narrow, .capacity = sizeof narrow - 1, .max = sizeof narrow - 1};

	if (!avro_get_double(in, &value))
		return convert_malformed;
	if (isnan(value) || (double) (float) value == value)
		return put_float4((float) value, out);
	if (isinf((float) value))
		return convert_out_of_range;
	avro_put_float(bytes, (float) value);
	if (text_of_value(conversion->schema, &text, &a) != NULL ||
		text_of_value(&single, &(Slice){bytes, sizeof bytes}, &b) != NULL || a.len != b.len ||
		memcmp(wide, narrow, a.len) != 0)
		return not_exact;
	return put_float4((float) value, out);
}

const char *
convert_double_to_float8(const Conversion *conversion, Slice *in, Buffer *out)
{
	double value;

	(void) conversion;
	return avro_get_double(in, &value) ? put_float8(value, out) : convert_malformed;
}

/* Through the shortest text: 0.1 becomes 0.1, not the double's exact value. */
const char *
convert_floating_to_numeric(const Conversion *conversion, Slice *in, Buffer *out)
{
	uint8_t text[64];
	Buffer scratch = {.data = text, .capacity = sizeof text - 1, .max = sizeof text - 1};
	const char *problem = text_of_value(conversion->schema, in, &scratch);

	return problem ? problem : numeric_from_text(buffer_slice(&scratch), out);
}

const char *
convert_decimal_to_numeric(const Conversion *conversion, Slice *in, Buffer *out)
{
	Slice bytes;

	if (!convert_take_bytes(conversion->schema, in, &bytes))
		return convert_malformed;
	return numeric_from_decimal(bytes, conversion->schema->scale, out);
}

const char *
convert_variable_to_numeric(const Conversion *conversion, Slice *in, Buffer *out)
{
	const char *problem;
	Slice unscaled;
	int scale;

	problem = text_variable_decimal(conversion->schema, in, &scale, &unscaled);
	return problem ? problem : numeric_from_decimal(unscaled, scale, out);
}

const char *
convert_string_to_numeric(const Conversion *conversion, Slice *in, Buffer *out)
{
	Slice text;

	(void) conversion;
	return avro_get_bytes(in, &text) ? numeric_from_text(text, out) : convert_malformed;
}

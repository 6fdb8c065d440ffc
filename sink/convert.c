/*
 * sink/convert.c - see convert.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/convert.h"

#include "common/avro.h"
#include "common/bytes.h"
#include "sink/numeric.h"
#include "sink/pgtypes.h"
#include "sink/text.h"

#include <float.h>
#include <math.h>

/* From 1970-01-01 to 2000-01-01, where PostgreSQL's dates and timestamps count from. */
#define EPOCH_DAYS	 10957
#define EPOCH_MICROS INT64_C(946684800000000)

static const char malformed[] = "is malformed";
static const char no_room[] = "is larger than a batch may be";
static const char out_of_range[] = "has a number out of range of the column";

static const char *
put16(uint16_t value, Buffer *out)
{
	uint8_t *p = buffer_reserve(out, 2);

	if (p == NULL)
		return no_room;
	put_be16(p, value);
	out->len += 2;
	return NULL;
}

static const char *
put32(uint32_t value, Buffer *out)
{
	uint8_t *p = buffer_reserve(out, 4);

	if (p == NULL)
		return no_room;
	put_be32(p, value);
	out->len += 4;
	return NULL;
}

static const char *
put64(uint64_t value, Buffer *out)
{
	uint8_t *p = buffer_reserve(out, 8);

	if (p == NULL)
		return no_room;
	put_be64(p, value);
	out->len += 8;
	return NULL;
}

static const char *
put_bytes(Slice bytes, Buffer *out)
{
	return buffer_append(out, bytes.data, bytes.len) ? NULL : no_room;
}

static const char *
put_float4(float value, Buffer *out)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	return put32(bits, out);
}

static const char *
put_float8(double value, Buffer *out)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	return put64(bits, out);
}

static const char *
to_bool(const Conversion *conversion, Slice *in, Buffer *out)
{
	const uint8_t *byte = in->data;
	bool value;

	(void) conversion;
	return avro_get_boolean(in, &value) ? put_bytes((Slice){byte, 1}, out) : malformed;
}

/* int and long have the same form: one function for both. */
static const char *
to_int2(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	(void) conversion;
	if (!avro_get_long(in, &value))
		return malformed;
	return value < INT16_MIN || value > INT16_MAX ? out_of_range : put16((uint16_t) value, out);
}

static const char *
to_int4(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	(void) conversion;
	if (!avro_get_long(in, &value))
		return malformed;
	return value < INT32_MIN || value > INT32_MAX ? out_of_range : put32((uint32_t) value, out);
}

static const char *
to_int8(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	(void) conversion;
	return avro_get_long(in, &value) ? put64((uint64_t) value, out) : malformed;
}

static const char *
to_oid(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	(void) conversion;
	if (!avro_get_long(in, &value))
		return malformed;
	return value < 0 || value > UINT32_MAX ? out_of_range : put32((uint32_t) value, out);
}

static const char *
integer_to_float4(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	(void) conversion;
	return avro_get_long(in, &value) ? put_float4((float) value, out) : malformed;
}

static const char *
integer_to_float8(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	(void) conversion;
	return avro_get_long(in, &value) ? put_float8((double) value, out) : malformed;
}

static const char *
integer_to_numeric(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	(void) conversion;
	return avro_get_long(in, &value) ? numeric_from_long(value, out) : malformed;
}

static const char *
float_to_float4(const Conversion *conversion, Slice *in, Buffer *out)
{
	float value;

	(void) conversion;
	return avro_get_float(in, &value) ? put_float4(value, out) : malformed;
}

static const char *
float_to_float8(const Conversion *conversion, Slice *in, Buffer *out)
{
	float value;

	(void) conversion;
	return avro_get_float(in, &value) ? put_float8((double) value, out) : malformed;
}

static const char *
double_to_float4(const Conversion *conversion, Slice *in, Buffer *out)
{
	double value;

	(void) conversion;
	if (!avro_get_double(in, &value))
		return malformed;
	if (isfinite(value) && fabs(value) > (double) FLT_MAX)
		return out_of_range;
	return put_float4((float) value, out);
}

static const char *
double_to_float8(const Conversion *conversion, Slice *in, Buffer *out)
{
	double value;

	(void) conversion;
	return avro_get_double(in, &value) ? put_float8(value, out) : malformed;
}

/* Through the shortest text: 0.1 becomes 0.1, not the double's exact value. */
static const char *
floating_to_numeric(const Conversion *conversion, Slice *in, Buffer *out)
{
	uint8_t text[64];
	Buffer scratch = {.data = text, .capacity = sizeof text - 1, .max = sizeof text - 1};
	const char *problem = text_of_value(conversion->schema, in, &scratch);

	return problem ? problem : numeric_from_text(buffer_slice(&scratch), out);
}

static bool
take_bytes(const Conversion *conversion, Slice *in, Slice *bytes)
{
	return conversion->schema->type == SCHEMA_FIXED
			   ? avro_get_fixed(in, conversion->schema->size, bytes)
			   : avro_get_bytes(in, bytes);
}

static const char *
decimal_to_numeric(const Conversion *conversion, Slice *in, Buffer *out)
{
	Slice bytes;

	if (!take_bytes(conversion, in, &bytes))
		return malformed;
	return numeric_from_decimal(bytes, conversion->schema->scale, out);
}

static const char *
to_bytea(const Conversion *conversion, Slice *in, Buffer *out)
{
	Slice bytes;

	return take_bytes(conversion, in, &bytes) ? put_bytes(bytes, out) : malformed;
}

static const char *
string_to_text(const Conversion *conversion, Slice *in, Buffer *out)
{
	Slice text;

	(void) conversion;
	return avro_get_bytes(in, &text) ? put_bytes(text, out) : malformed;
}

static const char *
any_to_text(const Conversion *conversion, Slice *in, Buffer *out)
{
	return text_of_value(conversion->schema, in, out);
}

/* jsonb_recv: a version, then the text. */
static const char *
any_to_jsonb(const Conversion *conversion, Slice *in, Buffer *out)
{
	static const uint8_t version = 1;
	const char *problem = put_bytes((Slice){&version, 1}, out);

	return problem ? problem : text_of_value(conversion->schema, in, out);
}

static const char *
string_to_numeric(const Conversion *conversion, Slice *in, Buffer *out)
{
	Slice text;

	(void) conversion;
	return avro_get_bytes(in, &text) ? numeric_from_text(text, out) : malformed;
}

static int
hex_value(uint8_t byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* As uuid_in: 32 digits, hyphens between groups of four, braces around it. */
static const char *
string_to_uuid(const Conversion *conversion, Slice *in, Buffer *out)
{
	uint8_t uuid[16] = {0};
	size_t digits = 0;
	Slice text;

	(void) conversion;
	if (!avro_get_bytes(in, &text))
		return malformed;
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
	return digits == 32 ? put_bytes((Slice){uuid, sizeof uuid}, out) : "has text that is no uuid";
}

static const char *
to_date(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t days;

	(void) conversion;
	if (!avro_get_long(in, &days))
		return malformed;
	if (days != INT32_MAX && days != INT32_MIN)
	{
		days -= EPOCH_DAYS;
		if (days <= INT32_MIN)
			return "has a date out of range";
	}
	return put32((uint32_t) days, out);
}

static const char *
put_nanos(int64_t nanos, int64_t epoch_micros, Buffer *out)
{
	if (nanos % 1000 != 0)
		return "has nanoseconds, which PostgreSQL cannot hold";
	return put64((uint64_t) (nanos / 1000 - epoch_micros), out);
}

static const char *
to_time(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	if (!avro_get_long(in, &value))
		return malformed;
	if (conversion->schema->logical == LOGICAL_TIME_NANOS)
		return put_nanos(value, 0, out);
	if (conversion->schema->logical == LOGICAL_TIME_MILLIS)
		value *= 1000;
	return put64((uint64_t) value, out);
}

static const char *
to_timestamp(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	if (!avro_get_long(in, &value))
		return malformed;
	if (conversion->schema->debezium)
		value = schema_infinity(value);
	if (value == INT64_MAX || value == INT64_MIN)
		return put64((uint64_t) value, out);
	if (conversion->schema->logical == LOGICAL_TIMESTAMP_NANOS)
		return put_nanos(value, EPOCH_MICROS, out);
	if ((conversion->schema->logical == LOGICAL_TIMESTAMP_MILLIS &&
		 __builtin_mul_overflow(value, 1000, &value)) ||
		__builtin_sub_overflow(value, EPOCH_MICROS, &value) || value == INT64_MIN)
		return "has a timestamp out of range";
	return put64((uint64_t) value, out);
}

/* From what, into what, how. The first row that fits holds. */
static const struct
{
	SchemaType type;
	SchemaLogical logical;
	uint32_t oid;
	ConvertValue *convert;
} conversions[] = {
	{SCHEMA_BOOLEAN, LOGICAL_NONE, PG_BOOL, to_bool},
	{SCHEMA_INT, LOGICAL_NONE, PG_INT2, to_int2},
	{SCHEMA_INT, LOGICAL_NONE, PG_INT4, to_int4},
	{SCHEMA_INT, LOGICAL_NONE, PG_INT8, to_int8},
	{SCHEMA_INT, LOGICAL_NONE, PG_OID, to_oid},
	{SCHEMA_INT, LOGICAL_NONE, PG_FLOAT4, integer_to_float4},
	{SCHEMA_INT, LOGICAL_NONE, PG_FLOAT8, integer_to_float8},
	{SCHEMA_INT, LOGICAL_NONE, PG_NUMERIC, integer_to_numeric},
	{SCHEMA_INT, LOGICAL_DATE, PG_DATE, to_date},
	{SCHEMA_INT, LOGICAL_TIME_MILLIS, PG_TIME, to_time},
	{SCHEMA_LONG, LOGICAL_NONE, PG_INT2, to_int2},
	{SCHEMA_LONG, LOGICAL_NONE, PG_INT4, to_int4},
	{SCHEMA_LONG, LOGICAL_NONE, PG_INT8, to_int8},
	{SCHEMA_LONG, LOGICAL_NONE, PG_OID, to_oid},
	{SCHEMA_LONG, LOGICAL_NONE, PG_FLOAT4, integer_to_float4},
	{SCHEMA_LONG, LOGICAL_NONE, PG_FLOAT8, integer_to_float8},
	{SCHEMA_LONG, LOGICAL_NONE, PG_NUMERIC, integer_to_numeric},
	{SCHEMA_LONG, LOGICAL_TIME_MICROS, PG_TIME, to_time},
	{SCHEMA_LONG, LOGICAL_TIME_NANOS, PG_TIME, to_time},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_MILLIS, PG_TIMESTAMP, to_timestamp},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_MILLIS, PG_TIMESTAMPTZ, to_timestamp},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_MICROS, PG_TIMESTAMP, to_timestamp},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_MICROS, PG_TIMESTAMPTZ, to_timestamp},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_NANOS, PG_TIMESTAMP, to_timestamp},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_NANOS, PG_TIMESTAMPTZ, to_timestamp},
	{SCHEMA_LONG, LOGICAL_DURATION_MICROS, PG_INT8, to_int8},
	{SCHEMA_LONG, LOGICAL_DURATION_NANOS, PG_INT8, to_int8},
	{SCHEMA_FLOAT, LOGICAL_NONE, PG_FLOAT4, float_to_float4},
	{SCHEMA_FLOAT, LOGICAL_NONE, PG_FLOAT8, float_to_float8},
	{SCHEMA_FLOAT, LOGICAL_NONE, PG_NUMERIC, floating_to_numeric},
	{SCHEMA_DOUBLE, LOGICAL_NONE, PG_FLOAT4, double_to_float4},
	{SCHEMA_DOUBLE, LOGICAL_NONE, PG_FLOAT8, double_to_float8},
	{SCHEMA_DOUBLE, LOGICAL_NONE, PG_NUMERIC, floating_to_numeric},
	{SCHEMA_BYTES, LOGICAL_DECIMAL, PG_NUMERIC, decimal_to_numeric},
	{SCHEMA_FIXED, LOGICAL_DECIMAL, PG_NUMERIC, decimal_to_numeric},
	{SCHEMA_BYTES, LOGICAL_NONE, PG_BYTEA, to_bytea},
	{SCHEMA_FIXED, LOGICAL_NONE, PG_BYTEA, to_bytea},
	{SCHEMA_STRING, LOGICAL_NONE, PG_TEXT, string_to_text},
	{SCHEMA_STRING, LOGICAL_NONE, PG_VARCHAR, string_to_text},
	{SCHEMA_STRING, LOGICAL_NONE, PG_NUMERIC, string_to_numeric},
	{SCHEMA_STRING, LOGICAL_NONE, PG_UUID, string_to_uuid},
};

/* Types whose binary form is their text: anything with a text form goes in. */
static const struct
{
	uint32_t oid;
	ConvertValue *convert;
} text_types[] = {
	{PG_TEXT, any_to_text},	  {PG_VARCHAR, any_to_text}, {PG_BPCHAR, any_to_text},
	{PG_NAME, any_to_text},	  {PG_JSON, any_to_text},	 {PG_XML, any_to_text},
	{PG_JSONB, any_to_jsonb},
};

static ConvertValue *
find_scalar(const Schema *schema, uint32_t oid, bool is_enum)
{
	for (size_t i = 0; i < sizeof conversions / sizeof *conversions; i++)
		if (conversions[i].type == schema->type && conversions[i].logical == schema->logical &&
			conversions[i].oid == oid)
			return conversions[i].convert;
	if (!text_possible(schema))
		return NULL;
	for (size_t i = 0; i < sizeof text_types / sizeof *text_types; i++)
		if (text_types[i].oid == oid)
			return text_types[i].convert;
	return is_enum && (schema->type == SCHEMA_STRING || schema->type == SCHEMA_ENUM) ? any_to_text
																					 : NULL;
}

static const char *
put_item(const Conversion *conversion, Slice *in, bool *has_null, Buffer *out)
{
	const Conversion item = {.schema = conversion->item};
	const size_t at = out->len;
	int64_t branch = -1;
	const char *problem;

	if (conversion->item_null_branch >= 0 && !avro_get_long(in, &branch))
		return malformed;
	if ((problem = put32(UINT32_MAX, out)) != NULL)
		return problem;
	if (conversion->item_null_branch >= 0 && branch == conversion->item_null_branch)
	{
		*has_null = true;
		return NULL;
	}
	if ((problem = conversion->convert_item(&item, in, out)) != NULL)
		return problem;
	put_be32(out->data + at, (uint32_t) (out->len - at - 4));
	return NULL;
}

/* array_recv: dimensions, flag for nulls, element type; per dimension size and lower bound; then
 * each element with its length. */
static const char *
to_array(const Conversion *conversion, Slice *in, Buffer *out)
{
	const size_t at = out->len;
	int32_t total = 0;
	bool has_null = false;
	int64_t count;
	int64_t size;

	if (buffer_reserve(out, 20) == NULL)
		return no_room;
	out->len += 20;
	for (;;)
	{
		if (!avro_get_long(in, &count) || (count < 0 && !avro_get_long(in, &size)))
			return malformed;
		if (count == 0)
			break;
		for (int64_t i = count < 0 ? -count : count; i > 0; i--, total++)
		{
			const char *problem = put_item(conversion, in, &has_null, out);

			if (problem != NULL)
				return problem;
		}
	}
	put_be32(out->data + at, total > 0);
	put_be32(out->data + at + 4, has_null);
	put_be32(out->data + at + 8, conversion->element);
	put_be32(out->data + at + 12, (uint32_t) total);
	put_be32(out->data + at + 16, 1);
	if (total == 0)
		out->len = at + 12;
	return NULL;
}

static bool
find_array(const Schema *schema, const ColumnType *type, Conversion *out)
{
	if (schema->type != SCHEMA_ARRAY || type->element == 0)
		return false;
	out->item = schema_nullable(schema->items, &out->item_null_branch);
	if (out->item->type == SCHEMA_ARRAY)
		return false;
	out->element = type->element;
	out->convert_item = find_scalar(out->item, type->element, type->element_is_enum);
	out->convert = to_array;
	return out->convert_item != NULL;
}

ConvertWay
convert_find(const Schema *schema, const ColumnType *type, Conversion *out)
{
	*out = (Conversion){.schema = schema, .item_null_branch = -1};
	if (find_array(schema, type, out))
		return CONVERT_BINARY;
	out->convert = find_scalar(schema, type->oid, type->is_enum);
	if (out->convert != NULL)
		return CONVERT_BINARY;
	out->convert = any_to_text;
	return text_possible(schema) ? CONVERT_TEXT : CONVERT_IMPOSSIBLE;
}

/*
 * sink/convert.c - see convert.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/convert.h"

#include "sink/convert_parts.h"
#include "sink/form.h"
#include "sink/numeric.h"
#include "sink/pgtypes.h"

const char convert_malformed[] = "is malformed";
const char convert_no_room[] = "is larger than a batch may be";
const char convert_out_of_range[] = "has a number out of range of the column";

const char *
convert_put16(uint16_t value, Buffer *out)
{
	uint8_t *p = buffer_reserve(out, 2);

	if (p == NULL)
		return convert_no_room;
	put_be16(p, value);
	out->len += 2;
	return NULL;
}

const char *
convert_put32(uint32_t value, Buffer *out)
{
	uint8_t *p = buffer_reserve(out, 4);

	if (p == NULL)
		return convert_no_room;
	put_be32(p, value);
	out->len += 4;
	return NULL;
}

const char *
convert_put64(uint64_t value, Buffer *out)
{
	uint8_t *p = buffer_reserve(out, 8);

	if (p == NULL)
		return convert_no_room;
	put_be64(p, value);
	out->len += 8;
	return NULL;
}

const char *
convert_put_bytes(Slice bytes, Buffer *out)
{
	return buffer_append(out, bytes.data, bytes.len) ? NULL : convert_no_room;
}

bool
convert_take_bytes(const Schema *schema, Slice *in, Slice *bytes)
{
	return schema->type == SCHEMA_FIXED ? avro_get_fixed(in, schema->size, bytes)
										: avro_get_bytes(in, bytes);
}

/* From what, into what, how. The first row that fits holds. */
static const struct
{
	SchemaType type;
	SchemaLogical logical;
	uint32_t oid;
	ConvertValue *convert;
} conversions[] = {
	{SCHEMA_BOOLEAN, LOGICAL_NONE, PG_BOOL, convert_to_bool},
	{SCHEMA_BOOLEAN, LOGICAL_NONE, PG_BIT, convert_boolean_to_bit},
	{SCHEMA_BOOLEAN, LOGICAL_NONE, PG_VARBIT, convert_boolean_to_bit},
	{SCHEMA_INT, LOGICAL_NONE, PG_INT2, convert_to_int2},
	{SCHEMA_INT, LOGICAL_NONE, PG_INT4, convert_to_int4},
	{SCHEMA_INT, LOGICAL_NONE, PG_INT8, convert_to_int8},
	{SCHEMA_INT, LOGICAL_NONE, PG_OID, convert_to_oid},
	{SCHEMA_INT, LOGICAL_NONE, PG_FLOAT4, convert_integer_to_float4},
	{SCHEMA_INT, LOGICAL_NONE, PG_FLOAT8, convert_integer_to_float8},
	{SCHEMA_INT, LOGICAL_NONE, PG_NUMERIC, convert_integer_to_numeric},
	{SCHEMA_INT, LOGICAL_YEAR, PG_INT2, convert_to_int2},
	{SCHEMA_INT, LOGICAL_YEAR, PG_INT4, convert_to_int4},
	{SCHEMA_INT, LOGICAL_YEAR, PG_INT8, convert_to_int8},
	{SCHEMA_INT, LOGICAL_DATE, PG_DATE, convert_to_date},
	{SCHEMA_INT, LOGICAL_TIME_MILLIS, PG_TIME, convert_to_time},
	{SCHEMA_LONG, LOGICAL_NONE, PG_INT2, convert_to_int2},
	{SCHEMA_LONG, LOGICAL_NONE, PG_INT4, convert_to_int4},
	{SCHEMA_LONG, LOGICAL_NONE, PG_INT8, convert_to_int8},
	{SCHEMA_LONG, LOGICAL_NONE, PG_OID, convert_to_oid},
	{SCHEMA_LONG, LOGICAL_NONE, PG_FLOAT4, convert_integer_to_float4},
	{SCHEMA_LONG, LOGICAL_NONE, PG_FLOAT8, convert_integer_to_float8},
	{SCHEMA_LONG, LOGICAL_NONE, PG_NUMERIC, convert_integer_to_numeric},
	{SCHEMA_LONG, LOGICAL_TIME_MICROS, PG_TIME, convert_to_time},
	{SCHEMA_LONG, LOGICAL_TIME_NANOS, PG_TIME, convert_to_time},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_MILLIS, PG_TIMESTAMP, convert_to_timestamp},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_MILLIS, PG_TIMESTAMPTZ, convert_to_timestamp},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_MILLIS, PG_DATE, convert_timestamp_to_date},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_MICROS, PG_TIMESTAMP, convert_to_timestamp},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_MICROS, PG_TIMESTAMPTZ, convert_to_timestamp},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_MICROS, PG_DATE, convert_timestamp_to_date},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_NANOS, PG_TIMESTAMP, convert_to_timestamp},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_NANOS, PG_TIMESTAMPTZ, convert_to_timestamp},
	{SCHEMA_LONG, LOGICAL_TIMESTAMP_NANOS, PG_DATE, convert_timestamp_to_date},
	{SCHEMA_LONG, LOGICAL_DURATION_MICROS, PG_INTERVAL, convert_duration_to_interval},
	{SCHEMA_LONG, LOGICAL_DURATION_NANOS, PG_INTERVAL, convert_duration_to_interval},
	{SCHEMA_LONG, LOGICAL_DURATION_MICROS, PG_INT8, convert_to_int8},
	{SCHEMA_LONG, LOGICAL_DURATION_NANOS, PG_INT8, convert_to_int8},
	{SCHEMA_FLOAT, LOGICAL_NONE, PG_FLOAT4, convert_float_to_float4},
	{SCHEMA_FLOAT, LOGICAL_NONE, PG_FLOAT8, convert_float_to_float8},
	{SCHEMA_FLOAT, LOGICAL_NONE, PG_NUMERIC, convert_floating_to_numeric},
	{SCHEMA_DOUBLE, LOGICAL_NONE, PG_FLOAT4, convert_double_to_float4},
	{SCHEMA_DOUBLE, LOGICAL_NONE, PG_FLOAT8, convert_double_to_float8},
	{SCHEMA_DOUBLE, LOGICAL_NONE, PG_NUMERIC, convert_floating_to_numeric},
	{SCHEMA_BYTES, LOGICAL_DECIMAL, PG_NUMERIC, convert_decimal_to_numeric},
	{SCHEMA_FIXED, LOGICAL_DECIMAL, PG_NUMERIC, convert_decimal_to_numeric},
	{SCHEMA_RECORD, LOGICAL_VARIABLE_DECIMAL, PG_NUMERIC, convert_variable_to_numeric},
	{SCHEMA_BYTES, LOGICAL_NONE, PG_BYTEA, convert_to_bytea},
	{SCHEMA_FIXED, LOGICAL_NONE, PG_BYTEA, convert_to_bytea},
	{SCHEMA_FIXED, LOGICAL_UUID, PG_BYTEA, convert_to_bytea},
	{SCHEMA_FIXED, LOGICAL_UUID, PG_UUID, convert_fixed_to_uuid},
	{SCHEMA_FIXED, LOGICAL_NONE, PG_UUID, convert_fixed_to_uuid},
	{SCHEMA_FIXED, LOGICAL_MONTHS_DAYS_MILLIS, PG_INTERVAL, convert_months_to_interval},
	{SCHEMA_BYTES, LOGICAL_BITS, PG_BIT, convert_bits_to_bit},
	{SCHEMA_BYTES, LOGICAL_BITS, PG_VARBIT, convert_bits_to_bit},
	{SCHEMA_BYTES, LOGICAL_BITS, PG_BYTEA, convert_to_bytea},
	{SCHEMA_STRING, LOGICAL_BASE64, PG_BYTEA, convert_base64_to_bytea},
	{SCHEMA_STRING, LOGICAL_HEX, PG_BYTEA, convert_hex_to_bytea},
	/* Of a text any meaning will do. */
	{SCHEMA_STRING, LOGICAL_COUNT, PG_TEXT, convert_string_to_text},
	{SCHEMA_STRING, LOGICAL_COUNT, PG_VARCHAR, convert_string_to_text},
	{SCHEMA_STRING, LOGICAL_COUNT, PG_NUMERIC, convert_string_to_numeric},
	{SCHEMA_STRING, LOGICAL_COUNT, PG_UUID, convert_string_to_uuid},
	{SCHEMA_STRING, LOGICAL_COUNT, PG_CHAR, convert_string_to_char},
};

/* Types whose binary form is their text: anything that has a form for them goes in. */
static const struct
{
	uint32_t oid;
	ConvertValue *convert;
} text_types[] = {
	{PG_TEXT, convert_any_to_text},	  {PG_VARCHAR, convert_any_to_text},
	{PG_BPCHAR, convert_any_to_text}, {PG_NAME, convert_any_to_text},
	{PG_JSON, convert_any_to_text},	  {PG_XML, convert_any_to_text},
	{PG_JSONB, convert_any_to_jsonb},
};

static ConvertValue *
find_scalar(const Schema *schema, const ColumnType *type)
{
	for (size_t i = 0; i < sizeof conversions / sizeof *conversions; i++)
		if (conversions[i].type == schema->type && conversions[i].oid == type->oid &&
			(conversions[i].logical == schema->logical || conversions[i].logical == LOGICAL_COUNT))
			return conversions[i].convert;
	if (!form_possible(schema, type))
		return NULL;
	for (size_t i = 0; i < sizeof text_types / sizeof *text_types; i++)
		if (text_types[i].oid == type->oid)
			return text_types[i].convert;
	return type->is_enum && (schema->type == SCHEMA_STRING || schema->type == SCHEMA_ENUM)
			   ? convert_any_to_text
			   : NULL;
}

/* What the server would round is refused; what is too long it refuses itself. */
static const char *
convert_checked(const Conversion *conversion, Slice *in, Buffer *out)
{
	static const int64_t units[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
	const int digits = conversion->type->digits;
	const size_t at = out->len;
	const char *problem = conversion->plain(conversion, in, out);
	const Slice written = {out->data + at, out->len - at};

	if (problem != NULL)
		return problem;
	if (conversion->type->oid == PG_NUMERIC)
		return numeric_fits(written, digits) ? NULL : "has more digits than the column keeps";

	const int64_t micros = (int64_t) get_be64(written.data);

	return micros == INT64_MAX || micros == INT64_MIN || micros % units[digits] == 0
			   ? NULL
			   : "has a finer fraction of a second than the column keeps";
}

static bool
needs_check(const ColumnType *type)
{
	return type->rounds && (type->oid == PG_NUMERIC || type->oid == PG_TIME ||
							type->oid == PG_TIMESTAMP || type->oid == PG_TIMESTAMPTZ);
}

static bool
find_array(const Schema *schema, const ColumnType *type, Conversion *out)
{
	const Schema *item = schema;
	int null_branch;

	if (schema->type != SCHEMA_ARRAY || type->element == 0)
		return false;
	do
	{
		item = schema_nullable(item->items, &null_branch);
		out->dimensions++;
	} while (item->type == SCHEMA_ARRAY && item->logical == LOGICAL_NONE &&
			 out->dimensions < CONVERT_MAX_DIMENSIONS);
	out->item = item;
	out->item_type = form_element(type);
	out->plain_item = find_scalar(item, &out->item_type);
	out->convert_item = needs_check(&out->item_type) ? convert_checked : out->plain_item;
	out->convert = convert_to_array;
	return out->plain_item != NULL;
}

ConvertWay
convert_find(const Schema *schema, const ColumnType *type, Conversion *out)
{
	*out = (Conversion){.schema = schema, .type = type};
	if (find_array(schema, type, out))
		return CONVERT_BINARY;
	*out = (Conversion){.schema = schema, .type = type, .plain = find_scalar(schema, type)};
	out->convert = out->plain && needs_check(type) ? convert_checked : out->plain;
	if (out->convert != NULL)
		return CONVERT_BINARY;
	out->convert = convert_any_to_text;
	return form_possible(schema, type) ? CONVERT_TEXT : CONVERT_IMPOSSIBLE;
}

/*
 * sink/convert_parts.h - the functions of the table of conversions, and what they have in common;
 * see convert.h.
 *
 * Binary forms are those of PostgreSQL's receive functions, in network byte order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_CONVERT_PARTS_H
#define WAL2AVRO_SINK_CONVERT_PARTS_H

#include "common/avro.h"
#include "common/bytes.h"
#include "sink/convert.h"

extern const char convert_malformed[];
extern const char convert_no_room[];
extern const char convert_out_of_range[];

/* NULL, or convert_no_room. */
const char *convert_put16(uint16_t value, Buffer *out);
const char *convert_put32(uint32_t value, Buffer *out);
const char *convert_put64(uint64_t value, Buffer *out);
const char *convert_put_bytes(Slice bytes, Buffer *out);

/* Takes the bytes of a bytes or a fixed. */
bool convert_take_bytes(const Schema *schema, Slice *in, Slice *bytes);

/* Numbers. int and long have the same form: one function for both. */
ConvertValue convert_to_bool, convert_to_int2, convert_to_int4, convert_to_int8, convert_to_oid,
	convert_integer_to_float4, convert_integer_to_float8, convert_integer_to_numeric,
	convert_float_to_float4, convert_float_to_float8, convert_double_to_float4,
	convert_double_to_float8, convert_floating_to_numeric, convert_decimal_to_numeric,
	convert_variable_to_numeric, convert_string_to_numeric;

/* Texts and bytes. */
ConvertValue convert_to_bytea, convert_base64_to_bytea, convert_hex_to_bytea,
	convert_string_to_text, convert_any_to_text, convert_any_to_jsonb, convert_string_to_uuid,
	convert_fixed_to_uuid, convert_string_to_char, convert_boolean_to_bit, convert_bits_to_bit;

/* Times. */
ConvertValue convert_to_date, convert_timestamp_to_date, convert_to_time, convert_to_timestamp,
	convert_duration_to_interval, convert_months_to_interval;

/* Arrays: conversion->convert_item does the items. */
ConvertValue convert_to_array;

#endif

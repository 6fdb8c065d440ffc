/*
 * plugin/encode.h - the encoders that the table in types.c names; each is a ValueEncoder.
 *
 * Times count from 1970. Infinity of a date is INT32_MAX and -infinity INT32_MIN, of a timestamp
 * INT64_MAX and INT64_MIN, in any precision.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_ENCODE_H
#define WAL2AVRO_PLUGIN_ENCODE_H

#include "plugin/types.h"

void encode_bool(Output *out, const ValueType *type, Datum value);
void encode_int2(Output *out, const ValueType *type, Datum value);
void encode_int4(Output *out, const ValueType *type, Datum value);
void encode_int8(Output *out, const ValueType *type, Datum value);
void encode_oid(Output *out, const ValueType *type, Datum value);
void encode_float4(Output *out, const ValueType *type, Datum value);
void encode_float8(Output *out, const ValueType *type, Datum value);

/* Two's complement, big-endian, as few bytes as hold it. ERROR for NaN. */
void encode_decimal(Output *out, const ValueType *type, Datum value);

void encode_text(Output *out, const ValueType *type, Datum value);
void encode_name(Output *out, const ValueType *type, Datum value);
void encode_bytea(Output *out, const ValueType *type, Datum value);

/* The text form, by type->output. */
void encode_output(Output *out, const ValueType *type, Datum value);

void encode_date(Output *out, const ValueType *type, Datum value);
void encode_time_millis(Output *out, const ValueType *type, Datum value);
void encode_time_micros(Output *out, const ValueType *type, Datum value);
void encode_timestamp_millis(Output *out, const ValueType *type, Datum value);
void encode_timestamp_micros(Output *out, const ValueType *type, Datum value);

/* ERROR for more than one dimension and for a lower bound other than 1. */
void encode_array(Output *out, const ValueType *type, Datum value);

#endif

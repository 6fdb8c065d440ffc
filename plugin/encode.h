/*
 * plugin/encode.h - the encoders of types without options; each is a ValueEncoder. Those of the
 * others are in type_*.h.
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

void encode_text(Output *out, const ValueType *type, Datum value);
void encode_name(Output *out, const ValueType *type, Datum value);

/* The text form. */
void encode_output(Output *out, const ValueType *type, Datum value);

/* The text form in UTF-8, by type->output and under the settings of the session; in the current
 * memory context. */
char *encode_text_form(const ValueType *type, Datum value);

#endif

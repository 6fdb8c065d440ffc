/*
 * plugin/type_bytes.h - bytea and bit strings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TYPE_BYTES_H
#define WAL2AVRO_PLUGIN_TYPE_BYTES_H

#include "plugin/type_row.h"

/* Tests: how binary.handling.mode has a bytea; a bit string of one bit, which JDBC takes for a
 * boolean; Debezium's bytes of any other. */
bool bytes_want_base64(const TypeRequest *request);
bool bytes_want_base64_url(const TypeRequest *request);
bool bytes_want_hex(const TypeRequest *request);
bool bits_want_boolean(const TypeRequest *request);
bool varbits_want_boolean(const TypeRequest *request);
bool bits_want_debezium(const TypeRequest *request);

/* The word for the encoding, for who reads it. */
void bytes_setup_string(ValueType *type, const TypeRequest *request);
void bits_setup(ValueType *type, const TypeRequest *request);

void encode_bytea(Output *out, const ValueType *type, Datum value);
void encode_base64(Output *out, const ValueType *type, Datum value);
void encode_base64_url(Output *out, const ValueType *type, Datum value);

/* Two small digits for a byte, without anything in front. */
void encode_hex(Output *out, const ValueType *type, Datum value);

void encode_one_bit(Output *out, const ValueType *type, Datum value);

/* Little-endian, the last bit being the lowest, without zero bytes at the end: java.util.BitSet's
 * form. */
void encode_bits(Output *out, const ValueType *type, Datum value);

#endif

/*
 * common/avro.h - the primitives of Avro's binary encoding (Apache Avro specification, "Binary
 * Encoding").
 *
 * Writing: the caller guarantees room (AVRO_LONG_MAX bytes for an int or a long) and gets back the
 * end of what was written. Reading: every function is bounds-checked and returns false on truncated
 * or malformed input, leaving *out alone; the slice moves behind what was read. Nothing allocates;
 * all of it is safe inside a PostgreSQL backend.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_COMMON_AVRO_H
#define WAL2AVRO_COMMON_AVRO_H

#include "common/slice.h"

/* The most bytes that a zigzag varint of 64 bits takes. */
#define AVRO_LONG_MAX 10

/* Confluent framing: magic byte 0 and a schema id of 4 bytes, big-endian (Confluent documentation,
 * "Wire format"). */
#define CONFLUENT_HEADER 5

/* Writes an Avro int or long (zigzag, then varint) at p. Returns the byte behind it. */
uint8_t *avro_put_long(uint8_t *p, int64_t value);

/* Writes an Avro float (IEEE 754, little-endian) at p. Returns the byte behind it. */
uint8_t *avro_put_float(uint8_t *p, float value);

/* Writes an Avro double at p. Returns the byte behind it. */
uint8_t *avro_put_double(uint8_t *p, double value);

bool avro_get_long(Slice *in, int64_t *out);

/* As avro_get_long, but false for a value outside 32 bits. */
bool avro_get_int(Slice *in, int32_t *out);

/* False for any byte but 0 and 1. */
bool avro_get_boolean(Slice *in, bool *out);
bool avro_get_float(Slice *in, float *out);
bool avro_get_double(Slice *in, double *out);

/* bytes and string: a long, then that many bytes. *out points into the input. False for a negative
 * or oversized length. */
bool avro_get_bytes(Slice *in, Slice *out);

/* fixed: exactly size bytes. *out points into the input. */
bool avro_get_fixed(Slice *in, size_t size, Slice *out);

#endif

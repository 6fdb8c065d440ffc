/*
 * sink/numeric.h - decimal numbers in the binary form of PostgreSQL's numeric.
 *
 * The form (PostgreSQL, src/backend/utils/adt/numeric.c, numeric_recv): number of digits, weight,
 * sign, dscale (2 bytes each), then digits of base 10000; weight is the power of 10000 of the
 * first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_NUMERIC_H
#define WAL2AVRO_SINK_NUMERIC_H

#include "common/slice.h"
#include "core/buffer.h"

/* Longest unscaled value that is taken, in bytes; numeric(1000) needs 416. */
#define NUMERIC_MAX_BYTES 4096

/* Decimal digits of such a value. */
#define NUMERIC_MAX_DIGITS 9870

/* All of them append to out and return NULL, or what is wrong with the value. */

/* Avro decimal: big-endian two's complement, value / 10^scale; of no bytes: NaN (docs/types.md). */
const char *numeric_from_decimal(Slice unscaled, int scale, Buffer *out);

/* Text as numeric_in takes it: 12.50, -1e3, NaN, Infinity. */
const char *numeric_from_text(Slice text, Buffer *out);
const char *numeric_from_long(int64_t value, Buffer *out);

/* Avro decimal as plain text: -0.05. */
const char *numeric_text_of_decimal(Slice unscaled, int scale, Buffer *out);

/* Whether a number in its binary form has no digit behind that many places after the point; a
 * negative scale is of places before it. */
bool numeric_fits(Slice number, int scale);

#endif

/*
 * plugin/decimal.h - numeric to the bytes of an Avro decimal.
 *
 * Pure: no allocation, no ereport.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_DECIMAL_H
#define WAL2AVRO_PLUGIN_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Enough for the 1000 digits that numeric(p,s) may declare. */
#define DECIMAL_BYTES_MAX 424

/*
 * Takes a finite numeric in the form of PostgreSQL's binary protocol (numeric_send: ndigits,
 * weight, sign, dscale, then digits to the base 10000, all int16 in network byte order) and gives
 * value * 10^scale as two's complement, big-endian, in as few bytes as hold its sign, as Java's
 * BigInteger.toByteArray does; room for DECIMAL_BYTES_MAX bytes. False when it does not fit, or has
 * more decimal places than scale.
 */
bool decimal_from_wire(const uint8_t *wire, size_t wire_len, int scale, uint8_t *out, size_t *len);

#endif

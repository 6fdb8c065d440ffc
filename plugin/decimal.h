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
#define DECIMAL_WORDS 105

/* The bytes that a number of so many words may become. */
#define DECIMAL_BYTES(words) ((words) *4 + 1)

/* A finite numeric in the form of PostgreSQL's binary protocol (numeric_send: ndigits, weight,
 * sign, dscale, then digits to the base 10000, all of 16 bits in network byte order; weight alone
 * has a sign). */
typedef struct DecimalWire
{
	const uint8_t *data;
	size_t len;
} DecimalWire;

/* The digits behind the point that the number is shown with. */
int decimal_display_scale(DecimalWire wire);

/* The words that value * 10^scale needs at most. */
size_t decimal_words(DecimalWire wire, int scale);

/*
 * Gives value * 10^scale as two's complement, big-endian, in as few bytes as hold its sign, as
 * Java's BigInteger.toByteArray does. words is room to work in, out has room for
 * DECIMAL_BYTES(words_max). False when it does not fit, or has more decimal places than scale.
 */
bool decimal_from_wire(DecimalWire wire, int scale, uint32_t *words, size_t words_max, uint8_t *out,
					   size_t *len);

#endif

/*
 * plugin/decimal.c - see decimal.h.
 *
 * The number grows in words of 32 bits, the lowest first, of which only those in use are touched:
 * an everyday amount takes one or two.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/decimal.h"

#include "common/bytes.h"

#define WIRE_HEADER_BYTES 8
#define WIRE_NEGATIVE	  0x4000
#define DIGIT_BASE		  10000
#define DIGIT_PLACES	  4

/* One word less than the output holds, so that the sign always has room. */
#define WORDS_MAX (DECIMAL_BYTES_MAX / 4 - 1)

typedef struct Big
{
	uint32_t words[WORDS_MAX];
	int used;
} Big;

/* big = big * factor + add */
static bool
multiply_add(Big *big, uint32_t factor, uint32_t add)
{
	uint64_t carry = add;

	for (int i = 0; i < big->used; i++)
	{
		carry += (uint64_t) big->words[i] * factor;
		big->words[i] = (uint32_t) carry;
		carry >>= 32;
	}
	if (carry == 0)
		return true;
	if (big->used == WORDS_MAX)
		return false;
	big->words[big->used++] = (uint32_t) carry;
	return true;
}

/* big = big / 10; gives the remainder. */
static uint32_t
divide_ten(Big *big)
{
	uint64_t rest = 0;

	for (int i = big->used - 1; i >= 0; i--)
	{
		rest = rest << 32 | big->words[i];
		big->words[i] = (uint32_t) (rest / 10);
		rest %= 10;
	}
	while (big->used > 0 && big->words[big->used - 1] == 0)
		big->used--;
	return (uint32_t) rest;
}

/* big = big * 10^exponent, if the result is whole. */
static bool
shift_decimal(Big *big, int exponent)
{
	if (big->used == 0)
		return true;
	for (; exponent > 0; exponent--)
		if (!multiply_add(big, 10, 0))
			return false;
	for (; exponent < 0; exponent++)
		if (divide_ten(big) != 0)
			return false;
	return true;
}

/* Two's complement of the magnitude, big-endian, without bytes that only repeat the sign. */
static size_t
put_minimal(const Big *big, bool negative, uint8_t *out)
{
	uint8_t bytes[DECIMAL_BYTES_MAX];
	uint8_t sign = negative ? 0xff : 0;
	uint64_t carry = negative ? 1 : 0;
	uint8_t *end = bytes + sizeof bytes;
	uint8_t *p = end;

	for (int i = 0; i < big->used; i++)
	{
		carry += (uint32_t) (negative ? ~big->words[i] : big->words[i]);
		p -= 4;
		put_be32(p, (uint32_t) carry);
		carry >>= 32;
	}
	*--p = sign;
	while (p + 1 < end && p[0] == sign && (p[1] & 0x80) == (sign & 0x80))
		p++;
	memcpy(out, p, (size_t) (end - p));
	return (size_t) (end - p);
}

bool
decimal_from_wire(const uint8_t *wire, size_t wire_len, int scale, uint8_t *out, size_t *len)
{
	Big big;
	int digits;
	int weight;

	if (wire_len < WIRE_HEADER_BYTES)
		return false;
	digits = (int16_t) get_be16(wire);
	weight = (int16_t) get_be16(wire + 2);
	if (digits < 0 || wire_len < WIRE_HEADER_BYTES + (size_t) digits * 2)
		return false;
	big.used = 0;
	for (int i = 0; i < digits; i++)
		if (!multiply_add(&big, DIGIT_BASE, get_be16(wire + WIRE_HEADER_BYTES + i * 2)))
			return false;
	if (!shift_decimal(&big, (weight - digits + 1) * DIGIT_PLACES + scale))
		return false;
	*len = put_minimal(&big, get_be16(wire + 4) == WIRE_NEGATIVE && big.used > 0, out);
	return true;
}

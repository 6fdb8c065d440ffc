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

/* The most decimal places that one multiplication with a word can move the point by. */
#define SHIFT_PLACES 9

/* A decimal digit takes 3.33 bits: ten for three. */
#define BITS_OF_PLACES(places) (((places) *10 + 2) / 3)

typedef struct Big
{
	uint32_t *words;
	size_t used;
	size_t max;
} Big;

/* big = big * factor + add */
static bool
multiply_add(Big *big, uint32_t factor, uint32_t add)
{
	uint64_t carry = add;

	for (size_t i = 0; i < big->used; i++)
	{
		carry += (uint64_t) big->words[i] * factor;
		big->words[i] = (uint32_t) carry;
		carry >>= 32;
	}
	if (carry == 0)
		return true;
	if (big->used == big->max)
		return false;
	big->words[big->used++] = (uint32_t) carry;
	return true;
}

/* big = big / 10; gives the remainder. */
static uint32_t
divide_ten(Big *big)
{
	uint64_t rest = 0;

	for (size_t i = big->used; i-- > 0;)
	{
		rest = rest << 32 | big->words[i];
		big->words[i] = (uint32_t) (rest / 10);
		rest %= 10;
	}
	while (big->used > 0 && big->words[big->used - 1] == 0)
		big->used--;
	return (uint32_t) rest;
}

static uint32_t
power_of_ten(int exponent)
{
	uint32_t power = 1;

	while (exponent-- > 0)
		power *= 10;
	return power;
}

/* big = big * 10^exponent, if the result is whole. */
static bool
shift_decimal(Big *big, int exponent)
{
	if (big->used == 0)
		return true;
	for (int places; exponent > 0; exponent -= places)
	{
		places = exponent < SHIFT_PLACES ? exponent : SHIFT_PLACES;
		if (!multiply_add(big, power_of_ten(places), 0))
			return false;
	}
	for (; exponent < 0; exponent++)
		if (divide_ten(big) != 0)
			return false;
	return true;
}

/* Two's complement of the magnitude, big-endian, without bytes that only repeat the sign. */
static size_t
put_minimal(const Big *big, bool negative, uint8_t *out)
{
	uint8_t sign = negative ? 0xff : 0;
	uint64_t carry = negative ? 1 : 0;
	uint8_t *end = out + DECIMAL_BYTES(big->used);
	uint8_t *p = end;

	for (size_t i = 0; i < big->used; i++)
	{
		carry += (uint32_t) (negative ? ~big->words[i] : big->words[i]);
		p -= 4;
		put_be32(p, (uint32_t) carry);
		carry >>= 32;
	}
	*--p = sign;
	while (p + 1 < end && p[0] == sign && (p[1] & 0x80) == (sign & 0x80))
		p++;
	memmove(out, p, (size_t) (end - p));
	return (size_t) (end - p);
}

/* The digits, and the power of 10000 that the last of them stands at. */
static bool
read_digits(DecimalWire wire, int *digits, int *last_power)
{
	if (wire.len < WIRE_HEADER_BYTES)
		return false;
	*digits = get_be16(wire.data);
	if (wire.len < WIRE_HEADER_BYTES + (size_t) *digits * 2)
		return false;
	*last_power = (int16_t) get_be16(wire.data + 2) - *digits + 1;
	return true;
}

int
decimal_display_scale(DecimalWire wire)
{
	return wire.len < WIRE_HEADER_BYTES ? 0 : get_be16(wire.data + 6);
}

size_t
decimal_words(DecimalWire wire, int scale)
{
	int digits;
	int last_power;
	int shift;
	int places;

	if (!read_digits(wire, &digits, &last_power))
		return 0;
	shift = last_power * DIGIT_PLACES + scale;
	places = digits * DIGIT_PLACES + (shift > 0 ? shift : 0);
	return (size_t) BITS_OF_PLACES(places) / 32 + 1;
}

bool
decimal_from_wire(DecimalWire wire, int scale, uint32_t *words, size_t words_max, uint8_t *out,
				  size_t *len)
{
	Big big = {.words = words, .max = words_max};
	int digits;
	int last_power;

	if (!read_digits(wire, &digits, &last_power))
		return false;
	for (int i = 0; i < digits; i++)
		if (!multiply_add(&big, DIGIT_BASE, get_be16(wire.data + WIRE_HEADER_BYTES + i * 2)))
			return false;
	if (!shift_decimal(&big, last_power * DIGIT_PLACES + scale))
		return false;
	*len = put_minimal(&big, get_be16(wire.data + 4) == WIRE_NEGATIVE && big.used > 0, out);
	return true;
}

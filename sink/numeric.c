/*
 * sink/numeric.c - see numeric.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/numeric.h"

#include "common/bytes.h"

#include <stdio.h>
#include <strings.h>

#define SIGN_PLUS	   0x0000
#define SIGN_MINUS	   0x4000
#define SIGN_NAN	   0xC000
#define SIGN_INFINITY  0xD000
#define SIGN_MINUS_INF 0xF000

/* What numeric can hold: digits before and behind the point. */
#define MAX_WHOLE 131072
#define MAX_SCALE 16383

static const char too_large[] = "has a number beyond what numeric holds";

/* A decimal number: the digits of whole and fraction, one behind the other, are the unscaled value
 * as text; the number is that / 10^scale. */
typedef struct Decimal
{
	bool negative;
	int scale;
	Slice whole;
	Slice fraction;
} Decimal;

static int
digit_at(const Decimal *decimal, int i)
{
	const int whole = (int) decimal->whole.len;

	return (i < whole ? decimal->whole.data[i] : decimal->fraction.data[i - whole]) - '0';
}

static int
floor4(int value)
{
	return value >= 0 ? value / 4 : -((-value + 3) / 4);
}

static const char *
put_special(uint16_t sign, Buffer *out)
{
	uint8_t *p = buffer_reserve(out, 8);

	if (p == NULL)
		return too_large;
	memset(p, 0, 8);
	put_be16(p + 4, sign);
	out->len += 8;
	return NULL;
}

/* The digit of base 10000 whose power is group: four decimal digits, some of which may lie outside
 * of the number. */
static uint16_t
group_at(const Decimal *decimal, int count, int group)
{
	int value = 0;

	for (int power = 4 * group + 3; power >= 4 * group; power--)
	{
		int i = count - 1 - decimal->scale - power;

		value = value * 10 + (i >= 0 && i < count ? digit_at(decimal, i) : 0);
	}
	return (uint16_t) value;
}

static const char *
put_decimal(const Decimal *decimal, Buffer *out)
{
	const int count = (int) (decimal->whole.len + decimal->fraction.len);
	const int dscale = decimal->scale > 0 ? decimal->scale : 0;
	int first = 0;

	while (first < count && digit_at(decimal, first) == 0)
		first++;

	const int weight = floor4(count - 1 - first - decimal->scale);
	const int last = floor4(-decimal->scale);

	if (dscale > MAX_SCALE || (first < count && weight > MAX_WHOLE / 4 - 1))
		return too_large;

	const size_t groups = first == count ? 0 : (size_t) (weight - last + 1);
	uint8_t *p = buffer_reserve(out, 8 + 2 * groups);
	size_t used = 0;

	if (p == NULL)
		return too_large;
	for (size_t i = 0; i < groups; i++)
	{
		uint16_t group = group_at(decimal, count, weight - (int) i);

		put_be16(p + 8 + 2 * i, group);
		if (group != 0)
			used = i + 1;
	}
	put_be16(p, (uint16_t) used);
	put_be16(p + 2, (uint16_t) (used > 0 ? weight : 0));
	put_be16(p + 4, decimal->negative && used > 0 ? SIGN_MINUS : SIGN_PLUS);
	put_be16(p + 6, (uint16_t) dscale);
	out->len += 8 + 2 * used;
	return NULL;
}

/* The digits of a magnitude of at most 16 bytes, at the end of digits; returns where they start. */
static size_t
digits_of_small(unsigned __int128 value, uint8_t digits[NUMERIC_MAX_DIGITS])
{
	size_t at = NUMERIC_MAX_DIGITS;

	while (value > UINT64_MAX)
	{
		digits[--at] = (uint8_t) ('0' + (int) (value % 10));
		value /= 10;
	}
	for (uint64_t rest = (uint64_t) value; rest > 0; rest /= 10)
		digits[--at] = (uint8_t) ('0' + (int) (rest % 10));
	return at;
}

/* The same for any magnitude: limbs of 32 bits, most significant first, divided by 10^9 until
 * nothing is left. */
static size_t
digits_of_large(uint32_t *limbs, size_t count, uint8_t digits[NUMERIC_MAX_DIGITS])
{
	size_t at = NUMERIC_MAX_DIGITS;
	size_t first = 0;

	while (first < count)
	{
		uint64_t rest = 0;

		for (size_t i = first; i < count; i++)
		{
			rest = rest << 32 | limbs[i];
			limbs[i] = (uint32_t) (rest / 1000000000);
			rest %= 1000000000;
		}
		for (int k = 0; k < 9 && at > 0; k++, rest /= 10)
			digits[--at] = (uint8_t) ('0' + (int) (rest % 10));
		while (first < count && limbs[first] == 0)
			first++;
	}
	return at;
}

/* Takes an Avro decimal apart; the digits live in the caller's array. */
static const char *
decimal_of_bytes(Slice in, int scale, uint8_t digits[NUMERIC_MAX_DIGITS], Decimal *out)
{
	if (in.len > NUMERIC_MAX_BYTES)
		return "has a decimal of more than 4096 bytes";

	const bool negative = (in.data[0] & 0x80) != 0;
	size_t at;

	if (in.len <= 16)
	{
		unsigned __int128 value = negative ? ~(unsigned __int128) 0 : 0;

		for (size_t i = 0; i < in.len; i++)
			value = value << 8 | in.data[i];
		at = digits_of_small(negative ? -value : value, digits);
	}
	else
	{
		uint32_t limbs[NUMERIC_MAX_BYTES / 4];
		const size_t count = (in.len + 3) / 4;
		uint32_t carry = 1;

		for (size_t i = 0; i < count; i++)
		{
			uint32_t limb = 0;

			for (size_t k = 0; k < 4; k++)
			{
				/* Bytes before the first one are the sign. */
				const size_t place = i * 4 + k + in.len - count * 4;
				const uint8_t byte = place < in.len ? in.data[place] : (negative ? 0xff : 0);

				limb = limb << 8 | byte;
			}
			limbs[i] = negative ? ~limb : limb;
		}
		for (size_t i = count; negative && carry > 0 && i-- > 0;)
		{
			limbs[i] += carry;
			carry = limbs[i] == 0;
		}
		at = digits_of_large(limbs, count, digits);
		while (at < NUMERIC_MAX_DIGITS && digits[at] == '0')
			at++;
	}
	*out = (Decimal){.negative = negative,
					 .scale = scale,
					 .whole = {digits + at, NUMERIC_MAX_DIGITS - at},
					 .fraction = {digits + NUMERIC_MAX_DIGITS, 0}};
	return NULL;
}

const char *
numeric_from_decimal(Slice unscaled, int scale, Buffer *out)
{
	uint8_t digits[NUMERIC_MAX_DIGITS];
	Decimal decimal;
	const char *problem;

	if (unscaled.len == 0)
		return put_special(SIGN_NAN, out);
	problem = decimal_of_bytes(unscaled, scale, digits, &decimal);
	return problem ? problem : put_decimal(&decimal, out);
}

const char *
numeric_from_long(int64_t value, Buffer *out)
{
	uint8_t bytes[8];

	put_be64(bytes, (uint64_t) value);
	return numeric_from_decimal((Slice){bytes, sizeof bytes}, 0, out);
}

static Slice
take_digits(Slice *in)
{
	Slice digits = {in->data, 0};

	while (in->len > 0 && in->data[0] >= '0' && in->data[0] <= '9')
	{
		in->data++;
		in->len--;
		digits.len++;
	}
	return digits;
}

static bool
take_byte(Slice *in, char byte)
{
	if (in->len == 0 || in->data[0] != (uint8_t) byte)
		return false;
	in->data++;
	in->len--;
	return true;
}

static bool
take_exponent(Slice *in, int *exponent)
{
	*exponent = 0;
	if (!take_byte(in, 'e') && !take_byte(in, 'E'))
		return true;

	const bool negative = take_byte(in, '-');

	if (!negative)
		take_byte(in, '+');

	const Slice digits = take_digits(in);

	if (digits.len == 0 || digits.len > 6)
		return false;
	for (size_t i = 0; i < digits.len; i++)
		*exponent = *exponent * 10 + (digits.data[i] - '0');
	if (negative)
		*exponent = -*exponent;
	return true;
}

/* The words that numeric knows, in any case. */
static bool
special_of(Slice text, uint16_t *sign)
{
	static const struct
	{
		const char *name;
		uint16_t sign;
	} words[] = {{"nan", SIGN_NAN},
				 {"infinity", SIGN_INFINITY},
				 {"+infinity", SIGN_INFINITY},
				 {"-infinity", SIGN_MINUS_INF},
				 /* Debezium's, with decimal.handling.mode=string. */
				 {"positive_infinity", SIGN_INFINITY},
				 {"negative_infinity", SIGN_MINUS_INF},
				 {"inf", SIGN_INFINITY},
				 {"+inf", SIGN_INFINITY},
				 {"-inf", SIGN_MINUS_INF}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (text.len == strlen(words[i].name) &&
			strncasecmp((const char *) text.data, words[i].name, text.len) == 0)
		{
			*sign = words[i].sign;
			return true;
		}
	return false;
}

const char *
numeric_from_text(Slice text, Buffer *out)
{
	static const char malformed[] = "has text that is no number";
	Decimal decimal = {0};
	uint16_t sign;
	int exponent;

	while (take_byte(&text, ' '))
		;
	while (text.len > 0 && text.data[text.len - 1] == ' ')
		text.len--;
	if (special_of(text, &sign))
		return put_special(sign, out);
	decimal.negative = take_byte(&text, '-');
	if (!decimal.negative)
		take_byte(&text, '+');
	decimal.whole = take_digits(&text);
	decimal.fraction = take_byte(&text, '.') ? take_digits(&text) : (Slice){text.data, 0};
	if (decimal.whole.len + decimal.fraction.len == 0 || !take_exponent(&text, &exponent) ||
		text.len != 0)
		return malformed;
	if (decimal.whole.len > 2 * MAX_WHOLE || decimal.fraction.len > 2 * MAX_WHOLE)
		return too_large;
	decimal.scale = (int) decimal.fraction.len - exponent;
	return put_decimal(&decimal, out);
}

const char *
numeric_text_of_decimal(Slice unscaled, int scale, Buffer *out)
{
	uint8_t digits[NUMERIC_MAX_DIGITS];
	Decimal decimal;
	const char *problem;

	if (unscaled.len == 0)
		return buffer_append_text(out, "NaN") ? NULL : too_large;
	problem = decimal_of_bytes(unscaled, scale, digits, &decimal);
	if (problem != NULL)
		return problem;

	const int count = (int) decimal.whole.len;
	/* Digits before the point, at least one; those that are not there are zeros. */
	const int whole = count - scale > 1 ? count - scale : 1;
	const int total = whole + (scale > 0 ? scale + 1 : 0) + 1;
	uint8_t *p = buffer_reserve(out, (size_t) total);
	size_t len = 0;

	if (p == NULL)
		return too_large;
	if (decimal.negative)
		p[len++] = '-';
	for (int i = count - scale - whole, left = whole + (scale > 0 ? scale : 0); left > 0;
		 i++, left--)
	{
		if (left == scale)
			p[len++] = '.';
		p[len++] = i >= 0 && i < count ? decimal.whole.data[i] : '0';
	}
	out->len += len;
	return NULL;
}

bool
numeric_fits(Slice number, int scale)
{
	const int groups = get_be16(number.data);
	const int weight = (int16_t) get_be16(number.data + 2);
	const uint16_t sign = get_be16(number.data + 4);

	if (groups == 0 || (sign != SIGN_PLUS && sign != SIGN_MINUS))
		return true;

	/* The last group is not 0: its last digit that is not, as a power of ten. */
	int power = 4 * (weight - groups + 1);

	for (int last = get_be16(number.data + 8 + 2 * (groups - 1)); last % 10 == 0; last /= 10)
		power++;
	return power >= -scale;
}

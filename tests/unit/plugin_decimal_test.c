/*
 * tests/unit/plugin_decimal_test.c - plugin/decimal against arithmetic with 64 bits, and against
 * numbers that it must refuse.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "plugin/decimal.c"

#define ROUNDS	   100000
#define SEED	   0x5eed
#define WIRE_MAX   2100
#define DIGITS_MAX ((WIRE_MAX - WIRE_HEADER_BYTES) / 2)

typedef struct Wire
{
	uint8_t bytes[WIRE_MAX];
	size_t len;
} Wire;

/* With the room that a declared numeric gets. */
static bool
decimal_of(const uint8_t *data, size_t data_len, int scale, uint8_t *out, size_t *len)
{
	uint32_t words[DECIMAL_WORDS];

	return decimal_from_wire((DecimalWire){data, data_len}, scale, words, DECIMAL_WORDS, out, len);
}

/* A numeric as numeric_send writes it. */
static Wire
wire_of(bool negative, int weight, const uint16_t *digits, int digits_len)
{
	Wire wire = {.len = WIRE_HEADER_BYTES + (size_t) digits_len * 2};

	put_be16(wire.bytes, (uint16_t) digits_len);
	put_be16(wire.bytes + 2, (uint16_t) weight);
	put_be16(wire.bytes + 4, negative ? WIRE_NEGATIVE : 0);
	put_be16(wire.bytes + 6, 0);
	for (int i = 0; i < digits_len; i++)
		put_be16(wire.bytes + WIRE_HEADER_BYTES + i * 2, digits[i]);
	return wire;
}

/* magnitude / 10^scale, its digits to the base 10000 aligned at the decimal point. */
static Wire
wire_of_scaled(bool negative, uint64_t magnitude, int scale)
{
	uint16_t digits[8] = {0};
	uint16_t *first = digits + 8;
	int weight = -(scale + DIGIT_PLACES - 1) / DIGIT_PLACES - 1;
	unsigned __int128 rest = magnitude;

	for (int i = scale; i % DIGIT_PLACES != 0; i++)
		rest *= 10;
	while (rest > 0)
	{
		*--first = (uint16_t) (rest % DIGIT_BASE);
		rest /= DIGIT_BASE;
		weight++;
	}
	return wire_of(negative, weight, first, (int) (digits + 8 - first));
}

/* What BigInteger.toByteArray gives, for a number of 64 bits with sign. */
static size_t
bytes_of(int64_t value, uint8_t *out)
{
	size_t len = 1;

	while (len < 8 &&
		   (value < -(INT64_C(1) << (8 * len - 1)) || value > (INT64_C(1) << (8 * len - 1)) - 1))
		len++;
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t) (value >> (8 * (len - 1 - i)));
	return len;
}

static void
check(int64_t unscaled, int scale)
{
	uint64_t magnitude = unscaled < 0 ? 0 - (uint64_t) unscaled : (uint64_t) unscaled;
	Wire wire = wire_of_scaled(unscaled < 0, magnitude, scale);
	uint8_t want[8];
	uint8_t got[DECIMAL_BYTES(DECIMAL_WORDS)];
	size_t want_len = bytes_of(unscaled, want);
	size_t got_len = 0;

	assert_true(decimal_of(wire.bytes, wire.len, scale, got, &got_len));
	assert_int_equal(got_len, want_len);
	assert_memory_equal(got, want, want_len);
}

static void
numbers_of_64_bits(void **state)
{
	static const int64_t edges[] = {0,
									1,
									-1,
									127,
									128,
									-128,
									-129,
									255,
									256,
									UINT32_MAX,
									INT64_C(1) << 32,
									-(INT64_C(1) << 32),
									INT64_MAX,
									INT64_MIN};
	uint64_t random = SEED;

	(void) state;
	for (size_t i = 0; i < COUNT(edges); i++)
		for (int scale = 0; scale <= 12; scale++)
			check(edges[i], scale);
	for (int i = 0; i < ROUNDS; i++)
		check((int64_t) next_random_size(&random), (int) (next_random(&random) % 13));
}

/* Zeros at the end are not on the wire: 70000, of scale 2. */
static void
zeros_behind_the_digits(void **state)
{
	const uint16_t digits[] = {7};
	Wire wire = wire_of(false, 1, digits, 1);
	uint8_t got[DECIMAL_BYTES(DECIMAL_WORDS)];
	size_t len = 0;

	(void) state;
	assert_true(decimal_of(wire.bytes, wire.len, 2, got, &len));
	assert_int_equal(len, 3);
	assert_int_equal(got[0] << 16 | got[1] << 8 | got[2], 7000000);
}

/* The most that numeric(1000, s) holds, and its negative: 10^1000 - 1 has 416 bytes. */
static void
a_thousand_digits(void **state)
{
	uint16_t digits[250];
	uint8_t positive[DECIMAL_BYTES(DECIMAL_WORDS)];
	uint8_t negative[DECIMAL_BYTES(DECIMAL_WORDS)];
	size_t len = 0;
	size_t negative_len = 0;
	Wire wire;

	(void) state;
	for (size_t i = 0; i < COUNT(digits); i++)
		digits[i] = DIGIT_BASE - 1;
	wire = wire_of(false, 249, digits, COUNT(digits));
	assert_true(decimal_of(wire.bytes, wire.len, 0, positive, &len));
	wire = wire_of(true, 249, digits, COUNT(digits));
	assert_true(decimal_of(wire.bytes, wire.len, 0, negative, &negative_len));
	assert_int_equal(len, 416);
	assert_int_equal(negative_len, len);
	/* Two's complement: all bits turned, and one more, which stays in the last byte here. */
	for (size_t i = 0; i < len - 1; i++)
		assert_int_equal(positive[i] ^ negative[i], 0xff);
	assert_int_equal((uint8_t) (positive[len - 1] + negative[len - 1]), 0);
}

static void
refused(const Wire *wire, size_t len, int scale)
{
	uint8_t got[DECIMAL_BYTES(DECIMAL_WORDS)];
	size_t got_len = 77;

	assert_false(decimal_of(wire->bytes, len, scale, got, &got_len));
	assert_int_equal(got_len, 77);
}

static void
what_does_not_fit(void **state)
{
	uint16_t digits[DIGITS_MAX];
	const uint16_t fraction[] = {1, 2345};
	Wire wire;

	(void) state;
	for (size_t i = 0; i < COUNT(digits); i++)
		digits[i] = DIGIT_BASE - 1;
	wire = wire_of(false, DIGITS_MAX - 1, digits, DIGITS_MAX);
	refused(&wire, wire.len, 0);
	/* 1.2345 has more places than scale 3; 1 with 2000 zeros is too large. */
	wire = wire_of(false, 0, fraction, 2);
	refused(&wire, wire.len, 3);
	wire = wire_of(false, 0, fraction, 1);
	refused(&wire, wire.len, 2000);
	/* Cut short. */
	wire = wire_of(false, 0, fraction, 2);
	for (size_t len = 0; len < wire.len; len++)
		refused(&wire, len, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_64_bits),
		cmocka_unit_test(zeros_behind_the_digits),
		cmocka_unit_test(a_thousand_digits),
		cmocka_unit_test(what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

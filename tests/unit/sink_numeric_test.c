/*
 * tests/unit/sink_numeric_test.c - numeric's binary form; the vectors are what PostgreSQL 15's
 * numeric_send gives.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "sink/numeric.h"

#include <stdlib.h>
#include <string.h>

static const struct
{
	const char *text;
	const char *hex;
} vectors[] = {
	{"0", "0000000000000000"},
	{"0.00", "0000000000000002"},
	{"1", "00010000000000000001"},
	{"-1", "00010000400000000001"},
	{"+1", "00010000000000000001"},
	{"12.50", "0002000000000002000c1388"},
	{"-0.05", "0001ffff4000000201f4"},
	{"9999", "0001000000000000270f"},
	{"10000", "00010001000000000001"},
	{"10001", "000200010000000000010001"},
	{"0.0001", "0001ffff000000040001"},
	{"0.00012", "0002ffff00000005000107d0"},
	{"123456789012345678901234567890.123456789",
	 "000b000700000009000c0d801ed204d2162e23340d801ed204d2162e2328"},
	{"1e20", "00010005000000000001"},
	{"-1e-7", "0001fffe40000007000a"},
	{"100000000", "00010002000000000001"},
	{"99999999.99", "0003000100000002270f270f26ac"},
	{"NaN", "00000000c0000000"},
	{" 1 ", "00010000000000000001"},
	{"170141183460469231731687303715884105728",
	 "000a00090000000000aa0583209a01d5090d0c601c871bf620da1660"},
	{"-170141183460469231731687303715884105728",
	 "000a00094000000000aa0583209a01d5090d0c601c871bf620da1660"},
};

static void
assert_hex(Slice bytes, const char *hex)
{
	char *text = calloc(1, 2 * bytes.len + 1);

	for (size_t i = 0; i < bytes.len; i++)
		sprintf(text + 2 * i, "%02x", bytes.data[i]);
	assert_string_equal(text, hex);
	free(text);
}

static void
test_text(void **state)
{
	Buffer out;

	(void) state;
	buffer_init(&out, 1 << 20);
	for (size_t i = 0; i < COUNT(vectors); i++)
	{
		buffer_clear(&out);
		assert_null(numeric_from_text(slice_text(vectors[i].text), &out));
		assert_hex(buffer_slice(&out), vectors[i].hex);
	}
	buffer_done(&out);
}

static void
test_bad_text(void **state)
{
	static const char *const cases[] = {"",			" ",	"-",   ".",		"1.2.3",
										"1e",		"0x10", "1,5", "12abc", "1e999999",
										"1e-20000", "--1",	"1 2"};
	Buffer out;

	(void) state;
	buffer_init(&out, 1 << 20);
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		assert_non_null(numeric_from_text(slice_text(cases[i]), &out));
		assert_int_equal(out.len, 0);
	}
	buffer_done(&out);
}

/* Bytes of an Avro decimal, its scale, and what it is as text. */
static const struct
{
	const char *bytes;
	size_t len;
	int scale;
	const char *text;
} decimals[] = {
	{"\x00", 1, 0, "0"},
	{"\x00", 1, 2, "0.00"},
	{"\x01", 1, 0, "1"},
	{"\xff", 1, 0, "-1"},
	{"\xff\xff\xff\xff", 4, 0, "-1"},
	{"\x04\xe2", 2, 2, "12.50"},
	{"\xfb", 1, 2, "-0.05"},
	{"\x80", 1, 0, "-128"},
	{"\x7f", 1, 3, "0.127"},
	{"\x05", 1, -3, "5000"},
	{"\x02\x54\x0b\xe3\xff", 5, 2, "99999999.99"},
	{"\x00\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 17, 0, "170141183460469231731687303715884105728"},
	{"\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, 0, "-170141183460469231731687303715884105728"},
	{"\xff\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 17, 0, "-170141183460469231731687303715884105728"},
	{"\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 21, 10,
	 "146150163733090291820368483271628301965.5932542976"},
};

static void
test_decimal(void **state)
{
	Buffer ours;
	Buffer expected;

	(void) state;
	buffer_init(&ours, 1 << 20);
	buffer_init(&expected, 1 << 20);
	for (size_t i = 0; i < COUNT(decimals); i++)
	{
		const Slice bytes = {(const uint8_t *) decimals[i].bytes, decimals[i].len};

		buffer_clear(&ours);
		assert_null(numeric_text_of_decimal(bytes, decimals[i].scale, &ours));
		assert_string_equal(buffer_text(&ours), decimals[i].text);

		buffer_clear(&ours);
		buffer_clear(&expected);
		assert_null(numeric_from_decimal(bytes, decimals[i].scale, &ours));
		assert_null(numeric_from_text(slice_text(decimals[i].text), &expected));
		assert_true(slice_equal(buffer_slice(&ours), buffer_slice(&expected)));
	}
	buffer_done(&ours);
	buffer_done(&expected);
}

/* Every int64 both ways. */
static void
test_long(void **state)
{
	uint64_t seed = 42;
	Buffer ours;
	Buffer expected;

	(void) state;
	buffer_init(&ours, 1 << 20);
	buffer_init(&expected, 1 << 20);
	for (int i = 0; i < 20000; i++)
	{
		const int64_t value =
			i == 0 ? INT64_MIN : (int64_t) next_random_size(&seed) * (i % 2 == 0 ? 1 : -1);
		char text[32];

		snprintf(text, sizeof text, "%lld", (long long) value);
		buffer_clear(&ours);
		buffer_clear(&expected);
		assert_null(numeric_from_long(value, &ours));
		assert_null(numeric_from_text(slice_text(text), &expected));
		assert_true(slice_equal(buffer_slice(&ours), buffer_slice(&expected)));
	}
	buffer_done(&ours);
	buffer_done(&expected);
}

static void
test_limits(void **state)
{
	static uint8_t bytes[NUMERIC_MAX_BYTES + 1];
	Buffer out;

	(void) state;
	buffer_init(&out, 1 << 20);
	memset(bytes, 0x80, sizeof bytes);
	assert_null(numeric_from_decimal((Slice){bytes, 0}, 0, &out)); /* NaN */
	buffer_clear(&out);
	assert_non_null(numeric_from_decimal((Slice){bytes, sizeof bytes}, 0, &out));
	assert_int_equal(out.len, 0);
	assert_null(numeric_from_decimal((Slice){bytes, NUMERIC_MAX_BYTES}, 0, &out));
	/* 2^32767 - something has 9865 digits. */
	buffer_clear(&out);
	assert_null(numeric_text_of_decimal((Slice){bytes, NUMERIC_MAX_BYTES}, 0, &out));
	assert_int_equal(out.len, 1 + 9864);
	buffer_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),	cmocka_unit_test(test_bad_text),
		cmocka_unit_test(test_decimal), cmocka_unit_test(test_long),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

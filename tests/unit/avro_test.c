/*
 * tests/unit/avro_test.c - common/avro against avro-c as the oracle, and against bad input.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/avro.h"

#include <avro.h>
#include <math.h>

#define ROUNDS	  20000
#define BUFFER	  256
#define SEED	  0x5eed
#define BYTES_MAX 200

typedef struct Oracle
{
	avro_value_iface_t *iface;
	avro_value_t value;
	char bytes[BUFFER];
	avro_writer_t writer;
	avro_reader_t reader;
} Oracle;

static void
oracle_init(Oracle *oracle, avro_schema_t schema)
{
	oracle->iface = avro_generic_class_from_schema(schema);
	assert_int_equal(avro_generic_value_new(oracle->iface, &oracle->value), 0);
	oracle->writer = avro_writer_memory(oracle->bytes, sizeof oracle->bytes);
	oracle->reader = avro_reader_memory(oracle->bytes, sizeof oracle->bytes);
	avro_schema_decref(schema);
}

static void
oracle_done(Oracle *oracle)
{
	avro_value_decref(&oracle->value);
	avro_value_iface_decref(oracle->iface);
	avro_writer_free(oracle->writer);
	avro_reader_free(oracle->reader);
}

/* The bytes that avro-c writes for the oracle's value. */
static Slice
oracle_bytes(Oracle *oracle)
{
	avro_writer_reset(oracle->writer);
	assert_int_equal(avro_value_write(oracle->writer, &oracle->value), 0);
	return (Slice){(const uint8_t *) oracle->bytes, (size_t) avro_writer_tell(oracle->writer)};
}

static void
check_long(Oracle *oracle, int64_t value)
{
	uint8_t ours[AVRO_LONG_MAX];
	uint8_t *end = avro_put_long(ours, value);
	Slice theirs;
	int64_t back;

	avro_value_set_long(&oracle->value, value);
	theirs = oracle_bytes(oracle);
	assert_int_equal(end - ours, theirs.len);
	assert_memory_equal(ours, theirs.data, theirs.len);
	assert_true(avro_get_long(&theirs, &back));
	assert_int_equal(back, value);
	assert_int_equal(theirs.len, 0);
}

static void
longs_are_those_of_avro_c(void **state)
{
	static const int64_t edges[] = {0,		   -1,		  1,		   63,		  64,
									-64,	   -65,		  INT32_MAX,   INT32_MIN, INT64_MAX,
									INT64_MIN, 1LL << 34, -(1LL << 34)};
	uint64_t seed = SEED;
	Oracle oracle;

	(void) state;
	oracle_init(&oracle, avro_schema_long());
	for (size_t i = 0; i < COUNT(edges); i++)
		check_long(&oracle, edges[i]);
	for (int i = 0; i < ROUNDS; i++)
	{
		int64_t value = (int64_t) next_random_size(&seed);

		check_long(&oracle, i % 2 == 0 ? value : -value);
	}
	oracle_done(&oracle);
}

static void
ints_have_32_bits(void **state)
{
	static const int64_t too_wide[] = {INT32_MIN - 1LL, INT32_MAX + 1LL, INT64_MIN, INT64_MAX};
	uint8_t bytes[AVRO_LONG_MAX];
	int32_t value = 7;
	Slice in;

	(void) state;
	in = (Slice){bytes, (size_t) (avro_put_long(bytes, INT32_MIN) - bytes)};
	assert_true(avro_get_int(&in, &value));
	assert_int_equal(value, INT32_MIN);
	for (size_t i = 0; i < COUNT(too_wide); i++)
	{
		in = (Slice){bytes, (size_t) (avro_put_long(bytes, too_wide[i]) - bytes)};
		assert_false(avro_get_int(&in, &value));
		assert_ptr_equal(in.data, bytes);
		assert_int_equal(value, INT32_MIN);
	}
}

/* Compared as bits: NaN and the sign of zero must survive. */
static void
check_double(Oracle *oracle, uint64_t bits)
{
	uint8_t ours[sizeof bits];
	double value;
	double back;
	Slice theirs;

	memcpy(&value, &bits, sizeof bits);
	assert_int_equal(avro_put_double(ours, value) - ours, sizeof bits);
	avro_value_set_double(&oracle->value, value);
	theirs = oracle_bytes(oracle);
	assert_int_equal(theirs.len, sizeof bits);
	assert_memory_equal(ours, theirs.data, sizeof bits);
	assert_true(avro_get_double(&theirs, &back));
	assert_memory_equal(&back, &bits, sizeof bits);
}

static void
doubles_are_those_of_avro_c(void **state)
{
	static const double edges[] = {0.0, -0.0, 1.5, -INFINITY, INFINITY, NAN};
	uint64_t seed = SEED;
	uint64_t bits;
	Oracle oracle;

	(void) state;
	oracle_init(&oracle, avro_schema_double());
	for (size_t i = 0; i < COUNT(edges); i++)
	{
		memcpy(&bits, &edges[i], sizeof bits);
		check_double(&oracle, bits);
	}
	for (int i = 0; i < ROUNDS; i++)
		check_double(&oracle, next_random(&seed));
	oracle_done(&oracle);
}

static void
floats_are_those_of_avro_c(void **state)
{
	uint64_t seed = SEED;
	Oracle oracle;

	(void) state;
	oracle_init(&oracle, avro_schema_float());
	for (int i = 0; i < ROUNDS; i++)
	{
		uint32_t bits = (uint32_t) next_random(&seed);
		uint8_t ours[sizeof bits];
		float value;
		float back;
		Slice theirs;

		memcpy(&value, &bits, sizeof bits);
		assert_int_equal(avro_put_float(ours, value) - ours, sizeof bits);
		avro_value_set_float(&oracle.value, value);
		theirs = oracle_bytes(&oracle);
		assert_memory_equal(ours, theirs.data, sizeof bits);
		assert_true(avro_get_float(&theirs, &back));
		assert_memory_equal(&back, &bits, sizeof bits);
	}
	oracle_done(&oracle);
}

static void
bytes_are_those_of_avro_c(void **state)
{
	uint64_t seed = SEED;
	uint8_t content[BYTES_MAX];
	Oracle oracle;

	(void) state;
	oracle_init(&oracle, avro_schema_bytes());
	for (size_t i = 0; i < sizeof content; i++)
		content[i] = (uint8_t) next_random(&seed);
	for (size_t len = 0; len <= sizeof content; len++)
	{
		Slice theirs;
		Slice back;

		avro_value_set_bytes(&oracle.value, content, len);
		theirs = oracle_bytes(&oracle);
		for (size_t cut = 0; cut < theirs.len; cut++)
		{
			Slice part = {theirs.data, cut};

			assert_false(avro_get_bytes(&part, &back));
			assert_int_equal(part.len, cut);
		}
		assert_true(avro_get_bytes(&theirs, &back));
		assert_int_equal(back.len, len);
		assert_memory_equal(back.data, content, len);
		assert_int_equal(theirs.len, 0);
	}
	oracle_done(&oracle);
}

static void
malformed_longs_are_refused(void **state)
{
	static const uint8_t endless[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
									  0x80, 0x80, 0x80, 0x80, 0x00};
	static const uint8_t too_wide[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
	static const uint8_t widest[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
	int64_t value = 7;

	(void) state;
	for (size_t len = 0; len <= sizeof endless; len++)
		assert_false(avro_get_long(&(Slice){endless, len}, &value));
	assert_false(avro_get_long(&(Slice){too_wide, sizeof too_wide}, &value));
	assert_int_equal(value, 7);
	for (size_t len = 0; len < sizeof widest; len++)
		assert_false(avro_get_long(&(Slice){widest, len}, &value));
	assert_true(avro_get_long(&(Slice){widest, sizeof widest}, &value));
	assert_int_equal(value, INT64_MIN);
}

static void
lengths_are_not_trusted(void **state)
{
	static const int64_t lengths[] = {-1, INT64_MIN, INT64_MAX, 2, 1000};
	uint8_t bytes[AVRO_LONG_MAX + 1];
	Slice out = SLICE_ABSENT;

	(void) state;
	for (size_t i = 0; i < COUNT(lengths); i++)
	{
		size_t len = (size_t) (avro_put_long(bytes, lengths[i]) - bytes) + 1;
		Slice in = {bytes, len};

		assert_false(avro_get_bytes(&in, &out));
		assert_ptr_equal(in.data, bytes);
		assert_int_equal(in.len, len);
		assert_null(out.data);
	}
	assert_false(avro_get_fixed(&(Slice){bytes, 4}, 5, &out));
	assert_true(avro_get_fixed(&(Slice){bytes, 4}, 4, &out));
}

static void
booleans_are_0_and_1(void **state)
{
	(void) state;
	for (int byte = 0; byte < 256; byte++)
	{
		uint8_t bytes[] = {(uint8_t) byte};
		bool value;

		assert_int_equal(avro_get_boolean(&(Slice){bytes, 1}, &value), byte < 2);
		if (byte < 2)
			assert_int_equal(value, byte);
		assert_false(avro_get_boolean(&(Slice){bytes, 0}, &value));
	}
}

static void
short_numbers_are_refused(void **state)
{
	static const uint8_t zeros[8];
	float single;
	double wide;

	(void) state;
	for (size_t len = 0; len < 8; len++)
	{
		assert_int_equal(avro_get_float(&(Slice){zeros, len}, &single), len >= 4);
		assert_false(avro_get_double(&(Slice){zeros, len}, &wide));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longs_are_those_of_avro_c),
		cmocka_unit_test(ints_have_32_bits),
		cmocka_unit_test(doubles_are_those_of_avro_c),
		cmocka_unit_test(floats_are_those_of_avro_c),
		cmocka_unit_test(bytes_are_those_of_avro_c),
		cmocka_unit_test(malformed_longs_are_refused),
		cmocka_unit_test(lengths_are_not_trusted),
		cmocka_unit_test(booleans_are_0_and_1),
		cmocka_unit_test(short_numbers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

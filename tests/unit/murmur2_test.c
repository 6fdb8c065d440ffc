/*
 * tests/unit/murmur2_test.c - the vectors of Apache Kafka's UtilsTest.testMurmur2.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/murmur2.h"

static const struct
{
	const char *text;
	int32_t hash;
} vectors[] = {
	{"21", -973932308},
	{"foobar", -790332482},
	{"a-little-bit-long-string", -985981536},
	{"a-little-bit-longer-string", -1486304829},
	{"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
	{"abc", 479470107},
};

static void
hashes_are_those_of_kafka(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(vectors); i++)
		assert_int_equal((int32_t) murmur2(slice_text(vectors[i].text)), vectors[i].hash);
}

static void
partitions_are_those_of_kafka(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(vectors); i++)
		for (int32_t partitions = 1; partitions < 20; partitions++)
			assert_int_equal(murmur2_partition(slice_text(vectors[i].text), partitions),
							 (vectors[i].hash & 0x7fffffff) % partitions);
}

static void
absent_bytes_hash_as_empty_ones(void **state)
{
	(void) state;
	assert_int_equal(murmur2(SLICE_ABSENT), murmur2(slice_text("")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_those_of_kafka),
		cmocka_unit_test(partitions_are_those_of_kafka),
		cmocka_unit_test(absent_bytes_hash_as_empty_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

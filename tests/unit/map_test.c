/*
 * tests/unit/map_test.c - the map against an array that is walked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/map.h"
#include "core/memory.h"

#define KEYS   500
#define ROUNDS 100000

static Slice
key_of(uint32_t *number)
{
	return (Slice){(const uint8_t *) number, sizeof *number};
}

static void
values_are_put_got_and_taken(void **state)
{
	Map *map = map_new();
	char a[] = "a";
	char b[] = "b";

	(void) state;
	assert_null(map_get(map, slice_text("k")));
	assert_null(map_put(map, slice_text("k"), a));
	assert_ptr_equal(map_put(map, slice_text("k"), b), a);
	assert_ptr_equal(map_get(map, slice_text("k")), b);
	assert_int_equal(map_count(map), 1);
	assert_null(map_get(map, slice_text("kk")));
	assert_null(map_take(map, slice_text("")));
	assert_ptr_equal(map_take(map, slice_text("k")), b);
	assert_int_equal(map_count(map), 0);
	assert_null(map_get(map, slice_text("k")));
	map_free(map, NULL);
	map_free(NULL, NULL);
}

static void
keys_are_bytes_and_copied(void **state)
{
	Map *map = map_new();
	uint8_t key[] = {0, 1, 0};
	int first = 1;
	int second = 2;

	(void) state;
	map_put(map, (Slice){key, 3}, &first);
	key[2] = 9;
	map_put(map, (Slice){key, 0}, &second);
	assert_null(map_get(map, (Slice){key, 3}));
	key[2] = 0;
	assert_ptr_equal(map_get(map, (Slice){key, 3}), &first);
	assert_ptr_equal(map_get(map, slice_text("")), &second);
	map_free(map, NULL);
}

/* Puts and takes at random; few keys, so that chains are made and broken all the time. */
static void
behaves_as_an_array_would(void **state)
{
	Map *map = map_new();
	char *array[KEYS] = {0};
	char values[KEYS];
	size_t count = 0;
	uint64_t seed = 0x5eed;

	(void) state;
	for (int i = 0; i < ROUNDS; i++)
	{
		uint32_t number = (uint32_t) (next_random(&seed) % KEYS);
		char *wanted = array[number];

		if (next_random(&seed) % 2 == 0)
		{
			assert_ptr_equal(map_put(map, key_of(&number), &values[i % KEYS]), wanted);
			array[number] = &values[i % KEYS];
			count += wanted == NULL;
		}
		else
		{
			assert_ptr_equal(map_take(map, key_of(&number)), wanted);
			array[number] = NULL;
			count -= wanted != NULL;
		}
		assert_int_equal(map_count(map), count);
	}
	for (uint32_t number = 0; number < KEYS; number++)
		assert_ptr_equal(map_get(map, key_of(&number)), array[number]);
	map_free(map, NULL);
}

static void
a_walk_meets_every_entry_once(void **state)
{
	Map *map = map_new();
	int met[KEYS] = {0};
	size_t cursor = 0;
	Slice key;
	void *value;

	(void) state;
	for (uint32_t number = 0; number < KEYS; number++)
		map_put(map, key_of(&number), &met[number]);
	while (map_next(map, &cursor, &key, &value))
	{
		uint32_t number;

		assert_int_equal(key.len, sizeof number);
		memcpy(&number, key.data, sizeof number);
		assert_ptr_equal(value, &met[number]);
		met[number]++;
	}
	for (size_t i = 0; i < KEYS; i++)
		assert_int_equal(met[i], 1);
	map_free(map, NULL);
}

static void
values_are_freed_with_the_map(void **state)
{
	Map *map = map_new();

	(void) state;
	for (uint32_t number = 0; number < KEYS; number++)
		map_put(map, key_of(&number), xmalloc(1));
	map_free(map, free); /* a leak would be the sanitizer's finding */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_put_got_and_taken),
		cmocka_unit_test(keys_are_bytes_and_copied),
		cmocka_unit_test(behaves_as_an_array_would),
		cmocka_unit_test(a_walk_meets_every_entry_once),
		cmocka_unit_test(values_are_freed_with_the_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

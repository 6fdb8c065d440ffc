/*
 * tests/unit/position_test.c - the header of docs/wire.md, byte by byte.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/position.h"

static const Position position = {.source = 0x0102030405060708,
								  .commit_lsn = 0x1112131415161718,
								  .n = 0x2122232425262728,
								  .lane = 0x31323334};

static void
layout_is_that_of_the_document(void **state)
{
	static const uint8_t wanted[POSITION_SIZE] = {
		0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x31, 0x32, 0x33, 0x34, 0x11, 0x12,
		0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28};
	uint8_t bytes[POSITION_SIZE];

	(void) state;
	position_put(bytes, &position);
	assert_memory_equal(bytes, wanted, sizeof wanted);
}

static void
comes_back_as_it_was(void **state)
{
	uint8_t bytes[POSITION_SIZE];
	Position back;

	(void) state;
	position_put(bytes, &position);
	assert_true(position_get((Slice){bytes, sizeof bytes}, &back));
	assert_int_equal(back.source, position.source);
	assert_int_equal(back.commit_lsn, position.commit_lsn);
	assert_int_equal(back.n, position.n);
	assert_int_equal(back.lane, position.lane);
}

static void
other_sizes_are_refused(void **state)
{
	static const uint8_t bytes[POSITION_SIZE + 1];
	Position out = {.n = 7};

	(void) state;
	for (size_t len = 0; len <= sizeof bytes; len++)
		if (len != POSITION_SIZE)
			assert_false(position_get((Slice){bytes, len}, &out));
	assert_false(position_get(SLICE_ABSENT, &out));
	assert_int_equal(out.n, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_is_that_of_the_document),
		cmocka_unit_test(comes_back_as_it_was),
		cmocka_unit_test(other_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

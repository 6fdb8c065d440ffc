/*
 * tests/unit/buffer_test.c - buffers grow, and stop at their maximum.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/buffer.h"

static void
a_new_buffer_is_empty(void **state)
{
	AUTO(Buffer) *buffer = &(Buffer){0};

	(void) state;
	buffer_init(buffer, 10);
	assert_string_equal(buffer_text(buffer), "");
	assert_null(buffer_slice(buffer).data);
	assert_true(buffer_append(buffer, NULL, 0));
}

static void
contents_survive_growing(void **state)
{
	AUTO(Buffer) *buffer = &(Buffer){0};

	(void) state;
	buffer_init(buffer, 1 << 20);
	for (int i = 0; i < 10000; i++)
		assert_true(buffer_printf(buffer, "%06d", i));
	assert_int_equal(buffer->len, 60000);
	for (int i = 0; i < 10000; i++)
	{
		char wanted[16];

		snprintf(wanted, sizeof wanted, "%06d", i);
		assert_memory_equal(buffer->data + 6 * i, wanted, 6);
	}
	assert_int_equal(strlen(buffer_text(buffer)), 60000);
	buffer_clear(buffer);
	assert_int_equal(buffer->len, 0);
	assert_string_equal(buffer_text(buffer), "");
}

static void
nothing_is_appended_beyond_the_maximum(void **state)
{
	AUTO(Buffer) *buffer = &(Buffer){0};

	(void) state;
	buffer_init(buffer, 10);
	assert_true(buffer_append_text(buffer, "12345678"));
	assert_false(buffer_append_text(buffer, "abc"));
	assert_false(buffer_printf(buffer, "%d", 123));
	assert_null(buffer_reserve(buffer, 3));
	assert_null(buffer_reserve(buffer, SIZE_MAX));
	assert_string_equal(buffer_text(buffer), "12345678");
	assert_true(buffer_printf(buffer, "%d", 90));
	assert_string_equal(buffer_text(buffer), "1234567890");
	assert_false(buffer_append(buffer, "x", 1));
}

static void
reserved_room_is_written_in_place(void **state)
{
	AUTO(Buffer) *buffer = &(Buffer){0};
	uint8_t *room;

	(void) state;
	buffer_init(buffer, 5000);
	assert_true(buffer_append(buffer, "a", 1));
	room = buffer_reserve(buffer, 4999);
	assert_non_null(room);
	memset(room, 'b', 4999);
	buffer->len += 4999;
	assert_int_equal(buffer_slice(buffer).len, 5000);
	assert_int_equal(buffer_text(buffer)[0], 'a');
	assert_int_equal(buffer_text(buffer)[4999], 'b');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_buffer_is_empty),
		cmocka_unit_test(contents_survive_growing),
		cmocka_unit_test(nothing_is_appended_beyond_the_maximum),
		cmocka_unit_test(reserved_room_is_written_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

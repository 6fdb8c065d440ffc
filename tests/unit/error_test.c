/*
 * tests/unit/error_test.c - errors carry their context, and are cut between characters.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/error.h"

#include <string.h>

static void
context_stands_before_the_message(void **state)
{
	Error err;

	(void) state;
	assert_false(error_set(&err, ERROR_DATA, "value %d", 7));
	assert_false(error_add(&err, "column \"%s\"", "id"));
	assert_string_equal(err.message, "column \"id\": value 7");
	assert_int_equal(err.kind, ERROR_DATA);
}

static void
a_message_may_be_part_of_itself(void **state)
{
	Error err;

	(void) state;
	error_set(&err, ERROR_RETRY, "one");
	error_set(&err, ERROR_CONFIG, "%s and %s", err.message, err.message);
	assert_string_equal(err.message, "one and one");
	assert_int_equal(err.kind, ERROR_CONFIG);
}

/* A text of characters of width bytes fills the message: what is left is whole characters. */
static void
check_cut(const char *character)
{
	char text[2 * sizeof((Error *) 0)->message] = "";
	size_t width = strlen(character);
	size_t len = 0;
	Error err;

	for (size_t shift = 0; shift < width; shift++)
	{
		memset(text, 'x', shift);
		for (len = shift; len + width < sizeof text; len += width)
			memcpy(text + len, character, width + 1);
		error_set(&err, ERROR_DATA, "%s", text);
		assert_int_equal((strlen(err.message) - shift) % width, 0);
		assert_true(strlen(err.message) + width >= sizeof err.message);
		error_set(&err, ERROR_DATA, "%s", text + shift);
		error_add(&err, "%.*s", (int) shift, text);
		assert_int_equal((strlen(err.message) - shift - 2) % width, 0);
	}
}

static void
long_messages_end_with_a_whole_character(void **state)
{
	(void) state;
	check_cut("a");
	check_cut("\xd1\x8f");
	check_cut("\xe2\x82\xac");
	check_cut("\xf0\x9f\x90\x98");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(context_stands_before_the_message),
		cmocka_unit_test(a_message_may_be_part_of_itself),
		cmocka_unit_test(long_messages_end_with_a_whole_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

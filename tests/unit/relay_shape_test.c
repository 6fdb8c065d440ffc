/*
 * tests/unit/relay_shape_test.c - the text that an era keeps says all that its records depend on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "relay/shape.h"

static char columns[] = "a:b;";
static char *fields[] = {columns};
static Transform to_key = {.kind = TRANSFORM_VALUE_TO_KEY, .fields = {fields, 1}};

static void
assert_value(const char *shape, const char *name, const char *value)
{
	AUTO(Buffer) *buffer = &(Buffer){.max = 1000};

	assert_string_equal(shape_value(shape, name, buffer), value);
}

static void
what_the_options_ask_for_is_said(void **state)
{
	const RelayOptions options = {.time_precision = TIME_CONNECT,
								  .key_converter.kind = CONVERTER_STRING,
								  .transforms = {.items = &to_key, .count = 1}};
	AUTO_TEXT char *shape = shape_of(&options);

	(void) state;
	assert_int_equal(shape_keys(shape), CONVERTER_STRING);
	assert_string_equal(shape_columns(shape), "\"a:b;\"");
	assert_value(shape, "time.precision.mode", "connect");
	assert_value(shape, "array.handling.mode", "array");
	assert_value(shape, "precision.mode", "");
}

static void
a_shape_of_an_older_release_is_completed(void **state)
{
	const RelayOptions options = {.time_precision = TIME_CONNECT};
	const RelayOptions as_it_was = {.time_precision = TIME_CONNECT,
									.skipped = operation_bit(OPERATION_TRUNCATE)};
	AUTO_TEXT char *now_and_t = shape_of(&as_it_was);
	AUTO_TEXT char *plain = shape_complete("avro", &options);
	AUTO_TEXT char *with_columns = shape_complete("string:\"a:b;time.precision.mode=x\"", &options);
	AUTO_TEXT char *again = shape_complete(with_columns, &options);

	(void) state;
	assert_string_equal(plain, now_and_t);
	assert_int_equal(shape_keys(with_columns), CONVERTER_STRING);
	assert_string_equal(shape_columns(with_columns), "\"a:b;time.precision.mode=x\"");
	assert_value(with_columns, "time.precision.mode", "connect");
	assert_string_equal(again, with_columns);
}

static void
what_was_written_down_stays(void **state)
{
	const RelayOptions before = {.time_precision = TIME_CONNECT};
	const RelayOptions after = {.time_precision = TIME_MICROSECONDS};
	AUTO_TEXT char *old = shape_of(&before);
	AUTO_TEXT char *kept = shape_complete(old, &after);
	AUTO_TEXT char *now = shape_of(&after);

	(void) state;
	assert_string_equal(kept, old);
	assert_true(shape_same_stream(kept, old));
	assert_false(shape_same_stream(kept, now));
}

static void
operations_are_left_out_from_one_transaction_to_the_next(void **state)
{
	const RelayOptions some = {.skipped = operation_bit(OPERATION_CREATE) |
										  operation_bit(OPERATION_DELETE)};
	const RelayOptions none = {0};
	AUTO_TEXT char *a = shape_of(&some);
	AUTO_TEXT char *b = shape_of(&none);

	(void) state;
	assert_value(a, "skipped.operations", "cd");
	assert_value(b, "skipped.operations", "none");
	assert_int_equal(shape_skipped(a), some.skipped);
	assert_int_equal(shape_skipped(b), 0);
	assert_int_equal(shape_skipped("avro;skipped.operations=t"), operation_bit(OPERATION_TRUNCATE));
	assert_true(shape_same_stream(a, b));
}

static void
characters_with_a_meaning_are_escaped(void **state)
{
	(void) state;
	assert_value("avro;a=x%3By%3Az%25;b=2:\"c\"", "a", "x;y:z%");
	assert_value("avro;a=x%3By%3Az%25;b=2:\"c\"", "b", "2");
	assert_value("avro;a=1:;b=2", "b", "");
}

typedef struct Told
{
	Buffer text;
} Told;

static void
tell(void *context, const char *name, const char *value)
{
	Told *told = context;

	buffer_printf(&told->text, "%s=%s,", name, value);
}

static void
each_part_is_told_what_it_has_to_know(void **state)
{
	const RelayOptions options = {.time_precision = TIME_CONNECT};
	AUTO_TEXT char *shape = shape_of(&options);
	Told told = {{.max = 1000}};

	(void) state;
	shape_tell(shape, SHAPE_ROWS, tell, &told);
	assert_string_equal(buffer_text(&told.text),
						"time.precision.mode=connect,decimal.handling.mode=precise,"
						"array.handling.mode=array,");
	buffer_done(&told.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_options_ask_for_is_said),
		cmocka_unit_test(a_shape_of_an_older_release_is_completed),
		cmocka_unit_test(what_was_written_down_stays),
		cmocka_unit_test(operations_are_left_out_from_one_transaction_to_the_next),
		cmocka_unit_test(characters_with_a_meaning_are_escaped),
		cmocka_unit_test(each_part_is_told_what_it_has_to_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

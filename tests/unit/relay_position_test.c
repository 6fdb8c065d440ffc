/*
 * tests/unit/relay_position_test.c - the position record: what is written is read, and nothing else
 * is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/memory.h"
#include "relay/position.h"

#include <string.h>

#define ERA "{\"since\":\"0/0\",\"tombstones\":true,\"partitions\":{\"t\":1}}"

static const char whole[] =
	"{\"version\":1,\"state\":\"streaming\",\"system_identifier\":\"7711060872876934460\","
	"\"timeline\":3,\"source\":\"f57b680d4b891df3\",\"lsn\":\"16/B374D848\",\"eras\":["
	"{\"since\":\"0/"
	"0\",\"tombstones\":false,\"keys\":\"avro\",\"partitions\":{\"pg_source_t_orders\":1}},"
	"{\"since\":\"1/"
	"A\",\"tombstones\":true,\"keys\":\"string:\\\"a\\\"\",\"partitions\":{\"pg_source_t_orders\":"
	"3,\"x\":12}}]}";

static void
a_position_survives_the_way_to_json_and_back(void **state)
{
	StoredPosition position = {0};
	Error err;

	(void) state;
	assert_true(position_from_json(slice_text(whole), &position, &err));
	assert_int_equal(position.state, POSITION_STREAMING);
	assert_true(position.system_identifier == 7711060872876934460u);
	assert_int_equal(position.timeline, 3);
	assert_true(position.source == 0xf57b680d4b891df3u);
	assert_true(position.lsn == 0x16B374D848);
	assert_int_equal(position.eras.count, 2);
	assert_true(position.eras.items[1].tombstones);
	assert_string_equal(position.eras.items[1].shape, "string:\"a\"");
	assert_int_equal(era_partitions(&position.eras.items[1], "x"), 12);
	AUTO_TEXT char *text = position_to_json(&position);

	assert_string_equal(text, whole);
	stored_position_done(&position);
}

static void
what_is_no_position_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"x",
		"[]",
		"{}",
		"{\"version\":1}",
		"{\"version\":1,\"state\":\"flying\",\"system_identifier\":\"1\",\"timeline\":1,"
		"\"source\":\"1\",\"lsn\":\"0/1\",\"eras\":[" ERA "]}",
		"{\"version\":1,\"state\":\"streaming\",\"system_identifier\":\"x\",\"timeline\":1,"
		"\"source\":\"1\",\"lsn\":\"0/1\",\"eras\":[" ERA "]}",
		"{\"version\":1,\"state\":\"streaming\",\"system_identifier\":\"1\",\"timeline\":1,"
		"\"source\":\"1\",\"lsn\":\"1\",\"eras\":[" ERA "]}",
		"{\"version\":1,\"state\":\"streaming\",\"system_identifier\":\"1\",\"timeline\":1,"
		"\"source\":\"1\",\"lsn\":\"0/1\",\"eras\":[]}",
		"{\"version\":1,\"state\":\"streaming\",\"system_identifier\":\"1\",\"timeline\":1,"
		"\"source\":\"1\",\"lsn\":\"0/1\",\"eras\":[{\"since\":\"0/0\",\"tombstones\":true,"
		"\"partitions\":{\"t\":0}}]}",
	};
	StoredPosition position = {.lsn = 77};

	(void) state;
	for (size_t i = 0; i < COUNT(wrong); i++)
	{
		Error err = {0};

		assert_false(position_from_json(slice_text(wrong[i]), &position, &err));
		assert_int_equal(err.kind, ERROR_CONFIG);
	}
	assert_int_equal(position.lsn, 77);
}

static void
another_version_is_named(void **state)
{
	StoredPosition position;
	Error err = {0};

	(void) state;
	assert_false(position_from_json(slice_text("{\"version\":2}"), &position, &err));
	assert_non_null(strstr(err.message, "version 2"));
}

static void
the_key_is_as_kafka_connect_writes_it(void **state)
{
	AUTO_TEXT char *key = position_key("a \"name\"", "wal2avro_a");

	(void) state;
	assert_string_equal(key, "[\"a \\\"name\\\"\",{\"slot\":\"wal2avro_a\"}]");
}

static void
two_slots_have_two_tokens(void **state)
{
	(void) state;
	assert_true(position_new_source() != position_new_source());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_position_survives_the_way_to_json_and_back),
		cmocka_unit_test(what_is_no_position_is_refused),
		cmocka_unit_test(another_version_is_named),
		cmocka_unit_test(the_key_is_as_kafka_connect_writes_it),
		cmocka_unit_test(two_slots_have_two_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

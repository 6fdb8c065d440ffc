/*
 * tests/unit/wire_test.c - common/wire: every message of docs/wire.md from bytes made by hand, cut
 * off anywhere, and random bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/wire.h"

#include "common/bytes.h"

#include <stdlib.h>

#define RANDOM_FRAMES 200000
#define RANDOM_MAX	  64

/* BEGIN and COMMIT without type and length. */
#define TIMES                                                                                      \
	"\0\0\0\1\2\3\4\5"                                                                             \
	"\0\0\0\1\2\3\4\6"                                                                             \
	"\0\0\0\0\0\0\3\xe8"

/* The place of a row in the log. */
#define LSN "\0\0\0\1\2\3\4\4"

#define BYTES(text)                                                                                \
	{                                                                                              \
		(const uint8_t *) (text), sizeof(text) - 1                                                 \
	}

static const struct
{
	Slice bytes;
	Message message;
} cases[] = {
	{BYTES("B\0\0\0\x1c" TIMES "\0\0\0\x2a"),
	 {.type = MESSAGE_BEGIN,
	  .commit_lsn = 0x102030405,
	  .end_lsn = 0x102030406,
	  .commit_time = 1000,
	  .xid = 42}},
	{BYTES("C\0\0\0\x1c" TIMES "\0\0\0\x2a"),
	 {.type = MESSAGE_COMMIT,
	  .commit_lsn = 0x102030405,
	  .end_lsn = 0x102030406,
	  .commit_time = 1000,
	  .xid = 42}},
	{BYTES("R\0\0\0\x1f\0\0\0\1\0\0\x40\x01\0\0\0\2pu\0\0\0\1t\0\0\0\2kk\0\0\0\2vv"),
	 {.type = MESSAGE_RELATION,
	  .relation = 1,
	  .oid = 16385,
	  .namespace_name = BYTES("pu"),
	  .name = BYTES("t"),
	  .key_schema = BYTES("kk"),
	  .value_schema = BYTES("vv")}},
	{BYTES("R\0\0\0\x18\0\0\0\1\0\0\x40\x01\0\0\0\0\0\0\0\0\xff\xff\xff\xff\0\0\0\0"),
	 {.type = MESSAGE_RELATION,
	  .relation = 1,
	  .oid = 16385,
	  .namespace_name = BYTES(""),
	  .name = BYTES(""),
	  .value_schema = BYTES("")}},
	{BYTES("I\0\0\0\x1f\0\0\0\7\0\0\0\0" LSN "\0\0\0\1k\0\0\0\2va\xff\xff\xff\xff"),
	 {.type = MESSAGE_INSERT,
	  .lsn = 0x102030404,
	  .relation = 7,
	  .key = BYTES("k"),
	  .value = BYTES("va")}},
	{BYTES("I\0\0\0\x21\0\0\0\7\0\0\0\5" LSN "\xff\xff\xff\xff\0\0\0\2va\0\0\0\3not"),
	 {.type = MESSAGE_INSERT,
	  .lsn = 0x102030404,
	  .relation = 7,
	  .xid = 5,
	  .value = BYTES("va"),
	  .notes = BYTES("not")}},
	{BYTES("U\0\0\0\x30\0\0\0\7\0\0\0\0" LSN
		   "\0\0\0\1o\0\0\0\1k\0\0\0\2va\0\0\0\1n\0\0\0\2be\0\0\0\1m"),
	 {.type = MESSAGE_UPDATE,
	  .lsn = 0x102030404,
	  .relation = 7,
	  .old_key = BYTES("o"),
	  .key = BYTES("k"),
	  .value = BYTES("va"),
	  .notes = BYTES("n"),
	  .before = BYTES("be"),
	  .before_notes = BYTES("m")}},
	{BYTES("U\0\0\0\x2b\0\0\0\7\0\0\0\0" LSN "\xff\xff\xff\xff\0\0\0\1k\0\0\0\2va"
		   "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
	 {.type = MESSAGE_UPDATE,
	  .lsn = 0x102030404,
	  .relation = 7,
	  .key = BYTES("k"),
	  .value = BYTES("va")}},
	{BYTES("D\0\0\0\x1d\0\0\0\7\0\0\0\0" LSN "\0\0\0\1k\xff\xff\xff\xff\xff\xff\xff\xff"),
	 {.type = MESSAGE_DELETE, .lsn = 0x102030404, .relation = 7, .key = BYTES("k")}},
	{BYTES("D\0\0\0\x1f\0\0\0\7\0\0\0\0" LSN "\xff\xff\xff\xff\0\0\0\2be\0\0\0\1m"),
	 {.type = MESSAGE_DELETE,
	  .lsn = 0x102030404,
	  .relation = 7,
	  .before = BYTES("be"),
	  .before_notes = BYTES("m")}},
	{BYTES("T\0\0\0\x11\0\0\0\7\0\0\0\0" LSN "\3"),
	 {.type = MESSAGE_TRUNCATE,
	  .lsn = 0x102030404,
	  .relation = 7,
	  .flags = WIRE_TRUNCATE_CASCADE | WIRE_TRUNCATE_RESTART_IDENTITY}},
	{BYTES("s\0\0\0\4\0\0\0\x2a"), {.type = MESSAGE_STREAM_START, .xid = 42}},
	{BYTES("e\0\0\0\0"), {.type = MESSAGE_STREAM_STOP}},
	{BYTES("c\0\0\0\x1c\0\0\0\x2a" TIMES),
	 {.type = MESSAGE_STREAM_COMMIT,
	  .commit_lsn = 0x102030405,
	  .end_lsn = 0x102030406,
	  .commit_time = 1000,
	  .xid = 42}},
	{BYTES("a\0\0\0\x08\0\0\0\x2a\0\0\0\x2b"),
	 {.type = MESSAGE_STREAM_ABORT, .xid = 42, .subxid = 43}},
};

static void
check_equal(const Message *got, const Message *wanted)
{
	assert_int_equal(got->type, wanted->type);
	assert_int_equal(got->relation, wanted->relation);
	assert_int_equal(got->oid, wanted->oid);
	assert_int_equal(got->xid, wanted->xid);
	assert_int_equal(got->subxid, wanted->subxid);
	assert_int_equal(got->flags, wanted->flags);
	assert_int_equal(got->lsn, wanted->lsn);
	assert_int_equal(got->commit_lsn, wanted->commit_lsn);
	assert_int_equal(got->end_lsn, wanted->end_lsn);
	assert_int_equal(got->commit_time, wanted->commit_time);
	assert_true(slice_equal(got->namespace_name, wanted->namespace_name));
	assert_true(slice_equal(got->name, wanted->name));
	assert_true(slice_equal(got->key_schema, wanted->key_schema));
	assert_true(slice_equal(got->value_schema, wanted->value_schema));
	assert_true(slice_equal(got->old_key, wanted->old_key));
	assert_true(slice_equal(got->key, wanted->key));
	assert_true(slice_equal(got->value, wanted->value));
	assert_true(slice_equal(got->notes, wanted->notes));
	assert_true(slice_equal(got->before, wanted->before));
	assert_true(slice_equal(got->before_notes, wanted->before_notes));
}

static void
every_message_is_read(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Slice frame = cases[i].bytes;
		Message message;

		assert_int_equal(wire_next(&frame, &message), WIRE_MESSAGE);
		check_equal(&message, &cases[i].message);
		assert_int_equal(wire_next(&frame, &message), WIRE_END);
	}
}

static void
a_frame_holds_many_messages(void **state)
{
	uint8_t bytes[1024];
	Slice frame = {bytes, 0};
	Message message;

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		memcpy(bytes + frame.len, cases[i].bytes.data, cases[i].bytes.len);
		frame.len += cases[i].bytes.len;
	}
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		assert_int_equal(wire_next(&frame, &message), WIRE_MESSAGE);
		check_equal(&message, &cases[i].message);
	}
	assert_int_equal(wire_next(&frame, &message), WIRE_END);
}

static void
messages_are_taken_unread(void **state)
{
	static const Slice senseless = BYTES("Z\0\0\0\2no");
	static const Slice two = BYTES("Z\0\0\0\2noe\0\0\0\0");
	Slice frame = two;
	Slice bytes;
	Message message;

	(void) state;
	assert_int_equal(wire_take(&frame, &bytes), WIRE_MESSAGE);
	assert_true(slice_equal(bytes, senseless));
	assert_false(wire_read(bytes, &message));
	assert_int_equal(wire_take(&frame, &bytes), WIRE_MESSAGE);
	assert_true(wire_read(bytes, &message));
	assert_int_equal(message.type, MESSAGE_STREAM_STOP);
	assert_int_equal(wire_take(&frame, &bytes), WIRE_END);
	frame = (Slice){two.data, senseless.len - 1};
	assert_int_equal(wire_take(&frame, &bytes), WIRE_MALFORMED);
}

/* In memory of its own exact size, so that the sanitizer sees a read beyond. */
static WireResult
read_copy(Slice bytes, size_t len)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);
	Slice frame = {copy, len};
	Message message = {.xid = 99};
	WireResult result;

	memcpy(copy, bytes.data, len);
	result = wire_next(&frame, &message);
	if (result == WIRE_MALFORMED)
	{
		assert_int_equal(frame.len, len);
		assert_int_equal(message.xid, 99);
	}
	free(copy);
	return result;
}

static void
truncated_messages_are_malformed(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t len = 1; len < cases[i].bytes.len; len++)
			assert_int_equal(read_copy(cases[i].bytes, len), WIRE_MALFORMED);
}

/* The header's length says one byte more or less than the fields have. */
static void
wrong_lengths_are_malformed(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		uint8_t bytes[128] = {0};
		size_t len = cases[i].bytes.len;

		memcpy(bytes, cases[i].bytes.data, len);
		put_be32(bytes + 1, (uint32_t) (len - WIRE_HEADER + 1));
		assert_int_equal(read_copy((Slice){bytes, len + 1}, len + 1), WIRE_MALFORMED);
		if (len == WIRE_HEADER)
			continue;
		put_be32(bytes + 1, (uint32_t) (len - WIRE_HEADER - 1));
		assert_int_equal(read_copy((Slice){bytes, len - 1}, len - 1), WIRE_MALFORMED);
	}
}

static void
texts_may_not_be_absent(void **state)
{
	static const Slice absent_name =
		BYTES("R\0\0\0\x18\0\0\0\1\0\0\x40\x01\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0");
	static const Slice absent_schema =
		BYTES("R\0\0\0\x18\0\0\0\1\0\0\x40\x01\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff");

	(void) state;
	assert_int_equal(read_copy(absent_name, absent_name.len), WIRE_MALFORMED);
	assert_int_equal(read_copy(absent_schema, absent_schema.len), WIRE_MALFORMED);
}

static void
unknown_types_are_malformed(void **state)
{
	(void) state;
	for (int type = 0; type < 256; type++)
	{
		const uint8_t bytes[WIRE_HEADER] = {(uint8_t) type};
		WireResult result = read_copy((Slice){bytes, sizeof bytes}, sizeof bytes);

		assert_int_equal(result, type == MESSAGE_STREAM_STOP ? WIRE_MESSAGE : WIRE_MALFORMED);
	}
}

/* Half of them begin like a message, to get further. */
static void
random_bytes_do_no_harm(void **state)
{
	uint64_t seed = 0x5eed;
	size_t read = 0;

	(void) state;
	for (int i = 0; i < RANDOM_FRAMES; i++)
	{
		uint8_t bytes[RANDOM_MAX];
		size_t len = next_random(&seed) % RANDOM_MAX;

		for (size_t j = 0; j < len; j++)
			bytes[j] = next_random(&seed) % 3 == 0 ? (uint8_t) next_random(&seed) : 0;
		if (i % 2 == 0 && len >= WIRE_HEADER)
		{
			bytes[0] = cases[next_random(&seed) % COUNT(cases)].bytes.data[0];
			put_be32(bytes + 1, (uint32_t) (len - WIRE_HEADER));
		}
		read += read_copy((Slice){bytes, len}, len) == WIRE_MESSAGE;
	}
	assert_true(read > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_is_read),
		cmocka_unit_test(a_frame_holds_many_messages),
		cmocka_unit_test(messages_are_taken_unread),
		cmocka_unit_test(truncated_messages_are_malformed),
		cmocka_unit_test(wrong_lengths_are_malformed),
		cmocka_unit_test(texts_may_not_be_absent),
		cmocka_unit_test(unknown_types_are_malformed),
		cmocka_unit_test(random_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

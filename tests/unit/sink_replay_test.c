/*
 * tests/unit/sink_replay_test.c - which records come again, in which order, and when not all are
 * there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "sink/replay.h"

static size_t destroyed;

/* In place of librdkafka's. */
void
rd_kafka_message_destroy(rd_kafka_message_t *message)
{
	(void) message;
	destroyed++;
}

static void
comes(Replay *replay, const rd_kafka_message_t *message)
{
	assert_ptr_equal(replay_next(replay), message);
}

static void
test_order(void **state)
{
	rd_kafka_message_t messages[5] = {{.len = 1}};
	Replay replay;

	(void) state;
	replay_init(&replay, 1 << 20);
	replay_keep(&replay, 1, &messages[0], true);
	replay_keep(&replay, 1, &messages[1], true);
	replay_keep(&replay, 0, &messages[2], true);
	assert_true(replay_rewind(&replay, 1, &messages[3]));
	comes(&replay, &messages[0]);
	replay_keep(&replay, 0, &messages[0], true);
	comes(&replay, &messages[1]);
	/* What is left of the first time comes behind. */
	assert_true(replay_rewind(&replay, 0, &messages[1]));
	for (size_t i = 0; i < 4; i++)
		comes(&replay, &messages[i]);
	assert_null(replay_next(&replay));
	replay_done(&replay);
}

/* Many records without any bytes, as tombstones that are passed over, take memory, too. */
static void
test_room(void **state)
{
	static rd_kafka_message_t messages[1000];
	Replay replay;

	(void) state;
	destroyed = 0;
	replay_init(&replay, 65536);
	replay_keep(&replay, 0, &messages[0], true);
	assert_true(replay_rewind(&replay, 0, NULL));
	comes(&replay, &messages[0]);
	for (size_t i = 0; i < COUNT(messages); i++)
		replay_keep(&replay, 0, &messages[i], true);
	assert_false(replay_rewind(&replay, 0, NULL));
	assert_int_equal(destroyed, COUNT(messages));
	replay_forget(&replay, 0);
	assert_true(replay_rewind(&replay, 0, NULL));
	replay_done(&replay);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

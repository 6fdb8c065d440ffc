/*
 * tests/unit/relay_feed_test.c - transactions in progress come out as others do, and a feed that
 * had to wait goes on where it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay_mock.h"

#include <string.h>

#define ROWS 500

static void
assert_values(const Mock *mock, const char *const *values, size_t count)
{
	assert_int_equal(mock->count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(mock->found[i].value, values[i]);
}

static void
a_transaction_in_progress_is_sent_at_its_commit(void **state)
{
	static const char *const values[] = {"other", "r1", "r2", "r3"};
	Mock *mock = mock_new(NULL);

	(void) state;
	put_stream_start(mock, 10);
	put_relation(mock, 1, "one", true);
	put_insert(mock, 1, 10, "a", "r1");
	put_insert(mock, 1, 11, "b", "r2");
	put_stream_stop(mock);
	mock_feed_all(mock);
	put_begin(mock, 20, 100);
	put_insert(mock, 1, 0, "o", "other");
	put_commit(mock, 20, 100);
	put_stream_start(mock, 10);
	put_insert(mock, 1, 10, "c", "r3");
	put_stream_stop(mock);
	mock_feed_all(mock);
	mock_read(mock, "p_one");
	assert_values(mock, values, 1);
	assert_int_equal(ledger_flush_lsn(mock->pipeline.ledger), 101);
	put_stream_commit(mock, 10, 200);
	mock_feed_all(mock);
	mock_read(mock, "p_one");
	assert_values(mock, values, COUNT(values));
	assert_true(mock->found[1].positioned);
	assert_int_equal(mock->found[1].position.commit_lsn, 200);
	assert_false(mock->found[2].positioned);
	assert_int_equal(ledger_flush_lsn(mock->pipeline.ledger), 201);
	assert_int_equal(spool_memory(mock->pipeline.spool), 0);
	mock_free(mock);
}

static void
what_is_rolled_back_never_comes_out(void **state)
{
	static const char *const values[] = {"kept", "late"};
	Mock *mock = mock_new(NULL);

	(void) state;
	put_relation(mock, 1, "one", true);
	put_stream_start(mock, 10);
	put_insert(mock, 1, 10, "a", "kept");
	put_insert(mock, 1, 11, "b", "gone");
	put_insert(mock, 1, 12, "b", "gone too");
	put_stream_stop(mock);
	put_stream_abort(mock, 10, 12);
	put_stream_abort(mock, 10, 11);
	put_stream_start(mock, 30);
	put_insert(mock, 1, 30, "x", "aborted whole");
	put_stream_stop(mock);
	put_stream_start(mock, 10);
	put_insert(mock, 1, 13, "c", "late");
	put_stream_stop(mock);
	put_stream_abort(mock, 30, 30);
	put_stream_commit(mock, 10, 100);
	mock_feed_all(mock);
	mock_read(mock, "p_one");
	assert_values(mock, values, COUNT(values));
	assert_int_equal(spool_memory(mock->pipeline.spool), 0);
	mock_free(mock);
}

static void
little_memory(Mock *mock)
{
	mock->options.stream_memory_bytes = 65536;
	properties_set(mock->connector, "producer.override.queue.buffering.max.messages", "7");
}

/* Kafka's queue is full at nearly every row, and most rows come from a file. */
static void
a_feed_that_waits_goes_on_where_it_was(void **state)
{
	static char values[2 * ROWS][1000];
	Mock *mock = mock_new(little_memory);

	(void) state;
	put_relation(mock, 1, "one", true);
	put_stream_start(mock, 10);
	for (int i = 0; i < ROWS; i++)
	{
		snprintf(values[i], sizeof values[i], "%0*d", 300 + i, i);
		put_insert(mock, 1, 10, "a", values[i]);
	}
	put_stream_stop(mock);
	put_stream_commit(mock, 10, 100);
	put_begin(mock, 20, 200);
	for (int i = ROWS; i < 2 * ROWS; i++)
	{
		snprintf(values[i], sizeof values[i], "%d", i);
		put_update(mock, 1, 0, "old", "new", values[i]);
	}
	put_commit(mock, 20, 200);
	mock_feed_all(mock);
	mock_read(mock, "p_one");
	assert_true(spool_spilled(mock->pipeline.spool) > 0);
	assert_int_equal(mock->count, 3 * ROWS);
	for (int i = 0; i < ROWS; i++)
	{
		assert_string_equal(mock->found[i].value, values[i]);
		assert_string_equal(mock->found[ROWS + 2 * i].key, "old");
		assert_null(mock->found[ROWS + 2 * i].value);
		assert_string_equal(mock->found[ROWS + 2 * i + 1].value, values[ROWS + i]);
	}
	for (int i = 0; i < 3 * ROWS; i++)
		assert_int_equal(mock->found[i].positioned, i == 0 || i == ROWS);
	mock_free(mock);
}

static void
rows_wait_for_their_schema_ids(void **state)
{
	static const char *const values[] = {"r1", "r2"};
	Mock *mock = mock_new(NULL);
	Error err = {0};

	(void) state;
	mock_registry_hold(true);
	put_relation(mock, 1, "one", true);
	put_begin(mock, 20, 100);
	put_insert(mock, 1, 0, "a", "r1");
	put_insert(mock, 1, 0, "b", "r2");
	put_commit(mock, 20, 100);
	assert_int_equal(mock_feed(mock, &err), FLOW_BLOCKED);
	assert_int_equal(feed_continue(mock->pipeline.feed, &err), FLOW_BLOCKED);
	mock_registry_release();
	assert_int_equal(feed_continue(mock->pipeline.feed, &err), FLOW_ON);
	mock_read(mock, "p_one");
	assert_values(mock, values, COUNT(values));
	mock_free(mock);
}

static void
rows_of_a_new_topic_wait_until_its_routing_is_stored(void **state)
{
	Mock *mock = mock_new(NULL);
	Error err = {0};

	(void) state;
	put_begin(mock, 20, 100);
	put_relation(mock, 1, "one", true);
	put_insert(mock, 1, 0, "a", "v");
	put_commit(mock, 20, 100);
	feed_frame(mock->pipeline.feed, buffer_slice(&mock->frame));
	assert_int_equal(feed_continue(mock->pipeline.feed, &err), FLOW_BLOCKED);
	assert_true(feed_routing_new(mock->pipeline.feed));
	assert_int_equal(era_partitions(&mock->position.eras.items[0], "p_one"), 1);
	assert_int_equal(emit_records(mock->pipeline.emit), 0);
	feed_routing_stored(mock->pipeline.feed);
	assert_int_equal(feed_continue(mock->pipeline.feed, &err), FLOW_ON);
	assert_int_equal(emit_records(mock->pipeline.emit), 1);
	mock_free(mock);
}

static void
keepalives_move_an_idle_slot_only(void **state)
{
	Mock *mock = mock_new(NULL);

	(void) state;
	feed_idle(mock->pipeline.feed, 50);
	assert_int_equal(ledger_flush_lsn(mock->pipeline.ledger), 50);
	put_relation(mock, 1, "one", true);
	put_begin(mock, 20, 100);
	put_insert(mock, 1, 0, "a", "v");
	mock_feed_all(mock);
	feed_idle(mock->pipeline.feed, 99);
	assert_int_equal(ledger_flush_lsn(mock->pipeline.ledger), 50);
	put_commit(mock, 20, 100);
	mock_feed_all(mock);
	feed_idle(mock->pipeline.feed, 300);
	mock_flush(mock);
	assert_int_equal(ledger_flush_lsn(mock->pipeline.ledger), 300);
	mock_free(mock);
}

static void
row_outside(Mock *mock)
{
	put_relation(mock, 1, "one", true);
	put_insert(mock, 1, 0, "a", "v");
}

static void
undefined_relation(Mock *mock)
{
	put_begin(mock, 1, 100);
	put_insert(mock, 9, 0, "a", "v");
}

static void
begin_twice(Mock *mock)
{
	put_begin(mock, 1, 100);
	put_begin(mock, 1, 100);
}

static void
commit_alone(Mock *mock)
{
	put_commit(mock, 1, 100);
}

static void
relation_twice(Mock *mock)
{
	put_relation(mock, 1, "one", true);
	put_relation(mock, 1, "one", true);
}

static void
half_a_message(Mock *mock)
{
	put_begin(mock, 1, 100);
	mock->frame.len -= 3;
}

/* In a transaction in progress, which is read at its commit. */
static void
half_a_row(Mock *mock)
{
	static const uint8_t row[] = {MESSAGE_INSERT, 0, 0, 0, 4, 0, 0, 0, 1};

	put_stream_start(mock, 10);
	buffer_append(&mock->frame, row, sizeof row);
	put_stream_stop(mock);
	put_stream_commit(mock, 10, 200);
}

static void
what_makes_no_sense_is_an_error(void **state)
{
	static void (*const frames[])(Mock *) = {row_outside,  undefined_relation, begin_twice,
											 commit_alone, relation_twice,	   half_a_message,
											 half_a_row};

	(void) state;
	for (size_t i = 0; i < COUNT(frames); i++)
	{
		Mock *mock = mock_new(NULL);
		Error err = {0};

		frames[i](mock);
		assert_int_equal(mock_feed(mock, &err), FLOW_FAILED);
		assert_int_equal(err.kind, ERROR_DATA);
		mock_free(mock);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_transaction_in_progress_is_sent_at_its_commit),
		cmocka_unit_test(what_is_rolled_back_never_comes_out),
		cmocka_unit_test(a_feed_that_waits_goes_on_where_it_was),
		cmocka_unit_test(rows_wait_for_their_schema_ids),
		cmocka_unit_test(rows_of_a_new_topic_wait_until_its_routing_is_stored),
		cmocka_unit_test(keepalives_move_an_idle_slot_only),
		cmocka_unit_test(what_makes_no_sense_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

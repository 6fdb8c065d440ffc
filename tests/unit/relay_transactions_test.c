/*
 * tests/unit/relay_transactions_test.c - BEGIN and END around the events of transactions, when
 * Kafka's queue is full at nearly every record and the registry is slow.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay_mock.h"

#include <string.h>

#define TOPIC "p_.transaction"

/* Avro's texts, each behind its length. */
#define BEGIN                                                                                      \
	"\x0a"                                                                                         \
	"BEGIN"
#define END                                                                                        \
	"\x06"                                                                                         \
	"END"

static void
with_transactions(Mock *mock)
{
	static char transaction[] = "transaction";

	rd_kafka_mock_topic_create(mock->cluster, TOPIC, 1, 1);
	properties_set(mock->connector, "producer.override.queue.buffering.max.messages", "1");
	mock->options.transaction_metadata = true;
	mock->options.debezium.transaction = transaction;
	mock->options.skipped = 1u << OPERATION_TRUNCATE;
}

static void
assert_marks(Mock *mock, const char *const *expected, size_t count)
{
	mock_read(mock, TOPIC);
	assert_int_equal(mock->count, count);
	for (size_t i = 0; i < count; i++)
	{
		const Found *found = &mock->found[i];

		if (strncmp(found->value, expected[i], strlen(expected[i])) != 0)
			fail_msg("record %zu is no %s", i, expected[i] + 1);
		/* Its own number in its partition, and nothing about rows. */
		assert_int_equal(found->positioned, i % 2 == 0);
		assert_string_equal(found->headers, "");
		assert_true(found->timestamp_ms == 1700000000123);
	}
}

/* How often each row is there tells of a place that was lost. */
static void
rows_and_marks_come_once(void **state)
{
	static const char *const expected[] = {BEGIN, END, BEGIN, END};
	Mock *mock = mock_new(with_transactions);

	(void) state;
	put_relation(mock, 1, "one", true);
	put_stream_start(mock, 10);
	put_insert(mock, 1, 10, "a", "1");
	put_insert(mock, 1, 11, "a", "rolled back");
	put_insert(mock, 1, 10, "a", "2");
	put_stream_stop(mock);
	put_stream_abort(mock, 10, 11);
	put_stream_commit(mock, 10, 100);
	put_begin(mock, 20, 200);
	put_update(mock, 1, 0, "a", "b", "3");
	put_delete(mock, 1, 0, "b");
	put_commit(mock, 20, 200);
	mock_feed_all(mock);
	mock_flush(mock);
	assert_int_equal(ledger_flush_lsn(mock->pipeline.ledger), 201);
	assert_marks(mock, expected, COUNT(expected));
	mock_read(mock, "p_one");
	assert_int_equal(mock->count, 5);
	mock_free(mock);
}

static void
a_transaction_without_events_has_no_marks(void **state)
{
	static const char *const expected[] = {BEGIN, END};
	Mock *mock = mock_new(with_transactions);

	(void) state;
	put_relation(mock, 1, "one", true);
	put_begin(mock, 20, 200);
	put_truncate(mock, 1, 0);
	put_commit(mock, 20, 200);
	put_begin(mock, 21, 300);
	put_truncate(mock, 1, 0);
	put_insert(mock, 1, 0, "a", "1");
	put_commit(mock, 21, 300);
	mock_feed_all(mock);
	assert_marks(mock, expected, COUNT(expected));
	mock_free(mock);
}

static void
nothing_goes_before_the_schemas(void **state)
{
	static const char *const expected[] = {BEGIN, END};
	Mock *mock;
	Error err;

	(void) state;
	mock_registry_hold(true);
	mock = mock_new(with_transactions);
	put_relation(mock, 1, "one", true);
	put_begin(mock, 20, 200);
	put_insert(mock, 1, 0, "a", "1");
	put_commit(mock, 20, 200);
	assert_int_equal(mock_feed(mock, &err), FLOW_BLOCKED);
	assert_int_equal(emit_records(mock->pipeline.emit), 0);
	mock_registry_release();
	/* The feed has the frame already. */
	buffer_clear(&mock->frame);
	mock_feed_all(mock);
	assert_marks(mock, expected, COUNT(expected));
	mock_free(mock);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_and_marks_come_once),
		cmocka_unit_test(a_transaction_without_events_has_no_marks),
		cmocka_unit_test(nothing_goes_before_the_schemas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

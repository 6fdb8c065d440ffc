/*
 * tests/unit/relay_producer_test.c - what a broker's errors do: nothing that it can get over is
 * seen, nothing else is passed over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay_mock.h"

#include <string.h>

#define PRODUCE_REQUEST 0 /* ApiKey */
#define ROWS			200
#define WAIT_MS			15000

static void
put_rows(Mock *mock, uint64_t lsn)
{
	char value[16];

	put_begin(mock, 1, lsn);
	for (int i = 0; i < ROWS; i++)
	{
		snprintf(value, sizeof value, "%d", i);
		put_insert(mock, 1, 0, "a", value);
	}
	put_commit(mock, 1, lsn);
}

static void
assert_rows_once_in_order(Mock *mock, int times)
{
	mock_read(mock, "p_one");
	assert_int_equal(mock->count, times * ROWS);
	for (size_t i = 0; i < mock->count; i++)
		assert_int_equal(atoi(mock->found[i].value), i % ROWS);
}

/*
 * One request at a time: the mock cluster does not look at sequence numbers. A real broker refuses
 * what follows a batch that it has refused; the mock takes it, and librdkafka rightly concludes
 * that the first is there as well.
 */
static void
small_batches(Mock *mock)
{
	properties_set(mock->connector, "producer.override.max.in.flight.requests.per.connection", "1");
	properties_set(mock->connector, "producer.override.batch.num.messages", "10");
}

static void
errors_that_heal_are_not_seen(void **state)
{
	static const rd_kafka_resp_err_t errors[] = {
		RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
		RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
		RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
		RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
	};

	(void) state;
	for (size_t i = 0; i < COUNT(errors); i++)
	{
		Mock *mock = mock_new(small_batches);

		put_relation(mock, 1, "one", true);
		mock_feed_all(mock);
		rd_kafka_mock_push_request_errors(mock->cluster, PRODUCE_REQUEST, 3, errors[i], errors[i],
										  errors[i]);
		put_rows(mock, 100);
		mock_feed_all(mock);
		assert_rows_once_in_order(mock, 1);
		assert_int_equal(ledger_flush_lsn(mock->pipeline.ledger), 101);
		mock_free(mock);
	}
}

/* Acknowledged only when there is a leader again, and nothing is confirmed before. */
static void
a_partition_without_a_leader_is_waited_for(void **state)
{
	Mock *mock = mock_new(NULL);
	int64_t until;
	Error err = {0};

	(void) state;
	put_relation(mock, 1, "one", true);
	put_rows(mock, 100);
	mock_feed_all(mock);
	mock_flush(mock);
	rd_kafka_mock_broker_set_down(mock->cluster, 1);
	put_rows(mock, 200);
	mock_feed_all(mock);
	until = loop_now_ms() + 500;
	while (loop_now_ms() < until)
	{
		loop_once(mock->loop, 50);
		assert_true(pipeline_check(&mock->pipeline, &err));
	}
	assert_int_equal(ledger_flush_lsn(mock->pipeline.ledger), 101);
	assert_int_equal(ledger_pending(mock->pipeline.ledger), ROWS);
	rd_kafka_mock_broker_set_up(mock->cluster, 1);
	assert_rows_once_in_order(mock, 2);
	assert_int_equal(ledger_flush_lsn(mock->pipeline.ledger), 201);
	mock_free(mock);
}

/* The producer must say so within a time; the error is given back. */
static Error
failure(Mock *mock)
{
	int64_t deadline = loop_now_ms() + WAIT_MS;
	Error err = {0};

	while (loop_now_ms() < deadline && pipeline_check(&mock->pipeline, &err))
		loop_once(mock->loop, 100);
	return err;
}

static void
a_record_that_is_too_large_is_named(void **state)
{
	Mock *mock = mock_new(NULL);
	Error err;

	(void) state;
	put_relation(mock, 1, "one", true);
	mock_feed_all(mock);
	rd_kafka_mock_push_request_errors(mock->cluster, PRODUCE_REQUEST, 1,
									  RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
	put_begin(mock, 1, 100);
	put_insert(mock, 1, 0, "a", "0123456789");
	put_commit(mock, 1, 100);
	mock_feed_all(mock);
	err = failure(mock);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.message, "\"p_one\""));
	assert_non_null(strstr(err.message, "21 bytes"));
	assert_non_null(strstr(err.message, "max.message.bytes"));
	assert_int_equal(ledger_flush_lsn(mock->pipeline.ledger), 1);
	mock_free(mock);
}

static void
little_room(Mock *mock)
{
	properties_set(mock->connector, "producer.override.message.max.bytes", "2000");
}

static void
a_record_larger_than_the_override_is_named(void **state)
{
	static char value[3000];
	Mock *mock = mock_new(little_room);
	Error err = {0};

	(void) state;
	memset(value, 'x', sizeof value - 1);
	put_relation(mock, 1, "one", true);
	put_begin(mock, 1, 100);
	put_insert(mock, 1, 0, "a", value);
	assert_int_equal(mock_feed(mock, &err), FLOW_FAILED);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.message, "\"p_one\""));
	mock_free(mock);
}

static void
a_refused_topic_is_an_error_for_a_person(void **state)
{
	Mock *mock = mock_new(NULL);
	Error err;

	(void) state;
	put_relation(mock, 1, "one", true);
	mock_feed_all(mock);
	rd_kafka_mock_push_request_errors(mock->cluster, PRODUCE_REQUEST, 1,
									  RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
	put_rows(mock, 100);
	/* It may be known before the last row is fed. */
	if (mock_feed(mock, &err) == FLOW_ON)
		err = failure(mock);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.message, "\"p_one\""));
	mock_free(mock);
}

/* Whatever happened to a batch in the middle, nothing behind it may count. */
static void
an_unknown_failure_ends_the_producer(void **state)
{
	Mock *mock = mock_new(small_batches);
	Error err;

	(void) state;
	put_relation(mock, 1, "one", true);
	mock_feed_all(mock);
	rd_kafka_mock_push_request_errors(mock->cluster, PRODUCE_REQUEST, 2, RD_KAFKA_RESP_ERR_NO_ERROR,
									  RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
	put_rows(mock, 100);
	if (mock_feed(mock, &err) == FLOW_ON)
		err = failure(mock);
	assert_int_equal(err.kind, ERROR_RETRY);
	assert_int_equal(ledger_flush_lsn(mock->pipeline.ledger), 1);
	mock_free(mock);
}

static void
what_a_guarantee_stands_on_cannot_be_overridden(void **state)
{
	Properties *worker = properties_new();
	Properties *connector = properties_new();
	const ProducerOptions options = {.worker = worker, .connector = connector};
	Loop *loop = loop_new();
	Producer *producer;
	Error err = {0};

	(void) state;
	properties_set(worker, "bootstrap.servers", "127.0.0.1:1");
	properties_set(connector, "producer.override.acks", "1");
	assert_false(producer_new(loop, &options, &producer, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.message, "acks"));
	loop_free(loop);
	properties_free(worker);
	properties_free(connector);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_that_heal_are_not_seen),
		cmocka_unit_test(a_partition_without_a_leader_is_waited_for),
		cmocka_unit_test(a_record_that_is_too_large_is_named),
		cmocka_unit_test(a_record_larger_than_the_override_is_named),
		cmocka_unit_test(a_refused_topic_is_an_error_for_a_person),
		cmocka_unit_test(an_unknown_failure_ends_the_producer),
		cmocka_unit_test(what_a_guarantee_stands_on_cannot_be_overridden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

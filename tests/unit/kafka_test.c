/*
 * tests/unit/kafka_test.c - looking topics up and reading them, against librdkafka's mock cluster.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/kafka.h"
#include "core/log.h"

#include <librdkafka/rdkafka_mock.h>
#include <string.h>

#define TIMEOUT_MS 10000
#define PARTITIONS 3
#define MESSAGES   100

AUTO_DEFINE(Properties, properties_free)

typedef struct Cluster
{
	rd_kafka_t *producer;
	rd_kafka_mock_cluster_t *mock;
	Properties *worker;
} Cluster;

static int
setup(void **state)
{
	static Cluster cluster;
	char problem[512];

	cluster.producer =
		rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), problem, sizeof problem);
	if (cluster.producer == NULL)
		return -1;
	cluster.mock = rd_kafka_mock_cluster_new(cluster.producer, 1);
	rd_kafka_brokers_add(cluster.producer, rd_kafka_mock_cluster_bootstraps(cluster.mock));
	cluster.worker = properties_new();
	properties_set(cluster.worker, "bootstrap.servers",
				   rd_kafka_mock_cluster_bootstraps(cluster.mock));
	*state = &cluster;
	return 0;
}

static int
teardown(void **state)
{
	Cluster *cluster = *state;

	properties_free(cluster->worker);
	rd_kafka_mock_cluster_destroy(cluster->mock);
	rd_kafka_destroy(cluster->producer);
	return 0;
}

/* Writes messages "0", "1", ... to the partitions in turn. */
static void
fill(Cluster *cluster, const char *topic, int count)
{
	for (int i = 0; i < count; i++)
	{
		AUTO_TEXT char *value = xasprintf("%d", i);

		assert_int_equal(rd_kafka_producev(cluster->producer, RD_KAFKA_V_TOPIC(topic),
										   RD_KAFKA_V_PARTITION(i % PARTITIONS),
										   RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
										   RD_KAFKA_V_VALUE(value, strlen(value)), RD_KAFKA_V_END),
						 RD_KAFKA_RESP_ERR_NO_ERROR);
	}
	assert_int_equal(rd_kafka_flush(cluster->producer, TIMEOUT_MS), RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void
topics_are_looked_up_and_not_made(void **state)
{
	Cluster *cluster = *state;

	rd_kafka_mock_topic_create(cluster->mock, "three", PARTITIONS, 1);
	for (int i = 0; i < 2; i++) /* a look-up that makes the topic would find it the second time */
	{
		bool exists = true;
		int partitions = 7;
		Error err;

		assert_true(
			kafka_partitions(cluster->producer, "none", TIMEOUT_MS, &exists, &partitions, &err));
		assert_false(exists);
		assert_true(
			kafka_partitions(cluster->producer, "three", TIMEOUT_MS, &exists, &partitions, &err));
		assert_true(exists);
		assert_int_equal(partitions, PARTITIONS);
	}
}

/* What was read, by partition. */
typedef struct Read
{
	int64_t next[PARTITIONS];
	int count;
	int stop_at;
} Read;

static bool
visit(void *context, const rd_kafka_message_t *message, Error *err)
{
	Read *read = context;
	AUTO_TEXT char *value =
		xasprintf("%d", (int) read->next[message->partition] * PARTITIONS + message->partition);

	assert_int_equal(message->offset, read->next[message->partition]);
	assert_int_equal(message->len, strlen(value));
	assert_memory_equal(message->payload, value, message->len);
	read->next[message->partition]++;
	read->count++;
	return read->count != read->stop_at || error_set(err, ERROR_DATA, "enough");
}

static void
a_topic_is_read_to_its_end(void **state)
{
	Cluster *cluster = *state;
	Read read = {0};
	Error err = {0};

	rd_kafka_mock_topic_create(cluster->mock, "full", PARTITIONS, 1);
	fill(cluster, "full", MESSAGES);
	if (!kafka_read_all(cluster->worker, "full", TIMEOUT_MS, visit, &read, &err))
		fail_msg("%s", err.message);
	assert_int_equal(read.count, MESSAGES);
}

static void
empty_and_missing_topics_are_empty(void **state)
{
	Cluster *cluster = *state;
	Read read = {0};
	Error err;

	rd_kafka_mock_topic_create(cluster->mock, "empty", PARTITIONS, 1);
	assert_true(kafka_read_all(cluster->worker, "empty", TIMEOUT_MS, visit, &read, &err));
	assert_true(kafka_read_all(cluster->worker, "missing", TIMEOUT_MS, visit, &read, &err));
	assert_int_equal(read.count, 0);
}

static void
the_visitor_may_end_the_reading(void **state)
{
	Cluster *cluster = *state;
	Read read = {.stop_at = 5};
	Error err;

	rd_kafka_mock_topic_create(cluster->mock, "stop", PARTITIONS, 1);
	fill(cluster, "stop", MESSAGES);
	assert_false(kafka_read_all(cluster->worker, "stop", TIMEOUT_MS, visit, &read, &err));
	assert_int_equal(read.count, 5);
	assert_int_equal(err.kind, ERROR_DATA);
	assert_string_equal(err.message, "enough");
}

static void
brokers_that_are_away_are_waited_for(void **state)
{
	AUTO(Properties) *worker = properties_new();
	Read read = {0};
	Error err;

	(void) state;
	properties_set(worker, "bootstrap.servers", "127.0.0.1:1");
	assert_false(kafka_read_all(worker, "any", 200, visit, &read, &err));
	assert_int_equal(err.kind, ERROR_RETRY);
	assert_non_null(strstr(err.message, "\"any\""));
}

static void
errors_have_a_kind(void **state)
{
	(void) state;
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR__TRANSPORT), ERROR_RETRY);
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR__TIMED_OUT), ERROR_RETRY);
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR__FATAL), ERROR_RETRY);
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS), ERROR_RETRY);
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR_NOT_COORDINATOR), ERROR_RETRY);
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), ERROR_CONFIG);
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR__AUTHENTICATION), ERROR_CONFIG);
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), ERROR_CONFIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topics_are_looked_up_and_not_made),
		cmocka_unit_test(a_topic_is_read_to_its_end),
		cmocka_unit_test(empty_and_missing_topics_are_empty),
		cmocka_unit_test(the_visitor_may_end_the_reading),
		cmocka_unit_test(brokers_that_are_away_are_waited_for),
		cmocka_unit_test(errors_have_a_kind),
	};

	log_set_level("error");
	return cmocka_run_group_tests(tests, setup, teardown);
}

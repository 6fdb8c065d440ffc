/*
 * core/kafka.c - see kafka.h; the configuration is made in kafka_conf.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/kafka.h"

#include "core/loop.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MESSAGE_SIZE 512
#define POLL_MS		 100

typedef const struct rd_kafka_metadata Metadata;

AUTO_DEFINE(Metadata, rd_kafka_metadata_destroy)
AUTO_DEFINE(Properties, properties_free)
AUTO_DEFINE(rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy)
AUTO_DEFINE(rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy)
AUTO_DEFINE(rd_kafka_queue_t, rd_kafka_queue_destroy)
AUTO_DEFINE(rd_kafka_event_t, rd_kafka_event_destroy)
AUTO_DEFINE(rd_kafka_topic_t, rd_kafka_topic_destroy)
AUTO_DEFINE(rd_kafka_message_t, rd_kafka_message_destroy)

/* What stays as it is until a person changes something. */
static const rd_kafka_resp_err_t hopeless[] = {
	RD_KAFKA_RESP_ERR__AUTHENTICATION,
	RD_KAFKA_RESP_ERR__INVALID_ARG,
	RD_KAFKA_RESP_ERR__NOT_CONFIGURED,
	RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED,
	RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE,
	RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
	RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
	RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE,
	RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL,
	RD_KAFKA_RESP_ERR_INVALID_CONFIG,
	RD_KAFKA_RESP_ERR_INVALID_GROUP_ID,
	RD_KAFKA_RESP_ERR_INVALID_PARTITIONS,
	RD_KAFKA_RESP_ERR_INVALID_RECORD,
	RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR,
	RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS,
	RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT,
	RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP,
	RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT,
	RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
	RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
	RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
	RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
	RD_KAFKA_RESP_ERR_SECURITY_DISABLED,
	RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
	RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, /* a name that no topic can have */
	RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
	RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT,
	RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM,
	RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION,
};

ErrorKind
kafka_kind(rd_kafka_resp_err_t code)
{
	for (size_t i = 0; i < COUNT(hopeless); i++)
		if (hopeless[i] == code)
			return ERROR_CONFIG;
	return ERROR_RETRY;
}

static bool
failed(rd_kafka_resp_err_t code, const char *what, const char *topic, const char *words, Error *err)
{
	return error_set(err, kafka_kind(code), "cannot %s topic \"%s\": %s (%s)", what, topic,
					 words == NULL ? rd_kafka_err2str(code) : words, rd_kafka_err2name(code));
}

/* Asks for all topics: a question for one topic would make a broker create it that creates topics
 * by itself. */
bool
kafka_partitions(rd_kafka_t *client, const char *topic, int timeout_ms, bool *exists,
				 int *partitions, Error *err)
{
	Metadata *answer = NULL;
	rd_kafka_resp_err_t code = rd_kafka_metadata(client, 1, NULL, &answer, timeout_ms);
	AUTO(Metadata) *metadata = answer;

	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return failed(code, "look up", topic, NULL, err);
	*exists = false;
	*partitions = 0;
	for (int i = 0; i < metadata->topic_cnt; i++)
	{
		const struct rd_kafka_metadata_topic *found = &metadata->topics[i];

		if (strcmp(found->topic, topic) != 0)
			continue;
		if (found->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
			return failed(found->err, "look up", topic, NULL, err);
		*exists = found->partition_cnt > 0;
		*partitions = found->partition_cnt;
	}
	return true;
}

static bool
new_topic(const char *topic, int partitions, int replication_factor, const char *const *config,
		  rd_kafka_NewTopic_t **out, Error *err)
{
	char problem[MESSAGE_SIZE];
	AUTO(rd_kafka_NewTopic_t) *fresh =
		rd_kafka_NewTopic_new(topic, partitions, replication_factor, problem, sizeof problem);

	if (fresh == NULL)
		return error_set(err, ERROR_CONFIG, "cannot create topic \"%s\": %s", topic, problem);
	for (; config != NULL && config[0] != NULL; config += 2)
		if (rd_kafka_NewTopic_set_config(fresh, config[0], config[1]) != RD_KAFKA_RESP_ERR_NO_ERROR)
			return error_set(err, ERROR_CONFIG, "cannot create topic \"%s\": invalid setting %s=%s",
							 topic, config[0], config[1]);
	*out = fresh;
	fresh = NULL;
	return true;
}

/* What the broker says on the one topic that was asked for. */
static bool
creation_answer(rd_kafka_event_t *event, const char *topic, Error *err)
{
	const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(event);
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	const rd_kafka_topic_result_t **topics;
	size_t count;

	if (code != RD_KAFKA_RESP_ERR_NO_ERROR || result == NULL)
		return failed(code, "create", topic, rd_kafka_event_error_string(event), err);
	topics = rd_kafka_CreateTopics_result_topics(result, &count);
	for (size_t i = 0; i < count; i++)
	{
		code = rd_kafka_topic_result_error(topics[i]);
		if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
			return failed(code, "create", topic, rd_kafka_topic_result_error_string(topics[i]),
						  err);
	}
	return true;
}

bool
kafka_create_topic(rd_kafka_t *client, const char *topic, int partitions, int replication_factor,
				   const char *const *config, int timeout_ms, Error *err)
{
	AUTO(rd_kafka_NewTopic_t) *wanted = NULL;
	AUTO(rd_kafka_queue_t) *queue = rd_kafka_queue_new(client);
	AUTO(rd_kafka_AdminOptions_t) *options =
		rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
	char problem[MESSAGE_SIZE];

	if (!new_topic(topic, partitions, replication_factor, config, &wanted, err))
		return false;
	if (rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, problem, sizeof problem) !=
			RD_KAFKA_RESP_ERR_NO_ERROR ||
		rd_kafka_AdminOptions_set_operation_timeout(options, timeout_ms, problem, sizeof problem) !=
			RD_KAFKA_RESP_ERR_NO_ERROR)
		return error_set(err, ERROR_CONFIG, "cannot create topic \"%s\": %s", topic, problem);
	rd_kafka_CreateTopics(client, &wanted, 1, options, queue);

	/* The request's own timeout ends the wait; the queue's is only a net below it. */
	AUTO(rd_kafka_event_t) *event = rd_kafka_queue_poll(queue, 2 * timeout_ms);

	if (event == NULL)
		return failed(RD_KAFKA_RESP_ERR__TIMED_OUT, "create", topic, NULL, err);
	return creation_answer(event, topic, err);
}

/* One reading of a topic to its end. */
typedef struct Reading
{
	rd_kafka_t *client;
	const char *topic;
	int64_t deadline_ms;
	int64_t *starts;
	int64_t *ends; /* of each partition: the offset behind what is to be read; 0: done */
	int partitions;
	int open; /* partitions not at their end */
} Reading;

static int
time_left(const Reading *reading)
{
	int64_t left = reading->deadline_ms - loop_now_ms();

	return left < 0 ? 0 : (int) left;
}

/* Where a partition begins and ends. All are asked before the first is read: a question behind a
 * fetch that waits for more waits with it. */
static bool
look_at_partition(Reading *reading, int partition, Error *err)
{
	rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
		reading->client, reading->topic, partition, &reading->starts[partition],
		&reading->ends[partition], time_left(reading));

	return code == RD_KAFKA_RESP_ERR_NO_ERROR || failed(code, "read", reading->topic, NULL, err);
}

static bool
start_partition(Reading *reading, rd_kafka_topic_t *topic, rd_kafka_queue_t *queue, int partition,
				Error *err)
{
	if (reading->starts[partition] >= reading->ends[partition])
	{
		reading->ends[partition] = 0;
		return true;
	}
	reading->open++;
	return rd_kafka_consume_start_queue(topic, partition, reading->starts[partition], queue) == 0 ||
		   failed(rd_kafka_last_error(), "read", reading->topic, NULL, err);
}

static void
finish_partition(Reading *reading, rd_kafka_topic_t *topic, int partition)
{
	if (reading->ends[partition] == 0)
		return;
	rd_kafka_consume_stop(topic, partition);
	reading->ends[partition] = 0;
	reading->open--;
}

/* At the end there may be records of nobody: those of aborted transactions, or compacted ones. Then
 * the partition's end comes as an event of its own. */
static bool
take_message(Reading *reading, rd_kafka_topic_t *topic, const rd_kafka_message_t *message,
			 KafkaVisit *visit, void *context, Error *err)
{
	int partition = message->partition;

	if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
	{
		finish_partition(reading, topic, partition);
		return true;
	}
	if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return failed(message->err, "read", reading->topic, rd_kafka_message_errstr(message), err);

	/* What was written after the reading began, or already fetched when the partition was done. */
	if (message->offset >= reading->ends[partition])
	{
		finish_partition(reading, topic, partition);
		return true;
	}
	if (!visit(context, message, err))
		return false;
	if (message->offset + 1 >= reading->ends[partition])
		finish_partition(reading, topic, partition);
	return true;
}

static bool
read_partitions(Reading *reading, rd_kafka_topic_t *topic, KafkaVisit *visit, void *context,
				Error *err)
{
	AUTO(rd_kafka_queue_t) *queue = rd_kafka_queue_new(reading->client);
	bool ok = true;

	for (int i = 0; ok && i < reading->partitions; i++)
		ok = look_at_partition(reading, i, err);
	if (!ok)
		return false;
	for (int i = 0; ok && i < reading->partitions; i++)
		ok = start_partition(reading, topic, queue, i, err);
	while (ok && reading->open > 0)
	{
		AUTO(rd_kafka_message_t) *message = rd_kafka_consume_queue(queue, POLL_MS);

		rd_kafka_poll(reading->client, 0);
		if (message != NULL)
			ok = take_message(reading, topic, message, visit, context, err);
		else if (time_left(reading) == 0)
			ok = failed(RD_KAFKA_RESP_ERR__TIMED_OUT, "read", reading->topic, NULL, err);
	}
	for (int i = 0; i < reading->partitions; i++)
		finish_partition(reading, topic, i);
	return ok;
}

bool
kafka_client_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, rd_kafka_t **client, Error *err)
{
	char problem[MESSAGE_SIZE];

	*client = rd_kafka_new(type, conf, problem, sizeof problem);
	if (*client != NULL)
		return true;
	rd_kafka_conf_destroy(conf);
	return error_set(err, ERROR_CONFIG, "%s", problem);
}

static rd_kafka_t *
new_reader(const Properties *worker, Error *err)
{
	static const KafkaSetting settings[] = {
		{"enable.partition.eof", "true", true},
		{"isolation.level", "read_committed", true},
		{"auto.offset.reset", "error", true},
		{"fetch.wait.max.ms", "10", true},
		{0},
	};
	AUTO(Properties) *own = kafka_own_properties(worker);
	rd_kafka_conf_t *conf;
	rd_kafka_t *client;

	if (!kafka_conf_new("consumer", settings, own, NULL, &conf, err))
		return NULL;
	if (!kafka_client_new(RD_KAFKA_CONSUMER, conf, &client, err))
		error_add(err, "cannot make a Kafka consumer");
	return client;
}

bool
kafka_read_all(const Properties *worker, const char *topic, int timeout_ms, KafkaVisit *visit,
			   void *context, Error *err)
{
	Reading reading = {.topic = topic, .deadline_ms = loop_now_ms() + timeout_ms};
	AUTO(rd_kafka_t) *client = new_reader(worker, err);
	bool exists;
	bool ok;

	if (client == NULL)
		return false;
	reading.client = client;
	if (!kafka_partitions(client, topic, timeout_ms, &exists, &reading.partitions, err))
		return false;
	if (!exists)
		return true;
	AUTO(rd_kafka_topic_t) *handle = rd_kafka_topic_new(client, topic, NULL);

	if (handle == NULL)
		return failed(rd_kafka_last_error(), "read", topic, NULL, err);
	reading.starts = xcalloc((size_t) reading.partitions, sizeof *reading.starts);
	reading.ends = xcalloc((size_t) reading.partitions, sizeof *reading.ends);
	ok = read_partitions(&reading, handle, visit, context, err);
	free(reading.starts);
	free(reading.ends);
	return ok;
}

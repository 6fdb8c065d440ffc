/*
 * core/kafka_topic.c - see kafka.h: topics, and what librdkafka's errors mean.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/kafka.h"

#include "core/log.h"

#include <string.h>

AUTO_DEFINE(rd_kafka_topic_t, rd_kafka_topic_destroy)
AUTO_DEFINE(rd_kafka_queue_t, rd_kafka_queue_destroy)
AUTO_DEFINE(rd_kafka_event_t, rd_kafka_event_destroy)
AUTO_DEFINE(rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy)
AUTO_DEFINE(rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy)
AUTO_DEFINE(rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy)

/* Errors that only a person can mend. Everything else is the broker's or the network's trouble. */
static const rd_kafka_resp_err_t for_a_person[] = {
	RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
	RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
	RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
	RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
	RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
	RD_KAFKA_RESP_ERR__AUTHENTICATION,
	RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
	RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
	RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
	RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
	RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT,
	RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR,
	RD_KAFKA_RESP_ERR_INVALID_PARTITIONS,
	RD_KAFKA_RESP_ERR_INVALID_CONFIG,
	RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE,
	RD_KAFKA_RESP_ERR__INVALID_ARG,
};

ErrorKind
kafka_kind(rd_kafka_resp_err_t code)
{
	for (size_t i = 0; i < sizeof for_a_person / sizeof for_a_person[0]; i++)
		if (for_a_person[i] == code)
			return ERROR_CONFIG;
	return ERROR_RETRY;
}

static bool
topic_error(Error *err, const char *topic, rd_kafka_resp_err_t code, const char *text)
{
	return error_set(err, kafka_kind(code), "topic \"%s\": %s", topic,
					 text != NULL ? text : rd_kafka_err2str(code));
}

bool
kafka_partitions(rd_kafka_t *client, const char *topic, int timeout_ms, bool *exists,
				 int *partitions, Error *err)
{
	AUTO(rd_kafka_topic_t) *handle = rd_kafka_topic_new(client, topic, NULL);
	const struct rd_kafka_metadata *metadata;
	rd_kafka_resp_err_t code;
	int count = 0;

	if (handle == NULL)
		return topic_error(err, topic, rd_kafka_last_error(), NULL);
	code = rd_kafka_metadata(client, 0, handle, &metadata, timeout_ms);
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return topic_error(err, topic, code, NULL);
	if (metadata->topic_cnt == 1)
	{
		code = metadata->topics[0].err;
		count = metadata->topics[0].partition_cnt;
	}
	rd_kafka_metadata_destroy(metadata);
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return topic_error(err, topic, code, NULL);
	*exists = code == RD_KAFKA_RESP_ERR_NO_ERROR && count > 0;
	*partitions = count;
	return true;
}

/* Waits for the answer to CreateTopics. A topic that another has made meanwhile is as good. */
static bool
created(rd_kafka_queue_t *queue, const char *topic, int timeout_ms, Error *err)
{
	AUTO(rd_kafka_event_t) *event = rd_kafka_queue_poll(queue, timeout_ms + 1000);
	const rd_kafka_CreateTopics_result_t *result =
		event != NULL ? rd_kafka_event_CreateTopics_result(event) : NULL;
	const rd_kafka_topic_result_t **topics;
	rd_kafka_resp_err_t code;
	size_t count;

	if (result == NULL)
		return topic_error(err, topic, RD_KAFKA_RESP_ERR__TIMED_OUT, NULL);
	if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return topic_error(err, topic, rd_kafka_event_error(event),
						   rd_kafka_event_error_string(event));
	topics = rd_kafka_CreateTopics_result_topics(result, &count);
	code = rd_kafka_topic_result_error(topics[0]);
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
		return true;
	return topic_error(err, topic, code, rd_kafka_topic_result_error_string(topics[0]));
}

bool
kafka_create_topic(rd_kafka_t *client, const char *topic, int partitions, int replication_factor,
				   const char *const *config, int timeout_ms, Error *err)
{
	char problem[512];
	AUTO(rd_kafka_NewTopic_t) *new_topic =
		rd_kafka_NewTopic_new(topic, partitions, replication_factor, problem, sizeof problem);
	AUTO(rd_kafka_AdminOptions_t) *options =
		rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
	AUTO(rd_kafka_queue_t) *queue = rd_kafka_queue_new(client);

	if (new_topic == NULL)
		return error_set(err, ERROR_CONFIG, "topic \"%s\": %s", topic, problem);
	for (; config != NULL && config[0] != NULL; config += 2)
		rd_kafka_NewTopic_set_config(new_topic, config[0], config[1]);
	rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, problem, sizeof problem);
	rd_kafka_AdminOptions_set_operation_timeout(options, timeout_ms, problem, sizeof problem);
	rd_kafka_CreateTopics(client, &new_topic, 1, options, queue);
	return created(queue, topic, timeout_ms, err);
}

/* ---- Reading a whole topic ---- */

typedef struct Reading
{
	rd_kafka_t *consumer;
	const char *topic;
	int timeout_ms;
	rd_kafka_topic_partition_list_t *ends; /* offset: where each partition ends now */
	int unfinished;
} Reading;

static bool
find_ends(Reading *reading, int partitions, Error *err)
{
	for (int p = 0; p < partitions; p++)
	{
		int64_t low;
		int64_t high;
		rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
			reading->consumer, reading->topic, p, &low, &high, reading->timeout_ms);

		if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
			return topic_error(err, reading->topic, code, NULL);
		if (high > low)
		{
			rd_kafka_topic_partition_list_add(reading->ends, reading->topic, p)->offset = high;
			reading->unfinished++;
		}
	}
	return true;
}

static bool
assign_beginnings(Reading *reading, Error *err)
{
	AUTO(rd_kafka_topic_partition_list_t) *starts =
		rd_kafka_topic_partition_list_copy(reading->ends);
	rd_kafka_resp_err_t code;

	for (int i = 0; i < starts->cnt; i++)
		starts->elems[i].offset = RD_KAFKA_OFFSET_BEGINNING;
	code = rd_kafka_assign(reading->consumer, starts);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR || topic_error(err, reading->topic, code, NULL);
}

/* The partition has been read up to offset: finished when nothing is left of what it had, or can be
 * read of it. */
static void
advance(Reading *reading, int32_t partition, int64_t offset, bool at_end)
{
	rd_kafka_topic_partition_t *end =
		rd_kafka_topic_partition_list_find(reading->ends, reading->topic, partition);

	if (end == NULL || end->offset < 0 || (!at_end && offset < end->offset))
		return;
	end->offset = RD_KAFKA_OFFSET_INVALID;
	reading->unfinished--;
}

static bool
read_to_ends(Reading *reading, KafkaVisit *visit, void *context, Error *err)
{
	while (reading->unfinished > 0)
	{
		rd_kafka_message_t *message =
			rd_kafka_consumer_poll(reading->consumer, reading->timeout_ms);
		bool good = true;

		if (message == NULL)
			return topic_error(err, reading->topic, RD_KAFKA_RESP_ERR__TIMED_OUT, NULL);
		/* Markers of transactions, and what is behind an open one, are not delivered: the end is an
		 * event. */
		if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
			advance(reading, message->partition, message->offset, true);
		else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
			good = topic_error(err, reading->topic, message->err, rd_kafka_message_errstr(message));
		else
		{
			good = visit(context, message, err);
			advance(reading, message->partition, message->offset + 1, false);
		}
		rd_kafka_message_destroy(message);
		if (!good)
			return false;
	}
	return true;
}

static bool
read_existing(Reading *reading, KafkaVisit *visit, void *context, Error *err)
{
	bool exists;
	int partitions;

	if (!kafka_partitions(reading->consumer, reading->topic, reading->timeout_ms, &exists,
						  &partitions, err))
		return false;
	if (!exists)
		return true;
	return find_ends(reading, partitions, err) &&
		   (reading->unfinished == 0 ||
			(assign_beginnings(reading, err) && read_to_ends(reading, visit, context, err)));
}

bool
kafka_read_all(const Properties *worker, const char *topic, int timeout_ms, KafkaVisit *visit,
			   void *context, Error *err)
{
	static const KafkaSetting settings[] = {{"group.id", "wal2avro-reader", true},
											{"enable.auto.commit", "false", true},
											{"enable.partition.eof", "true", true},
											{"allow.auto.create.topics", "false", true},
											{NULL, NULL, false}};
	AUTO(rd_kafka_topic_partition_list_t) *ends = rd_kafka_topic_partition_list_new(1);
	Reading reading = {.topic = topic, .timeout_ms = timeout_ms, .ends = ends};
	AUTO(rd_kafka_t) *consumer = NULL;
	rd_kafka_conf_t *conf;
	char problem[512];

	if (!kafka_conf_new("consumer", settings, worker, NULL, &conf, err))
		return false;
	consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, problem, sizeof problem);
	if (consumer == NULL)
	{
		rd_kafka_conf_destroy(conf);
		return error_set(err, ERROR_CONFIG, "cannot make a consumer: %s", problem);
	}
	rd_kafka_poll_set_consumer(consumer);
	reading.consumer = consumer;
	return read_existing(&reading, visit, context, err);
}

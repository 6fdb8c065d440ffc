/*
 * sink/deadletters.c - see deadletters.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/deadletters.h"

#include "core/kafka.h"
#include "core/log.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define TOPIC_TIMEOUT_MS 5000

/* What the acknowledgement stands on: every replica has the record, and no time is too long. */
#define GUARANTEES                                                                                 \
	{"acks", "all", true}, {"enable.idempotence", "true", true},                                   \
	{                                                                                              \
		"message.timeout.ms", "0", true                                                            \
	}

struct DeadLetters
{
	const Settings *settings;
	int64_t task;
	rd_kafka_t *client;
	rd_kafka_queue_t *queue;
	Loop *loop;
	int wake_fd;
	size_t open;
	uintptr_t generation; /* of the records that count; raised by deadletters_forget */
	Error error;		  /* of a record that was not taken */
};

/* Connect's names for what happened (DeadLetterQueueReporter.populateContextHeaders); readers look
 * for them. */
static const struct
{
	const char *stage;
	const char *class_name;
	const char *exception;
} stages[] = {
	[DEAD_KEY_CONVERTER] = {"KEY_CONVERTER", "io.confluent.connect.avro.AvroConverter",
							"org.apache.kafka.connect.errors.DataException"},
	[DEAD_VALUE_CONVERTER] = {"VALUE_CONVERTER", "io.confluent.connect.avro.AvroConverter",
							  "org.apache.kafka.connect.errors.DataException"},
	[DEAD_TASK_PUT] = {"TASK_PUT", "org.apache.kafka.connect.sink.SinkTask",
					   "java.sql.SQLException"},
};

static void
on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
	DeadLetters *letters = opaque;

	(void) client;
	if ((uintptr_t) message->_private != letters->generation)
		return;
	letters->open--;
	if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		error_set(&letters->error, kafka_kind(message->err),
				  "dead letter topic \"%s\" did not take a record: %s",
				  letters->settings->dlq_topic, rd_kafka_err2str(message->err));
}

static void
on_wake(void *context, int revents)
{
	const DeadLetters *letters = context;
	uint64_t count;

	(void) revents;
	if (read(letters->wake_fd, &count, sizeof count) < 0)
		return;
}

void
deadletters_check(const Properties *connector, Report *report)
{
	static const KafkaSetting guarantees[] = {GUARANTEES, {NULL, NULL, false}};

	kafka_conf_check("producer", guarantees, connector, report);
}

static bool
make_client(DeadLetters *letters, const Properties *worker, const Properties *connector, Error *err)
{
	static const uint64_t one = 1;
	AUTO_TEXT char *client_id =
		xasprintf("connector-dlq-producer-%.100s-%" PRId64, letters->settings->name, letters->task);
	const KafkaSetting fixed[] = {
		{"client.id", client_id, false},
		GUARANTEES,
		{"linger.ms", "0", false},
		{NULL, NULL, false},
	};
	rd_kafka_conf_t *conf;

	if (!kafka_conf_new("producer", fixed, worker, connector, &conf, err))
		return false;
	rd_kafka_conf_set_opaque(conf, letters);
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	if (!kafka_client_new(RD_KAFKA_PRODUCER, conf, &letters->client, err))
		return error_add(err, "cannot make a Kafka producer");
	letters->queue = rd_kafka_queue_get_main(letters->client);
	letters->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	rd_kafka_queue_io_event_enable(letters->queue, letters->wake_fd, &one, sizeof one);
	loop_watch(letters->loop, letters->wake_fd, POLLIN, on_wake, letters);
	return true;
}

static bool
make_topic(const DeadLetters *letters, Error *err)
{
	const char *topic = letters->settings->dlq_topic;
	bool exists;
	int partitions;

	return kafka_partitions(letters->client, topic, TOPIC_TIMEOUT_MS, &exists, &partitions, err) &&
		   (exists ||
			kafka_create_topic(letters->client, topic, 1, (int) letters->settings->dlq_replication,
							   NULL, TOPIC_TIMEOUT_MS, err));
}

bool
deadletters_new(const Settings *settings, const Properties *worker, const Properties *connector,
				int64_t task, Loop *loop, DeadLetters **out, Error *err)
{
	DeadLetters *letters = xcalloc(1, sizeof *letters);

	letters->settings = settings;
	letters->task = task;
	letters->loop = loop;
	if (!make_client(letters, worker, connector, err) || !make_topic(letters, err))
	{
		deadletters_free(letters);
		return error_add(err, "errors.deadletterqueue.topic.name");
	}
	*out = letters;
	return true;
}

void
deadletters_free(DeadLetters *letters)
{
	if (letters == NULL)
		return;
	if (letters->client != NULL)
	{
		rd_kafka_queue_io_event_enable(letters->queue, -1, NULL, 0);
		loop_forget(letters->loop, letters->wake_fd);
		rd_kafka_queue_destroy(letters->queue);
		rd_kafka_destroy(letters->client);
		close(letters->wake_fd);
	}
	free(letters);
}

rd_kafka_headers_t *
deadletters_headers(const Settings *settings, int64_t task, const rd_kafka_message_t *message,
					DeadStage stage, const char *reason)
{
	AUTO_TEXT char *partition = xasprintf("%" PRId32, message->partition);
	AUTO_TEXT char *offset = xasprintf("%" PRId64, message->offset);
	AUTO_TEXT char *number = xasprintf("%" PRId64, task);
	AUTO_TEXT char *trace = xasprintf("%s: %s", stages[stage].exception, reason);
	const char *const context[][2] = {
		{"topic", rd_kafka_topic_name(message->rkt)},
		{"partition", partition},
		{"offset", offset},
		{"connector.name", settings->name},
		{"task.id", number},
		{"stage", stages[stage].stage},
		{"class.name", stages[stage].class_name},
		{"exception.class.name", stages[stage].exception},
		{"exception.message", reason},
		{"exception.stacktrace", trace},
	};
	rd_kafka_headers_t *original;
	rd_kafka_headers_t *headers;

	headers = rd_kafka_message_headers(message, &original) == RD_KAFKA_RESP_ERR_NO_ERROR
				  ? rd_kafka_headers_copy(original)
				  : rd_kafka_headers_new(sizeof context / sizeof *context);
	for (size_t i = 0; settings->dlq_headers && i < sizeof context / sizeof *context; i++)
	{
		AUTO_TEXT char *name = xasprintf("__connect.errors.%s", context[i][0]);

		rd_kafka_header_add(headers, name, -1, context[i][1], -1);
	}
	return headers;
}

bool
deadletters_send(DeadLetters *letters, const rd_kafka_message_t *message, DeadStage stage,
				 const char *reason, Error *err)
{
	rd_kafka_headers_t *headers =
		deadletters_headers(letters->settings, letters->task, message, stage, reason);
	rd_kafka_timestamp_type_t type;
	const int64_t timestamp = rd_kafka_message_timestamp(message, &type);
	const rd_kafka_resp_err_t code = rd_kafka_producev(
		letters->client, RD_KAFKA_V_TOPIC(letters->settings->dlq_topic),
		RD_KAFKA_V_KEY(message->key, message->key_len),
		RD_KAFKA_V_VALUE(message->payload, message->len), RD_KAFKA_V_HEADERS(headers),
		RD_KAFKA_V_TIMESTAMP(type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? 0 : timestamp),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE((void *) letters->generation),
		RD_KAFKA_V_END);

	if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		letters->open++;
		return true;
	}
	rd_kafka_headers_destroy(headers);
	return error_set(err, kafka_kind(code), "dead letter topic \"%s\" does not take a record: %s",
					 letters->settings->dlq_topic, rd_kafka_err2str(code));
}

bool
deadletters_poll(DeadLetters *letters, Error *err)
{
	rd_kafka_poll(letters->client, 0);
	if (letters->error.kind == ERROR_NONE)
		return true;
	*err = letters->error;
	letters->error.kind = ERROR_NONE;
	return false;
}

size_t
deadletters_open(const DeadLetters *letters)
{
	return letters->open;
}

void
deadletters_forget(DeadLetters *letters)
{
	letters->generation++;
	letters->open = 0;
	letters->error.kind = ERROR_NONE;
}

/*
 * relay/producer.c - see producer.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/producer.h"

#include "core/log.h"
#include "relay/limits.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* One blocking call of librdkafka; between two of them signals are looked at. */
#define SLICE_MS 1000

/* librdkafka sends without lingering for as long as somebody waits in rd_kafka_flush. */
#define HASTEN_MS 1

#define LAST_WORDS_MS 500
#define SHORT_MS	  20

/* LOG_WARNING of syslog(3), which shares names with our own levels. */
#define SYSLOG_WARNING 4
#define ABORT_MS	   5000

struct Producer
{
	Loop *loop;
	rd_kafka_t *client;
	rd_kafka_queue_t *queue;
	Ledger *ledger;
	int event_fd;
	uint64_t positions_acked;
	Metrics *metrics;
	const rd_kafka_topic_t *counted; /* the topic of the traffic at hand */
	Traffic *traffic;
	Error failed;		   /* of kind ERROR_NONE while all is well */
	char *too_large_topic; /* the failure is a record of this size for this topic */
	size_t too_large_bytes;
};

/* On the fixed ones the promise stands that nothing is lost, doubled or reordered. The topic's own
 * max.message.bytes decides about size. */
#define COMMON_SETTINGS                                                                            \
	{"enable.idempotence", "true", true}, {"acks", "all", true},                                   \
		{"message.timeout.ms", "0", true}, {"log.queue", "true", true}, {"linger.ms", "5", false}, \
		{"batch.num.messages", "100000", false}, {"queue.buffering.max.kbytes", "32768", false},   \
		{"queue.buffering.max.messages", "100000", false},                                         \
	{                                                                                              \
		"message.max.bytes", "1000000000", false                                                   \
	}

static void
fail(Producer *producer, const Error *err)
{
	/* What only a person can heal says more than the fatal error that it leads to. */
	if (producer->failed.kind == ERROR_NONE ||
		(producer->failed.kind == ERROR_RETRY && err->kind != ERROR_RETRY))
		producer->failed = *err;
}

static void
too_large(rd_kafka_t *client, const char *topic, size_t bytes, Error *err)
{
	AUTO_TEXT char *limit = limits_message_bytes(client, topic);

	error_set(
		err, ERROR_CONFIG,
		"a record of %zu bytes is larger than topic \"%s\" takes (max.message.bytes = %s); raise "
		"the topic's max.message.bytes (or the broker's message.max.bytes)",
		bytes, topic, limit == NULL ? "unknown" : limit);
}

static void
count(Producer *producer, const rd_kafka_message_t *message)
{
	if (message->rkt != producer->counted)
	{
		producer->counted = message->rkt;
		producer->traffic = metrics_topic(producer->metrics, rd_kafka_topic_name(message->rkt));
	}
	if (producer->traffic == NULL)
		return;
	producer->traffic->rows++;
	producer->traffic->bytes += message->len;
}

static void
delivered(rd_kafka_t *client, const rd_kafka_message_t *message, void *context)
{
	Producer *producer = context;
	TxnSeq txn = (TxnSeq) (uintptr_t) message->_private;
	const char *topic;
	Error err;

	(void) client;
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		if (txn == 0)
		{
			producer->positions_acked++;
			return;
		}
		count(producer, message);
		if (producer->ledger != NULL)
			ledger_acked(producer->ledger, txn);
		return;
	}
	topic = rd_kafka_topic_name(message->rkt);
	if (message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE && producer->too_large_topic == NULL)
	{
		producer->too_large_topic = xstrdup(topic);
		producer->too_large_bytes = message->len + message->key_len;
	}
	error_set(&err, kafka_kind(message->err), "topic \"%s\": %s", topic,
			  rd_kafka_err2str(message->err));
	fail(producer, &err);
}

static void
trouble(rd_kafka_t *client, int code, const char *reason, void *context)
{
	Producer *producer = context;
	char text[512];
	rd_kafka_resp_err_t fatal;
	Error err;

	if (code != RD_KAFKA_RESP_ERR__FATAL)
	{
		log_warn("kafka: %s", reason);
		return;
	}
	fatal = rd_kafka_fatal_error(client, text, sizeof text);
	error_set(&err, fatal == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ? ERROR_CONFIG : ERROR_RETRY,
			  "kafka ended the producer: %s: %s", rd_kafka_err2name(fatal), text);
	fail(producer, &err);
}

/* What librdkafka logs and trouble() says already, or is known: a setting of ours is experimental.
 */
static bool
is_noise(const char *facility, const char *text)
{
	static const char *const said[] = {"FAIL", "FATAL", "ERROR"};

	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		if (strcmp(facility, said[i]) == 0)
			return true;
	return strcmp(facility, "CONFWARN") == 0 && strstr(text, "gapless") != NULL;
}

static void
say(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
	bool worth_it = level <= SYSLOG_WARNING && !is_noise(facility, text);

	(void) client;
	log_write(worth_it ? LOG_WARN : LOG_DEBUG, "kafka: %s: %s", facility, text);
}

static void
ready(void *context, int revents)
{
	Producer *producer = context;
	uint64_t count;

	/* Only wakes the loop; producer_poll follows. */
	if ((revents & POLLIN) != 0 && read(producer->event_fd, &count, sizeof count) < 0)
		return;
}

void
producer_check(const Properties *connector, Report *report)
{
	static const KafkaSetting settings[] = {
		COMMON_SETTINGS,
		{"enable.gapless.guarantee", "true", true},
		{NULL, NULL, false},
	};
	static const KafkaSetting none[] = {{NULL, NULL, false}};

	kafka_conf_check("producer", settings, connector, report);
	kafka_conf_check("admin", none, connector, report);
}

static bool
client_new(Producer *producer, const ProducerOptions *options, Error *err)
{
	const KafkaSetting settings[] = {
		COMMON_SETTINGS,
		{"client.id", options->client_id, false},
		{"enable.gapless.guarantee", "true", true},
		{NULL, NULL, false},
	};
	/* With transactions: no gaps are theirs to see to. */
	const KafkaSetting transactional_settings[] = {
		COMMON_SETTINGS,
		{"client.id", options->client_id, false},
		{"transaction.timeout.ms", "900000", false},
		{NULL, NULL, false},
	};
	AUTO(rd_kafka_conf_t) *conf = NULL;
	char problem[512];

	if (!kafka_conf_new("producer",
						options->transactional_id != NULL ? transactional_settings : settings,
						options->worker, options->connector, &conf, err))
		return false;
	rd_kafka_conf_set_opaque(conf, producer);
	rd_kafka_conf_set_dr_msg_cb(conf, delivered);
	rd_kafka_conf_set_error_cb(conf, trouble);
	rd_kafka_conf_set_log_cb(conf, say);
	if (options->transactional_id != NULL &&
		rd_kafka_conf_set(conf, "transactional.id", options->transactional_id, problem,
						  sizeof problem) != RD_KAFKA_CONF_OK)
		return error_set(err, ERROR_CONFIG, "kafka: %s", problem);
	producer->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, problem, sizeof problem);
	if (producer->client == NULL)
		return error_set(err, ERROR_CONFIG, "kafka: %s", problem);
	conf = NULL;
	rd_kafka_set_log_queue(producer->client, NULL);
	return true;
}

bool
producer_new(Loop *loop, const ProducerOptions *options, Producer **out, Error *err)
{
	static const uint64_t one = 1;
	Producer *producer = xcalloc(1, sizeof *producer);

	producer->loop = loop;
	producer->ledger = options->ledger;
	producer->metrics = options->metrics;
	producer->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (producer->event_fd < 0 || !client_new(producer, options, err))
	{
		if (producer->event_fd < 0)
			error_set(err, ERROR_RETRY, "eventfd: %m");
		producer_free(producer);
		return false;
	}
	producer->queue = rd_kafka_queue_get_main(producer->client);
	rd_kafka_queue_io_event_enable(producer->queue, producer->event_fd, &one, sizeof one);
	loop_watch(loop, producer->event_fd, POLLIN, ready, producer);
	*out = producer;
	return true;
}

void
producer_free(Producer *producer)
{
	if (producer == NULL)
		return;
	if (producer->client != NULL)
	{
		/* What is queued comes again from the stored position. */
		producer->ledger = NULL;
		rd_kafka_purge(producer->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
		rd_kafka_queue_io_event_enable(producer->queue, -1, NULL, 0);
		rd_kafka_queue_destroy(producer->queue);
		rd_kafka_destroy_flags(producer->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
		loop_forget(producer->loop, producer->event_fd);
	}
	if (producer->event_fd >= 0)
		close(producer->event_fd);
	free(producer->too_large_topic);
	free(producer);
}

rd_kafka_t *
producer_client(Producer *producer)
{
	return producer->client;
}

Metrics *
producer_metrics(const Producer *producer)
{
	return producer->metrics;
}

/* Why the producer is at its end. A fatal error comes before the failed deliveries that say which
 * message it was, and why. */
static void
last_words(Producer *producer, Error *err)
{
	int64_t deadline_ms = loop_now_ms() + LAST_WORDS_MS;

	while (producer->failed.kind != ERROR_CONFIG && loop_now_ms() < deadline_ms)
		rd_kafka_poll(producer->client, SHORT_MS);
	*err = producer->failed;
	/* Asked for here and not in a callback, where librdkafka must not be waited for. */
	if (producer->too_large_topic != NULL)
		too_large(producer->client, producer->too_large_topic, producer->too_large_bytes, err);
}

bool
producer_poll(Producer *producer, Error *err)
{
	rd_kafka_poll(producer->client, 0);
	if (producer->failed.kind == ERROR_NONE)
		return true;
	last_words(producer, err);
	return false;
}

void
producer_hasten(Producer *producer)
{
	rd_kafka_flush(producer->client, HASTEN_MS);
}

/* Whether a record is larger than the whole queue: waiting for room would be for ever. */
static bool
never_fits(const Producer *producer, size_t bytes, Error *err)
{
	char value[32];
	size_t size = sizeof value;
	unsigned long long kbytes;

	if (rd_kafka_conf_get(rd_kafka_conf(producer->client), "queue.buffering.max.kbytes", value,
						  &size) != RD_KAFKA_CONF_OK)
		return false;
	kbytes = strtoull(value, NULL, 10);
	if (bytes / 1024 < kbytes)
		return false;
	error_set(err, ERROR_CONFIG,
			  "a record of %zu bytes does not fit into the producer's queue of %llu; set "
			  "producer.override.buffer.memory to more than that, and the topic's "
			  "max.message.bytes",
			  bytes, kbytes * 1024);
	return true;
}

ProduceResult
producer_send(Producer *producer, const Record *record, Error *err)
{
	rd_kafka_resp_err_t code;

	code = rd_kafka_producev(
		producer->client, RD_KAFKA_V_RKT(record->topic), RD_KAFKA_V_PARTITION(record->partition),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(record->key.data, record->key.len),
		RD_KAFKA_V_VALUE((void *) (uintptr_t) record->value.data, record->value.len),
		RD_KAFKA_V_TIMESTAMP(record->timestamp_ms), RD_KAFKA_V_HEADERS(record->headers),
		RD_KAFKA_V_OPAQUE((void *) (uintptr_t) record->opaque), RD_KAFKA_V_END);
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
		return PRODUCE_DONE;
	if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
		return never_fits(producer, record->key.len + record->value.len, err) ? PRODUCE_FAILED
																			  : PRODUCE_FULL;
	if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
		too_large(producer->client, rd_kafka_topic_name(record->topic),
				  record->key.len + record->value.len, err);
	else if (code == RD_KAFKA_RESP_ERR__FATAL)
	{
		fail(producer, &(Error){ERROR_RETRY, "kafka ended the producer"});
		last_words(producer, err);
	}
	else
		error_set(err, kafka_kind(code), "topic \"%s\" partition %" PRId32 ": %s",
				  rd_kafka_topic_name(record->topic), record->partition, rd_kafka_err2str(code));
	return PRODUCE_FAILED;
}

uint64_t
producer_positions_acked(const Producer *producer)
{
	return producer->positions_acked;
}

/* What a call of the transactional producer says; NULL is success. Takes the error over. */
static bool
transaction_error(rd_kafka_error_t *error, const char *what, Error *err)
{
	rd_kafka_resp_err_t code;

	if (error == NULL)
		return true;
	code = rd_kafka_error_code(error);
	if (code == RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT)
		error_set(err, ERROR_CONFIG,
				  "%s: the broker does not allow a transaction.timeout.ms of 900000; set "
				  "producer.override.transaction.timeout.ms to at most the broker's "
				  "transaction.max.timeout.ms (a first copy must end within it), or raise that",
				  what);
	else
		error_set(err, rd_kafka_error_is_fatal(error) ? ERROR_RETRY : kafka_kind(code), "%s: %s",
				  what, rd_kafka_error_string(error));
	rd_kafka_error_destroy(error);
	return false;
}

/* Calls until it is decided: a call that timed out is taken up again where it was. */
static bool
transaction_call(Producer *producer, rd_kafka_error_t *(*call)(rd_kafka_t *, int), const char *what,
				 Error *err)
{
	for (;;)
	{
		rd_kafka_error_t *error = call(producer->client, SLICE_MS);

		if (!producer_poll(producer, err))
		{
			if (error != NULL)
				rd_kafka_error_destroy(error);
			return false;
		}
		if (error == NULL || !rd_kafka_error_is_retriable(error))
			return transaction_error(error, what, err);
		rd_kafka_error_destroy(error);
		loop_once(producer->loop, 0);
		if (loop_stopping(producer->loop))
			return error_set(err, ERROR_RETRY, "%s: interrupted", what);
	}
}

bool
producer_init_transactions(Producer *producer, Error *err)
{
	return transaction_call(producer, rd_kafka_init_transactions,
							"beginning a transactional producer", err);
}

bool
producer_begin(Producer *producer, Error *err)
{
	return transaction_error(rd_kafka_begin_transaction(producer->client),
							 "beginning a Kafka transaction", err);
}

bool
producer_commit(Producer *producer, Error *err)
{
	return transaction_call(producer, rd_kafka_commit_transaction, "committing a Kafka transaction",
							err);
}

void
producer_abort(Producer *producer)
{
	rd_kafka_error_t *error;

	rd_kafka_purge(producer->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	error = rd_kafka_abort_transaction(producer->client, ABORT_MS);
	if (error == NULL)
		return;
	log_debug("aborting a Kafka transaction: %s", rd_kafka_error_string(error));
	rd_kafka_error_destroy(error);
}

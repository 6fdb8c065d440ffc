/*
 * sink/consumer.c - see consumer.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/consumer.h"

#include "core/log.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How long a question to a broker may take: for a message, and to wake a fetcher. */
#define WATERMARKS_TIMEOUT_MS 5000
#define WAKE_TIMEOUT_MS		  500

/* Messages in librdkafka's queue at which it stops to fetch: some 300 bytes of memory each. */
#define QUEUE_MESSAGES "100000"

/* After an assignment the fetchers are waked after so long, then after four times as long, ... */
#define NUDGE_FIRST_MS 4
#define NUDGE_MAX_MS   500

/* Messages between two looks at the length of the queue. */
#define LOOK_EVERY 1024

struct Consumer
{
	rd_kafka_t *client;
	rd_kafka_queue_t *queue;
	Loop *loop;
	int wake_fd;
	LoopFire *ready;
	void *context;
	Rebalance rebalance;
	rd_kafka_topic_partition_list_t *assignment; /* of REBALANCE_ASSIGN */
	bool closing;
	bool paused;
	size_t queue_messages; /* limits of the queue: messages and bytes */
	size_t queue_bytes;
	size_t since_look; /* messages and bytes since the last look */
	size_t bytes_since_look;
	bool was_full;
	LoopTimer *nudge; /* after consumer_start */
	int64_t nudge_ms; /* until the next one */
};

static int
by_topic_and_number(const void *left, const void *right)
{
	const Partition *a = left;
	const Partition *b = right;
	const int order = strcmp(a->topic, b->topic);

	return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

static void
set_rebalance(Consumer *consumer, Rebalance rebalance,
			  const rd_kafka_topic_partition_list_t *partitions)
{
	if (consumer->assignment != NULL)
		rd_kafka_topic_partition_list_destroy(consumer->assignment);
	consumer->assignment =
		partitions == NULL ? NULL : rd_kafka_topic_partition_list_copy(partitions);
	consumer->rebalance = rebalance;
}

static void
on_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t code,
			 rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
	Consumer *consumer = opaque;

	if (consumer->closing)
		rd_kafka_assign(client, NULL);
	else if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
		set_rebalance(consumer, REBALANCE_ASSIGN, partitions);
	else
		set_rebalance(consumer,
					  rd_kafka_assignment_lost(client) ? REBALANCE_LOST : REBALANCE_REVOKE, NULL);
}

static void
on_commit(rd_kafka_t *client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *offsets,
		  void *opaque)
{
	(void) client, (void) offsets, (void) opaque;
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR__NO_OFFSET)
		log_debug("the group's offsets were not taken: %s", rd_kafka_err2str(code));
}

/* Any request makes a broker's thread look again at what it may fetch: this one goes to the leader.
 */
static bool
wake_fetcher(Consumer *consumer, const char *topic, int32_t partition)
{
	int64_t low;
	int64_t high;

	return rd_kafka_query_watermark_offsets(consumer->client, topic, partition, &low, &high,
											WAKE_TIMEOUT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* After an assignment, too, librdkafka 2.0.2 begins to fetch up to a second late. */
static void
on_nudge(void *context)
{
	Consumer *consumer = context;
	rd_kafka_topic_partition_list_t *list;

	if (rd_kafka_queue_length(consumer->queue) > 0 ||
		rd_kafka_assignment(consumer->client, &list) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	for (int i = 0; i < list->cnt; i++)
		if (!wake_fetcher(consumer, list->elems[i].topic, list->elems[i].partition))
			break;
	rd_kafka_topic_partition_list_destroy(list);
	consumer->nudge_ms *= 4;
	if (consumer->nudge_ms < NUDGE_MAX_MS)
		loop_timer_arm(consumer->nudge, consumer->nudge_ms);
}

static void
on_wake(void *context, int revents)
{
	Consumer *consumer = context;
	uint64_t count;

	(void) revents;
	if (read(consumer->wake_fd, &count, sizeof count) == (ssize_t) sizeof count)
		consumer->ready(consumer->context);
}

static bool
make_conf(const Settings *settings, const Properties *worker, const Properties *connector,
		  rd_kafka_conf_t **conf, Error *err)
{
	AUTO_TEXT char *group = xasprintf("connect-%s", settings->name);
	AUTO_TEXT char *client = xasprintf("%.100s", group);
	AUTO_TEXT char *kbytes = xasprintf("%" PRId64, settings->fetch_bytes / 1024);
	const KafkaSetting fixed[] = {
		{"group.id", group, false},
		{"client.id", client, false},
		{"enable.auto.commit", "false", true},
		{"enable.auto.offset.store", "false", true},
		{"isolation.level", "read_committed", true},
		/* The stored offset alone says where to begin: nothing is skipped or repeated silently. */
		{"auto.offset.reset", "error", true},
		{"partition.assignment.strategy", "range,roundrobin", true},
		/* A killed process keeps its partitions from the next one for so long. */
		{"session.timeout.ms", "10000", false},
		{"queued.max.messages.kbytes", kbytes, false},
		{"queued.min.messages", QUEUE_MESSAGES, false},
		/* One request at a time per broker: idle partitions must not keep the others waiting. */
		{"fetch.wait.max.ms", "100", false},
		{NULL, NULL, false},
	};

	return kafka_conf_new("consumer", fixed, worker, connector, conf, err);
}

static bool
subscribe(Consumer *consumer, const Settings *settings, Error *err)
{
	rd_kafka_topic_partition_list_t *topics =
		rd_kafka_topic_partition_list_new((int) settings->topics.count);

	for (size_t i = 0; i < settings->topics.count; i++)
		rd_kafka_topic_partition_list_add(topics, settings->topics.items[i], RD_KAFKA_PARTITION_UA);

	const rd_kafka_resp_err_t code = rd_kafka_subscribe(consumer->client, topics);

	rd_kafka_topic_partition_list_destroy(topics);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
		   error_set(err, ERROR_CONFIG, "cannot subscribe to the topics: %s",
					 rd_kafka_err2str(code));
}

bool
consumer_new(const Settings *settings, const Properties *worker, const Properties *connector,
			 Loop *loop, LoopFire *ready, void *context, Consumer **out, Error *err)
{
	static const uint64_t one = 1;
	char problem[512];
	rd_kafka_conf_t *conf;

	if (!make_conf(settings, worker, connector, &conf, err))
		return false;

	Consumer *consumer = xcalloc(1, sizeof *consumer);

	consumer->loop = loop;
	consumer->nudge = loop_timer_new(loop, on_nudge, consumer);
	consumer->ready = ready;
	consumer->context = context;
	consumer->queue_messages = strtoul(QUEUE_MESSAGES, NULL, 10);
	consumer->queue_bytes = (size_t) settings->fetch_bytes;
	consumer->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	rd_kafka_conf_set_opaque(conf, consumer);
	rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
	rd_kafka_conf_set_offset_commit_cb(conf, on_commit);
	consumer->client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, problem, sizeof problem);
	if (consumer->client == NULL)
	{
		rd_kafka_conf_destroy(conf);
		consumer_free(consumer);
		return error_set(err, ERROR_CONFIG, "cannot make a Kafka consumer: %s", problem);
	}
	rd_kafka_poll_set_consumer(consumer->client);
	consumer->queue = rd_kafka_queue_get_consumer(consumer->client);
	rd_kafka_queue_io_event_enable(consumer->queue, consumer->wake_fd, &one, sizeof one);
	loop_watch(loop, consumer->wake_fd, POLLIN, on_wake, consumer);
	if (!subscribe(consumer, settings, err))
	{
		consumer_free(consumer);
		return false;
	}
	*out = consumer;
	return true;
}

void
consumer_free(Consumer *consumer)
{
	if (consumer == NULL)
		return;
	if (consumer->client != NULL)
	{
		consumer->closing = true;
		if (consumer->rebalance != REBALANCE_NONE)
			rd_kafka_assign(consumer->client, NULL);
		rd_kafka_queue_io_event_enable(consumer->queue, -1, NULL, 0);
		loop_forget(consumer->loop, consumer->wake_fd);
		rd_kafka_consumer_close(consumer->client);
		rd_kafka_queue_destroy(consumer->queue);
		rd_kafka_destroy(consumer->client);
	}
	set_rebalance(consumer, REBALANCE_NONE, NULL);
	loop_timer_free(consumer->nudge);
	close(consumer->wake_fd);
	free(consumer);
}

Rebalance
consumer_rebalance(const Consumer *consumer)
{
	return consumer->rebalance;
}

Partition *
consumer_assignment(const Consumer *consumer, size_t *count)
{
	const rd_kafka_topic_partition_list_t *list = consumer->assignment;

	*count = list == NULL ? 0 : (size_t) list->cnt;

	Partition *partitions = xcalloc(*count + 1, sizeof *partitions);

	for (size_t i = 0; i < *count; i++)
	{
		partitions[i] = (Partition){.topic = xstrdup(list->elems[i].topic),
									.number = list->elems[i].partition,
									.next_offset = OFFSETS_NONE,
									.committed = OFFSETS_NONE};
		positions_init(&partitions[i].positions);
	}
	qsort(partitions, *count, sizeof *partitions, by_topic_and_number);
	return partitions;
}

static rd_kafka_topic_partition_list_t *
list_of(const Partition *partitions, size_t count)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int) count);

	for (size_t i = 0; i < count; i++)
	{
		rd_kafka_topic_partition_t *item =
			rd_kafka_topic_partition_list_add(list, partitions[i].topic, partitions[i].number);

		item->offset = partitions[i].next_offset == OFFSETS_NONE ? RD_KAFKA_OFFSET_BEGINNING
																 : partitions[i].next_offset;
	}
	return list;
}

bool
consumer_start(Consumer *consumer, const Partition *partitions, size_t count, Error *err)
{
	rd_kafka_topic_partition_list_t *list = list_of(partitions, count);
	rd_kafka_resp_err_t code;

	/* Only where it is needed, and before: resuming makes librdkafka throw away the first fetch. */
	if (consumer->paused)
		rd_kafka_resume_partitions(consumer->client, list);
	consumer->paused = false;
	code = rd_kafka_assign(consumer->client, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return error_set(err, ERROR_RETRY, "cannot read the assigned partitions: %s",
						 rd_kafka_err2str(code));
	consumer->nudge_ms = NUDGE_FIRST_MS;
	loop_timer_arm(consumer->nudge, consumer->nudge_ms);
	if (consumer->rebalance == REBALANCE_ASSIGN)
		set_rebalance(consumer, REBALANCE_NONE, NULL);
	return true;
}

bool
consumer_stop(Consumer *consumer, Error *err)
{
	const rd_kafka_resp_err_t code = rd_kafka_assign(consumer->client, NULL);

	set_rebalance(consumer, REBALANCE_NONE, NULL);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
		   error_set(err, ERROR_RETRY, "cannot give partitions back: %s", rd_kafka_err2str(code));
}

static bool
out_of_range(Consumer *consumer, const rd_kafka_message_t *message, Error *err)
{
	const char *topic = message->rkt ? rd_kafka_topic_name(message->rkt) : "";
	int64_t low = -1;
	int64_t high = -1;

	rd_kafka_query_watermark_offsets(consumer->client, topic, message->partition, &low, &high,
									 WATERMARKS_TIMEOUT_MS);
	return error_set(err, ERROR_CONFIG,
					 "topic \"%s\" partition %" PRId32
					 " no longer has the offset that comes next (it has %" PRId64 " to %" PRId64
					 "): records were removed before they were applied, or the topic was made "
					 "anew; set next_offset in wal2avro.offsets to go on: %s",
					 topic, message->partition, low, high, rd_kafka_message_errstr(message));
}

/* An error in place of a message. */
static bool
failed(Consumer *consumer, const rd_kafka_message_t *message, Error *err)
{
	char reason[512];

	switch ((int) message->err)
	{
		case RD_KAFKA_RESP_ERR__PARTITION_EOF:
		case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED: /* the partitions are lost: a rebalance says so
													*/
			return true;
		case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
		case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
			return out_of_range(consumer, message, err);
		case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
		case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
		case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
			log_warn("waiting for a topic: %s", rd_kafka_message_errstr(message));
			return true;
		case RD_KAFKA_RESP_ERR__FATAL:
			rd_kafka_fatal_error(consumer->client, reason, sizeof reason);
			return error_set(err, ERROR_RETRY, "Kafka: %s", reason);
		default:
			break;
	}
	if (kafka_kind(message->err) == ERROR_RETRY)
	{
		log_warn("Kafka: %s", rd_kafka_message_errstr(message));
		return true;
	}
	return error_set(err, ERROR_CONFIG, "Kafka: %s", rd_kafka_message_errstr(message));
}

/*
 * librdkafka 2.0.2 stops to fetch when its queue is full, and looks again after a second, however
 * soon the queue is empty. So the queue is watched here, and the fetcher waked when it was full and
 * is half empty.
 */
static void
mind_queue(Consumer *consumer, const rd_kafka_message_t *message)
{
	consumer->bytes_since_look += message->len + message->key_len;
	if (++consumer->since_look < LOOK_EVERY)
		return;

	const size_t len = rd_kafka_queue_length(consumer->queue);
	const size_t bytes = len * (consumer->bytes_since_look / consumer->since_look);

	consumer->since_look = 0;
	consumer->bytes_since_look = 0;
	if (len >= consumer->queue_messages / 10 * 9 || bytes >= consumer->queue_bytes / 10 * 8)
		consumer->was_full = true;
	if (!consumer->was_full || len >= consumer->queue_messages / 2 ||
		bytes >= consumer->queue_bytes / 2)
		return;
	consumer->was_full = false;
	wake_fetcher(consumer, rd_kafka_topic_name(message->rkt), message->partition);
}

bool
consumer_poll(Consumer *consumer, rd_kafka_message_t **out, Error *err)
{
	rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer->client, 0);

	*out = NULL;
	if (message == NULL || message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		if (message != NULL)
			mind_queue(consumer, message);
		*out = message;
		return true;
	}

	const bool passed = failed(consumer, message, err);

	rd_kafka_message_destroy(message);
	return passed;
}

void
consumer_pause(Consumer *consumer, const Partition *partitions, size_t count)
{
	rd_kafka_topic_partition_list_t *list = list_of(partitions, count);

	rd_kafka_pause_partitions(consumer->client, list);
	consumer->paused = true;
	rd_kafka_topic_partition_list_destroy(list);
}

void
consumer_commit(Consumer *consumer, const Partition *partitions, size_t count)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int) count);

	for (size_t i = 0; i < count; i++)
		if (partitions[i].committed != OFFSETS_NONE)
			rd_kafka_topic_partition_list_add(list, partitions[i].topic, partitions[i].number)
				->offset = partitions[i].committed;
	if (list->cnt > 0)
		rd_kafka_commit(consumer->client, list, 1);
	rd_kafka_topic_partition_list_destroy(list);
}

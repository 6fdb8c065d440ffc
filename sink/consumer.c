/*
 * sink/consumer.c - see consumer.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/consumer.h"

#include "core/log.h"
#include "sink/absence.h"
#include "sink/fetcher.h"
#include "sink/member.h"
#include "sink/metrics.h"
#include "sink/subscription.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How long a question to a broker may take, for a message. */
#define ANSWER_TIMEOUT_MS 5000

struct Consumer
{
	rd_kafka_t *client;
	rd_kafka_queue_t *queue;
	Subscription *subscription;
	int64_t refresh_ms; /* of topics.regex */
	Loop *loop;
	int wake_fd;
	LoopFire *ready;
	void *context;
	Rebalance rebalance;
	rd_kafka_topic_partition_list_t *assignment; /* of REBALANCE_ASSIGN */
	bool closing;
	bool paused;
	Fetcher *fetcher;
	OffsetReset reset;
	Absence *absence;
	rd_kafka_topic_partition_list_t *ends; /* where partitions were read to their end */
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
on_error(rd_kafka_t *client, int code, const char *reason, void *opaque)
{
	Consumer *consumer = opaque;

	if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		absence_of_brokers(consumer->absence);
	log_warn("kafka: %s: %s (%s)", rd_kafka_name(client), reason,
			 rd_kafka_err2name((rd_kafka_resp_err_t) code));
}

static void
on_commit(rd_kafka_t *client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *offsets,
		  void *opaque)
{
	(void) client, (void) offsets, (void) opaque;
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR__NO_OFFSET)
		log_debug("the group's offsets were not taken: %s", rd_kafka_err2str(code));
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

/* The callbacks and the end of a client's making; takes conf. */
static bool
make_client(Consumer *consumer, rd_kafka_conf_t *conf, size_t queue_bytes, Error *err)
{
	static const uint64_t one = 1;
	char problem[512];
	const bool taken = member_take_reset(conf, &consumer->reset, err);

	rd_kafka_conf_set_opaque(conf, consumer);
	rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
	rd_kafka_conf_set_offset_commit_cb(conf, on_commit);
	rd_kafka_conf_set_error_cb(conf, on_error);
	consumer->client =
		taken ? rd_kafka_new(RD_KAFKA_CONSUMER, conf, problem, sizeof problem) : NULL;
	if (consumer->client == NULL)
	{
		rd_kafka_conf_destroy(conf);
		return taken && error_set(err, ERROR_CONFIG, "cannot make a Kafka consumer: %s", problem);
	}
	rd_kafka_poll_set_consumer(consumer->client);
	consumer->queue = rd_kafka_queue_get_consumer(consumer->client);
	rd_kafka_queue_io_event_enable(consumer->queue, consumer->wake_fd, &one, sizeof one);
	consumer->fetcher = fetcher_new(consumer->loop, consumer->client, consumer->queue, queue_bytes);
	return true;
}

bool
consumer_new(const Settings *settings, const Properties *worker, const Properties *connector,
			 int64_t task, Loop *loop, LoopFire *ready, void *context, Consumer **out, Error *err)
{
	rd_kafka_conf_t *conf;

	if (!member_conf(settings, worker, connector, task, &conf, err))
		return false;

	Consumer *consumer = xcalloc(1, sizeof *consumer);

	consumer->refresh_ms = subscription_refresh_ms(conf);
	consumer->ends = rd_kafka_topic_partition_list_new(0);
	consumer->absence = absence_new(settings->topics_pattern == NULL);
	consumer->loop = loop;
	consumer->ready = ready;
	consumer->context = context;
	consumer->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	loop_watch(loop, consumer->wake_fd, POLLIN, on_wake, consumer);
	if (!make_client(consumer, conf, (size_t) settings->fetch_bytes, err) ||
		!subscription_new(settings, consumer->client, loop, consumer->refresh_ms,
						  &consumer->subscription, err))
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
	subscription_free(consumer->subscription);
	if (consumer->client != NULL)
	{
		consumer->closing = true;
		if (consumer->rebalance != REBALANCE_NONE)
			rd_kafka_assign(consumer->client, NULL);
		fetcher_free(consumer->fetcher);
		rd_kafka_queue_io_event_enable(consumer->queue, -1, NULL, 0);
		rd_kafka_consumer_close(consumer->client);
		rd_kafka_queue_destroy(consumer->queue);
		rd_kafka_destroy(consumer->client);
	}
	set_rebalance(consumer, REBALANCE_NONE, NULL);
	rd_kafka_topic_partition_list_destroy(consumer->ends);
	loop_forget(consumer->loop, consumer->wake_fd);
	close(consumer->wake_fd);
	absence_free(consumer->absence);
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
									.counter = METRICS_NO_TOPIC,
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
	rd_kafka_topic_partition_list_destroy(consumer->ends);
	consumer->ends = rd_kafka_topic_partition_list_new((int) count);
	code = rd_kafka_assign(consumer->client, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return error_set(err, ERROR_RETRY, "cannot read the assigned partitions: %s",
						 rd_kafka_err2str(code));
	fetcher_started(consumer->fetcher);
	log_debug("fetching %zu partitions from where they stand", count);
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
									 ANSWER_TIMEOUT_MS);
	return error_set(err, ERROR_CONFIG,
					 "topic \"%s\" partition %" PRId32
					 " no longer has the offset that comes next (it has %" PRId64 " to %" PRId64
					 "): records were removed before they were applied, or the topic was made "
					 "anew; stop the connector and alter its offsets to go on: %s",
					 topic, message->partition, low, high, rd_kafka_message_errstr(message));
}

/* The end stands behind the mark of a Kafka transaction, which is no message. */
static void
note_end(Consumer *consumer, const rd_kafka_message_t *message)
{
	const char *topic = rd_kafka_topic_name(message->rkt);
	rd_kafka_topic_partition_t *end =
		rd_kafka_topic_partition_list_find(consumer->ends, topic, message->partition);

	if (end == NULL)
		end = rd_kafka_topic_partition_list_add(consumer->ends, topic, message->partition);
	end->offset = message->offset;
}

/* An error in place of a message. */
static bool
failed(Consumer *consumer, const rd_kafka_message_t *message, Error *err)
{
	char reason[512];

	switch ((int) message->err)
	{
		case RD_KAFKA_RESP_ERR__PARTITION_EOF:
			note_end(consumer, message);
			return true;
		case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED: /* the partitions are lost: a rebalance says so
													*/
			return true;
		case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
		case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
			return out_of_range(consumer, message, err);
		case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
		case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
		case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
			absence_of_topic(consumer->absence, message);
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

bool
consumer_poll(Consumer *consumer, rd_kafka_message_t **out, Error *err)
{
	rd_kafka_message_t *message;
	bool passed = true;

	*out = NULL;
	while (passed && (message = rd_kafka_consumer_poll(consumer->client, 0)) != NULL)
	{
		if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
		{
			fetcher_taken(consumer->fetcher, message);
			*out = message;
			return true;
		}
		passed = failed(consumer, message, err);
		rd_kafka_message_destroy(message);
	}
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
			member_set(list, partitions[i].topic, partitions[i].number, partitions[i].committed);
	if (list->cnt > 0)
		rd_kafka_commit(consumer->client, list, 1);
	rd_kafka_topic_partition_list_destroy(list);
}

bool
consumer_begin(Consumer *consumer, bool imported, Partition *partitions, size_t count, Error *err)
{
	return member_begin(consumer->client, consumer->reset, imported, partitions, count, err);
}

int64_t
consumer_end(const Consumer *consumer, const Partition *partition)
{
	int64_t low;
	int64_t high;

	return rd_kafka_get_watermark_offsets(consumer->client, partition->topic, partition->number,
										  &low, &high) == RD_KAFKA_RESP_ERR_NO_ERROR &&
				   high > 0
			   ? high
			   : 0;
}

int64_t
consumer_lag(const Consumer *consumer, const Partition *partition, bool reading)
{
	const rd_kafka_topic_partition_t *end =
		rd_kafka_topic_partition_list_find(consumer->ends, partition->topic, partition->number);
	int64_t applied = partition->committed;
	int64_t low;
	int64_t high;

	if (rd_kafka_get_watermark_offsets(consumer->client, partition->topic, partition->number, &low,
									   &high) != RD_KAFKA_RESP_ERR_NO_ERROR ||
		high < 0)
		return 0;
	if (reading && end != NULL && partition->committed == partition->next_offset &&
		end->offset > applied)
		applied = end->offset;
	if (applied < low)
		applied = low;
	return high > applied ? high - applied : 0;
}

char *
consumer_trouble(Consumer *consumer)
{
	return absence_trouble(consumer->absence, consumer->client);
}

bool
consumer_partitions(Consumer *consumer, const char *topic, int32_t *count, Error *err)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_topic_t *handle = rd_kafka_topic_new(consumer->client, topic, NULL);
	const rd_kafka_resp_err_t answer =
		rd_kafka_metadata(consumer->client, 0, handle, &metadata, ANSWER_TIMEOUT_MS);

	rd_kafka_topic_destroy(handle);
	if (answer != RD_KAFKA_RESP_ERR_NO_ERROR)
		return error_set(err, ERROR_RETRY, "topic \"%s\": %s", topic, rd_kafka_err2str(answer));
	*count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
	rd_kafka_metadata_destroy(metadata);
	return *count > 0 || error_set(err, ERROR_RETRY, "topic \"%s\" has no partitions", topic);
}

/*
 * sink/fetcher.c - see fetcher.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/fetcher.h"

#include "core/memory.h"
#include "sink/member.h"

#include <string.h>

/* How long a broker may take for the question that wakes a fetcher. */
#define WAKE_TIMEOUT_MS 500

/* After an assignment the fetchers are waked after so long, then after four times as long, ... */
#define NUDGE_FIRST_MS 4
#define NUDGE_MAX_MS   500

/* Most brokers that are waked. */
#define BROKERS_MAX 64

/* Messages between two looks at the length of the queue. */
#define LOOK_EVERY 1024

struct Fetcher
{
	rd_kafka_t *client;
	rd_kafka_queue_t *queue;
	size_t queue_messages; /* limits of the queue: messages and bytes */
	size_t queue_bytes;
	size_t since_look; /* messages and bytes since the last look */
	size_t bytes_since_look;
	bool was_full;
	LoopTimer *nudge; /* after fetcher_started */
	int64_t nudge_ms; /* until the next one */
};

/* Any request makes a broker's thread look again at what it may fetch: this one goes to the leader.
 */
static bool
wake(const Fetcher *fetcher, const char *topic, int32_t partition)
{
	int64_t low;
	int64_t high;

	return rd_kafka_query_watermark_offsets(fetcher->client, topic, partition, &low, &high,
											WAKE_TIMEOUT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* The broker that leads a partition, -1: not known. */
static int32_t
leader_of(const struct rd_kafka_metadata *metadata, const rd_kafka_topic_partition_t *item)
{
	for (int i = 0; i < metadata->topic_cnt; i++)
	{
		const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];

		if (strcmp(topic->topic, item->topic) == 0 && item->partition < topic->partition_cnt)
			return topic->partitions[item->partition].leader;
	}
	return -1;
}

/* One partition of each broker is enough, and each question may take as long as a fetch that waits.
 */
static void
wake_all(const Fetcher *fetcher, const rd_kafka_topic_partition_list_t *list)
{
	const struct rd_kafka_metadata *metadata;
	int32_t waked[BROKERS_MAX];
	int count = 0;

	if (rd_kafka_metadata(fetcher->client, 0, NULL, &metadata, WAKE_TIMEOUT_MS) !=
		RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	for (int i = 0; i < list->cnt && count < BROKERS_MAX; i++)
	{
		const int32_t leader = leader_of(metadata, &list->elems[i]);
		int known = 0;

		while (known < count && waked[known] != leader)
			known++;
		if (leader < 0 || known < count)
			continue;
		if (!wake(fetcher, list->elems[i].topic, list->elems[i].partition))
			break;
		waked[count++] = leader;
	}
	rd_kafka_metadata_destroy(metadata);
}

static void
on_nudge(void *context)
{
	Fetcher *fetcher = context;
	rd_kafka_topic_partition_list_t *list;

	if (rd_kafka_queue_length(fetcher->queue) > 0 ||
		rd_kafka_assignment(fetcher->client, &list) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	wake_all(fetcher, list);
	rd_kafka_topic_partition_list_destroy(list);
	fetcher->nudge_ms *= 4;
	if (fetcher->nudge_ms < NUDGE_MAX_MS)
		loop_timer_arm(fetcher->nudge, fetcher->nudge_ms);
}

Fetcher *
fetcher_new(Loop *loop, rd_kafka_t *client, rd_kafka_queue_t *queue, size_t queue_bytes)
{
	Fetcher *fetcher = xcalloc(1, sizeof *fetcher);

	fetcher->client = client;
	fetcher->queue = queue;
	fetcher->queue_messages = strtoul(MEMBER_QUEUE_MESSAGES, NULL, 10);
	fetcher->queue_bytes = queue_bytes;
	fetcher->nudge = loop_timer_new(loop, on_nudge, fetcher);
	return fetcher;
}

void
fetcher_free(Fetcher *fetcher)
{
	if (fetcher == NULL)
		return;
	loop_timer_free(fetcher->nudge);
	free(fetcher);
}

void
fetcher_started(Fetcher *fetcher)
{
	fetcher->nudge_ms = NUDGE_FIRST_MS;
	loop_timer_arm(fetcher->nudge, fetcher->nudge_ms);
}

void
fetcher_taken(Fetcher *fetcher, const rd_kafka_message_t *message)
{
	fetcher->bytes_since_look += message->len + message->key_len;
	if (++fetcher->since_look < LOOK_EVERY)
		return;

	const size_t len = rd_kafka_queue_length(fetcher->queue);
	const size_t bytes = len * (fetcher->bytes_since_look / fetcher->since_look);

	fetcher->since_look = 0;
	fetcher->bytes_since_look = 0;
	if (len >= fetcher->queue_messages / 10 * 9 || bytes >= fetcher->queue_bytes / 10 * 8)
		fetcher->was_full = true;
	if (!fetcher->was_full || len >= fetcher->queue_messages / 2 ||
		bytes >= fetcher->queue_bytes / 2)
		return;
	fetcher->was_full = false;
	wake(fetcher, rd_kafka_topic_name(message->rkt), message->partition);
}

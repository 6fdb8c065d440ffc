/*
 * sink/consumer.h - the member of the consumer group: messages, assignments, offsets for tools.
 *
 * Rebalances are not answered inside librdkafka's callback: the consumer only notes them, and the
 * pump answers when the open batches are committed or the new partitions are claimed. librdkafka
 * waits for the answer, heartbeats go on meanwhile.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_CONSUMER_H
#define WAL2AVRO_SINK_CONSUMER_H

#include "core/kafka.h"
#include "core/loop.h"
#include "sink/offsets.h"
#include "sink/settings.h"

typedef struct Consumer Consumer;

typedef enum Rebalance
{
	REBALANCE_NONE,
	REBALANCE_ASSIGN, /* claim consumer_assignment, then consumer_start */
	REBALANCE_REVOKE, /* finish what is open, then consumer_stop */
	REBALANCE_LOST,	  /* the partitions have gone to others: drop what is open, consumer_stop */
} Rebalance;

/* Joins the group. ready is called from the loop when there may be messages or a rebalance. */
bool consumer_new(const Settings *settings, const Properties *worker, const Properties *connector,
				  int64_t task, Loop *loop, LoopFire *ready, void *context, Consumer **consumer,
				  Error *err);

/* Leaves the group. */
void consumer_free(Consumer *consumer);

/* What is to be answered; set by consumer_poll. */
Rebalance consumer_rebalance(const Consumer *consumer);

/* The partitions of REBALANCE_ASSIGN, sorted by topic and number; for the caller to own. */
Partition *consumer_assignment(const Consumer *consumer, size_t *count);

/* As member_begin. */
bool consumer_begin(Consumer *consumer, bool imported, Partition *partitions, size_t count,
					Error *err);

/* Begins to read at each partition's next_offset, its beginning without one; also in place of what
 * was being read. Answers REBALANCE_ASSIGN. */
bool consumer_start(Consumer *consumer, const Partition *partitions, size_t count, Error *err);

/* Stops reading. Answers REBALANCE_REVOKE and REBALANCE_LOST. */
bool consumer_stop(Consumer *consumer, Error *err);

/*
 * The next message, NULL when none is at hand: the caller destroys it. May note a rebalance. False:
 * an error, ERROR_CONFIG for an offset that is out of range (with both ends of the topic).
 */
bool consumer_poll(Consumer *consumer, rd_kafka_message_t **message, Error *err);

/* Stops fetching, while consumer_poll still keeps the membership alive; consumer_start goes on. */
void consumer_pause(Consumer *consumer, const Partition *partitions, size_t count);

/* Tells the group where the partitions are, for the tools that show lag. Never waits. */
void consumer_commit(Consumer *consumer, const Partition *partitions, size_t count);

/* The partition's end, as far as librdkafka has heard of it: asks nobody. */
int64_t consumer_end(const Consumer *consumer, const Partition *partition);

/* Records of the partition between what is committed at the destination and its end, as far as
 * librdkafka has heard of it: asks nobody. reading false: what comes of it is thrown away. */
int64_t consumer_lag(const Consumer *consumer, const Partition *partition, bool reading);

/* The number of partitions of a topic that is being read. Waits for the broker. */
bool consumer_partitions(Consumer *consumer, const char *topic, int32_t *count, Error *err);

/* Why nothing comes, for the caller to free: brokers that are away, a topic that is not there;
 * NULL: no reason is known. With brokers away it waits for 100 ms. */
char *consumer_trouble(Consumer *consumer);

#endif

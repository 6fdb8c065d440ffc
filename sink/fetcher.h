/*
 * sink/fetcher.h - makes librdkafka 2.0.2 fetch at once where it would by itself look again after
 * up to a second: after an assignment, and when its queue was full.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_FETCHER_H
#define WAL2AVRO_SINK_FETCHER_H

#include "core/loop.h"

#include <librdkafka/rdkafka.h>
#include <stddef.h>

typedef struct Fetcher Fetcher;

/* All is borrowed; queue_bytes is the client's queued.max.messages.kbytes. */
Fetcher *fetcher_new(Loop *loop, rd_kafka_t *client, rd_kafka_queue_t *queue, size_t queue_bytes);
void fetcher_free(Fetcher *fetcher);

/* Partitions have been assigned: wakes the fetchers after a few milliseconds, until there are
 * messages or half a second has gone by. */
void fetcher_started(Fetcher *fetcher);

/* A message was taken out of the queue. Looks at the queue's length now and then. */
void fetcher_taken(Fetcher *fetcher, const rd_kafka_message_t *message);

#endif

/*
 * relay/streaming.h - the life of a replication stream: frames in, records out, LSNs back.
 *
 * One step after every turn of the loop. While rows cannot go on (Kafka's queue is full, a schema
 * is not registered) the socket is not read, but the server still hears from us.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_STREAMING_H
#define WAL2AVRO_RELAY_STREAMING_H

#include "core/pg.h"
#include "relay/pipeline.h"
#include "relay/slot.h"

/* What the session has prepared. */
typedef struct StreamingStart
{
	PGconn *conn; /* a replication connection; borrowed */
	PGconn *lock; /* holds the slot's lock until the stream has begun; closed then */
	int64_t wal_sender_timeout_ms;
	int offsets_partitions;
	bool store_first; /* the position has to be written before anything is sent */
} StreamingStart;

/* How a stream ended. */
typedef enum StreamingEnd
{
	STREAMING_STOPPED, /* as asked for; everything acknowledged is confirmed */
	STREAMING_BUSY,	   /* another process reads the slot */
	STREAMING_FAILED,
} StreamingEnd;

/* *progress: something was confirmed, so that a failure is a new one. */
StreamingEnd streaming_run(const Setting *setting, StreamingStart *start, StoredPosition *position,
						   bool *progress, Error *err);

#endif

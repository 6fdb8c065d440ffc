/*
 * sink/replay.h - records that are kept in memory while a batch is looked for the one that the
 * destination refuses, so that each try does not fetch them from Kafka again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_REPLAY_H
#define WAL2AVRO_SINK_REPLAY_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct Messages
{
	rd_kafka_message_t **items;
	size_t begin; /* of those that are left */
	size_t end;
	size_t capacity;
	size_t bytes;
	bool lacks; /* some that belong here were not kept */
} Messages;

typedef struct Replay
{
	Messages taken[2]; /* into each of the two batches */
	Messages again;	   /* to be taken again, before anything else */
	size_t max_bytes;  /* of one batch: those beyond it are not kept */
} Replay;

void replay_init(Replay *replay, size_t max_bytes);

/* The record went into the batch of that number, and is the replay's now. wanted: it may be taken
 * again, while this is true of all in the batch and in the one before it. */
void replay_keep(Replay *replay, int batch, rd_kafka_message_t *message, bool wanted);

/* That batch is committed, or was empty. */
void replay_forget(Replay *replay, int batch);

/* Both batches are given up: the records of the batch of that number come again, then those of the
 * other, then pending (NULL: none). False, with nothing done: not all of them are there. */
bool replay_rewind(Replay *replay, int first, rd_kafka_message_t *pending);

/* The next record that comes again, for the caller to own; NULL: none, ask Kafka. */
rd_kafka_message_t *replay_next(Replay *replay);

/* Kafka is asked for what comes next. */
void replay_drop_again(Replay *replay);

/* Forgets all: what is not committed is fetched from Kafka again. */
void replay_drop(Replay *replay);
void replay_done(Replay *replay);

#endif

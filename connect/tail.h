/*
 * connect/tail.h - reads the store and status topics from their beginnings, and goes on reading.
 *
 * Both topics have one partition. Only committed records are given.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_TAIL_H
#define WAL2AVRO_CONNECT_TAIL_H

#include "common/slice.h"
#include "core/loop.h"
#include "core/properties.h"

typedef struct Tail Tail;

typedef struct TailEvents
{
	/* value.data is NULL for a tombstone. Both are borrowed. */
	void (*record)(void *context, Slice key, Slice value, int64_t offset);
	/* After one or more records, or when the end has been reached. */
	void (*moved)(void *context);
	void *context;
} TailEvents;

typedef enum TailTopic
{
	TAIL_STORE,
	TAIL_STATUS,
	TAIL_TOPICS, /* how many there are */
} TailTopic;

bool tail_new(Loop *loop, const Properties *worker, Tail **tail, Error *err);
void tail_free(Tail *tail);

/* Begins to read a topic, which exists. */
bool tail_start(Tail *tail, TailTopic which, const char *topic, const TailEvents *events,
				Error *err);

/* The offset that comes next: all committed records before it have been given. -1 before the
 * first. */
int64_t tail_position(const Tail *tail, TailTopic which);

/* The end of the topic has been reached once. */
bool tail_complete(const Tail *tail, TailTopic which);

#endif

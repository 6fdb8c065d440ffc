/*
 * connect/journal.h - writes to the store topic: a condition is checked against everything that any
 * worker has written, then the records are written, and nobody comes in between.
 *
 * All workers of a group share one transactional.id. Whoever begins to write fences the others, and
 * reads the topic to its end; a commit that succeeds therefore stands behind what was read. A
 * worker that was fenced takes the right to write back, reads on, and decides anew.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_JOURNAL_H
#define WAL2AVRO_CONNECT_JOURNAL_H

#include "connect/jobs.h"
#include "connect/settings.h"
#include "connect/tail.h"

#include <jansson.h>

typedef struct Journal Journal;

/* The records of one write, which are seen all or not at all. */
typedef struct JournalBatch JournalBatch;

/* value: taken; NULL for a tombstone. */
void journal_put(JournalBatch *batch, const char *key, json_t *value);

typedef struct JournalWrite
{
	/* In the loop, with the store read to its end: puts records. With none put, nothing is written,
	 * and done comes with true. Called again where another worker wrote in between. */
	void (*decide)(void *context, JournalBatch *batch);
	/* In the loop, once. True: written, and read again by this worker. False: err says why it can
	 * never be written. */
	void (*done)(void *context, bool written, const Error *err);
	void *context;
} JournalWrite;

/* settings and worker outlive it. */
Journal *journal_new(Loop *loop, Jobs *jobs, const Tail *tail, const WorkerSettings *settings,
					 const Properties *worker);

/* After jobs_free. What is still to be written is done with an error. */
void journal_free(Journal *journal);

/* Writes are done in their order. While Kafka cannot be reached they wait. */
void journal_add(Journal *journal, JournalWrite write);

/* How many have been added and are not done. */
size_t journal_waiting(const Journal *journal);

/* The store has been read further. */
void journal_moved(Journal *journal);

#endif

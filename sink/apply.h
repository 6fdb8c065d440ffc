/*
 * sink/apply.h - carries one batch into the destination: a state machine over a libpq connection
 * that never blocks, so that the next batch is fetched and decoded meanwhile.
 *
 * BEGIN and the update of the offsets, the marks, each table's COPY and statement, COMMIT: one
 * transaction. Several statements go in one message, so that a small batch takes few round trips.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_APPLY_H
#define WAL2AVRO_SINK_APPLY_H

#include "sink/writer.h"

typedef struct Apply Apply;

typedef enum ApplyState
{
	APPLY_IDLE,
	APPLY_RUNNING,
	APPLY_DONE,	  /* committed */
	APPLY_FAILED, /* the error says why, apply_failure what to do; nothing is known of a COMMIT that
					 was under way */
} ApplyState;

typedef enum ApplyFailure
{
	FAILURE_OTHER,	  /* the error's kind says it all */
	FAILURE_FENCED,	  /* another process has claimed a partition of the batch */
	FAILURE_STALE,	  /* the table is not as it was read: read it again */
	FAILURE_CONFLICT, /* a key was there after all: not by COPY into the table */
} ApplyFailure;

Apply *apply_new(const Settings *settings);
void apply_free(Apply *apply);

/* A new connection, idle, borrowed; NULL: there is none. Whatever was under way is forgotten. */
void apply_connect(Apply *apply, PGconn *conn);

/* Begins with a closed batch, which must live until the state is DONE or FAILED; only when IDLE.
 * direct false: no COPY straight into a table with keys. */
void apply_start(Apply *apply, const Batch *batch, bool direct);

/* Does what can be done without waiting. */
ApplyState apply_step(Apply *apply, Error *err);

/* poll(2)'s events that apply_step waits for. */
short apply_events(const Apply *apply);

ApplyFailure apply_failure(const Apply *apply);

/* When DONE: rows of the batch that insert.mode=update did not find. */
size_t apply_missing(const Apply *apply);

/* When DONE: rows of a table of the batch were looked for by their keys. */
bool apply_searched(const Apply *apply, size_t table);

/* Idle again. A failed transaction is rolled back (blocking). A connection whose transaction status
 * is then not PQTRANS_IDLE is of no more use. */
void apply_reset(Apply *apply);

#endif

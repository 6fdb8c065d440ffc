/*
 * connect/removal.h - the deletion of one connector, by the worker that owns it: its tasks have
 * ended everywhere, its program removes what it has left, its statuses go, and then its record.
 *
 * A step that fails for now is tried again. Where a person must act (the consumer group has members
 * that are not ours) the deletion is given up: the connector stays, STOPPED, with the reason.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_REMOVAL_H
#define WAL2AVRO_CONNECT_REMOVAL_H

#include "connect/journal.h"
#include "connect/programs.h"
#include "connect/statuses.h"
#include "connect/store.h"

typedef struct Removal Removal;

typedef struct RemovalParts
{
	Loop *loop;
	const WorkerSettings *settings;
	const Store *store;
	Statuses *statuses;
	Programs *programs;
	Journal *journal;
} RemovalParts;

/* parts is copied. */
Removal *removal_new(const RemovalParts *parts, const char *name);

/* Stops what is under way; another worker begins anew. What is in the journal is still written. */
void removal_free(Removal *removal);

/* Goes on as far as it can; to be called when the store or the statuses have changed. */
void removal_step(Removal *removal);

#endif

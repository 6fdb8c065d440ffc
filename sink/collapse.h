/*
 * sink/collapse.h - what becomes of a row by what the batch has of its key: one state per key, as
 * if all records had been applied one after the other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_COLLAPSE_H
#define WAL2AVRO_SINK_COLLAPSE_H

#include "sink/batch.h"

/* What becomes of a row that was just added, by what is there of its key. */
typedef enum Meeting
{
	MEETING_FIRST,	  /* nothing is there */
	MEETING_REPLACES, /* the former row is dead from now on */
	MEETING_FOLLOWS,  /* the former one is a delete, which goes first: both stay */
	MEETING_NOTHING,  /* an update of what was deleted before it: it is dead itself */
	MEETING_MERGES,	  /* it lacks columns, which the former one has: one row of both */
	MEETING_NO_ROOM,  /* the former one has to be applied before */
} Meeting;

/* Counts the keyed row that was appended last to the section of that index, or takes it away again
 * (MEETING_NO_ROOM). */
Meeting collapse(Batch *batch, TableBatch *table, size_t section, const PlanRow *added,
				 InsertMode mode);

/* Counts a row without key that was appended to its section. */
void collapse_append(TableBatch *table, size_t section, size_t start);

/*
 * A row without key is to go, which was appended to the section of that index: it is taken away
 * again together with an equal one of this batch, or counted. False: whether rows of the batch
 * equal it can only be told by the server.
 */
bool collapse_remove(Batch *batch, TableBatch *table, size_t section, size_t start);

#endif

/*
 * relay/reselect.h - asks the source for what a row holds now, where the log says only that an
 * update left it unchanged.
 *
 * A row is found by its key, over a connection of its own that is made when it is first needed
 * (blocking, at most 10 s). A question does not block: its answer is awaited in the loop, at most
 * RESELECT_MS. What is found may be newer than the update: a later one of the same row follows in
 * the stream.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_RESELECT_H
#define WAL2AVRO_RELAY_RESELECT_H

#include "core/loop.h"
#include "relay/flow.h"
#include "relay/relations.h"

#define RESELECT_MS 4000

typedef struct Reselect Reselect;

/* options are borrowed. shape: of this session's rows, copied. */
Reselect *reselect_new(Loop *loop, const RelayOptions *options, const char *shape);
void reselect_free(Reselect *reselect);

typedef struct Reselected
{
	const char *why; /* the message is as it was; NULL: the row was found */
	bool gone;		 /* because there is no such row any more, for certain */
} Reselected;

typedef struct Reselecting
{
	uint32_t xid; /* of the update */
	bool scan;	  /* where nothing of the key can be looked for, the whole table may be read */
} Reselecting;

/*
 * Puts the current values into the value and the notes of an update.
 * FLOW_BLOCKED while the answer is awaited: call it again with the same message after events;
 * reselect_forget ends that. FLOW_ON: *message has other slices, valid until the next call, or *out
 * says why not. FLOW_FAILED for a connection that is lost.
 */
Flow reselect_row(Reselect *reselect, const Relation *relation, Reselecting what, Message *message,
				  Reselected *out, Error *err);

/* The message is done with. */
void reselect_forget(Reselect *reselect);

#endif

/*
 * relay/records.h - which records a message becomes: none, one or several, in their order. Pure.
 *
 * A format is a function from message to drafts. What follows (ids of schemas, headers, partition,
 * number) is the same for all of them and is seen to in emit.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_RECORDS_H
#define WAL2AVRO_RELAY_RECORDS_H

#include "relay/operation.h"
#include "relay/relations.h"

/* A record before it has partition and number. Absent slices are null, or no header. */
typedef struct Draft
{
	Operation operation;
	Slice key;			/* with room for its schema id */
	Slice value;		/* the same */
	Slice before;		/* the same: the old row for the header wal2avro.before */
	Slice before_notes; /* what stands behind it there; without it: for wal2avro.before.values */
	Slice notes;		/* for the header wal2avro.values */
	bool enveloped;		/* value is what is after in an envelope, and the next what is before */
	Slice old;			/* with room for a schema id */
	Slice new_key;		/* of a row that has got another key: for Debezium's headers */
	Slice old_key;
	bool follows; /* the same change as the record before: no event of the transaction by itself */
} Draft;

#define DRAFTS_MAX 3

typedef struct Drafts
{
	Draft items[DRAFTS_MAX];
	size_t count;
	unsigned left_out; /* operations that the rules keep from being sent */
} Drafts;

/* What decides beside the message: of an era, and as the options are now for what no era can have
 * sent. */
typedef struct RecordRules
{
	bool enveloped; /* Debezium's envelopes, not rows */
	bool tombstones;
	unsigned skipped; /* operations, from skipped.operations */
	bool tombstones_now;
	bool deletes_now; /* the same for skipped.operations */
	bool copy;		  /* rows are read, not created */
} RecordRules;

/* A row or TRUNCATE. The slices are the message's. ERROR_CONFIG for a row that can be told from no
 * other where that is needed: the message names table and way out. */
bool records_of(const RecordRules *rules, const Relation *relation, const Message *message,
				Drafts *out, Error *err);

#endif

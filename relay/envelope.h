/*
 * relay/envelope.h - Debezium's envelope: a row before and after, where it comes from, what was
 * done.
 *
 * Schemas and values are those that Debezium's PostgreSQL connector 3.7 writes through an Avro
 * converter (seen in tests/integration/data/debezium.jsonl). The rows in it are the bytes that the
 * plugin has made, copied as they are. Pure: no clock, no I/O.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_ENVELOPE_H
#define WAL2AVRO_RELAY_ENVELOPE_H

#include "core/buffer.h"
#include "core/error.h"

/* Where all rows of a connector come from. Borrowed. */
typedef struct EnvelopeOrigin
{
	const char *name; /* Debezium's topic.prefix */
	const char *database;
} EnvelopeOrigin;

/* Debezium's marks of rows of a first copy. */
typedef enum EnvelopeSnapshot
{
	ENVELOPE_STREAM,		 /* no such row */
	ENVELOPE_FIRST,			 /* of the whole copy */
	ENVELOPE_FIRST_OF_TABLE, /* but not of the copy */
	ENVELOPE_COPIED,		 /* any other row */
	ENVELOPE_LAST_OF_TABLE,	 /* also where it is the first one */
	ENVELOPE_LAST,			 /* of the whole copy */
} EnvelopeSnapshot;

/* The place of an event in its transaction, both from 1. */
typedef struct EnvelopeOrder
{
	uint64_t total;
	uint64_t collection; /* among those of its table */
} EnvelopeOrder;

typedef struct EnvelopeEvent
{
	char op;	  /* c, u, d, r, t */
	Slice before; /* by the value schema, behind its framing; absent: null */
	Slice after;
	const EnvelopeOrigin *origin;
	EnvelopeSnapshot snapshot;
	const char *schema;
	const char *table;
	int64_t commit_time; /* microseconds since 1970 UTC */
	uint32_t xid;		 /* 0: null */
	uint64_t lsn;
	uint64_t last_commit_lsn;	/* the end of the transaction before; 0: null */
	const EnvelopeOrder *order; /* NULL: no transaction block */
	int64_t now_ns;				/* since 1970 UTC */
} EnvelopeEvent;

/* The schema of a table's envelopes, for the caller to free, from that of its rows: a record, in
 * whose namespace Envelope is. ERROR_DATA when it is none. */
bool envelope_schema(Slice value_schema, char **out, Error *err);

/* Appends a value with CONFLUENT_HEADER bytes of 0 before it. False beyond the buffer's maximum. */
bool envelope_write(const EnvelopeEvent *event, Buffer *out);

#endif

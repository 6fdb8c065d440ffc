/*
 * sink/envelope.h - Debezium's change events: the row within before, after, source, op.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_ENVELOPE_H
#define WAL2AVRO_SINK_ENVELOPE_H

#include "sink/notes.h"
#include "sink/schema.h"

typedef struct Envelope
{
	const Schema *schema;
	const Schema *row; /* record of "after"; NULL: the schema is no envelope */
	size_t op;		   /* indexes of the fields */
	size_t after;
	size_t before;		/* SIZE_MAX: there is none that is such a row */
	int op_null_branch; /* -1: never null */
	int after_null_branch;
	int before_null_branch;
	Slice *fields; /* scratch of envelope_open */
} Envelope;

/* Looks whether values of this schema are envelopes: a record named Envelope (Debezium,
 * "Change event values") with op and after. */
void envelope_init(Envelope *envelope, const Schema *value);
void envelope_done(Envelope *envelope);

/* The same in one word. */
bool envelope_is_one(const Schema *value);

/* Takes an envelope apart: *op is its operation (c, r, u, d, t, ...), *after and *before the bytes
 * of the row and of the former one, or absent. NULL, or what is wrong; *where then names the field,
 * or is NULL. */
const char *envelope_open(Envelope *envelope, Slice value, char *op, Slice *after, Slice *before,
						  const char **where);

/* The schema is that of a row of Debezium's: <topic>.Value ("Change event values"). */
bool envelope_is_row(const Schema *value);

/*
 * Debezium's placeholder (unavailable.value.placeholder, its default) stands for a text or bytes
 * that an update left unchanged and that its log does not hold: notes gets a note for each field of
 * the row that is it. fields: room for all of the row's. False: it is there, but in no field of its
 * own.
 */
bool envelope_find_placeholders(const Schema *row, Slice value, Slice *fields, Notes *notes);

#endif

/*
 * relay/unchanged.h - what becomes of values of which the log says only that an update left them as
 * they were: unchanged.toast.mode.
 *
 * An update that changes the key is looked up also with mode mark: its tombstone has removed the
 * row that a reader would take the values from. Where the row is gone by then, so that nobody has
 * the values, the key is ended instead, and so is what follows of it with marks; the log says the
 * rest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_UNCHANGED_H
#define WAL2AVRO_RELAY_UNCHANGED_H

#include "core/loop.h"
#include "relay/flow.h"
#include "relay/relations.h"

typedef struct Unchanged Unchanged;

/* options are borrowed. shape: of this session's rows, copied. */
Unchanged *unchanged_new(Loop *loop, const RelayOptions *options, const char *shape);
void unchanged_free(Unchanged *unchanged);

/* The transaction of the message at hand. */
typedef struct UnchangedTxn
{
	uint32_t xid;
	bool deletes; /* keys are ended by tombstones */
} UnchangedTxn;

/*
 * Sees to the marks of a row: *message becomes another one where values were found for them.
 * FLOW_BLOCKED: call it again with the same message after events. What it gives is valid until
 * unchanged_done. *gone: a record that ends the key is to be sent in the place of the row. What
 * stays marked though it should not is counted with its topic, and said once.
 */
Flow unchanged_row(Unchanged *unchanged, const Relation *relation, UnchangedTxn txn,
				   const Message **message, bool *gone, Error *err);

/* The message is sent. */
void unchanged_done(Unchanged *unchanged);

#endif

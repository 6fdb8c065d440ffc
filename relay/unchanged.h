/*
 * relay/unchanged.h - what becomes of values of which the log says only that an update left them as
 * they were: unchanged.toast.mode.
 *
 * An update that changes the key is looked up also with mode mark: its tombstone has removed the
 * row that a reader would take the values from.
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

/*
 * Sees to the marks of a row, in *message itself. replaced: a tombstone goes before it.
 * FLOW_BLOCKED: call it again with the same message after events. The message's slices are valid
 * until unchanged_done. What stays marked though it should not is counted with its topic, and said
 * once.
 */
Flow unchanged_row(Unchanged *unchanged, const Relation *relation, bool replaced, Message *message,
				   Error *err);

/* The message is sent. */
void unchanged_done(Unchanged *unchanged);

#endif

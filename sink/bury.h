/*
 * sink/bury.h - errors.tolerance=all: records that cannot be decoded or applied are passed over, by
 * way of the dead letter topic where one is named.
 *
 * A record that cannot be decoded is passed over as it comes. One that the destination refuses is
 * found by halving the batch, condemned, and passed over when it is read again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_BURY_H
#define WAL2AVRO_SINK_BURY_H

#include "sink/state.h"

/* The producer of the dead letters, where there is to be one. Blocking. */
bool bury_open(Pump *pump, Error *err);
void bury_close(Pump *pump);

/* The error is a record's own, and such records are passed over. */
bool bury_may(const Pump *pump, const Error *err);

/* The record will be passed over when it is read again. */
void bury_condemn(Pump *pump, const Partition *partition, int64_t offset, const Error *why);

/* Why the pending record was condemned; NULL: it was not. */
const char *bury_condemned(const Pump *pump, const Partition *partition);

/* Passes the pending record over: it is in the open batch, without a row. */
void bury_pending(Pump *pump, Partition *partition, DeadStage stage, const char *reason);

/* No more are to be taken before some are acknowledged. */
bool bury_is_full(const Pump *pump);

/* The dead letter topic has acknowledged all that the open batch passes over. */
bool bury_settled(Pump *pump);

/* The open batch was dropped; or the batch under way is committed. */
void bury_dropped(Pump *pump);
void bury_committed(Pump *pump, const Batch *batch);

#endif

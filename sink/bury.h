/*
 * sink/bury.h - errors.tolerance=all: records that cannot be decoded or applied are passed over, by
 * way of the dead letter topic where one is named.
 *
 * A record that cannot be decoded is passed over as it comes. One that the destination refuses is
 * found by halving the batch, condemned, and passed over when it is read again. The dead letter
 * topic has each record once, unless the process ends between its acknowledgement and the commit.
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

/* The record will be passed over when it is read, or read again. */
void bury_condemn(Pump *pump, const Partition *partition, int64_t offset, DeadStage stage,
				  const Error *why);

/* Passes the pending record over, if it was condemned: it is in the open batch, without a row. What
 * fails is dealt with. */
bool bury_pending(Pump *pump, Partition *partition);

/* The open batch is to be applied before more are passed over. */
bool bury_is_full(const Pump *pump);

/* Other partitions are assigned: of those that are not among them, their new owner decides. */
void bury_forget_others(Pump *pump);

/* The dead letter topic has acknowledged all that the open batch passes over. */
bool bury_settled(Pump *pump);

/* The batch under way is committed. */
void bury_committed(Pump *pump, const Batch *batch);

#endif

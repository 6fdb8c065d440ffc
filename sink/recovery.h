/*
 * sink/recovery.h - what an error means, and the way back: everything in memory is dropped, the
 * partitions are claimed again, and what the destination has stored says where to go on.
 *
 * There is no other way back, so this one is always in use: it is also how a partition begins. Only
 * the records themselves may come from memory in place of Kafka (sink/replay.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_RECOVERY_H
#define WAL2AVRO_SINK_RECOVERY_H

#include "sink/state.h"

/* All of the policy: tries again at once or later, looks for the record that is to blame, or ends.
 */
void recovery_failed(Pump *pump, const Error *problem, ApplyFailure failure);

/* Ends the pump, with the error where there is one. */
void recovery_end(Pump *pump, const Error *err);

/* Connected to the destination and in the group, first or again. False: it failed, and the error
 * has been dealt with. */
bool recovery_join(Pump *pump);

/* Claims the pump's partitions and begins to read them where the destination says. */
void recovery_begin(Pump *pump);

/* Drops everything that is not committed. */
void recovery_drop_open(Pump *pump);

void recovery_disconnect(Pump *pump);
void recovery_free_partitions(Pump *pump);
void recovery_leave_group(Pump *pump);

/* Marks those of the pump's partitions that this process has claimed before. */
void recovery_recall(Pump *pump);

/* Pauses fetching, until the partitions are read anew. */
void recovery_hold(Pump *pump);

#endif

/*
 * sink/intake.h - from the consumer into the open batch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_INTAKE_H
#define WAL2AVRO_SINK_INTAKE_H

#include "sink/state.h"

/* Records may go into the open batch. */
bool intake_may_take(const Pump *pump);

/* Takes what is at hand, up to a limit, so that the destination's socket gets its turn. */
void intake_take(Pump *pump);

/* The record that waits goes; it will be read again. */
void intake_drop_pending(Pump *pump);

/* Polls for the sake of membership and rebalances alone. */
void intake_poll_and_drop(Pump *pump);

/* Keeps the place in the group while nothing can be taken for long, by pausing; and reads on behind
 * what was taken when it can again. */
void intake_mind_membership(Pump *pump);

#endif

/*
 * sink/delivery.h - from the open batch to the destination, and what the group is told of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_DELIVERY_H
#define WAL2AVRO_SINK_DELIVERY_H

#include "sink/state.h"

/* Watches the destination's socket for what the batch under way waits for. */
void delivery_watch(const Pump *pump);

/* Closes the open batch when it is full or no more is at hand, and sends it off. */
void delivery_start(Pump *pump);

/* Moves the batch under way. */
void delivery_step(Pump *pump);

/* Nothing is open and nothing under way. */
bool delivery_is_settled(const Pump *pump);

/* Answers the decoder's question about a table, once nothing is under way. */
void delivery_ask(Pump *pump);

/* Tells the group the offsets, at most once a second unless it is to be now. */
void delivery_commit_group(Pump *pump, bool now);

/* Claims what was assigned, gives back what was revoked, as soon as it can be done. */
void delivery_answer_rebalance(Pump *pump);

#endif

/*
 * sink/observe.h - what a task says of itself: metrics once a second, and what it waits for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_OBSERVE_H
#define WAL2AVRO_SINK_OBSERVE_H

#include "sink/state.h"

/* Around the pump's life. */
void observe_begin(Pump *pump);
void observe_end(Pump *pump);

/* The open batch is closed: what the decoder counted since the last one is its own. */
void observe_closed(Pump *pump);

/* Nothing is taken any more: what was counted beside both batches will be counted again. */
void observe_dropped(Pump *pump);

/* A retry waits for this, or is over. */
void observe_waits(Pump *pump, const char *reason);
void observe_healed(Pump *pump);

/* Milliseconds since 1970, as the records' timestamps. */
int64_t observe_now_ms(void);

#endif

/*
 * relay/observe.h - asks the source now and then what the slot holds back, beside whatever else the
 * task does.
 *
 * It has a connection of its own and never waits for it; what goes wrong there is said in the log
 * at level debug only, because the stream will say it, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_OBSERVE_H
#define WAL2AVRO_RELAY_OBSERVE_H

#include "core/loop.h"
#include "relay/metrics.h"
#include "relay/options.h"

typedef struct Observe Observe;

/* All are borrowed. The figures go to the metrics every 5 s. NULL where there are no metrics. */
Observe *observe_new(Loop *loop, const RelayOptions *options, Metrics *metrics);
void observe_free(Observe *observe);

#endif

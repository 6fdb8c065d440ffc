/*
 * sink/pump.h - the loop that moves records: takes messages into one batch while the other is
 * applied, answers rebalances, and decides what an error means.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_PUMP_H
#define WAL2AVRO_SINK_PUMP_H

#include "sink/settings.h"

/* Runs until it is told to end (SIGTERM, SIGINT) or meets what only a person can mend, which it has
 * then logged. Returns the exit status: 0 or 1. */
int pump_run(const Settings *settings, const Properties *worker, const Properties *connector);

#endif

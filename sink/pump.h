/*
 * sink/pump.h - the loop that moves records: takes messages into one batch while the other is
 * applied, answers rebalances, and decides what an error means.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_PUMP_H
#define WAL2AVRO_SINK_PUMP_H

#include "core/program.h"
#include "sink/settings.h"

/* Runs until the request's loop is told to stop: true. False with what only a person can mend. */
bool pump_run(const Settings *settings, const Request *request, Error *err);

#endif

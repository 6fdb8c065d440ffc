/*
 * sink/paused.h - a task that is not to read: no member of the group, it only observes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_PAUSED_H
#define WAL2AVRO_SINK_PAUSED_H

#include "core/program.h"
#include "sink/settings.h"

/* Until the request's loop is told to stop. Task 0 says the lag of all partitions, every 5 seconds;
 * the marks of Kafka transactions count in it, as nobody reads past them. What is away is waited
 * for. False with what only a person can mend before it begins. */
bool paused_run(const Settings *settings, const Request *request, Error *err);

#endif

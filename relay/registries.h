/*
 * relay/registries.h - the clients of the schema registries of a session: its copy and its stream
 * share what they have heard.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_REGISTRIES_H
#define WAL2AVRO_RELAY_REGISTRIES_H

#include "core/registry.h"
#include "relay/options.h"

/* Embedded; zeroed is closed. */
typedef struct Registries
{
	Registry *values;
	Registry *keys; /* the same one, where both are asked in the same way */
} Registries;

/* ERROR_CONFIG for an URL that is none. To be closed also then. */
bool registries_open(Registries *registries, Loop *loop, const RelayOptions *options, Error *err);
void registries_close(Registries *registries);

/* Nobody who has asked so far is called any more. */
void registries_abandon(Registries *registries);

/* One of them does not answer at present. */
bool registries_waiting(const Registries *registries);

/* What rows wait for that do not get into Kafka, for people. */
const char *registries_stuck(const Registries *registries);

#endif

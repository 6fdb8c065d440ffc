/*
 * relay/pump.h - session after session until told to stop, or until only a person can help.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_PUMP_H
#define WAL2AVRO_RELAY_PUMP_H

#include "relay/pipeline.h"

/* Logs what happens. False when it has given up. */
bool pump_run(const Setting *setting);

#endif

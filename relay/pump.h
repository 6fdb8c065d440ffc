/*
 * relay/pump.h - session after session until told to stop, or until only a person can help.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_PUMP_H
#define WAL2AVRO_RELAY_PUMP_H

#include "relay/pipeline.h"

/* Says what happens, in the log and to the worker. False with why it has given up, which is not
 * said yet. */
bool pump_run(const Setting *setting, Error *err);

#endif

/*
 * relay/plan.h - what a start has to do, from what is stored and what the server has. Pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_PLAN_H
#define WAL2AVRO_RELAY_PLAN_H

#include "relay/options.h"
#include "relay/position.h"
#include "relay/slot.h"

typedef enum Plan
{
	PLAN_RESUME, /* stream from the stored position */
	PLAN_COPY,	 /* new slot, first copy; drop what a broken one left */
	PLAN_CREATE, /* new slot, no copy */
	PLAN_ADOPT,	 /* the slot is there without a position, stream from its confirmed LSN */
	PLAN_WAIT,	 /* another process reads the slot: stand by */
} Plan;

/*
 * Decides. ERROR_CONFIG for everything in which rows would be missing or another source's would
 * come: a slot of another plugin or database, a lost or missing slot, a slot ahead of the position,
 * another system; the message names the range and the ways out. ident is what the server says of
 * itself (system_identifier and timeline).
 */
bool plan_start(const RelayOptions *options, const StoredPosition *stored, const Slot *slot,
				uint64_t system_identifier, uint32_t timeline, Plan *out, Error *err);

#endif

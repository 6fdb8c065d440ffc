/*
 * relay/plan.c - see plan.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/plan.h"

#include "common/lsn.h"

#include <inttypes.h>

#define START_OVER                                                                                 \
	"reset the connector's offsets, or set another slot.name, to begin with a new first copy"

static bool
check_slot(const char *name, const Slot *slot, Error *err)
{
	if (slot->foreign_plugin)
		return error_set(
			err, ERROR_CONFIG, "slot \"%s\" %s%s, not \"" PLUGIN_NAME "\"; set another slot.name",
			name, slot->plugin[0] == '\0' ? "is a physical slot" : "uses plugin ", slot->plugin);
	if (!slot->this_database)
		return error_set(err, ERROR_CONFIG,
						 "slot \"%s\" belongs to database \"%s\"; set another slot.name", name,
						 slot->database);
	if (slot->lost)
		return error_set(err, ERROR_CONFIG,
						 "slot \"%s\" is lost: the server removed log behind " LSN_FORMAT
						 " that it needs (max_slot_wal_keep_size); drop it (select "
						 "pg_drop_replication_slot('%s')) and " START_OVER,
						 name, LSN_ARGS(slot->confirmed_lsn), name);
	return true;
}

static bool
check_source(const StoredPosition *stored, uint64_t system_identifier, uint32_t timeline,
			 Error *err)
{
	if (stored->system_identifier != system_identifier)
		return error_set(err, ERROR_CONFIG,
						 "the stored position is of the source with system identifier %" PRIu64
						 ", this one has %" PRIu64 "; connect to the former, or " START_OVER,
						 stored->system_identifier, system_identifier);
	if (stored->timeline > timeline)
		return error_set(err, ERROR_CONFIG,
						 "the stored position " LSN_FORMAT
						 " is on timeline %u, the source is on %u: it was restored to an earlier "
						 "state; " START_OVER,
						 LSN_ARGS(stored->lsn), stored->timeline, timeline);
	return true;
}

static bool
plan_resume(const char *name, const StoredPosition *stored, const Slot *slot, Error *err)
{
	if (!slot->exists)
		return error_set(err, ERROR_CONFIG,
						 "slot \"%s\" is gone, but rows were sent up to " LSN_FORMAT
						 ": what was committed from there on cannot be read; restore the slot, "
						 "or " START_OVER
						 ", or set another slot.name with snapshot.mode=no_data to "
						 "go on without that range",
						 name, LSN_ARGS(stored->lsn));
	if (slot->confirmed_lsn > stored->lsn)
		return error_set(err, ERROR_CONFIG,
						 "slot \"%s\" was moved to " LSN_FORMAT
						 ", but rows were sent up to " LSN_FORMAT
						 " only: what was committed in between cannot be read; " START_OVER
						 ", or set another slot.name with snapshot.mode=no_data to go on without "
						 "that range",
						 name, LSN_ARGS(slot->confirmed_lsn), LSN_ARGS(stored->lsn));
	return true;
}

/* There is no position yet. */
static bool
plan_first(const RelayOptions *options, const Slot *slot, Plan *out, Error *err)
{
	bool copy = options->snapshot_mode == SNAPSHOT_INITIAL;

	if (slot->exists && copy)
		return error_set(
			err, ERROR_CONFIG,
			"slot \"%s\" exists, but connector \"%s\" has no position: rows from before "
			"the slot would be missing; drop it for a first copy (select "
			"pg_drop_replication_slot('%s')), or set snapshot.mode=no_data to go on "
			"from " LSN_FORMAT,
			options->slot, options->name, options->slot, LSN_ARGS(slot->confirmed_lsn));
	*out = copy ? PLAN_COPY : slot->exists ? PLAN_ADOPT : PLAN_CREATE;
	return true;
}

bool
plan_start(const RelayOptions *options, const StoredPosition *stored, const Slot *slot,
		   uint64_t system_identifier, uint32_t timeline, Plan *out, Error *err)
{
	if (slot->exists && !check_slot(options->slot, slot, err))
		return false;
	if (slot->exists && slot->active_pid != 0)
	{
		*out = PLAN_WAIT;
		return true;
	}
	switch (stored->state)
	{
		case POSITION_NONE:
			return plan_first(options, slot, out, err);
		case POSITION_COPYING:
			/* A copy that is not wanted any more leaves a slot from which nothing is missing; one
			 * that a start without copy made before it died is gone on with in the same way. */
			if (options->snapshot_mode == SNAPSHOT_INITIAL)
				*out = PLAN_COPY;
			else
				*out = slot->exists ? PLAN_ADOPT : PLAN_CREATE;
			return true;
		case POSITION_STREAMING:
			*out = PLAN_RESUME;
			return check_source(stored, system_identifier, timeline, err) &&
				   plan_resume(options->slot, stored, slot, err);
	}
	return false;
}

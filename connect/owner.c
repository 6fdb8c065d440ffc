/*
 * connect/owner.c - see owner.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/owner.h"

#include "core/map.h"
#include "core/memory.h"

#include <string.h>

struct Owner
{
	RemovalParts parts;
	Map *removals; /* connector -> Removal */
	json_t *owned; /* connectors of which this worker says the status */
};

static Slice
text_slice(const char *text)
{
	return (Slice){(const uint8_t *) text, strlen(text)};
}

json_t *
owner_unassigned(const Owner *owner)
{
	return json_pack("{s:s,s:s}", "state", "UNASSIGNED", "worker_id",
					 owner->parts.settings->worker_id);
}

static json_t *
connector_status(const Owner *owner, const json_t *connector)
{
	static const char *const states[] = {[STORE_RUNNING] = "RUNNING",
										 [STORE_PAUSED] = "PAUSED",
										 [STORE_STOPPED] = "STOPPED",
										 [STORE_DELETING] = "STOPPED"};
	const json_t *config = store_config(connector);
	const char *class_name = json_string_value(json_object_get(config, "connector.class"));
	const char *state = states[store_target(connector)];
	AUTO_TEXT char *trace = NULL;

	if (store_reason(connector) != NULL)
		trace = xasprintf("it could not be deleted: %s", store_reason(connector));
	else if (programs_kind(owner->parts.programs, config) == PROGRAM_KINDS &&
			 store_target(connector) != STORE_STOPPED)
	{
		state = "FAILED";
		trace = xasprintf(
			"Failed to find any class that implements Connector and which name matches %s",
			class_name == NULL ? "null" : class_name);
	}
	return json_pack("{s:s,s:s,s:s*}", "state", state, "worker_id",
					 owner->parts.settings->worker_id, "trace", trace);
}

static void
mind_removal(Owner *owner, const char *name, bool deleting)
{
	Removal *removal = map_get(owner->removals, text_slice(name));

	if (!deleting && removal != NULL)
		removal_free(map_take(owner->removals, text_slice(name)));
	if (!deleting)
		return;
	if (removal == NULL)
	{
		removal = removal_new(&owner->parts, name);
		map_put(owner->removals, text_slice(name), removal);
	}
	removal_step(removal);
}

void
owner_take(Owner *owner, const char *name, const json_t *connector)
{
	bool deleting = store_target(connector) == STORE_DELETING;

	json_object_set_new(owner->owned, name, json_true());
	if (!deleting)
		statuses_want_connector(owner->parts.statuses, name, connector_status(owner, connector));
	mind_removal(owner, name, deleting);
}

void
owner_leave(Owner *owner, const char *name, bool say)
{
	Statuses *statuses = owner->parts.statuses;

	mind_removal(owner, name, false);
	if (say && store_connector(owner->parts.store, name) != NULL)
		statuses_want_connector(statuses, name, owner_unassigned(owner));
	statuses_leave_connector(statuses, name);
	json_object_del(owner->owned, name);
}

json_t *
owner_names(const Owner *owner)
{
	return owner->owned;
}

Owner *
owner_new(const RemovalParts *parts)
{
	Owner *owner = xcalloc(1, sizeof *owner);

	*owner = (Owner){.parts = *parts, .removals = map_new(), .owned = json_object()};
	return owner;
}

static void
free_removal(void *removal)
{
	removal_free(removal);
}

void
owner_free(Owner *owner)
{
	if (owner == NULL)
		return;
	map_free(owner->removals, free_removal);
	json_decref(owner->owned);
	free(owner);
}

/*
 * connect/store.c - see store.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/store.h"

#include "core/log.h"
#include "core/memory.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct Store
{
	json_t *connectors;
	bool imported;
};

static const char *const targets[] = {
	[STORE_RUNNING] = "RUNNING",
	[STORE_PAUSED] = "PAUSED",
	[STORE_STOPPED] = "STOPPED",
	[STORE_DELETING] = "DELETING",
};

typedef StoreNews Take(Store *store, const char *name, json_t *value);

static bool
is_connector(const json_t *value)
{
	const char *target = json_string_value(json_object_get(value, "target"));

	if (!json_is_object(json_object_get(value, "config")) || target == NULL)
		return false;
	for (size_t i = 0; i < COUNT(targets); i++)
		if (strcmp(targets[i], target) == 0)
			return true;
	return false;
}

static StoreNews
take_connector(Store *store, const char *name, json_t *value)
{
	if (value == NULL)
		json_object_del(store->connectors, name);
	else if (is_connector(value))
		json_object_set(store->connectors, name, value);
	else
	{
		log_warn("connector \"%s\" is stored in a form that is not understood; passing it over",
				 name);
		return STORE_NOTHING;
	}
	return STORE_CHANGED;
}

static StoreNews
take_restart(Store *store, const char *name, json_t *value)
{
	(void) store, (void) name;
	return value == NULL ? STORE_NOTHING : STORE_RESTARTED;
}

static StoreNews
take_level(Store *store, const char *name, json_t *value)
{
	(void) store, (void) name;
	return value == NULL ? STORE_NOTHING : STORE_LEVEL;
}

static StoreNews
take_imported(Store *store, const char *name, json_t *value)
{
	(void) name;
	store->imported = value != NULL;
	return STORE_NOTHING;
}

static const struct
{
	const char *prefix;
	Take *take;
} kinds[] = {
	{STORE_CONNECTOR, take_connector},
	{STORE_RESTART, take_restart},
	{STORE_LOGGER, take_level},
	{STORE_IMPORTED, take_imported},
};

Store *
store_new(void)
{
	Store *store = xcalloc(1, sizeof *store);

	store->connectors = json_object();
	return store;
}

void
store_free(Store *store)
{
	if (store == NULL)
		return;
	json_decref(store->connectors);
	free(store);
}

/* False for bytes that are no JSON object. */
static bool
parse(Slice value, json_t **out)
{
	json_error_t problem;

	*out = NULL;
	if (value.data == NULL)
		return true;
	*out = json_loadb((const char *) value.data, value.len, 0, &problem);
	if (json_is_object(*out))
		return true;
	json_decref(*out);
	*out = NULL;
	return false;
}

StoreEvent
store_take(Store *store, Slice key, Slice value)
{
	StoreEvent event = {.text = xstrndup(key.data == NULL ? "" : (const char *) key.data, key.len)};

	for (size_t i = 0; i < COUNT(kinds); i++)
	{
		size_t len = strlen(kinds[i].prefix);

		if (strncmp(event.text, kinds[i].prefix, len) != 0)
			continue;
		event.name = event.text + len;
		if (parse(value, &event.value))
			event.news = kinds[i].take(store, event.name, event.value);
		else
			log_warn("the store's record \"%s\" is no JSON object; passing it over", event.text);
		break;
	}
	return event;
}

void
store_event_done(StoreEvent *event)
{
	json_decref(event->value);
	free(event->text);
}

json_t *
store_connectors(const Store *store)
{
	return store->connectors;
}

json_t *
store_connector(const Store *store, const char *name)
{
	return json_object_get(store->connectors, name);
}

json_t *
store_config(const json_t *connector)
{
	return json_object_get(connector, "config");
}

StoreTarget
store_target(const json_t *connector)
{
	const char *target = json_string_value(json_object_get(connector, "target"));

	for (size_t i = 0; i < COUNT(targets); i++)
		if (strcmp(targets[i], target) == 0)
			return (StoreTarget) i;
	return STORE_STOPPED;
}

bool
store_keep(const json_t *connector)
{
	return json_is_true(json_object_get(connector, "keep"));
}

const char *
store_reason(const json_t *connector)
{
	return json_string_value(json_object_get(connector, "reason"));
}

const char *
store_token(const json_t *connector)
{
	return json_string_value(json_object_get(connector, "token"));
}

const char *
store_target_name(StoreTarget target)
{
	return targets[target];
}

bool
store_imported(const Store *store)
{
	return store->imported;
}

bool
store_from_import(const json_t *connector)
{
	return json_is_true(json_object_get(connector, "imported"));
}

json_t *
store_value(const json_t *stored, json_t *config, StoreTarget target)
{
	json_t *value = json_pack("{s:O,s:s}", "config", config, "target", targets[target]);

	if (store_from_import(stored))
		json_object_set_new(value, "imported", json_true());
	return value;
}

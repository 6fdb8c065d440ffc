/*
 * connect/import.c - see import.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/import.h"

#include "connect/store.h"
#include "core/memory.h"

#include <string.h>

#define CONNECTOR "connector-"
#define TARGET	  "target-state-"

/* NULL for a name that is not UTF-8. */
static json_t *
entry_of(json_t *topic, const char *name)
{
	if (json_object_get(topic, name) == NULL)
		json_object_set_new(topic, name, json_object());
	return json_object_get(topic, name);
}

static json_t *
parse(Slice value)
{
	json_error_t problem;
	json_t *whole =
		value.data == NULL ? NULL : json_loadb((const char *) value.data, value.len, 0, &problem);
	json_t *payload = json_object_get(whole, "payload");

	/* With schemas.enable the value stands beside its schema. */
	if (payload == NULL || json_object_get(whole, "schema") == NULL)
		return whole;
	json_incref(payload);
	json_decref(whole);
	return payload;
}

/* Kafka Connect's texts for states; state.v2 is newer and knows STOPPED. */
static StoreTarget
target_of(const json_t *value)
{
	static const struct
	{
		const char *name;
		StoreTarget target;
	} states[] = {{"STARTED", STORE_RUNNING}, {"PAUSED", STORE_PAUSED}, {"STOPPED", STORE_STOPPED}};
	const char *state = json_string_value(json_object_get(value, "state.v2"));

	if (state == NULL)
		state = json_string_value(json_object_get(value, "state"));
	for (size_t i = 0; state != NULL && i < sizeof states / sizeof *states; i++)
		if (strcmp(states[i].name, state) == 0)
			return states[i].target;
	return STORE_RUNNING;
}

void
import_take(json_t *topic, Slice key, Slice bytes)
{
	AUTO_TEXT char *name = xstrndup(key.data == NULL ? "" : (const char *) key.data, key.len);
	json_t *value = parse(bytes);

	if (strncmp(name, CONNECTOR, strlen(CONNECTOR)) == 0)
	{
		json_t *entry = entry_of(topic, name + strlen(CONNECTOR));
		json_t *properties = json_object_get(value, "properties");

		if (json_is_object(properties))
			json_object_set(entry, "config", properties);
		else
			json_object_del(entry, "config");
	}
	else if (strncmp(name, TARGET, strlen(TARGET)) == 0)
		json_object_set_new(entry_of(topic, name + strlen(TARGET)), "target",
							json_integer(target_of(value)));
	json_decref(value);
}

json_t *
import_finish(const json_t *topic)
{
	json_t *connectors = json_object();
	const char *name;
	json_t *entry;

	json_object_foreach((json_t *) (uintptr_t) topic, name, entry)
	{
		json_t *config = json_object_get(entry, "config");
		json_int_t target = json_integer_value(json_object_get(entry, "target"));

		if (config == NULL)
			continue;

		json_t *value = store_value(NULL, config, (StoreTarget) target);

		json_object_set_new(value, "imported", json_true());
		json_object_set_new(connectors, name, value);
	}
	return connectors;
}

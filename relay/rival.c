/*
 * relay/rival.c - see rival.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/rival.h"

#include "core/json.h"
#include "core/kafka.h"
#include "core/map.h"
#include "relay/position.h"

#include <string.h>

/* The connectors seen so far that have a position in the slot. */
typedef struct Rivals
{
	const RivalSearch *search;
	Map *names; /* to the name again, owned */
} Rivals;

/* The connector of a key that names the slot; NULL for every other key. Borrowed from the key. */
static const char *
other_connector(const RivalSearch *search, const json_t *key)
{
	const char *connector = json_string_value(json_array_get(key, 0));
	const char *slot = json_string_value(json_object_get(json_array_get(key, 1), "slot"));

	return connector != NULL && slot != NULL && strcmp(slot, search->slot) == 0 &&
				   strcmp(connector, search->connector) != 0
			   ? connector
			   : NULL;
}

/* What is no position we know is nobody's; its own connector will say so. */
static bool
is_of_source(const RivalSearch *search, const rd_kafka_message_t *message)
{
	StoredPosition position = {0};
	Error ignored;
	bool is;

	if (message->payload == NULL ||
		!position_from_json((Slice){message->payload, message->len}, &position, &ignored))
		return false;
	is = position.system_identifier == search->system_identifier;
	stored_position_done(&position);
	return is;
}

static bool
visit(void *context, const rd_kafka_message_t *message, Error *err)
{
	Rivals *rivals = context;
	json_error_t problem;
	AUTO(json_t) *key =
		message->key == NULL ? NULL : json_loadb(message->key, message->key_len, 0, &problem);
	const char *name = other_connector(rivals->search, key);

	(void) err;
	if (name == NULL)
		return true;
	free(map_take(rivals->names, slice_text(name)));
	if (is_of_source(rivals->search, message))
		map_put(rivals->names, slice_text(name), xstrdup(name));
	return true;
}

bool
rival_find(const RivalSearch *search, char **rival, Error *err)
{
	Rivals rivals = {.search = search, .names = map_new()};
	size_t cursor = 0;
	void *name = NULL;
	Slice key;
	bool ok =
		kafka_read_all(search->worker, search->topic, search->timeout_ms, visit, &rivals, err);

	*rival = NULL;
	if (!ok)
		error_add(err, "offsets topic \"%s\"", search->topic);
	else if (map_next(rivals.names, &cursor, &key, &name))
		*rival = xstrdup(name);
	map_free(rivals.names, free);
	return ok;
}

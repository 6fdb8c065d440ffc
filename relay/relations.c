/*
 * relay/relations.c - see relations.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/relations.h"

#include "core/fault.h"
#include "core/log.h"
#include "core/memory.h"

#include <avro.h>
#include <inttypes.h>

/* A server that counts further than this is not ours. */
#define RELATIONS_MAX (UINT32_C(1) << 20)

struct Relations
{
	Topics *topics;
	Registry *registry;
	Relation **items; /* by number */
	uint32_t size;
	Relation *all;
	Error failed;
};

Relations *
relations_new(Topics *topics, Registry *registry)
{
	Relations *relations = xcalloc(1, sizeof *relations);

	relations->topics = topics;
	relations->registry = registry;
	return relations;
}

void
relations_free(Relations *relations)
{
	if (relations == NULL)
		return;
	for (Relation *relation = relations->all, *next; relation != NULL; relation = next)
	{
		next = relation->next;
		free(relation);
	}
	free(relations->items);
	free(relations);
}

/* The text that is registered is the plugin's own; avro-c only says whether it is a schema. */
static bool
check_schema(Slice text, Error *err)
{
	avro_schema_t schema = NULL;

	if (avro_schema_from_json_length((const char *) text.data, text.len, &schema) != 0)
		return error_set(err, ERROR_DATA, "the server sent no Avro schema (%s): %.*s",
						 avro_strerror(), (int) (text.len < 500 ? text.len : 500),
						 (const char *) text.data);
	avro_schema_decref(schema);
	return true;
}

static void
registered(Relation *relation, int32_t *target, const char *role, int32_t id, const Error *err)
{
	if (id >= 0)
	{
		*target = id;
		log_debug("topic \"%s\" has %s schema id %" PRId32, relation->topic->name, role, id);
	}
	else if (relation->relations->failed.kind == ERROR_NONE)
	{
		relation->relations->failed = *err;
		error_add(&relation->relations->failed, "table \"%s.%s\"", relation->topic->schema,
				  relation->topic->table);
	}
}

static void
key_registered(void *context, int32_t id, const Error *err)
{
	Relation *relation = context;

	registered(relation, &relation->key_id, "key", id, err);
}

static void
value_registered(void *context, int32_t id, const Error *err)
{
	Relation *relation = context;

	registered(relation, &relation->value_id, "value", id, err);
}

static void
ask(Relation *relation, const char *role, Slice schema, RegistryRegistered *done)
{
	AUTO_TEXT char *subject = xasprintf("%s-%s", relation->topic->name, role);
	AUTO_TEXT char *text = xstrndup((const char *) schema.data, schema.len);

	registry_register(relation->relations->registry, subject, text, done, relation);
}

static Relation *
relation_new(Relations *relations, uint32_t number)
{
	Relation *relation;

	if (number >= relations->size)
	{
		uint32_t size = number + 64;

		relations->items = xrealloc(relations->items, size * sizeof *relations->items);
		for (uint32_t i = relations->size; i < size; i++)
			relations->items[i] = NULL;
		relations->size = size;
	}
	relation = xcalloc(1, sizeof *relation);
	*relation =
		(Relation){.relations = relations, .next = relations->all, .key_id = -1, .value_id = -1};
	relations->all = relations->items[number] = relation;
	return relation;
}

bool
relations_define(Relations *relations, const Message *message, bool *learned, Error *err)
{
	bool has_key = message->key_schema.data != NULL;
	Topic *topic;
	Relation *relation;

	if (message->relation >= RELATIONS_MAX ||
		(message->relation < relations->size && relations->items[message->relation] != NULL))
		return error_set(err, ERROR_DATA, "the server defined relation %" PRIu32 " twice",
						 message->relation);
	if ((has_key && !check_schema(message->key_schema, err)) ||
		!check_schema(message->value_schema, err))
		return error_add(err, "table \"%.*s.%.*s\"", (int) message->namespace_name.len,
						 (const char *) message->namespace_name.data, (int) message->name.len,
						 (const char *) message->name.data);
	if (!topics_get(relations->topics, message->namespace_name, message->name, &topic, learned,
					err))
		return false;
	relation = relation_new(relations, message->relation);
	relation->topic = topic;
	relation->has_key = has_key;
	if (has_key)
		ask(relation, "key", message->key_schema, key_registered);
	ask(relation, "value", message->value_schema, value_registered);
	if (fault("relay.register"))
		return error_set(err, ERROR_RETRY, "fault at relay.register");
	return true;
}

Relation *
relations_get(const Relations *relations, uint32_t number, Error *err)
{
	if (number < relations->size && relations->items[number] != NULL)
		return relations->items[number];
	error_set(err, ERROR_DATA,
			  "the server sent a row of relation %" PRIu32 ", which it did not define", number);
	return NULL;
}

void
relations_forget(Relations *relations)
{
	for (uint32_t i = 0; i < relations->size; i++)
		relations->items[i] = NULL;
}

bool
relations_ready(const Relations *relations)
{
	for (const Relation *relation = relations->all; relation != NULL; relation = relation->next)
		if (!relation_ready(relation))
			return false;
	return true;
}

bool
relations_check(const Relations *relations, Error *err)
{
	if (relations->failed.kind == ERROR_NONE)
		return true;
	*err = relations->failed;
	return false;
}

/*
 * relay/relations.c - see relations.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/relations.h"

#include "core/fault.h"
#include "core/log.h"
#include "core/memory.h"
#include "relay/envelope.h"
#include "relay/schema_match.h"
#include "relay/shape.h"
#include "relay/transactions.h"

#include <avro.h>
#include <inttypes.h>

/* A server that counts further than this is not ours. */
#define RELATIONS_MAX (UINT32_C(1) << 20)

struct Relations
{
	const RelayOptions *options;
	ConverterKind keys;
	bool enveloped;
	Topics *topics;
	Registry *key_registry;
	Registry *value_registry;
	Relation *transactions;
	Relation **items; /* by number */
	uint32_t size;
	Relation *all;
	Error failed;
};

Relations *
relations_new(const RelayOptions *options, const char *shape, Topics *topics,
			  Registry *key_registry, Registry *value_registry)
{
	Relations *relations = xcalloc(1, sizeof *relations);

	relations->options = options;
	relations->keys = shape_keys(shape);
	relations->enveloped = shape_enveloped(shape);
	relations->topics = topics;
	relations->key_registry = key_registry;
	relations->value_registry = value_registry;
	return relations;
}

static void
subject_done(Subject *subject)
{
	free(subject->name);
	free(subject->schema);
}

void
relations_free(Relations *relations)
{
	if (relations == NULL)
		return;
	for (Relation *relation = relations->all, *next; relation != NULL; relation = next)
	{
		next = relation->next;
		text_key_free(relation->text_key);
		text_key_free(relation->json_key);
		free(relation->collection);
		free(relation->key_schema);
		free(relation->row_schema);
		subject_done(&relation->key);
		subject_done(&relation->value);
		free(relation);
	}
	free(relations->items);
	free(relations);
}

/* avro-c takes no default with the character U+0000, and does not look at defaults. For the caller
 * to free. */
static char *
without_zeros(Slice text)
{
	char *copy = xstrndup((const char *) text.data, text.len);

	for (char *p = copy; (p = strstr(p, "\\u0000")) != NULL; p++)
		p[5] = '1';
	return copy;
}

/* The text that is registered is the plugin's own; avro-c only says whether it is a schema. */
static bool
check_schema(Slice text, Error *err)
{
	AUTO_TEXT char *checked = without_zeros(text);
	avro_schema_t schema = NULL;

	if (avro_schema_from_json_length(checked, text.len, &schema) != 0)
		return error_set(err, ERROR_DATA, "the server sent no Avro schema (%s): %.*s",
						 avro_strerror(), (int) (text.len < 500 ? text.len : 500),
						 (const char *) text.data);
	avro_schema_decref(schema);
	return true;
}

static void
answered(void *context, int32_t id, const Error *err)
{
	Subject *subject = context;
	Relation *relation = subject->relation;
	Error *failed = &relation->relations->failed;

	if (id >= 0)
	{
		subject->id = id;
		log_debug("topic \"%s\": subject \"%s\" has schema id %" PRId32, relation->topic->name,
				  subject->name, id);
	}
	else if (failed->kind == ERROR_NONE)
	{
		*failed = *err;
		error_add(failed, "table \"%s.%s\"", relation->topic->schema, relation->topic->table);
	}
}

/* A schema that is named in the place of ours. */
static void
take_other(Subject *subject, int32_t id, const char *schema, bool strict, const char *property,
		   const Error *err)
{
	Error mismatch;

	if (err != NULL || schema_match(subject->schema, schema, strict))
	{
		answered(subject, id, err);
		return;
	}
	error_set(&mismatch, ERROR_CONFIG,
			  "subject \"%s\": the table's schema is not encoded as schema id %" PRId32
			  " (%s) says, and rows are not changed on the way; register the table's schema, or "
			  "set auto.register.schemas=true",
			  subject->name, id, property);
	answered(subject, -1, &mismatch);
}

static void
on_latest(void *context, int32_t id, const char *schema, const Error *err)
{
	Subject *subject = context;

	take_other(subject, id, schema, subject->converter->latest_strict, "use.latest.version", err);
}

static void
on_fixed(void *context, const char *schema, const Error *err)
{
	Subject *subject = context;

	take_other(subject, (int32_t) subject->converter->schema_id, schema,
			   subject->converter->id_strict, "use.schema.id", err);
}

static void
ask(Relation *relation, Subject *subject, const ConverterOptions *converter, Registry *registry,
	const char *role, Slice schema)
{
	*subject = (Subject){
		.relation = relation,
		.converter = converter,
		.name = converter_subject(converter, role, relation->topic->name, schema),
		.schema = xstrndup((const char *) schema.data, schema.len),
		.id = -1,
	};
	switch (converter->source)
	{
		case SCHEMA_REGISTER:
			registry_register(registry, subject->name, subject->schema, answered, subject);
			break;
		case SCHEMA_LOOKUP:
			registry_lookup(registry, subject->name, subject->schema, answered, subject);
			break;
		case SCHEMA_LATEST:
			registry_latest(registry, subject->name, on_latest, subject);
			break;
		case SCHEMA_FIXED:
			registry_fetch(registry, (int32_t) converter->schema_id, on_fixed, subject);
			break;
	}
}

static char *
text_of(Slice slice)
{
	return xstrndup((const char *) slice.data, slice.len);
}

static Relation *
relation_add(Relations *relations, Topic *topic)
{
	Relation *relation = xcalloc(1, sizeof *relation);

	*relation = (Relation){.relations = relations,
						   .next = relations->all,
						   .topic = topic,
						   .collection = xasprintf("%s.%s", topic->schema, topic->table),
						   .key.id = -1,
						   .value.id = -1};
	relations->all = relation;
	return relation;
}

static Relation *
relation_new(Relations *relations, uint32_t number, Topic *topic)
{
	if (number >= relations->size)
	{
		uint32_t size = number + 64;

		relations->items = xrealloc(relations->items, size * sizeof *relations->items);
		for (uint32_t i = relations->size; i < size; i++)
			relations->items[i] = NULL;
		relations->size = size;
	}
	return relations->items[number] = relation_add(relations, topic);
}

static bool
define_key(Relation *relation, Slice schema, Error *err)
{
	const Relations *relations = relation->relations;
	const ConverterOptions *converter = &relations->options->key_converter;

	/* A key that has no JSON is not named in headers. */
	if (relations->enveloped && !text_key_new(schema, TEXT_KEY_JSON, &relation->json_key, err))
		log_debug("table \"%s\": %s", relation->collection, err->message);
	if (relations->keys == CONVERTER_STRING)
		return text_key_new(schema, TEXT_KEY_STRUCT, &relation->text_key, err) ||
			   error_add(err, "table \"%s.%s\"", relation->topic->schema, relation->topic->table);
	ask(relation, &relation->key, converter, relations->key_registry, "key", schema);
	return true;
}

static void
ask_value(Relation *relation, Slice schema)
{
	const Relations *relations = relation->relations;

	ask(relation, &relation->value, &relations->options->value_converter, relations->value_registry,
		"value", schema);
}

/* As it is registered: that of the rows, or that of envelopes around them. */
static bool
define_value(Relation *relation, Slice schema, Error *err)
{
	AUTO_TEXT char *envelope = NULL;

	if (!relation->relations->enveloped)
		ask_value(relation, schema);
	else if (envelope_schema(schema, &envelope, err))
		ask_value(relation, slice_text(envelope));
	else
		return error_add(err, "table \"%s\"", relation->collection);
	return true;
}

bool
relations_define_transactions(Relations *relations, bool *learned, Error *err)
{
	AUTO_TEXT char *key_schema = transactions_key_schema();
	AUTO_TEXT char *value_schema = transactions_value_schema();
	AUTO_TEXT char *name = relay_transactions_topic(relations->options);
	const ConverterOptions *converter = &relations->options->key_converter;
	Relation *relation;
	Topic *topic;

	if (!topics_get_named(relations->topics, name, &topic, learned, err))
		return false;
	relation = relation_add(relations, topic);
	relation->has_key = true;
	if (relations->keys == CONVERTER_STRING)
	{
		if (!text_key_new(slice_text(key_schema), TEXT_KEY_STRUCT, &relation->text_key, err))
			return false;
	}
	else
		ask(relation, &relation->key, converter, relations->key_registry, "key",
			slice_text(key_schema));
	ask_value(relation, slice_text(value_schema));
	relations->transactions = relation;
	return true;
}

const Relation *
relations_transactions(const Relations *relations)
{
	return relations->transactions;
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
	relation = relation_new(relations, message->relation, topic);
	relation->oid = message->oid;
	relation->row_schema = text_of(message->value_schema);
	relation->key_schema = has_key ? text_of(message->key_schema) : NULL;
	relation->has_key = has_key;
	if ((has_key && !define_key(relation, message->key_schema, err)) ||
		!define_value(relation, message->value_schema, err))
		return false;
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

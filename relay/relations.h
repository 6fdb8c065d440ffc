/*
 * relay/relations.h - what the numbers in row messages stand for: a topic and two schema ids.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_RELATIONS_H
#define WAL2AVRO_RELAY_RELATIONS_H

#include "common/wire.h"
#include "core/registry.h"
#include "relay/text_key.h"
#include "relay/topics.h"

typedef struct Relations Relations;

typedef struct Relation Relation;

/* The schema of a relation's keys or values, while its id is asked for. */
typedef struct Subject
{
	Relation *relation;
	const ConverterOptions *converter;
	char *name;
	char *schema; /* ours */
	int32_t id;	  /* -1 while the registry has not answered */
} Subject;

struct Relation
{
	Relations *relations;
	Relation *next;
	Topic *topic;
	uint32_t oid;
	char *key_schema; /* as the plugin said them; NULL: there is no key */
	char *row_schema;
	bool has_key;
	TextKey *text_key; /* keys are sent as texts, without a schema; NULL: in Avro */
	TextKey *json_key; /* for the headers of envelopes; NULL: none */
	char *collection;  /* schema.table */
	Subject key;
	Subject value;
};

/* All are borrowed; both registries may be one. shape: of the records of this session, which may be
 * that of an older era. */
Relations *relations_new(const RelayOptions *options, const char *shape, Topics *topics,
						 Registry *key_registry, Registry *value_registry);

/* After the registries: they must not answer any more. */
void relations_free(Relations *relations);

/*
 * A RELATION message: checks the schemas, finds the topic, asks the registry for ids. *learned as
 * in topics_get. ERROR_DATA for a message that makes no sense.
 */
bool relations_define(Relations *relations, const Message *message, bool *learned, Error *err);

/* The topic of transactions, as a relation without a number. *learned as above. */
bool relations_define_transactions(Relations *relations, bool *learned, Error *err);

/* NULL: none is defined. */
const Relation *relations_transactions(const Relations *relations);

/* NULL with ERROR_DATA for a number that was not defined. */
Relation *relations_get(const Relations *relations, uint32_t number, Error *err);

/* Rows may be sent. */
static inline bool
relation_ready(const Relation *relation)
{
	return relation->value.id >= 0 &&
		   (relation->key.id >= 0 || !relation->has_key || relation->text_key != NULL);
}

/* The numbers may be defined again: each table of a copy has number 1. */
void relations_forget(Relations *relations);

/* The registry has answered for all of them. */
bool relations_ready(const Relations *relations);

/* False with the error when the registry has refused a schema. */
bool relations_check(const Relations *relations, Error *err);

#endif

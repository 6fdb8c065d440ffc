/*
 * relay/relations.h - what the numbers in row messages stand for: a topic and two schema ids.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_RELATIONS_H
#define WAL2AVRO_RELAY_RELATIONS_H

#include "common/wire.h"
#include "core/registry.h"
#include "relay/topics.h"

typedef struct Relations Relations;

typedef struct Relation
{
	Relations *relations;
	struct Relation *next;
	Topic *topic;
	bool has_key;
	int32_t key_id; /* -1 while the registry has not answered */
	int32_t value_id;
} Relation;

Relations *relations_new(Topics *topics, Registry *registry);

/* After the registry: it must not answer any more. */
void relations_free(Relations *relations);

/*
 * A RELATION message: checks the schemas, finds the topic, asks the registry for ids. *learned as
 * in topics_get. ERROR_DATA for a message that makes no sense.
 */
bool relations_define(Relations *relations, const Message *message, bool *learned, Error *err);

/* NULL with ERROR_DATA for a number that was not defined. */
Relation *relations_get(const Relations *relations, uint32_t number, Error *err);

/* Rows may be sent. */
static inline bool
relation_ready(const Relation *relation)
{
	return relation->value_id >= 0 && (relation->key_id >= 0 || !relation->has_key);
}

/* The numbers may be defined again: each table of a copy has number 1. */
void relations_forget(Relations *relations);

/* The registry has answered for all of them. */
bool relations_ready(const Relations *relations);

/* False with the error when the registry has refused a schema. */
bool relations_check(const Relations *relations, Error *err);

#endif

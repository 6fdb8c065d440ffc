/*
 * core/registry_answer.h - what a schema registry's answer says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_REGISTRY_ANSWER_H
#define WAL2AVRO_CORE_REGISTRY_ANSWER_H

#include "common/slice.h"
#include "core/error.h"

typedef struct RegistryAnswer
{
	const char *url; /* for messages */
	long status;
	Slice body;
	const char *subject; /* what was asked: a subject, */
	int32_t id;			 /* or, where that is NULL, an id */
} RegistryAnswer;

/* No answer at all, or one that says to try again: 0, 408, 429, 5xx. */
bool registry_answer_is_trouble(long status);

/* The id of a registered schema. ERROR_CONFIG for anything else. */
bool registry_answer_id(const RegistryAnswer *answer, int32_t *id, Error *err);

/* The text of an Avro schema, for the caller to free. ERROR_DATA for an id that is unknown or of
 * another kind of schema, ERROR_CONFIG for anything else. */
bool registry_answer_schema(const RegistryAnswer *answer, char **schema, Error *err);

#endif

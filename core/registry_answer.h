/*
 * core/registry_answer.h - what a schema registry's answer says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_REGISTRY_ANSWER_H
#define WAL2AVRO_CORE_REGISTRY_ANSWER_H

#include "core/error.h"
#include "core/registry_question.h"

typedef struct RegistryAnswer
{
	const char *url; /* for messages */
	long status;
	Slice body;
	const Question *question;
} RegistryAnswer;

/* No answer at all, or one that says to try again: 0, 408, 429, 5xx. */
bool registry_answer_is_trouble(long status);

/* Fills in what was asked: id, schema (only Avro's), or both. ERROR_DATA for an id that is unknown
 * or of another kind of schema, ERROR_CONFIG for anything else, with the way out. */
bool registry_answer_read(const RegistryAnswer *answer, Question *question, Error *err);

/* Why an answer that is none of what was hoped for ends the matter. Returns false. */
bool registry_answer_refused(const RegistryAnswer *answer, Error *err);

#endif

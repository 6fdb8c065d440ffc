/*
 * core/registry_question.h - what a schema registry can be asked (Confluent documentation, "Schema
 * Registry API Reference"), as a request over HTTP and as the key under which its answer is kept.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_REGISTRY_QUESTION_H
#define WAL2AVRO_CORE_REGISTRY_QUESTION_H

#include "core/buffer.h"

typedef enum QuestionKind
{
	QUESTION_REGISTER,	/* POST /subjects/S/versions: the id of a schema, which gets one if need be
						 */
	QUESTION_LOOKUP,	/* POST /subjects/S: the id of a schema that is there */
	QUESTION_LATEST,	/* GET /subjects/S/versions/latest: id and schema */
	QUESTION_FETCH,		/* GET /schemas/ids/N: the schema of an id */
	QUESTION_LEVEL,		/* GET /config/S: the subject's own compatibility */
	QUESTION_SET_LEVEL, /* PUT /config/S: schema is the level */
	QUESTION_UNSET_LEVEL,	  /* DELETE /config/S */
	QUESTION_REMOVE,		  /* DELETE /subjects/S */
	QUESTION_REMOVE_FOR_GOOD, /* the same once more, with permanent=true */
} QuestionKind;

/* Embedded; owns its texts. */
typedef struct Question
{
	QuestionKind kind;
	char *subject; /* NULL: FETCH */
	char *schema;  /* REGISTER, LOOKUP; with the answer also LATEST and FETCH */
	int32_t id;	   /* FETCH; with the answer the others too */
	bool normalize;
} Question;

void question_done(Question *question);

/* Different questions have different keys; answers do not belong to them. Valid until the buffer
 * changes. */
Slice question_key(const Question *question, Buffer *buffer);

/* What stands behind the registry's URL, for the caller to free. */
char *question_path(const Question *question);

/* {"schema": "..."} or {"compatibility": "..."}, for the caller to free; NULL: a question without a
 * body, or a schema that is not UTF-8. */
char *question_body(const Question *question);

/* Of HTTP. */
const char *question_method(const Question *question);

/* About a schema that is given. */
static inline bool
question_posts(const Question *question)
{
	return question->kind == QUESTION_REGISTER || question->kind == QUESTION_LOOKUP;
}

#endif

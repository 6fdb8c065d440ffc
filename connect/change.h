/*
 * connect/change.h - a request that is written to the store: a decision that the journal asks for,
 * and its answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_CHANGE_H
#define WAL2AVRO_CONNECT_CHANGE_H

#include "connect/herder_parts.h"

typedef struct Change Change;

/* Puts records for the connector as it is stored now, NULL where there is none. */
typedef void Decide(Change *change, json_t *stored, JournalBatch *batch);

struct Change
{
	Herder *herder;
	Answer *answer;
	Decide *decide;
	char *name; /* of the connector or logger */
	json_t *config;
	json_t *base; /* of a patch: what it was made from */
	StoreTarget target;
	char *token;
	bool keep;
	bool include_tasks;
	bool only_failed;
	int64_t task;
	int64_t tasks; /* of the info that is answered */
	int status;	   /* when it is written; 0: it has been answered */
	json_t *body;
};

/* name is copied. What is set in it besides is freed with it. */
Change *change_new(Herder *herder, const char *name, Decide *decide, HerderReply *reply,
				   void *context);

/* For one that is not submitted. */
void change_free(Change *change);

/* Gives it to the journal, which has it decided, written and answered; refused where too many wait
 * there already: while Kafka is away a change stays though its client was told "timed out". */
void change_submit(Change *change);

/* value: taken. */
void change_put_connector(const Change *change, JournalBatch *batch, json_t *value);

#endif

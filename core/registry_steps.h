/*
 * core/registry_steps.h - which questions a registration comes to, one after the other. Pure.
 *
 * A registry that refuses a schema as incompatible (409) says so, too, where another client has
 * just registered the same schema as the first one of its subject (Apicurio Registry): so it is
 * looked up, and where it is not there tried once more.
 *
 * Where that may be: the compatibility of the subject is NONE while the schema is registered, and
 * then what it was. What it was is kept in the registry as well, as the schema of a subject of its
 * own, <subject>.wal2avro-compatibility, so that a client that comes after one that died restores
 * it; such a subject is looked for in front of each registration.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_REGISTRY_STEPS_H
#define WAL2AVRO_CORE_REGISTRY_STEPS_H

#include "core/registry_question.h"

typedef enum RegistryStep
{
	STEP_ASK,	   /* what was asked for */
	STEP_MARKED,   /* is there a level to be restored? */
	STEP_LOOK_UP,  /* behind a conflict */
	STEP_LAST_TRY, /* the schema is not there */
	STEP_LEVEL,	   /* what is the subject's level? */
	STEP_MARK,	   /* keep it */
	STEP_LIFT,	   /* set NONE */
	STEP_LIFTED,   /* register: the answer is kept */
	STEP_RESTORE,  /* set the level, or take it away */
	STEP_UNMARK,   /* forget it, in two steps */
	STEP_UNMARK_FOR_GOOD,
} RegistryStep;

/* Embedded; zeroed is a question that is its own answer. */
typedef struct RegistrySteps
{
	RegistryStep step;
	bool lift;		/* an incompatible schema may be registered */
	bool answered;	/* LIFTED has been */
	char level[32]; /* of the subject; empty: it has none of its own */
} RegistrySteps;

/* The first step of a question. */
void registry_steps_begin(RegistrySteps *steps, const Question *question, bool lift);

/* What is asked at present, for the caller to be done with. */
Question registry_steps_question(const RegistrySteps *steps, const Question *question);

typedef enum StepResult
{
	STEP_ANSWER, /* this answer is that of the question */
	STEP_KEEP,	 /* the same, to be given when the steps are through */
	STEP_MORE,	 /* ask what comes next */
	STEP_DONE,	 /* the steps are through: give what was kept */
	STEP_FAILED, /* this answer says why it does not go on */
} StepResult;

/* What an answer means, which is none of trouble; goes on to the next step. */
StepResult registry_steps_next(RegistrySteps *steps, const Question *question, long status,
							   Slice body);

#endif

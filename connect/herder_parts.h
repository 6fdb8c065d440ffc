/*
 * connect/herder_parts.h - what the files of the herder share: herder.c (life), herder_read.c (what
 * is read at once), herder_change.c (what is written to the store), herder_ask.c (what a program
 * answers), herder_answer.c (answers).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_HERDER_PARTS_H
#define WAL2AVRO_CONNECT_HERDER_PARTS_H

#include "connect/group.h"
#include "connect/herder.h"
#include "connect/journal.h"
#include "connect/levels.h"
#include "connect/programs.h"
#include "connect/setup.h"
#include "connect/statuses.h"
#include "connect/store.h"
#include "connect/supervisor.h"
#include "connect/tail.h"

#define HTTP_OK			 200
#define HTTP_CREATED	 201
#define HTTP_ACCEPTED	 202
#define HTTP_NO_CONTENT	 204
#define HTTP_BAD_REQUEST 400
#define HTTP_NOT_FOUND	 404
#define HTTP_CONFLICT	 409
#define HTTP_FAILURE	 500

/* Kafka Connect's texts. */
#define TEXT_NOT_FOUND "Connector %s not found"
#define TEXT_UNKNOWN   "Unknown connector %s"
#define TEXT_CONFLICT                                                                              \
	"Cannot complete request because of a conflicting operation (e.g. worker rebalance)"

/* One request that is answered later. It is freed when it has been answered and nobody holds it. */
typedef struct Answer
{
	Herder *herder;
	HerderReply *reply;
	void *context;
	int status; /* 0: not answered yet */
	json_t *body;
	char *leaving;	 /* waits for this connector to be gone */
	char *resetting; /* waits for its topics to be forgotten */
	LoopTimer *deadline;
	LoopTimer *send;
	int holders; /* itself until its reply has been called */
	struct Answer *next;
} Answer;

struct Herder
{
	Loop *loop;
	const WorkerSettings *settings;
	Properties *own; /* for the clients of the worker itself */
	Jobs *jobs;
	Setup *setup;
	Tail *tail;
	Journal *journal;
	Store *store;
	Statuses *statuses;
	Programs *programs;
	Supervisor *supervisor;
	Group *group; /* NULL: not yet */
	Levels *levels;
	Answer *answers;
	bool set_up;
	bool importing;
	bool imported; /* or nothing to import */
	bool begun;	   /* the tasks */
	bool broken;
	char *trouble; /* what cannot be got over */
};

/* ---- requests: herder_answer.c */

Answer *answer_new(Herder *herder, HerderReply *reply, void *context);

/* The first answer counts. body is taken, NULL for an empty one. */
void answer_give(Answer *answer, int status, json_t *body);
void answer_error(Answer *answer, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

bool answer_given(const Answer *answer);
void answer_hold(Answer *answer);
void answer_let(Answer *answer);

/* Answered when the connector is gone, or its deletion was given up. */
void answer_wait_gone(Answer *answer, const char *name);

/* Answered when no topics of the connector are known. */
void answer_wait_reset(Answer *answer, const char *name);

/* The store has a new record of this connector; the statuses have changed. */
void answers_look(Herder *herder, const char *name);
void answers_look_at_topics(Herder *herder);

/* Answers all that are left. */
void answers_free(Herder *herder);

/* ---- shared */

/* The info of a connector with so many tasks; connector is a value of the store's. */
json_t *herder_info_of(const Herder *herder, const char *name, const json_t *connector,
					   int64_t tasks);

/* How many tasks it has, as its target is. */
int64_t herder_tasks_of(const Herder *herder, const json_t *connector);

/* Applies the levels that the loggers have now. */
void herder_apply_levels(Herder *herder);

/* Checks a configuration: class, then the program's --validate. done gets NULL, or an error body
 * (taken) with its status; it comes from the loop, later. */
typedef void HerderChecked(void *context, int status, json_t *problem);
void herder_check(Herder *herder, const char *name, json_t *config, HerderChecked *done,
				  void *context);

#endif

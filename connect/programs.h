/*
 * connect/programs.h - the two programs behind the connectors, wal2avro-relay (sources) and
 * wal2avro-sink: where they are, what they say of themselves, and questions to them (docs/wire.md,
 * "Worker and programs").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_PROGRAMS_H
#define WAL2AVRO_CONNECT_PROGRAMS_H

#include "connect/settings.h"
#include "core/loop.h"

#include <jansson.h>

typedef struct Programs Programs;
typedef struct ProgramsAsk ProgramsAsk;

typedef enum ProgramKind
{
	PROGRAM_SINK,
	PROGRAM_RELAY,
	PROGRAM_KINDS, /* how many there are; also: none */
} ProgramKind;

/* Begins to ask both to describe themselves; ready is called when both have. ERROR_CONFIG where
 * they cannot be found. settings and worker outlive it. */
bool programs_new(Loop *loop, const WorkerSettings *settings, const Properties *worker,
				  void (*ready)(void *context), void *context, Programs **programs, Error *err);

/* Kills what still runs; questions are answered with an error. */
void programs_free(Programs *programs);

bool programs_ready(const Programs *programs);

/* The answer to --describe, borrowed. */
json_t *programs_description(const Programs *programs, ProgramKind kind);
const char *programs_path(const Programs *programs, ProgramKind kind);

/* The class in full of a name: itself, its last part, or that without "Connector"; the first in the
 * programs' lists goes before others. NULL: none; kind may be NULL. */
const char *programs_class(const Programs *programs, const char *name, ProgramKind *kind);

/* Of a configuration, by its connector.class. */
ProgramKind programs_kind(const Programs *programs, const json_t *config);

/* How many tasks a connector has when it runs: tasks.max of a sink, one of a source, none of an
 * unknown class. */
int64_t programs_tasks(const Programs *programs, const json_t *config);

/* "source", "sink", "unknown" */
const char *programs_type(ProgramKind kind);

/* {"connector": config with the name in it, "worker": the worker's properties}. New reference. */
json_t *programs_request(const Programs *programs, const char *name, json_t *config);

/* answer is borrowed, NULL where err says why there is none. */
typedef void ProgramsAnswer(void *context, json_t *answer, const Error *err);

/* Runs a command with a request (taken). Answered once, from the loop, never from within this call;
 * the handle is valid until then. */
ProgramsAsk *programs_ask(Programs *programs, ProgramKind kind, const char *command,
						  json_t *request, int64_t limit_ms, ProgramsAnswer *answer, void *context);

/* No answer comes; the process is ended. */
void programs_cancel(ProgramsAsk *ask);

#endif

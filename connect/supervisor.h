/*
 * connect/supervisor.h - what this worker has to do: the connectors and tasks of its shares of the
 * work, as the store wants them, as processes; and what it says of them in the status topic.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_SUPERVISOR_H
#define WAL2AVRO_CONNECT_SUPERVISOR_H

#include "connect/group.h"
#include "connect/removal.h"

typedef struct Supervisor Supervisor;

/* parts is copied. Nothing is done before supervisor_start. */
Supervisor *supervisor_new(const RemovalParts *parts);

/* Kills what still runs. */
void supervisor_free(Supervisor *supervisor);

/* The store and the statuses have been read, and the programs are known. */
void supervisor_start(Supervisor *supervisor, Group *group);

/* Something has changed: store, statuses or shares. Looks at everything once, soon. */
void supervisor_look(Supervisor *supervisor);

/* A request of the store's: {"connector":true,"tasks":[0,1]}. */
void supervisor_restart(Supervisor *supervisor, const char *connector, const json_t *request);

/* For the processes that run and those to come: debug, info, warn or error. */
void supervisor_set_level(Supervisor *supervisor, ProgramKind kind, const char *level);

/* Ends all tasks; they are done with when supervisor_busy is false. */
void supervisor_end(Supervisor *supervisor);
bool supervisor_busy(const Supervisor *supervisor);

/* The task runs on this worker; its newest metrics, borrowed, may be NULL. */
bool supervisor_runs(const Supervisor *supervisor, const char *connector, int64_t task,
					 json_t **metrics);

#endif

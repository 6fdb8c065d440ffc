/*
 * connect/runner.h - runs one task of a connector on this worker: a process of the connector's
 * program, started again after a crash, and what it says of itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_RUNNER_H
#define WAL2AVRO_CONNECT_RUNNER_H

#include "connect/programs.h"

typedef struct Runner Runner;

typedef struct RunnerEvents
{
	/* What runner_status says may have changed, or the process has ended. Not from within a call of
	 * the owner's. */
	void (*changed)(void *context, Runner *runner);
	void (*topic)(void *context, Runner *runner, const char *topic);
	void *context;
} RunnerEvents;

/* settings and programs outlive it. Nothing runs yet. */
Runner *runner_new(Loop *loop, const WorkerSettings *settings, Programs *programs,
				   const char *connector, int64_t number, const RunnerEvents *events);

/* Kills what runs. */
void runner_free(Runner *runner);

const char *runner_connector(const Runner *runner);
int64_t runner_number(const Runner *runner);

/* How a task is to run. */
typedef struct RunnerTask
{
	ProgramKind kind;
	json_t *config; /* borrowed */
	bool paused;
	bool imported;
	const char *level; /* of the log, when it is started */
} RunnerTask;

/* Has the task run so: started, or started again where config or paused differ from what runs. */
void runner_run(Runner *runner, const RunnerTask *task);

/* Ends the process and starts it again; a failed task, too. */
void runner_restart(Runner *runner);

/* Ends the process within patience_ms, by SIGTERM, then by SIGKILL. */
void runner_end(Runner *runner, int64_t patience_ms);

/* A process is there, or its end has not been seen. */
bool runner_busy(const Runner *runner);

void runner_set_level(Runner *runner, const char *level);

/* For the status topic, with worker_id; NULL as long as there is nothing to say. New reference. */
json_t *runner_status(const Runner *runner);

/* What is newest, also between two statuses; borrowed, may be NULL. */
json_t *runner_metrics(const Runner *runner);

#endif

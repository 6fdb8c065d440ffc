/*
 * core/task.h - a task under a worker: what it says of itself, and what it is told (docs/wire.md,
 * section 4).
 *
 * Every function takes NULL for a program that runs by hand and does nothing then. Saying something
 * never waits: what the worker has not taken yet is kept in its newest state only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_TASK_H
#define WAL2AVRO_CORE_TASK_H

#include "core/loop.h"
#include "core/memory.h"

#include <jansson.h>

typedef struct Task Task;

/* Makes both descriptors non-blocking and watches them in the loop; the end of in stops the loop.
 */
Task *task_new(Loop *loop, int in, int out, int64_t number, bool paused);

/* Gives the worker at most a second to take what is still to be said. */
void task_free(Task *task);

AUTO_DEFINE(Task, task_free)

int64_t task_number(const Task *task); /* 0 by hand */
bool task_paused(const Task *task);	   /* false by hand: observe only */

/* The state is reached: PAUSED for a paused task, else RUNNING. reason: why it stands by all the
 * same; NULL: none. */
void task_reached(Task *task, const char *reason);

/* What a retry waits for; NULL: healed. Saying the same again says nothing. */
void task_waiting(Task *task, const char *reason);

/* Only a person can mend it; the caller ends with exit status 1. */
void task_failed(Task *task, const char *reason);

/* A topic is used; said at its first time. */
void task_topic(Task *task, const char *topic);

/* The metrics as they are now, a new reference; NULL: none yet. */
typedef json_t *TaskMetrics(void *context);

/* Asks for them once a second and says them when they have changed; metrics NULL: no more. */
void task_set_metrics(Task *task, TaskMetrics *metrics, void *context);

#endif

/*
 * connect/child.h - one child process: what it is told, the lines that it says, its end.
 *
 * A child never outlives the worker: it gets SIGKILL when the thread that started it ends (so start
 * children from the main thread only), and its standard input ends. Standard error is the worker's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_CHILD_H
#define WAL2AVRO_CONNECT_CHILD_H

#include "common/slice.h"
#include "core/error.h"
#include "core/loop.h"

#include <sys/types.h>

typedef struct Child Child;

typedef struct ChildEnd
{
	bool exited; /* false: ended by a signal */
	int status;	 /* exit status, or number of the signal */
	char text[160];
} ChildEnd;

typedef struct ChildEvents
{
	/* A line of standard output, without its newline. The child must not be freed from here. */
	void (*line)(void *context, Slice line);
	/* Once, the last event: the child has been reaped, and is freed when this returns. text of the
	 * end: "exit status 3", "signal 9 (Killed)", "a line of more than 1048576 bytes". */
	void (*ended)(void *context, const ChildEnd *end);
	void *context;
} ChildEvents;

/* Runs program with one argument. A line longer than line_max ends the child. ERROR_CONFIG where
 * the program is not there. */
bool child_start(Loop *loop, const char *program, const char *argument, size_t line_max,
				 const ChildEvents *events, Child **child, Error *err);

/* Queues a line for its standard input; the newline is added here. */
void child_send(Child *child, const char *line);

/* SIGTERM now, SIGKILL after grace_ms. Asking again can only shorten the time. */
void child_stop(Child *child, int64_t grace_ms);

pid_t child_pid(const Child *child);

/* Kills and reaps it, without an event. child may be NULL. */
void child_free(Child *child);

#endif

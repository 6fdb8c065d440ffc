/*
 * connect/jobs.h - one thread that executes what would block the loop, one job after the other.
 *
 * The thread only executes: what is done and what follows from it is decided in the loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_JOBS_H
#define WAL2AVRO_CONNECT_JOBS_H

#include "core/loop.h"

typedef struct Jobs Jobs;

typedef struct Job
{
	void (*run)(void *context);	 /* in the thread; whatever it waits for must end when
									jobs_stopping is true */
	void (*done)(void *context); /* in the loop; not called any more after jobs_free */
	void *context;
} Job;

Jobs *jobs_new(Loop *loop);

/* Waits for the job that runs; drops those that have not begun, and what is done. */
void jobs_free(Jobs *jobs);

void jobs_add(Jobs *jobs, Job job);

/* For the thread: give up soon. */
bool jobs_stopping(Jobs *jobs);

#endif

/*
 * connect/jobs.c - see jobs.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/jobs.h"

#include "core/log.h"
#include "core/memory.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct Entry
{
	Job job;
	struct Entry *next;
} Entry;

typedef struct Queue
{
	Entry *first;
	Entry *last;
} Queue;

struct Jobs
{
	Loop *loop;
	int wake_fd;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	Queue waiting;
	Queue done;
	bool stopping;
};

static void
push(Queue *queue, Entry *entry)
{
	entry->next = NULL;
	if (queue->last == NULL)
		queue->first = entry;
	else
		queue->last->next = entry;
	queue->last = entry;
}

static Entry *
pop(Queue *queue)
{
	Entry *entry = queue->first;

	if (entry == NULL)
		return NULL;
	queue->first = entry->next;
	if (queue->first == NULL)
		queue->last = NULL;
	return entry;
}

static void
wake_loop(Jobs *jobs)
{
	static const uint64_t one = 1;

	if (write(jobs->wake_fd, &one, sizeof one) != (ssize_t) sizeof one)
		log_warn("the loop cannot be waked");
}

static void *
work(void *argument)
{
	Jobs *jobs = argument;

	pthread_mutex_lock(&jobs->lock);
	while (!jobs->stopping)
	{
		Entry *entry = pop(&jobs->waiting);

		if (entry == NULL)
		{
			pthread_cond_wait(&jobs->changed, &jobs->lock);
			continue;
		}
		pthread_mutex_unlock(&jobs->lock);
		entry->job.run(entry->job.context);
		pthread_mutex_lock(&jobs->lock);
		push(&jobs->done, entry);
		wake_loop(jobs);
	}
	pthread_mutex_unlock(&jobs->lock);
	return NULL;
}

static void
on_wake(void *context, int revents)
{
	Jobs *jobs = context;
	uint64_t count;
	Entry *entry;

	(void) revents;
	if (read(jobs->wake_fd, &count, sizeof count) != (ssize_t) sizeof count)
		return;
	do
	{
		pthread_mutex_lock(&jobs->lock);
		entry = pop(&jobs->done);
		pthread_mutex_unlock(&jobs->lock);
		if (entry != NULL)
		{
			Job job = entry->job;

			free(entry);
			job.done(job.context);
		}
	} while (entry != NULL);
}

Jobs *
jobs_new(Loop *loop)
{
	Jobs *jobs = xcalloc(1, sizeof *jobs);
	int code;

	jobs->loop = loop;
	jobs->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	pthread_mutex_init(&jobs->lock, NULL);
	pthread_cond_init(&jobs->changed, NULL);
	loop_watch(loop, jobs->wake_fd, POLLIN, on_wake, jobs);
	code = pthread_create(&jobs->thread, NULL, work, jobs);
	if (code != 0)
	{
		log_error("cannot start a thread: %s", strerror(code));
		_exit(EXIT_FAILURE);
	}
	return jobs;
}

void
jobs_free(Jobs *jobs)
{
	Entry *entry;

	if (jobs == NULL)
		return;
	pthread_mutex_lock(&jobs->lock);
	jobs->stopping = true;
	pthread_cond_signal(&jobs->changed);
	pthread_mutex_unlock(&jobs->lock);
	pthread_join(jobs->thread, NULL);
	while ((entry = pop(&jobs->waiting)) != NULL || (entry = pop(&jobs->done)) != NULL)
		free(entry);
	loop_forget(jobs->loop, jobs->wake_fd);
	close(jobs->wake_fd);
	pthread_cond_destroy(&jobs->changed);
	pthread_mutex_destroy(&jobs->lock);
	free(jobs);
}

void
jobs_add(Jobs *jobs, Job job)
{
	Entry *entry = xcalloc(1, sizeof *entry);

	entry->job = job;
	pthread_mutex_lock(&jobs->lock);
	push(&jobs->waiting, entry);
	pthread_cond_signal(&jobs->changed);
	pthread_mutex_unlock(&jobs->lock);
}

bool
jobs_stopping(Jobs *jobs)
{
	bool stopping;

	pthread_mutex_lock(&jobs->lock);
	stopping = jobs->stopping;
	pthread_mutex_unlock(&jobs->lock);
	return stopping;
}

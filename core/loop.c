/*
 * core/loop.c - see loop.h. Few descriptors and few timers: arrays and lists that are walked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/loop.h"

#include "core/log.h"
#include "core/memory.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define NOT_ARMED (-1)

typedef struct Watch
{
	LoopReady *ready; /* NULL: forgotten, to be swept */
	void *context;
} Watch;

struct LoopTimer
{
	Loop *loop;
	LoopFire *fire;
	void *context;
	int64_t due_ms;
	LoopTimer *next;
};

/* fds[0] is the signals'. fds and watches run in parallel. */
struct Loop
{
	struct pollfd *fds;
	Watch *watches;
	size_t count;
	size_t capacity;
	LoopTimer *timers;
	bool stopping;
};

int64_t
loop_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
on_signal(void *context, int revents)
{
	Loop *loop = context;
	struct signalfd_siginfo info;

	(void) revents;
	if (read(loop->fds[0].fd, &info, sizeof info) == (ssize_t) sizeof info)
		loop->stopping = true;
}

Loop *
loop_new(void)
{
	Loop *loop = xcalloc(1, sizeof *loop);
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
	{
		log_error("cannot read signals: %s", strerror(errno));
		exit(EXIT_FAILURE);
	}
	loop_watch(loop, fd, POLLIN, on_signal, loop);
	return loop;
}

void
loop_free(Loop *loop)
{
	if (loop == NULL)
		return;
	close(loop->fds[0].fd);
	while (loop->timers != NULL)
		loop_timer_free(loop->timers);
	free(loop->fds);
	free(loop->watches);
	free(loop);
}

/* ---- Descriptors ---- */

/* The place of fd, or count. */
static size_t
place_of(const Loop *loop, int fd)
{
	size_t i = 0;

	while (i < loop->count && !(loop->fds[i].fd == fd && loop->watches[i].ready != NULL))
		i++;
	return i;
}

void
loop_watch(Loop *loop, int fd, short events, LoopReady *ready, void *context)
{
	size_t i = place_of(loop, fd);

	if (i == loop->count && loop->count == loop->capacity)
	{
		loop->capacity = loop->capacity == 0 ? 8 : loop->capacity * 2;
		loop->fds = xrealloc(loop->fds, loop->capacity * sizeof *loop->fds);
		loop->watches = xrealloc(loop->watches, loop->capacity * sizeof *loop->watches);
	}
	if (i == loop->count)
		loop->fds[loop->count++] = (struct pollfd){.fd = fd};
	loop->fds[i].events = events;
	loop->watches[i] = (Watch){ready, context};
}

/* Only marks: the descriptors may be being walked. */
void
loop_forget(Loop *loop, int fd)
{
	size_t i = place_of(loop, fd);

	if (i == loop->count)
		return;
	loop->fds[i].fd = -1;
	loop->fds[i].revents = 0;
	loop->watches[i].ready = NULL;
}

static void
sweep(Loop *loop)
{
	size_t kept = 0;

	for (size_t i = 0; i < loop->count; i++)
		if (loop->watches[i].ready != NULL)
		{
			loop->fds[kept] = loop->fds[i];
			loop->watches[kept++] = loop->watches[i];
		}
	loop->count = kept;
}

static void
call_ready(Loop *loop)
{
	/* What is added meanwhile has no revents yet. */
	for (size_t i = 0; i < loop->count; i++)
	{
		int revents = loop->fds[i].revents;

		loop->fds[i].revents = 0;
		if (revents != 0 && loop->watches[i].ready != NULL)
			loop->watches[i].ready(loop->watches[i].context, revents);
	}
}

/* ---- Timers ---- */

LoopTimer *
loop_timer_new(Loop *loop, LoopFire *fire, void *context)
{
	LoopTimer *timer = xmalloc(sizeof *timer);

	*timer = (LoopTimer){
		.loop = loop, .fire = fire, .context = context, .due_ms = NOT_ARMED, .next = loop->timers};
	loop->timers = timer;
	return timer;
}

void
loop_timer_free(LoopTimer *timer)
{
	if (timer == NULL)
		return;
	for (LoopTimer **link = &timer->loop->timers; *link != NULL; link = &(*link)->next)
		if (*link == timer)
		{
			*link = timer->next;
			break;
		}
	free(timer);
}

void
loop_timer_arm(LoopTimer *timer, int64_t after_ms)
{
	timer->due_ms = loop_now_ms() + after_ms;
}

void
loop_timer_disarm(LoopTimer *timer)
{
	timer->due_ms = NOT_ARMED;
}

bool
loop_timer_armed(const LoopTimer *timer)
{
	return timer->due_ms != NOT_ARMED;
}

/* The armed timer that is due first, or NULL. */
static LoopTimer *
first_timer(const Loop *loop)
{
	LoopTimer *first = NULL;

	for (LoopTimer *timer = loop->timers; timer != NULL; timer = timer->next)
		if (timer->due_ms != NOT_ARMED && (first == NULL || timer->due_ms < first->due_ms))
			first = timer;
	return first;
}

/*
 * A timer may arm, add or free timers, itself among them: so the list is asked anew after each. No
 * more are fired in a round than there were, lest one that arms itself for now keeps the
 * descriptors waiting.
 */
static void
fire_timers(Loop *loop)
{
	int64_t now = loop_now_ms();
	size_t most = 0;
	LoopTimer *timer;

	for (timer = loop->timers; timer != NULL; timer = timer->next)
		most++;
	while (most-- > 0 && (timer = first_timer(loop)) != NULL && timer->due_ms <= now)
	{
		timer->due_ms = NOT_ARMED;
		timer->fire(timer->context);
	}
}

static int
poll_timeout(const Loop *loop, int64_t wait_ms)
{
	const LoopTimer *timer = first_timer(loop);

	if (timer != NULL)
	{
		int64_t left = timer->due_ms - loop_now_ms();

		if (left < 0)
			left = 0;
		if (wait_ms < 0 || left < wait_ms)
			wait_ms = left;
	}
	return wait_ms > INT_MAX ? INT_MAX : (int) wait_ms;
}

void
loop_once(Loop *loop, int64_t wait_ms)
{
	sweep(loop);
	if (poll(loop->fds, (nfds_t) loop->count, poll_timeout(loop, wait_ms)) > 0)
		call_ready(loop);
	fire_timers(loop);
}

bool
loop_stopping(const Loop *loop)
{
	return loop->stopping;
}

/*
 * core/loop.c - see loop.h.
 *
 * Callbacks change what is watched while it is gone through: what they forget is only marked, and
 * what they add stands behind the end of the round. Both lists are tidied up between rounds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/loop.h"

#include "core/log.h"
#include "core/memory.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define NO_FD (-1)

typedef struct Watch
{
	int fd; /* NO_FD: forgotten */
	short events;
	LoopReady *ready;
	void *context;
} Watch;

struct LoopTimer
{
	Loop *loop; /* NULL: freed */
	LoopFire *fire;
	void *context;
	int64_t due_ms;
	uint64_t round; /* in which it was armed */
	bool armed;
};

struct Loop
{
	Watch *watches;
	struct pollfd *polls; /* one for each watch */
	size_t watch_count;
	size_t watch_capacity;
	LoopTimer **timers;
	size_t timer_count;
	size_t timer_capacity;
	uint64_t round;
	bool dispatching;
	int signal_fd;
	bool stopping;
	sigset_t former_mask;
	struct sigaction former_sigpipe;
};

int64_t
loop_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
read_signals(void *context, int revents)
{
	Loop *loop = context;
	struct signalfd_siginfo info;

	(void) revents;
	while (read(loop->signal_fd, &info, sizeof info) == (ssize_t) sizeof info)
	{
		if (!loop->stopping)
			log_info("signal %s has come, stopping", info.ssi_signo == SIGTERM ? "TERM" : "INT");
		loop->stopping = true;
	}
}

Loop *
loop_new(void)
{
	Loop *loop = xcalloc(1, sizeof *loop);
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, &loop->former_mask);
	sigaction(SIGPIPE, &ignore, &loop->former_sigpipe);
	loop->signal_fd = signalfd(-1, &ends, SFD_NONBLOCK | SFD_CLOEXEC);
	if (loop->signal_fd < 0)
	{
		log_error("cannot read signals: %s", strerror(errno));
		_exit(EXIT_FAILURE);
	}
	loop_watch(loop, loop->signal_fd, POLLIN, read_signals, loop);
	return loop;
}

void
loop_free(Loop *loop)
{
	if (loop == NULL)
		return;
	close(loop->signal_fd);
	sigaction(SIGPIPE, &loop->former_sigpipe, NULL);
	pthread_sigmask(SIG_SETMASK, &loop->former_mask, NULL);
	for (size_t i = 0; i < loop->timer_count; i++)
		free(loop->timers[i]);
	free(loop->timers);
	free(loop->watches);
	free(loop->polls);
	free(loop);
}

static Watch *
find_watch(const Loop *loop, int fd)
{
	for (size_t i = 0; i < loop->watch_count; i++)
		if (loop->watches[i].fd == fd)
			return &loop->watches[i];
	return NULL;
}

void
loop_watch(Loop *loop, int fd, short events, LoopReady *ready, void *context)
{
	Watch *watch = find_watch(loop, fd);

	if (watch == NULL)
	{
		if (loop->watch_count == loop->watch_capacity)
		{
			loop->watch_capacity = loop->watch_capacity == 0 ? 16 : loop->watch_capacity * 2;
			loop->watches = xrealloc(loop->watches, loop->watch_capacity * sizeof *loop->watches);
			loop->polls = xrealloc(loop->polls, loop->watch_capacity * sizeof *loop->polls);
		}
		watch = &loop->watches[loop->watch_count++];
	}
	*watch = (Watch){.fd = fd, .events = events, .ready = ready, .context = context};
}

void
loop_forget(Loop *loop, int fd)
{
	Watch *watch = find_watch(loop, fd);

	if (watch != NULL)
		watch->fd = NO_FD;
}

LoopTimer *
loop_timer_new(Loop *loop, LoopFire *fire, void *context)
{
	LoopTimer *timer = xcalloc(1, sizeof *timer);

	*timer = (LoopTimer){.loop = loop, .fire = fire, .context = context};
	if (loop->timer_count == loop->timer_capacity)
	{
		loop->timer_capacity = loop->timer_capacity == 0 ? 16 : loop->timer_capacity * 2;
		loop->timers = xrealloc(loop->timers, loop->timer_capacity * sizeof *loop->timers);
	}
	loop->timers[loop->timer_count++] = timer;
	return timer;
}

void
loop_timer_free(LoopTimer *timer)
{
	if (timer == NULL)
		return;
	timer->armed = false;
	timer->loop = NULL;
}

void
loop_timer_arm(LoopTimer *timer, int64_t after_ms)
{
	timer->due_ms = loop_now_ms() + (after_ms < 0 ? 0 : after_ms);
	timer->round = timer->loop->round;
	timer->armed = true;
}

void
loop_timer_disarm(LoopTimer *timer)
{
	timer->armed = false;
}

bool
loop_timer_armed(const LoopTimer *timer)
{
	return timer->armed;
}

/* Takes out what was forgotten or freed. */
static void
tidy(Loop *loop)
{
	size_t kept = 0;

	for (size_t i = 0; i < loop->watch_count; i++)
		if (loop->watches[i].fd != NO_FD)
			loop->watches[kept++] = loop->watches[i];
	loop->watch_count = kept;
	kept = 0;
	for (size_t i = 0; i < loop->timer_count; i++)
	{
		if (loop->timers[i]->loop != NULL)
			loop->timers[kept++] = loop->timers[i];
		else
			free(loop->timers[i]);
	}
	loop->timer_count = kept;
}

/* The armed timer that is due first, of those that may fire now: a timer that its own callback arms
 * again waits for the next round, so that descriptors get their turn. */
static LoopTimer *
first_timer(const Loop *loop)
{
	LoopTimer *first = NULL;

	for (size_t i = 0; i < loop->timer_count; i++)
	{
		LoopTimer *timer = loop->timers[i];

		if (timer->armed && !(loop->dispatching && timer->round == loop->round) &&
			(first == NULL || timer->due_ms < first->due_ms))
			first = timer;
	}
	return first;
}

/* For poll(2): wait_ms, or less where a timer is due before. */
static int
time_to_wait(const Loop *loop, int64_t wait_ms)
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
	return wait_ms < 0 ? -1 : wait_ms > INT_MAX ? INT_MAX : (int) wait_ms;
}

static void
fire_timers(Loop *loop)
{
	int64_t now = loop_now_ms();
	LoopTimer *timer;

	while ((timer = first_timer(loop)) != NULL && timer->due_ms <= now)
	{
		timer->armed = false;
		timer->fire(timer->context);
	}
}

static void
call_ready(Loop *loop, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		const struct pollfd *poll_entry = &loop->polls[i];
		const Watch *watch = &loop->watches[i];
		int revents = poll_entry->revents & (watch->events | POLLERR | POLLHUP | POLLNVAL);

		if (watch->fd != NO_FD && watch->events != 0 && revents != 0)
			watch->ready(watch->context, revents);
	}
}

void
loop_once(Loop *loop, int64_t wait_ms)
{
	size_t count;
	int ready;

	assert(!loop->dispatching);
	tidy(loop);
	count = loop->watch_count;
	for (size_t i = 0; i < count; i++)
	{
		const Watch *watch = &loop->watches[i];

		/* A negative descriptor is passed over: without that, a hangup that nobody asked for would
		 * keep the loop spinning. */
		loop->polls[i] =
			(struct pollfd){.fd = watch->events == 0 ? NO_FD : watch->fd, .events = watch->events};
	}
	ready = poll(loop->polls, count, time_to_wait(loop, wait_ms));
	loop->round++;
	loop->dispatching = true;
	if (ready > 0)
		call_ready(loop, count);
	fire_timers(loop);
	loop->dispatching = false;
}

void
loop_stop(Loop *loop)
{
	loop->stopping = true;
}

bool
loop_stopping(const Loop *loop)
{
	return loop->stopping;
}

/*
 * tests/unit/loop_test.c - timers, descriptors and signals, also when callbacks change them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/log.h"
#include "core/loop.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#define DEADLINE_MS 5000

typedef struct Fixture
{
	Loop *loop;
	LoopTimer *timer;
	LoopTimer *other;
	int pipe[2];
	int again; /* a pipe's end to be watched instead */
	char order[16];
	size_t count;
} Fixture;

static int
setup(void **state)
{
	static Fixture fixture;

	fixture = (Fixture){.loop = loop_new()};
	*state = &fixture;
	return pipe(fixture.pipe);
}

static int
teardown(void **state)
{
	Fixture *f = *state;

	close(f->pipe[0]);
	close(f->pipe[1]);
	loop_free(f->loop);
	return 0;
}

static void
note(Fixture *f, char what)
{
	if (f->count < sizeof f->order - 1)
		f->order[f->count++] = what;
}

static void
note_a(void *context)
{
	note(context, 'a');
}

static void
note_b(void *context)
{
	note(context, 'b');
}

static void
note_ready(void *context, int revents)
{
	note(context, revents & POLLIN ? 'r' : revents & POLLHUP ? 'h' : 'w');
}

/* Runs until count things were noted. */
static void
run(Fixture *f, size_t count)
{
	int64_t deadline = loop_now_ms() + DEADLINE_MS;

	while (f->count < count && loop_now_ms() < deadline)
		loop_once(f->loop, DEADLINE_MS);
	assert_int_equal(f->count, count);
}

static void
timers_fire_in_their_order(void **state)
{
	Fixture *f = *state;
	LoopTimer *late = loop_timer_new(f->loop, note_a, f);
	LoopTimer *early = loop_timer_new(f->loop, note_b, f);
	int64_t begin = loop_now_ms();

	assert_false(loop_timer_armed(late));
	loop_timer_arm(late, 20);
	loop_timer_arm(early, 10);
	assert_true(loop_timer_armed(late));
	run(f, 2);
	assert_string_equal(f->order, "ba");
	assert_true(loop_now_ms() - begin >= 20);
	assert_false(loop_timer_armed(late));
}

static void
timers_are_moved_and_disarmed(void **state)
{
	Fixture *f = *state;
	LoopTimer *moved = loop_timer_new(f->loop, note_a, f);
	LoopTimer *gone = loop_timer_new(f->loop, note_b, f);
	LoopTimer *freed = loop_timer_new(f->loop, note_b, f);

	loop_timer_arm(moved, DEADLINE_MS);
	loop_timer_arm(moved, 1);
	loop_timer_arm(gone, 0);
	loop_timer_disarm(gone);
	loop_timer_arm(freed, 0);
	loop_timer_free(freed);
	loop_timer_free(NULL);
	run(f, 1);
	loop_once(f->loop, 0);
	assert_string_equal(f->order, "a");
}

static void
arm_again(void *context)
{
	Fixture *f = context;

	note(f, 't');
	loop_timer_arm(f->timer, 0);
}

/* A timer that is always due leaves the descriptors their turn. */
static void
a_timer_may_arm_itself(void **state)
{
	Fixture *f = *state;

	f->timer = loop_timer_new(f->loop, arm_again, f);
	loop_timer_arm(f->timer, 0);
	loop_watch(f->loop, f->pipe[1], POLLOUT, note_ready, f);
	run(f, 6);
	assert_string_equal(f->order, "wtwtwt");
}

static void
free_both(void *context)
{
	Fixture *f = context;

	note(f, 'f');
	loop_timer_free(f->other);
	loop_timer_free(f->timer);
	f->timer = loop_timer_new(f->loop, note_a, f);
	loop_timer_arm(f->timer, 0);
}

static void
a_timer_may_free_itself_and_others(void **state)
{
	Fixture *f = *state;

	f->timer = loop_timer_new(f->loop, free_both, f);
	f->other = loop_timer_new(f->loop, note_b, f);
	loop_timer_arm(f->timer, 0);
	loop_timer_arm(f->other, 1);
	run(f, 2);
	loop_once(f->loop, 5);
	assert_string_equal(f->order, "fa");
}

static void
descriptors_are_called_for_what_they_watch(void **state)
{
	Fixture *f = *state;

	loop_watch(f->loop, f->pipe[0], POLLIN, note_ready, f);
	loop_once(f->loop, 0);
	assert_int_equal(f->count, 0);
	assert_int_equal(write(f->pipe[1], "x", 1), 1);
	run(f, 1);
	loop_watch(f->loop, f->pipe[0], 0, note_ready, f);
	loop_once(f->loop, 0);
	assert_int_equal(f->count, 1);
	loop_watch(f->loop, f->pipe[0], POLLIN, note_ready, f);
	run(f, 2);
	loop_forget(f->loop, f->pipe[0]);
	loop_forget(f->loop, f->pipe[0]);
	loop_once(f->loop, 0);
	assert_string_equal(f->order, "rr");
}

/* A hangup nobody watches for does not end the wait: the timer does. */
static void
an_unwatched_descriptor_is_silent(void **state)
{
	Fixture *f = *state;
	LoopTimer *timer = loop_timer_new(f->loop, note_a, f);

	loop_watch(f->loop, f->pipe[0], 0, note_ready, f);
	close(f->pipe[1]);
	loop_timer_arm(timer, 10);
	loop_once(f->loop, DEADLINE_MS);
	assert_string_equal(f->order, "a");
	loop_watch(f->loop, f->pipe[0], POLLIN, note_ready, f);
	run(f, 2);
	assert_string_equal(f->order, "ah");
	f->pipe[1] = dup(f->pipe[0]);
}

static void
forget_the_other(void *context, int revents)
{
	Fixture *f = context;

	(void) revents;
	note(f, 'x');
	loop_forget(f->loop, f->pipe[1]);
	loop_forget(f->loop, f->again);
	for (int i = 0; i < 100; i++)
		loop_timer_new(f->loop, note_a, f);
	loop_watch(f->loop, f->pipe[1], POLLOUT, note_ready, f);
}

/* Two are ready; the first forgets the second and watches it anew: that waits for the next round.
 */
static void
a_callback_may_forget_and_watch(void **state)
{
	Fixture *f = *state;

	f->again = dup(f->pipe[1]);
	loop_watch(f->loop, f->again, POLLOUT, forget_the_other, f);
	loop_watch(f->loop, f->pipe[1], POLLOUT, note_ready, f);
	loop_once(f->loop, DEADLINE_MS);
	assert_string_equal(f->order, "x");
	loop_once(f->loop, DEADLINE_MS);
	assert_string_equal(f->order, "xw");
	close(f->again);
}

static void
a_wait_ends_by_itself(void **state)
{
	Fixture *f = *state;
	int64_t begin = loop_now_ms();

	loop_once(f->loop, 10);
	assert_true(loop_now_ms() - begin >= 10);
	begin = loop_now_ms();
	loop_once(f->loop, 0);
	assert_true(loop_now_ms() - begin < DEADLINE_MS);
}

static void
signals_ask_to_stop(void **state)
{
	static const int signals[] = {SIGTERM, SIGINT};

	(void) state;
	for (size_t i = 0; i < COUNT(signals); i++)
	{
		Loop *loop = loop_new();

		loop_once(loop, 0);
		assert_false(loop_stopping(loop));
		kill(getpid(), signals[i]);
		loop_once(loop, DEADLINE_MS);
		assert_true(loop_stopping(loop));
		loop_free(loop);
	}
	loop_free(NULL);
}

static void
a_broken_pipe_is_an_error_only(void **state)
{
	Fixture *f = *state;

	close(f->pipe[0]);
	assert_int_equal(write(f->pipe[1], "x", 1), -1);
	f->pipe[0] = dup(f->pipe[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(timers_fire_in_their_order),
		TEST(timers_are_moved_and_disarmed),
		TEST(a_timer_may_arm_itself),
		TEST(a_timer_may_free_itself_and_others),
		TEST(descriptors_are_called_for_what_they_watch),
		TEST(an_unwatched_descriptor_is_silent),
		TEST(a_callback_may_forget_and_watch),
		TEST(a_wait_ends_by_itself),
		TEST(a_broken_pipe_is_an_error_only),
		cmocka_unit_test(signals_ask_to_stop),
	};

	log_set_level("error");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

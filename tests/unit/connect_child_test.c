/*
 * tests/unit/connect_child_test.c - one child process, by scripts of the shell: lines, ends, and
 * what a runner makes of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/runner.c"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS	 10000
#define LINE_MAX 100000

typedef struct Seen
{
	char text[4096]; /* the lines, each behind a '|' */
	size_t longest;
	bool ended;
	ChildEnd end;
} Seen;

typedef struct World
{
	Loop *loop;
	char directory[64];
	char *script;
} World;

/* The runner's program is a script of the test's. */
static const char *script_of_runner;

const char *
programs_path(const Programs *programs, ProgramKind kind)
{
	(void) programs, (void) kind;
	return script_of_runner;
}

json_t *
programs_request(const Programs *programs, const char *name, json_t *config)
{
	(void) programs;
	return json_pack("{s:s,s:O}", "name", name, "config", config);
}

static int
set_up(void **state)
{
	World *world = xcalloc(1, sizeof *world);

	world->loop = loop_new();
	snprintf(world->directory, sizeof world->directory, "/tmp/wal2avro-child.XXXXXX");
	assert_non_null(mkdtemp(world->directory));
	world->script = xasprintf("%s/script", world->directory);
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	World *world = *state;

	/* Whatever was started has been reaped. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	unlink(world->script);
	rmdir(world->directory);
	loop_free(world->loop);
	free(world->script);
	free(world);
	return 0;
}

static void
write_script(const World *world, const char *text)
{
	FILE *file = fopen(world->script, "w");

	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n%s\n", text);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(world->script, 0700), 0);
}

static void
on_test_line(void *context, Slice line)
{
	Seen *seen = context;
	size_t len = strlen(seen->text);

	if (line.len > seen->longest)
		seen->longest = line.len;
	snprintf(seen->text + len, sizeof seen->text - len, "|%.*s", (int) line.len,
			 (const char *) line.data);
}

static void
on_test_end(void *context, const ChildEnd *end)
{
	Seen *seen = context;

	assert_false(seen->ended);
	seen->ended = true;
	seen->end = *end;
}

static Child *
start_script(World *world, const char *text, Seen *seen)
{
	ChildEvents events = {on_test_line, on_test_end, seen};
	Child *child;
	Error err;

	write_script(world, text);
	assert_true(child_start(world->loop, world->script, "--test", LINE_MAX, &events, &child, &err));
	return child;
}

static void
wait_for(World *world, const bool *what)
{
	int64_t deadline_ms = loop_now_ms() + WAIT_MS;

	while (!*what)
	{
		assert_true(loop_now_ms() < deadline_ms);
		loop_once(world->loop, 100);
	}
}

static void
test_lines_and_status(void **state)
{
	World *world = *state;
	Seen seen = {0};

	start_script(world, "printf 'one\\n\\ntw'; printf 'o\\nrest'; echo \" $1\"; exit 3", &seen);
	wait_for(world, &seen.ended);
	assert_string_equal(seen.text, "|one||two|rest --test");
	assert_true(seen.end.exited);
	assert_int_equal(seen.end.status, 3);
	assert_string_equal(seen.end.text, "exit status 3");
}

/* More than a pipe holds, both ways. */
static void
test_long_input(void **state)
{
	World *world = *state;
	char *line = xmalloc(LINE_MAX);
	Seen seen = {0};
	Child *child = start_script(world, "read line; echo $line; read line; echo $line", &seen);

	memset(line, 'x', LINE_MAX - 1);
	line[LINE_MAX - 1] = '\0';
	child_send(child, line);
	child_send(child, "second");
	wait_for(world, &seen.ended);
	assert_int_equal(seen.longest, LINE_MAX - 1);
	assert_int_equal(seen.end.status, 0);
	free(line);
}

static void
test_endless_line(void **state)
{
	World *world = *state;
	Seen seen = {0};

	start_script(world, "exec cat /dev/zero", &seen);
	wait_for(world, &seen.ended);
	assert_string_equal(seen.end.text, "a line of more than 100000 bytes");
	assert_int_equal(seen.longest, 0);
}

static void
test_stop(void **state)
{
	World *world = *state;
	Seen seen = {0};
	Child *child = start_script(world, "exec sleep 100", &seen);

	child_stop(child, WAIT_MS);
	wait_for(world, &seen.ended);
	assert_false(seen.end.exited);
	assert_int_equal(seen.end.status, SIGTERM);
}

static void
test_kill(void **state)
{
	World *world = *state;
	int64_t begun_ms;
	Seen seen = {0};
	Child *child =
		start_script(world, "trap '' TERM; echo ready; while true; do read x; done", &seen);

	while (seen.text[0] == '\0')
		loop_once(world->loop, 100);
	begun_ms = loop_now_ms();
	child_stop(child, WAIT_MS);
	child_stop(child, 50); /* shortens */
	child_stop(child, WAIT_MS);
	wait_for(world, &seen.ended);
	assert_int_equal(seen.end.status, SIGKILL);
	assert_true(loop_now_ms() - begun_ms < WAIT_MS / 2);
}

/* Signals and descriptors of the worker are not the child's. */
static void
test_inheritance(void **state)
{
	World *world = *state;
	Seen seen = {0};
	int leak = open("/dev/null", O_RDONLY);

	start_script(
		world,
		"echo $(ls /proc/self/fd | wc -l); grep -E 'Sig(Blk|Ign)' /proc/self/status | cut -f2",
		&seen);
	wait_for(world, &seen.ended);
	/* ls has standard ones and the directory it reads */
	assert_string_equal(seen.text, "|4|0000000000000000|0000000000000000");
	close(leak);
}

static void
test_missing_program(void **state)
{
	World *world = *state;
	ChildEvents events = {0};
	Child *child;
	Error err;

	assert_false(child_start(world->loop, "/nowhere", "--test", LINE_MAX, &events, &child, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
}

/* ---- a runner */

typedef struct Run
{
	World *world;
	Runner *runner;
	char topics[256];
} Run;

static void
ignore_change(void *context, Runner *runner)
{
	(void) context, (void) runner;
}

static void
note_topic(void *context, Runner *runner, const char *topic)
{
	Run *run = context;
	size_t len = strlen(run->topics);

	(void) runner;
	snprintf(run->topics + len, sizeof run->topics - len, "|%s", topic);
}

static char worker_id[] = "w:1";
static const WorkerSettings runner_settings = {.worker_id = worker_id,
											   .shutdown_ms = 2000,
											   .restart_backoff_ms = 20,
											   .restart_backoff_max_ms = 100};

static void
run_script(Run *run, World *world, const char *text)
{
	json_t *config = json_object();
	RunnerTask task = {.kind = PROGRAM_SINK, .config = config, .level = "info"};
	RunnerEvents events = {ignore_change, note_topic, run};

	write_script(world, text);
	script_of_runner = world->script;
	*run = (Run){.world = world};
	run->runner = runner_new(world->loop, &runner_settings, NULL, "a", 0, &events);
	runner_run(run->runner, &task);
	json_decref(config);
}

/* Waits until a member of the status is text. */
static void
wait_status(const Run *run, const char *member, const char *text)
{
	int64_t deadline_ms = loop_now_ms() + WAIT_MS;
	bool found = false;

	while (!found)
	{
		json_t *status = runner_status(run->runner);
		const char *value = json_string_value(json_object_get(status, member));

		found = value != NULL && strcmp(value, text) == 0;
		json_decref(status);
		assert_true(loop_now_ms() < deadline_ms);
		if (!found)
			loop_once(run->world->loop, 100);
	}
}

static void
test_status_lines(void **state)
{
	Run run;

	run_script(&run, *state,
			   "read request; echo '{\"state\":\"RUNNING\",\"topics\":[\"t\",\"u\",5]}'\n"
			   "echo nonsense; echo '[]'; echo '{\"strange\":1,\"state\":\"FLYING\"}'\n"
			   "echo '{\"metrics\":{\"rows_total\":1,\"topics\":{\"v\":{\"rows\":1}}}}'\n"
			   "echo '{\"waiting\":\"for it\"}'; read more");
	wait_status(&run, "waiting", "for it");
	wait_status(&run, "state", "RUNNING");
	wait_status(&run, "worker_id", "w:1");
	assert_string_equal(run.topics, "|t|u|v");
	assert_int_equal(json_integer_value(json_object_get(runner_metrics(run.runner), "rows_total")),
					 1);
	runner_free(run.runner);
}

static void
test_failed_stays(void **state)
{
	Run run;

	run_script(&run, *state, "read request; echo '{\"failed\":\"no right\"}'; exit 1");
	wait_status(&run, "state", "FAILED");
	wait_status(&run, "trace", "no right");
	assert_false(runner_busy(run.runner));
	write_script(run.world, "read request; echo '{\"state\":\"RUNNING\"}'; read more");
	runner_restart(run.runner);
	wait_status(&run, "state", "RUNNING");
	runner_free(run.runner);
}

static void
test_failed_and_hanging_is_killed(void **state)
{
	Run run;

	run_script(&run, *state,
			   "trap '' TERM; read request; echo '{\"failed\":\"no right\"}'; exec sleep 1000");
	wait_status(&run, "state", "FAILED");
	wait_status(&run, "trace", "no right");
	runner_free(run.runner);
}

static void
test_crashes(void **state)
{
	Run run;

	run_script(&run, *state, "read request; exit 0");
	wait_status(&run, "waiting", "the task ended with exit status 0; starting it again in 20 ms");
	wait_status(&run, "waiting", "the task ended with exit status 0; starting it again in 80 ms");
	wait_status(&run, "waiting", "the task ended with exit status 0; starting it again in 100 ms");
	wait_status(&run, "state", "RESTARTING");
	write_script(run.world, "read request; echo '{\"state\":\"RUNNING\"}'; read more");
	wait_status(&run, "state", "RUNNING");
	runner_free(run.runner);
}

static void
test_ending(void **state)
{
	Run run;

	run_script(&run, *state,
			   "trap 'exit 0' TERM; read request; echo '{\"state\":\"RUNNING\"}'; read more");
	wait_status(&run, "state", "RUNNING");
	runner_end(run.runner, 2000);
	while (runner_busy(run.runner))
		loop_once(run.world->loop, 100);
	assert_null(runner_status(run.runner));
	runner_free(run.runner);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines_and_status, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_input, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_endless_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stop, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_kill, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_inheritance, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_missing_program, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_status_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failed_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failed_and_hanging_is_killed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_crashes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ending, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * tests/unit/fault_test.c - each action, in a process of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/fault.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define PASSED_ALL 99

/* How a process ends that passes the points "a" and "b" passes times each. It exits with
 * PASSED_ALL, plus 1 for every time that "a" failed and 10 for "b". */
static int
run(const char *variable, int passes)
{
	pid_t child = fork();
	int status;

	if (child == 0)
	{
		int count = 0;

		if (variable == NULL)
			unsetenv("WAL2AVRO_FAULT");
		else
			setenv("WAL2AVRO_FAULT", variable, 1);
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(1);
		for (int i = 0; i < passes; i++)
			count += fault("a") + 10 * fault("b");
		_exit(PASSED_ALL + count);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	if (WIFSTOPPED(status))
	{
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
	}
	return status;
}

static int
exit_status(const char *variable, int passes)
{
	int status = run(variable, passes);

	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
without_the_variable_nothing_happens(void **state)
{
	(void) state;
	assert_int_equal(exit_status(NULL, 3), PASSED_ALL);
	assert_int_equal(exit_status("", 3), PASSED_ALL);
	assert_int_equal(exit_status("other=kill,aa=exit", 3), PASSED_ALL);
}

static void
a_point_can_kill_exit_and_stop(void **state)
{
	int status;

	(void) state;
	status = run("a=kill", 1);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_int_equal(exit_status("a=exit", 1), 70);
	status = run("a=stop", 1);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(WSTOPSIG(status), SIGSTOP);
}

static void
a_point_can_fail_once(void **state)
{
	(void) state;
	assert_int_equal(exit_status("a=error", 5), PASSED_ALL + 1);
	assert_int_equal(exit_status("a=error,b=error", 5), PASSED_ALL + 11);
}

static void
passes_can_go_by_before(void **state)
{
	(void) state;
	assert_int_equal(exit_status("a=error:3", 3), PASSED_ALL);
	assert_int_equal(exit_status("a=error:3", 4), PASSED_ALL + 1);
	assert_int_equal(exit_status("a=error:0,b=exit:2", 2), PASSED_ALL + 1);
	assert_int_equal(exit_status("a=error:0,b=exit:2", 3), 70);
}

/* Otherwise a test with a mistyped fault would pass without it. */
static void
a_mistyped_variable_ends_the_program(void **state)
{
	(void) state;
	assert_int_equal(exit_status("a=explode", 1), 70);
	assert_int_equal(exit_status("a", 1), 70);
	assert_int_equal(exit_status("b=error,a=kil", 1), 70);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_variable_nothing_happens),
		cmocka_unit_test(a_point_can_kill_exit_and_stop),
		cmocka_unit_test(a_point_can_fail_once),
		cmocka_unit_test(passes_can_go_by_before),
		cmocka_unit_test(a_mistyped_variable_ends_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

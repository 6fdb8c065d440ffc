/*
 * connect/child.c - see child.h.
 *
 * The end is seen through a pidfd, so there is no handler of SIGCHLD. What the child has written
 * before its end is read first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE /* close_range, pipe2, strsignal */
#include "connect/child.h"

#include "core/buffer.h"
#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_BYTES	  65536
#define INPUT_MAX	  (64 * 1024 * 1024) /* what waits for a child that does not read */
#define EXEC_FAILED	  127
#define FIRST_CLOSED  3 /* standard input, output and error stay */
#define CLOSED		  (-1)
#define READ_END	  0
#define WRITE_END	  1
#define NOT_BEING_SET (-1)

struct Child
{
	Loop *loop;
	ChildEvents events;
	pid_t pid;
	int pid_fd;
	int input_fd;
	int output_fd;
	Buffer input; /* not yet written */
	size_t written;
	Buffer output; /* begun line */
	LoopTimer *kill;
	int64_t kill_at_ms; /* NOT_BEING_SET: nobody has asked for its end */
	size_t line_max;
	bool too_long;
};

/* Between fork and exec: only calls that are safe with other threads in the parent. */
static void
become(const char *program, const char *argument, int input, int output, pid_t parent)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};
	char *const arguments[] = {(char *) (uintptr_t) program, (char *) (uintptr_t) argument, NULL};
	sigset_t none;

	setpgid(0, 0); /* a terminal's interrupt is for the worker, which ends its children in order */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXEC_FAILED);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	sigaction(SIGPIPE, &usual, NULL);
	if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0)
		_exit(EXEC_FAILED);
	close_range(FIRST_CLOSED, ~0U, 0);
	execv(program, arguments);
	_exit(EXEC_FAILED);
}

static void
forget_fd(Child *child, int *fd)
{
	if (*fd == CLOSED)
		return;
	loop_forget(child->loop, *fd);
	close(*fd);
	*fd = CLOSED;
}

static void
release(Child *child)
{
	forget_fd(child, &child->input_fd);
	forget_fd(child, &child->output_fd);
	forget_fd(child, &child->pid_fd);
	loop_timer_free(child->kill);
	buffer_done(&child->input);
	buffer_done(&child->output);
	free(child);
}

/* Says all whole lines of the buffer and keeps the rest. */
static void
say_lines(Child *child)
{
	const uint8_t *begin = child->output.data;
	size_t left = child->output.len;
	const uint8_t *newline;

	while (left > 0 && (newline = memchr(begin, '\n', left)) != NULL)
	{
		size_t len = (size_t) (newline - begin);

		child->events.line(child->events.context, (Slice){begin, len});
		begin += len + 1;
		left -= len + 1;
	}
	if (left > 0)
		memmove(child->output.data, begin, left);
	child->output.len = left;
}

/* False when there is nothing more to read for now, or at all. */
static bool
read_some(Child *child)
{
	uint8_t block[READ_BYTES];
	ssize_t got = read(child->output_fd, block, sizeof block);

	if (got < 0)
		return errno == EINTR;
	if (got == 0)
	{
		forget_fd(child, &child->output_fd);
		return false;
	}
	buffer_append(&child->output, block, (size_t) got); /* there is room: see child_start */
	say_lines(child);
	if (child->output.len <= child->line_max)
		return true;
	child->too_long = true;
	forget_fd(child, &child->output_fd);
	kill(child->pid, SIGKILL);
	return false;
}

static void
on_output(void *context, int revents)
{
	(void) revents;
	read_some(context);
}

static void
write_input(Child *child)
{
	while (child->written < child->input.len)
	{
		ssize_t put = write(child->input_fd, child->input.data + child->written,
							child->input.len - child->written);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EAGAIN)
			return;
		if (put < 0)
		{
			/* It reads no more; its end comes as an event of its own. */
			forget_fd(child, &child->input_fd);
			return;
		}
		child->written += (size_t) put;
	}
	buffer_clear(&child->input);
	child->written = 0;
}

static void
on_input(void *context, int revents)
{
	Child *child = context;

	(void) revents;
	write_input(child);
	if (child->input_fd != CLOSED)
		loop_watch(child->loop, child->input_fd, child->input.len > 0 ? POLLOUT : 0, on_input,
				   child);
}

void
child_send(Child *child, const char *line)
{
	if (child->input_fd == CLOSED)
		return;
	if (!buffer_append_text(&child->input, line) || !buffer_append_text(&child->input, "\n"))
	{
		log_warn("process %d does not read its input; ending it", (int) child->pid);
		kill(child->pid, SIGKILL);
		return;
	}
	on_input(child, 0);
}

static void
describe_end(const Child *child, int wait_status, ChildEnd *end)
{
	end->exited = WIFEXITED(wait_status);
	end->status = end->exited ? WEXITSTATUS(wait_status) : WTERMSIG(wait_status);
	if (child->too_long)
		snprintf(end->text, sizeof end->text, "a line of more than %zu bytes", child->line_max);
	else if (end->exited)
		snprintf(end->text, sizeof end->text, "exit status %d", end->status);
	else
		snprintf(end->text, sizeof end->text, "signal %d (%s)", end->status,
				 strsignal(end->status));
}

static void
on_end(void *context, int revents)
{
	Child *child = context;
	ChildEnd end = {0};
	int status = 0;

	(void) revents;
	/* What a grandchild may still write to the pipe is not waited for. */
	while (child->output_fd != CLOSED && read_some(child))
		continue;
	if (waitpid(child->pid, &status, 0) < 0)
		log_warn("cannot reap process %d: %s", (int) child->pid, strerror(errno));
	describe_end(child, status, &end);
	child->events.ended(child->events.context, &end);
	release(child);
}

static void
on_kill(void *context)
{
	Child *child = context;

	log_warn("process %d has not ended in time; killing it", (int) child->pid);
	kill(child->pid, SIGKILL);
}

void
child_stop(Child *child, int64_t grace_ms)
{
	int64_t at_ms = loop_now_ms() + grace_ms;

	if (child->kill_at_ms == NOT_BEING_SET)
		kill(child->pid, SIGTERM);
	else if (child->kill_at_ms <= at_ms)
		return;
	child->kill_at_ms = at_ms;
	loop_timer_arm(child->kill, grace_ms);
}

pid_t
child_pid(const Child *child)
{
	return child->pid;
}

static void
close_pair(const int pair[2])
{
	close(pair[READ_END]);
	close(pair[WRITE_END]);
}

static bool
make_pipes(int input[2], int output[2], Error *err)
{
	if (pipe2(input, O_CLOEXEC) != 0)
		return error_set(err, ERROR_RETRY, "cannot make a pipe: %s", strerror(errno));
	if (pipe2(output, O_CLOEXEC) != 0)
	{
		close_pair(input);
		return error_set(err, ERROR_RETRY, "cannot make a pipe: %s", strerror(errno));
	}
	fcntl(input[WRITE_END], F_SETFL, O_NONBLOCK);
	fcntl(output[READ_END], F_SETFL, O_NONBLOCK);
	return true;
}

/* The process, and a descriptor of it. */
static bool
spawn(const char *program, const char *argument, const int input[2], const int output[2],
	  pid_t *pid, int *pid_fd, Error *err)
{
	pid_t parent = getpid();

	*pid = fork();
	if (*pid == 0)
		become(program, argument, input[READ_END], output[WRITE_END], parent);
	if (*pid < 0)
		return error_set(err, ERROR_RETRY, "cannot start \"%s\": %s", program, strerror(errno));
	*pid_fd = pidfd_open(*pid, 0);
	if (*pid_fd >= 0)
		return true;
	error_set(err, ERROR_RETRY, "cannot watch \"%s\": %s", program, strerror(errno));
	kill(*pid, SIGKILL);
	waitpid(*pid, NULL, 0);
	return false;
}

bool
child_start(Loop *loop, const char *program, const char *argument, size_t line_max,
			const ChildEvents *events, Child **out, Error *err)
{
	int input[2];
	int output[2];
	pid_t pid;
	int pid_fd = CLOSED;

	if (access(program, X_OK) != 0)
		return error_set(err, ERROR_CONFIG, "cannot run \"%s\": %s", program, strerror(errno));
	if (!make_pipes(input, output, err))
		return false;
	if (!spawn(program, argument, input, output, &pid, &pid_fd, err))
	{
		close_pair(input);
		close_pair(output);
		return false;
	}
	close(input[READ_END]);
	close(output[WRITE_END]);

	Child *child = xcalloc(1, sizeof *child);

	*child = (Child){.loop = loop,
					 .events = *events,
					 .pid = pid,
					 .pid_fd = pid_fd,
					 .input_fd = input[WRITE_END],
					 .output_fd = output[READ_END],
					 .line_max = line_max,
					 .kill_at_ms = NOT_BEING_SET};
	child->kill = loop_timer_new(loop, on_kill, child);
	buffer_init(&child->input, INPUT_MAX);
	buffer_init(&child->output, line_max + READ_BYTES);
	loop_watch(loop, child->input_fd, 0, on_input, child);
	loop_watch(loop, child->output_fd, POLLIN, on_output, child);
	loop_watch(loop, pid_fd, POLLIN, on_end, child);
	*out = child;
	return true;
}

void
child_free(Child *child)
{
	if (child == NULL)
		return;
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	release(child);
}

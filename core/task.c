/*
 * core/task.c - see task.h.
 *
 * What is to be said is one object, into which later words go over earlier ones. When the worker
 * has taken a line whole, the object becomes the next: so no worker that reads slowly can make it
 * grow beyond the names of the topics.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/task.h"

#include "core/buffer.h"
#include "core/json.h"
#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define METRICS_MS	1000
#define FAREWELL_MS 1000
#define ORDER_MAX	((size_t) 65536) /* of one line from the worker */
#define READ_BYTES	4096

struct Task
{
	Loop *loop;
	int in; /* -1: has ended */
	int out;
	int64_t number;
	bool paused;
	json_t *unsaid; /* the members of the next line */
	char *line;		/* on its way */
	size_t line_len;
	size_t line_sent;
	Buffer orders;
	json_t *topics; /* an object: those that were said */
	char *waiting;
	LoopTimer *timer;
	TaskMetrics *metrics;
	void *metrics_context;
	json_t *last_metrics;
};

static void
next_line(Task *task)
{
	free(task->line);
	task->line = NULL;
	if (json_object_size(task->unsaid) == 0)
		return;
	task->line = json_dumps(task->unsaid, JSON_COMPACT);
	json_object_clear(task->unsaid);
	task->line_len = strlen(task->line);
	task->line[task->line_len++] = '\n'; /* in place of the NUL */
	task->line_sent = 0;
}

static void
worker_gone(Task *task, const char *why)
{
	if (!loop_stopping(task->loop))
		log_info("the worker is gone (%s), stopping", why);
	loop_stop(task->loop);
}

/* False when there is nothing more to write, or nobody to write it for. */
static bool
write_some(Task *task)
{
	ssize_t done;

	if (task->line == NULL)
		next_line(task);
	if (task->line == NULL)
		return false;
	done = write(task->out, task->line + task->line_sent, task->line_len - task->line_sent);
	if (done < 0 && errno != EAGAIN && errno != EINTR)
	{
		worker_gone(task, strerror(errno));
		json_object_clear(task->unsaid);
		free(task->line);
		task->line = NULL;
		return false;
	}
	task->line_sent += done > 0 ? (size_t) done : 0;
	if (task->line_sent == task->line_len)
		next_line(task);
	return task->line != NULL && done >= 0;
}

static void flush(Task *task);

static void
writable(void *context, int revents)
{
	(void) revents;
	flush(context);
}

static void
flush(Task *task)
{
	while (write_some(task))
		;
	loop_watch(task->loop, task->out, task->line == NULL ? 0 : POLLOUT, writable, task);
}

static void
say(Task *task, const char *member, json_t *value)
{
	json_object_set_new(task->unsaid, member, value);
	flush(task);
}

static void
take_order(Task *task, const char *line, size_t len)
{
	AUTO(json_t) *order = json_loadb(line, len, 0, NULL);
	const char *level = json_string_value(json_object_get(order, "level"));

	(void) task;
	if (level == NULL || !log_set_level(level))
		log_warn("the worker said what is no order: %.*s", (int) (len < 200 ? len : 200), line);
	else
		log_debug("log level is %s", level);
}

static void
take_orders(Task *task)
{
	const char *text = (const char *) task->orders.data;
	size_t used = 0;
	const char *end;

	while (used < task->orders.len &&
		   (end = memchr(text + used, '\n', task->orders.len - used)) != NULL)
	{
		take_order(task, text + used, (size_t) (end - text) - used);
		used = (size_t) (end - text) + 1;
	}
	if (used == 0)
		return;
	memmove(task->orders.data, task->orders.data + used, task->orders.len - used);
	task->orders.len -= used;
}

static void
readable(void *context, int revents)
{
	Task *task = context;
	uint8_t *room = buffer_reserve(&task->orders, READ_BYTES);
	ssize_t got;

	(void) revents;
	if (room == NULL)
	{
		log_warn("the worker said a line of more than %zu bytes; it is left out", ORDER_MAX);
		buffer_clear(&task->orders);
		room = buffer_reserve(&task->orders, READ_BYTES);
	}
	got = read(task->in, room, READ_BYTES);
	if (got > 0)
	{
		task->orders.len += (size_t) got;
		take_orders(task);
	}
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
	{
		loop_forget(task->loop, task->in);
		task->in = -1;
		worker_gone(task, "it has closed our input");
	}
}

static void
say_metrics(Task *task)
{
	json_t *metrics = task->metrics == NULL ? NULL : task->metrics(task->metrics_context);

	if (metrics == NULL)
		return;
	if (task->last_metrics != NULL && json_equal(metrics, task->last_metrics))
	{
		json_decref(metrics);
		return;
	}
	json_decref(task->last_metrics);
	task->last_metrics = metrics;
	say(task, "metrics", json_incref(metrics));
}

static void
tick(void *context)
{
	Task *task = context;

	say_metrics(task);
	loop_timer_arm(task->timer, METRICS_MS);
}

static void
unblock(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

Task *
task_new(Loop *loop, int in, int out, int64_t number, bool paused)
{
	Task *task = xcalloc(1, sizeof *task);

	*task = (Task){.loop = loop,
				   .in = in,
				   .out = out,
				   .number = number,
				   .paused = paused,
				   .unsaid = json_object(),
				   .topics = json_object(),
				   .orders = {.max = ORDER_MAX},
				   .timer = loop_timer_new(loop, tick, task)};
	unblock(in);
	unblock(out);
	loop_watch(loop, in, POLLIN, readable, task);
	return task;
}

void
task_free(Task *task)
{
	int64_t deadline = loop_now_ms() + FAREWELL_MS;
	int64_t now;

	if (task == NULL)
		return;
	say_metrics(task);
	flush(task);
	while (task->line != NULL && (now = loop_now_ms()) < deadline)
	{
		poll(&(struct pollfd){.fd = task->out, .events = POLLOUT}, 1, (int) (deadline - now));
		flush(task);
	}
	if (task->in >= 0)
		loop_forget(task->loop, task->in);
	loop_forget(task->loop, task->out);
	loop_timer_free(task->timer);
	buffer_done(&task->orders);
	json_decref(task->unsaid);
	json_decref(task->topics);
	json_decref(task->last_metrics);
	free(task->line);
	free(task->waiting);
	free(task);
}

int64_t
task_number(const Task *task)
{
	return task == NULL ? 0 : task->number;
}

bool
task_paused(const Task *task)
{
	return task != NULL && task->paused;
}

void
task_reached(Task *task, const char *reason)
{
	if (task == NULL)
		return;
	json_object_del(task->unsaid, "reason");
	if (reason != NULL)
		json_object_set_new(task->unsaid, "reason", json_text(reason));
	say(task, "state", json_string(task->paused ? "PAUSED" : "RUNNING"));
}

void
task_waiting(Task *task, const char *reason)
{
	if (task == NULL || (reason == NULL && task->waiting == NULL) ||
		(reason != NULL && task->waiting != NULL && strcmp(reason, task->waiting) == 0))
		return;
	free(task->waiting);
	task->waiting = reason == NULL ? NULL : xstrdup(reason);
	say(task, "waiting", json_text(reason));
}

void
task_failed(Task *task, const char *reason)
{
	if (task != NULL)
		say(task, "failed", json_text(reason));
}

void
task_topic(Task *task, const char *topic)
{
	json_t *topics;

	if (task == NULL || json_object_get(task->topics, topic) != NULL)
		return;
	json_object_set_new(task->topics, topic, json_true());
	topics = json_object_get(task->unsaid, "topics");
	if (topics == NULL)
		say(task, "topics", json_pack("[s]", topic));
	else
		json_array_append_new(topics, json_string(topic));
}

void
task_set_metrics(Task *task, TaskMetrics *metrics, void *context)
{
	if (task == NULL)
		return;
	if (metrics == NULL)
		say_metrics(task);
	task->metrics = metrics;
	task->metrics_context = context;
	if (metrics == NULL)
		loop_timer_disarm(task->timer);
	else
		loop_timer_arm(task->timer, METRICS_MS);
}

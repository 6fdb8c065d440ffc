/*
 * connect/runner.c - see runner.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/runner.h"

#include "connect/child.h"
#include "core/log.h"
#include "core/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES (1024 * 1024)
#define METRICS_MS	   5000 /* least time between two statuses for the sake of metrics */

typedef enum Phase
{
	PHASE_IDLE,
	PHASE_RUNNING,	/* there is a process */
	PHASE_STOPPING, /* it was asked to end */
	PHASE_WAITING,	/* after a crash, until it is started again */
	PHASE_FAILED,	/* a person must act */
} Phase;

struct Runner
{
	Loop *loop;
	const WorkerSettings *settings;
	Programs *programs;
	RunnerEvents events;
	char *connector;
	int64_t number;
	Phase phase;
	Child *child;
	LoopTimer *retry;
	LoopTimer *tell; /* of the owner, from the loop */
	int64_t backoff_ms;
	int64_t started_ms;
	int64_t restarts; /* after crashes */
	/* What is wanted. */
	bool wanted;
	ProgramKind kind;
	json_t *config;
	bool paused;
	bool imported;
	char *level;
	/* What is said. */
	const char *state; /* NULL: nothing yet */
	char *trace;
	char *waiting;
	char *failed; /* said by the process */
	json_t *metrics;
	json_t *told_metrics;
	LoopTimer *metrics_due;
};

/* ---- what is said */

static void
set_text(char **text, const char *value)
{
	free(*text);
	*text = value == NULL ? NULL : xstrdup(value);
}

static void
changed(Runner *runner)
{
	json_decref(runner->told_metrics);
	runner->told_metrics = json_incref(runner->metrics);
	loop_timer_arm(runner->tell, 0);
}

static void
on_tell(void *context)
{
	Runner *runner = context;

	runner->events.changed(runner->events.context, runner);
}

static void
set_state(Runner *runner, const char *state, const char *trace, const char *waiting)
{
	runner->state = state;
	set_text(&runner->trace, trace);
	set_text(&runner->waiting, waiting);
	changed(runner);
}

static void
on_metrics_due(void *context)
{
	Runner *runner = context;

	if (runner->metrics == NULL || json_equal(runner->metrics, runner->told_metrics))
		return;
	changed(runner);
	loop_timer_arm(runner->metrics_due, METRICS_MS);
}

/* ---- the lines of a status */

static void
take_state(Runner *runner, json_t *value, const json_t *line)
{
	static const char *const states[] = {"RUNNING", "PAUSED"};
	const char *name = json_string_value(value);

	for (size_t i = 0; name != NULL && i < sizeof states / sizeof *states; i++)
		if (strcmp(states[i], name) == 0)
			set_state(runner, states[i], NULL, json_string_value(json_object_get(line, "reason")));
}

/* A task that waits before it has reached its state, for a server that is away, is shown in it: it
 * is there, and only what it waits for is not. */
static void
take_waiting(Runner *runner, json_t *value, const json_t *line)
{
	const char *state = runner->state;

	(void) line;
	if (state == NULL || (strcmp(state, "RUNNING") != 0 && strcmp(state, "PAUSED") != 0))
		state = runner->paused ? "PAUSED" : "RUNNING";
	set_state(runner, state, NULL, json_string_value(value));
}

/* It ends by itself now; if it does not, it is made to. */
static void
take_failed(Runner *runner, json_t *value, const json_t *line)
{
	(void) line;
	set_text(&runner->failed, json_is_string(value) ? json_string_value(value) : "no reason given");
	child_stop(runner->child, runner->settings->shutdown_ms);
}

static void
take_topics(Runner *runner, json_t *value, const json_t *line)
{
	size_t i;
	json_t *topic;

	(void) line;
	json_array_foreach(value, i, topic) if (json_is_string(topic))
		runner->events.topic(runner->events.context, runner, json_string_value(topic));
}

/* A topic with more rows than before is in use, also after its name was reset. */
static void
notice_topics(Runner *runner, const json_t *metrics)
{
	json_t *former = json_object_get(runner->metrics, "topics");
	const char *topic;
	json_t *figures;

	json_object_foreach(json_object_get(metrics, "topics"), topic,
						figures) if (!json_equal(figures, json_object_get(former, topic)))
		runner->events.topic(runner->events.context, runner, topic);
}

static void
take_metrics(Runner *runner, json_t *value, const json_t *line)
{
	(void) line;
	notice_topics(runner, value);
	json_decref(runner->metrics);
	runner->metrics = json_incref(value);
	if (!loop_timer_armed(runner->metrics_due))
		loop_timer_arm(runner->metrics_due, runner->told_metrics == NULL ? 0 : METRICS_MS);
}

static void
on_line(void *context, Slice text)
{
	static const struct
	{
		const char *member;
		void (*take)(Runner *runner, json_t *value, const json_t *line);
	} members[] = {
		{"state", take_state},	 {"waiting", take_waiting}, {"failed", take_failed},
		{"topics", take_topics}, {"metrics", take_metrics},
	};
	Runner *runner = context;
	json_error_t problem;
	json_t *line = json_loadb((const char *) text.data, text.len, 0, &problem);

	if (!json_is_object(line))
		log_warn("task \"%s-%" PRId64 "\" says what is no JSON object", runner->connector,
				 runner->number);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
	{
		json_t *value = json_object_get(line, members[i].member);

		if (value != NULL)
			members[i].take(runner, value, line);
	}
	json_decref(line);
}

/* ---- the process */

static void
wait_and_retry(Runner *runner, const char *why)
{
	char text[512];
	int64_t most = runner->settings->restart_backoff_max_ms;

	/* It ran well for longer than the longest wait. */
	if (loop_now_ms() - runner->started_ms > most)
		runner->backoff_ms = runner->settings->restart_backoff_ms;
	snprintf(text, sizeof text, "the task ended with %s; starting it again in %" PRId64 " ms", why,
			 runner->backoff_ms);
	log_warn("task \"%s-%" PRId64 "\": %s", runner->connector, runner->number, text);
	runner->restarts++;
	runner->phase = PHASE_WAITING;
	loop_timer_arm(runner->retry, runner->backoff_ms);
	runner->backoff_ms = runner->backoff_ms * 2 > most ? most : runner->backoff_ms * 2;
	set_state(runner, "RESTARTING", NULL, text);
}

static void
fail(Runner *runner, const char *why)
{
	log_error("task \"%s-%" PRId64 "\" has failed: %s", runner->connector, runner->number, why);
	runner->phase = PHASE_FAILED;
	set_state(runner, "FAILED", why, NULL);
}

static void start(Runner *runner);

static void
on_ended(void *context, const ChildEnd *end)
{
	Runner *runner = context;
	bool asked = runner->phase == PHASE_STOPPING;

	log_info("task \"%s-%" PRId64 "\": process %d ended with %s", runner->connector, runner->number,
			 (int) child_pid(runner->child), end->text);
	runner->child = NULL;
	runner->phase = PHASE_IDLE;
	if (!runner->wanted)
		set_state(runner, NULL, NULL, NULL);
	else if (asked)
		start(runner);
	else if (runner->failed != NULL)
		fail(runner, runner->failed);
	else
		wait_and_retry(runner, end->text);
}

static void
send_request(Runner *runner)
{
	json_t *request = programs_request(runner->programs, runner->connector, runner->config);
	char *text;

	json_object_set_new(request, "task", json_integer(runner->number));
	json_object_set_new(request, "paused", json_boolean(runner->paused));
	if (runner->imported)
		json_object_set_new(request, "imported", json_true());
	json_object_set_new(request, "level", json_string(runner->level));
	text = json_dumps(request, JSON_COMPACT);
	child_send(runner->child, text);
	free(text);
	json_decref(request);
}

static void
start(Runner *runner)
{
	ChildEvents events = {on_line, on_ended, runner};
	Error err = {0};

	loop_timer_disarm(runner->retry);
	set_text(&runner->failed, NULL);
	json_decref(runner->metrics);
	runner->metrics = NULL;
	runner->started_ms = loop_now_ms();
	if (!child_start(runner->loop, programs_path(runner->programs, runner->kind), "--task",
					 LINE_MAX_BYTES, &events, &runner->child, &err))
	{
		if (err.kind == ERROR_RETRY)
			wait_and_retry(runner, err.message);
		else
			fail(runner, err.message);
		return;
	}
	runner->phase = PHASE_RUNNING;
	log_info("task \"%s-%" PRId64 "\" runs as process %d", runner->connector, runner->number,
			 (int) child_pid(runner->child));
	send_request(runner);
}

static void
on_retry(void *context)
{
	start(context);
}

/* Ends what runs, so that it is started again as it is wanted now. */
static void
start_anew(Runner *runner)
{
	if (runner->phase == PHASE_RUNNING)
	{
		runner->phase = PHASE_STOPPING;
		child_stop(runner->child, runner->settings->shutdown_ms);
	}
	else if (runner->phase != PHASE_STOPPING)
		start(runner);
}

/* ---- for the owner */

Runner *
runner_new(Loop *loop, const WorkerSettings *settings, Programs *programs, const char *connector,
		   int64_t number, const RunnerEvents *events)
{
	Runner *runner = xcalloc(1, sizeof *runner);

	*runner = (Runner){.loop = loop,
					   .settings = settings,
					   .programs = programs,
					   .events = *events,
					   .connector = xstrdup(connector),
					   .number = number,
					   .backoff_ms = settings->restart_backoff_ms};
	runner->retry = loop_timer_new(loop, on_retry, runner);
	runner->tell = loop_timer_new(loop, on_tell, runner);
	runner->metrics_due = loop_timer_new(loop, on_metrics_due, runner);
	return runner;
}

void
runner_free(Runner *runner)
{
	if (runner == NULL)
		return;
	child_free(runner->child);
	loop_timer_free(runner->retry);
	loop_timer_free(runner->tell);
	loop_timer_free(runner->metrics_due);
	json_decref(runner->config);
	json_decref(runner->metrics);
	json_decref(runner->told_metrics);
	free(runner->connector);
	free(runner->level);
	free(runner->trace);
	free(runner->waiting);
	free(runner->failed);
	free(runner);
}

const char *
runner_connector(const Runner *runner)
{
	return runner->connector;
}

int64_t
runner_number(const Runner *runner)
{
	return runner->number;
}

void
runner_run(Runner *runner, const RunnerTask *task)
{
	if (runner->wanted && runner->paused == task->paused &&
		json_equal(runner->config, task->config))
		return;
	json_incref(task->config);
	json_decref(runner->config);
	runner->config = task->config;
	runner->kind = task->kind;
	runner->paused = task->paused;
	runner->imported = task->imported;
	set_text(&runner->level, task->level);
	runner->wanted = true;
	runner->backoff_ms = runner->settings->restart_backoff_ms;
	start_anew(runner);
}

void
runner_restart(Runner *runner)
{
	if (!runner->wanted)
		return;
	runner->backoff_ms = runner->settings->restart_backoff_ms;
	set_state(runner, "RESTARTING", NULL, NULL);
	start_anew(runner);
}

void
runner_end(Runner *runner, int64_t patience_ms)
{
	runner->wanted = false;
	loop_timer_disarm(runner->retry);
	if (runner->child != NULL)
	{
		runner->phase = PHASE_STOPPING;
		child_stop(runner->child, patience_ms);
	}
	else
		runner->phase = PHASE_IDLE;
}

bool
runner_busy(const Runner *runner)
{
	return runner->child != NULL;
}

void
runner_set_level(Runner *runner, const char *level)
{
	json_t *line;
	char *text;

	set_text(&runner->level, level);
	if (runner->child == NULL)
		return;
	line = json_pack("{s:s}", "level", level);
	text = json_dumps(line, JSON_COMPACT);
	child_send(runner->child, text);
	free(text);
	json_decref(line);
}

json_t *
runner_status(const Runner *runner)
{
	if (runner->state == NULL)
		return NULL;
	return json_pack("{s:s,s:s,s:s*,s:s*,s:O*,s:I}", "state", runner->state, "worker_id",
					 runner->settings->worker_id, "trace", runner->trace, "waiting",
					 runner->waiting, "metrics", runner->told_metrics, "restarts",
					 (json_int_t) runner->restarts);
}

json_t *
runner_metrics(const Runner *runner)
{
	return runner->metrics;
}

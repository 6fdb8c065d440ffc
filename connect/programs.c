/*
 * connect/programs.c - see programs.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE /* readlink */
#include "connect/programs.h"

#include "connect/child.h"
#include "core/log.h"
#include "core/memory.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_MAX	   (16 * 1024 * 1024)
#define RUNNING_MAX	   4   /* processes of questions at a time, in each lane */
#define WAITING_MAX	   500 /* questions */
#define GRACE_MS	   1000
#define DESCRIBE_MS	   30000
#define DESCRIBE_AGAIN 2000

/* What waits for others, for minutes perhaps, does not keep the rest waiting. */
typedef enum Lane
{
	LANE_QUICK,	 /* asks nobody else */
	LANE_ASKING, /* servers, which may be away */
	LANE_SLOW,	 /* waits for tasks to end */
	LANES,
} Lane;

struct ProgramsAsk
{
	Programs *programs;
	ProgramKind kind;
	Lane lane;
	char *command;
	json_t *request;
	int64_t limit_ms;
	ProgramsAnswer *answer; /* NULL: cancelled */
	void *context;
	Child *child; /* NULL: waits for its turn */
	LoopTimer *limit;
	bool timed_out;
	json_t *said;
	Error err;
	struct ProgramsAsk *next;
};

typedef struct Program
{
	Programs *programs;
	ProgramKind kind;
	char *path;
	json_t *description; /* NULL: not known yet */
	LoopTimer *again;
} Program;

struct Programs
{
	Loop *loop;
	json_t *worker;
	void (*ready)(void *context);
	void *context;
	Program all[PROGRAM_KINDS];
	ProgramsAsk *asks; /* in their order */
	size_t count;
	size_t running[LANES];
	LoopTimer *step;
};

static const struct
{
	const char *name;
	const char *folder; /* in a build tree */
} known[] = {
	[PROGRAM_SINK] = {"wal2avro-sink", "sink"},
	[PROGRAM_RELAY] = {"wal2avro-relay", "relay"},
};

/* ---- questions */

static void
ask_free(ProgramsAsk *ask)
{
	Programs *programs = ask->programs;
	ProgramsAsk **link = &programs->asks;

	while (*link != ask)
		link = &(*link)->next;
	*link = ask->next;
	programs->count--;
	loop_timer_free(ask->limit);
	json_decref(ask->request);
	json_decref(ask->said);
	free(ask->command);
	free(ask);
	if (programs->asks != NULL)
		loop_timer_arm(programs->step, 0);
}

static void
finish(ProgramsAsk *ask)
{
	json_t *error = json_object_get(ask->said, "error");

	if (ask->answer != NULL)
		ask->answer(ask->context, error == NULL ? ask->said : NULL, &ask->err);
	ask_free(ask);
}

static void
on_line(void *context, Slice line)
{
	ProgramsAsk *ask = context;
	json_error_t problem;

	if (ask->said == NULL)
		ask->said = json_loadb((const char *) line.data, line.len, 0, &problem);
}

static ErrorKind
kind_of(const char *name)
{
	static const struct
	{
		const char *name;
		ErrorKind kind;
	} kinds[] = {{"retry", ERROR_RETRY}, {"config", ERROR_CONFIG}, {"data", ERROR_DATA}};

	for (size_t i = 0; name != NULL && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].kind;
	return ERROR_RETRY;
}

static void
on_ended(void *context, const ChildEnd *end)
{
	ProgramsAsk *ask = context;
	const json_t *error = json_object_get(ask->said, "error");
	const char *message = json_string_value(json_object_get(error, "message"));
	const char *program = known[ask->kind].name;

	ask->child = NULL;
	ask->programs->running[ask->lane]--;
	if (error != NULL)
		error_set(&ask->err, kind_of(json_string_value(json_object_get(error, "kind"))), "%s",
				  message == NULL ? "an error without a text" : message);
	else if (ask->timed_out)
		error_set(&ask->err, ERROR_RETRY, "%s %s has not answered in time", program, ask->command);
	else if (!end->exited || end->status != 0 || !json_is_object(ask->said))
		error_set(&ask->err, ERROR_RETRY, "%s %s ended with %s%s", program, ask->command, end->text,
				  ask->said == NULL ? " and without an answer" : "");
	if (ask->err.kind != ERROR_NONE && error == NULL)
	{
		json_decref(ask->said);
		ask->said = NULL;
	}
	finish(ask);
}

static void
on_limit(void *context)
{
	ProgramsAsk *ask = context;

	ask->timed_out = true;
	child_stop(ask->child, GRACE_MS);
}

static void
start(ProgramsAsk *ask)
{
	ChildEvents events = {on_line, on_ended, ask};
	Programs *programs = ask->programs;

	if (!child_start(programs->loop, programs->all[ask->kind].path, ask->command, ANSWER_MAX,
					 &events, &ask->child, &ask->err))
	{
		finish(ask);
		return;
	}
	programs->running[ask->lane]++;
	loop_timer_arm(ask->limit, ask->limit_ms);
	if (ask->request != NULL)
	{
		char *text = json_dumps(ask->request, JSON_COMPACT);

		child_send(ask->child, text);
		free(text);
	}
}

/* One at a time, so that what it calls may change the list. */
static void
on_step(void *context)
{
	Programs *programs = context;

	for (ProgramsAsk *ask = programs->asks; ask != NULL; ask = ask->next)
		if (ask->child == NULL && programs->running[ask->lane] < RUNNING_MAX)
		{
			loop_timer_arm(programs->step, 0);
			if (ask->err.kind != ERROR_NONE)
				finish(ask);
			else
				start(ask);
			return;
		}
}

static Lane
lane_of(const char *command)
{
	static const struct
	{
		const char *command;
		Lane lane;
	} lanes[] = {{"--offsets", LANE_ASKING},
				 {"--alter-offsets", LANE_SLOW},
				 {"--reset-offsets", LANE_SLOW},
				 {"--cleanup", LANE_SLOW}};

	for (size_t i = 0; i < sizeof lanes / sizeof *lanes; i++)
		if (strcmp(lanes[i].command, command) == 0)
			return lanes[i].lane;
	return LANE_QUICK;
}

ProgramsAsk *
programs_ask(Programs *programs, ProgramKind kind, const char *command, json_t *request,
			 int64_t limit_ms, ProgramsAnswer *answer, void *context)
{
	ProgramsAsk *ask = xcalloc(1, sizeof *ask);
	ProgramsAsk **link = &programs->asks;

	*ask = (ProgramsAsk){.programs = programs,
						 .kind = kind,
						 .lane = lane_of(command),
						 .command = xstrdup(command),
						 .request = request,
						 .limit_ms = limit_ms,
						 .answer = answer,
						 .context = context};
	ask->limit = loop_timer_new(programs->loop, on_limit, ask);
	if (programs->count >= WAITING_MAX)
		error_set(&ask->err, ERROR_RETRY, "too many requests at a time; try again later");
	while (*link != NULL)
		link = &(*link)->next;
	*link = ask;
	programs->count++;
	loop_timer_arm(programs->step, 0);
	return ask;
}

void
programs_cancel(ProgramsAsk *ask)
{
	ask->answer = NULL;
	if (ask->child != NULL)
		child_stop(ask->child, GRACE_MS);
	else
		ask_free(ask);
}

/* ---- what they say of themselves */

static void
on_described(void *context, json_t *answer, const Error *err)
{
	Program *program = context;
	Programs *programs = program->programs;

	if (answer == NULL)
	{
		log_warn("%s; asking again", err->message);
		loop_timer_arm(program->again, DESCRIBE_AGAIN);
		return;
	}
	program->description = json_incref(answer);
	if (programs_ready(programs))
		programs->ready(programs->context);
}

static void
describe(void *context)
{
	Program *program = context;

	programs_ask(program->programs, program->kind, "--describe", NULL, DESCRIBE_MS, on_described,
				 program);
}

/* Beside this program; in a build tree in the directory next to it. */
static char *
find_program(const WorkerSettings *settings, ProgramKind kind)
{
	char self[PATH_MAX];
	ssize_t len;
	char *path;
	char *slash;

	if (settings->program_directory != NULL)
		return xasprintf("%s/%s", settings->program_directory, known[kind].name);
	len = readlink("/proc/self/exe", self, sizeof self - 1);
	self[len < 0 ? 0 : len] = '\0';
	slash = strrchr(self, '/');
	if (slash != NULL)
		*slash = '\0';
	path = xasprintf("%s/%s", self, known[kind].name);
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return xasprintf("%s/../%s/%s", self, known[kind].folder, known[kind].name);
}

bool
programs_new(Loop *loop, const WorkerSettings *settings, const Properties *worker,
			 void (*ready)(void *context), void *context, Programs **out, Error *err)
{
	Programs *programs = xcalloc(1, sizeof *programs);

	*programs =
		(Programs){.loop = loop, .worker = json_object(), .ready = ready, .context = context};
	programs->step = loop_timer_new(loop, on_step, programs);
	for (size_t i = 0; i < properties_count(worker); i++)
		json_object_set_new(programs->worker, properties_name(worker, i),
							json_string(properties_value(worker, i)));
	for (int kind = 0; kind < PROGRAM_KINDS; kind++)
	{
		Program *program = &programs->all[kind];

		*program = (Program){.programs = programs,
							 .kind = (ProgramKind) kind,
							 .path = find_program(settings, (ProgramKind) kind)};
		program->again = loop_timer_new(loop, describe, program);
		if (access(program->path, X_OK) != 0)
		{
			error_set(err, ERROR_CONFIG,
					  "cannot run \"%s\"; say where the programs are in "
					  "wal2avro.program.directory",
					  program->path);
			programs_free(programs);
			return false;
		}
		describe(program);
	}
	*out = programs;
	return true;
}

void
programs_free(Programs *programs)
{
	if (programs == NULL)
		return;
	while (programs->asks != NULL)
	{
		ProgramsAsk *ask = programs->asks;

		child_free(ask->child);
		json_decref(ask->said);
		ask->said = NULL;
		error_set(&ask->err, ERROR_RETRY, "the worker is ending");
		finish(ask);
	}
	for (int kind = 0; kind < PROGRAM_KINDS; kind++)
	{
		free(programs->all[kind].path);
		json_decref(programs->all[kind].description);
		loop_timer_free(programs->all[kind].again);
	}
	loop_timer_free(programs->step);
	json_decref(programs->worker);
	free(programs);
}

bool
programs_ready(const Programs *programs)
{
	for (int kind = 0; kind < PROGRAM_KINDS; kind++)
		if (programs->all[kind].description == NULL)
			return false;
	return true;
}

json_t *
programs_description(const Programs *programs, ProgramKind kind)
{
	return programs->all[kind].description;
}

const char *
programs_path(const Programs *programs, ProgramKind kind)
{
	return programs->all[kind].path;
}

json_t *
programs_request(const Programs *programs, const char *name, json_t *config)
{
	json_t *connector = json_copy(config);

	if (name != NULL)
		json_object_set_new(connector, "name", json_string(name));
	return json_pack("{s:o,s:O}", "connector", connector, "worker", programs->worker);
}

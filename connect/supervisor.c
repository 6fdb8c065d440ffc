/*
 * connect/supervisor.c - see supervisor.h.
 *
 * One function, look, compares what is with what should be and takes the next steps; whatever
 * changes only asks for it. So no order of events is special.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/supervisor.h"

#include "connect/owner.h"
#include "connect/runner.h"
#include "core/log.h"
#include "core/map.h"
#include "core/memory.h"

#include <inttypes.h>
#include <string.h>

#define USUAL_LEVEL "info"

typedef struct Duty
{
	Supervisor *supervisor;
	Runner *runner;
	bool wanted; /* in this look */
	bool ending;
} Duty;

struct Supervisor
{
	RemovalParts parts;
	Group *group; /* NULL: not started */
	LoopTimer *soon;
	Map *duties; /* connector-number -> Duty */
	Owner *owner;
	json_t *levels; /* of the programs, by kind */
	bool ending;
};

/* ---- names */

static Slice
text_slice(const char *text)
{
	return (Slice){(const uint8_t *) text, strlen(text)};
}

static Duty *
find_duty(const Supervisor *supervisor, const char *connector, int64_t task)
{
	AUTO_TEXT char *key = xasprintf("%s-%" PRId64, connector, task);

	return map_get(supervisor->duties, text_slice(key));
}

/* All at this moment: the maps may change under what is done with them. The array is the caller's.
 */
static void **
all_of(const Map *map, size_t *count)
{
	void **all = xcalloc(map_count(map) + 1, sizeof *all);
	size_t cursor = 0;
	Slice key;

	*count = 0;
	while (map_next(map, &cursor, &key, &all[*count]))
		++*count;
	return all;
}

static GroupShare
share_of(const Supervisor *supervisor, const char *connector, int64_t task)
{
	GroupShare share = group_share(supervisor->group, connector, task);

	return share == GROUP_OURS && supervisor->ending ? GROUP_LEAVING : share;
}

static const char *
level_of(const Supervisor *supervisor, ProgramKind kind)
{
	const char *level = json_string_value(json_object_get(supervisor->levels, programs_type(kind)));

	return level == NULL ? USUAL_LEVEL : level;
}

/* ---- tasks */

static void
on_changed(void *context, Runner *runner)
{
	Duty *duty = context;
	Supervisor *supervisor = duty->supervisor;
	json_t *status = runner_status(runner);

	if (status != NULL && !duty->ending &&
		share_of(supervisor, runner_connector(runner), runner_number(runner)) == GROUP_OURS)
		statuses_want_task(supervisor->parts.statuses, runner_connector(runner),
						   runner_number(runner), status);
	else
		json_decref(status);
	supervisor_look(supervisor);
}

static void
on_topic(void *context, Runner *runner, const char *topic)
{
	const Duty *duty = context;

	if (duty->supervisor->parts.settings->topic_tracking)
		statuses_want_topic(duty->supervisor->parts.statuses, runner_connector(runner), topic,
							true);
}

static Duty *
make_duty(Supervisor *supervisor, const char *connector, int64_t task)
{
	AUTO_TEXT char *key = xasprintf("%s-%" PRId64, connector, task);
	Duty *duty = xcalloc(1, sizeof *duty);
	RunnerEvents events = {on_changed, on_topic, duty};

	duty->supervisor = supervisor;
	duty->runner = runner_new(supervisor->parts.loop, supervisor->parts.settings,
							  supervisor->parts.programs, connector, task, &events);
	map_put(supervisor->duties, text_slice(key), duty);
	return duty;
}

static void
free_duty(void *value)
{
	Duty *duty = value;

	runner_free(duty->runner);
	free(duty);
}

/* The task is nobody's here any more, and nothing of it runs. */
static void
drop_duty(Supervisor *supervisor, Duty *duty)
{
	const char *connector = runner_connector(duty->runner);
	int64_t task = runner_number(duty->runner);
	AUTO_TEXT char *key = xasprintf("%s-%" PRId64, connector, task);
	const json_t *stored = store_connector(supervisor->parts.store, connector);
	bool lives = stored != NULL && store_target(stored) <= STORE_PAUSED &&
				 task < programs_tasks(supervisor->parts.programs, store_config(stored));
	GroupShare share = share_of(supervisor, connector, task);

	if (share != GROUP_OTHERS && !lives)
		statuses_want_task(supervisor->parts.statuses, connector, task, NULL);
	else if (share == GROUP_LEAVING)
		statuses_want_task(supervisor->parts.statuses, connector, task,
						   owner_unassigned(supervisor->owner));
	if (share != GROUP_OURS)
		statuses_leave_task(supervisor->parts.statuses, connector, task);
	map_take(supervisor->duties, text_slice(key));
	free_duty(duty);
}

static void
want_tasks(Supervisor *supervisor, const char *name, json_t *connector)
{
	StoreTarget target = store_target(connector);
	json_t *config = store_config(connector);
	ProgramKind kind = programs_kind(supervisor->parts.programs, config);
	int64_t count = programs_tasks(supervisor->parts.programs, config);
	RunnerTask wanted = {.kind = kind,
						 .config = config,
						 .paused = target == STORE_PAUSED,
						 .imported = store_from_import(connector),
						 .level = level_of(supervisor, kind)};

	if (target != STORE_RUNNING && target != STORE_PAUSED)
		return;
	for (int64_t task = 0; task < count; task++)
	{
		Duty *duty;

		if (share_of(supervisor, name, task) != GROUP_OURS)
			continue;
		duty = find_duty(supervisor, name, task);
		if (duty == NULL)
			duty = make_duty(supervisor, name, task);
		duty->wanted = true;
		duty->ending = false;
		runner_run(duty->runner, &wanted);
	}
}

static void
sweep_tasks(Supervisor *supervisor)
{
	size_t count;
	void **all = all_of(supervisor->duties, &count);

	for (size_t i = 0; i < count; i++)
	{
		Duty *duty = all[i];
		bool ours = share_of(supervisor, runner_connector(duty->runner),
							 runner_number(duty->runner)) == GROUP_OURS;

		if (duty->wanted)
			continue;
		if (!duty->ending || !ours)
			runner_end(duty->runner, ours ? supervisor->parts.settings->shutdown_ms
										  : group_patience_ms(supervisor->group));
		duty->ending = true;
		if (!runner_busy(duty->runner))
			drop_duty(supervisor, duty);
	}
	free(all);
}

static void
unmark(Supervisor *supervisor)
{
	size_t cursor = 0;
	Slice key;
	void *duty;

	while (map_next(supervisor->duties, &cursor, &key, &duty))
		((Duty *) duty)->wanted = false;
}

/* Statuses of tasks that nobody runs: left by a worker that died, or from before a change. */
static void
sweep_statuses(Supervisor *supervisor, const char *name)
{
	Statuses *statuses = supervisor->parts.statuses;
	const json_t *connector = store_connector(supervisor->parts.store, name);
	bool runs = connector != NULL && store_target(connector) <= STORE_PAUSED;
	int64_t count = runs ? programs_tasks(supervisor->parts.programs, store_config(connector)) : 0;
	json_t *tasks = statuses_tasks(statuses, name);
	const char *number;
	json_t *value;

	json_object_foreach(tasks, number, value)
	{
		int64_t task = strtoll(number, NULL, 10);

		if (task >= count && share_of(supervisor, name, task) == GROUP_OURS &&
			find_duty(supervisor, name, task) == NULL)
			statuses_want_task(statuses, name, task, NULL);
	}
}

/* ---- connectors */

static void
look_at_connectors(Supervisor *supervisor)
{
	const char *name;
	json_t *connector;
	void *next;

	json_object_foreach(store_connectors(supervisor->parts.store), name, connector)
	{
		if (share_of(supervisor, name, 0) == GROUP_OURS)
			owner_take(supervisor->owner, name, connector);
		want_tasks(supervisor, name, connector);
	}
	json_object_foreach_safe(owner_names(supervisor->owner), next, name, connector)
	{
		GroupShare share = share_of(supervisor, name, 0);

		if (share != GROUP_OURS || store_connector(supervisor->parts.store, name) == NULL)
			owner_leave(supervisor->owner, name, share == GROUP_LEAVING);
	}
}

/* What the status topic still has of connectors that are gone. */
static void
look_at_statuses(Supervisor *supervisor)
{
	Statuses *statuses = supervisor->parts.statuses;
	const char *name;
	const char *topic;
	json_t *entry;
	json_t *value;

	json_object_foreach(statuses_names(statuses), name, entry)
	{
		sweep_statuses(supervisor, name);
		if (store_connector(supervisor->parts.store, name) != NULL ||
			share_of(supervisor, name, 0) != GROUP_OURS)
			continue;
		statuses_want_connector(statuses, name, NULL);
		json_object_foreach(statuses_topics(statuses, name), topic, value)
			statuses_want_topic(statuses, name, topic, false);
	}
}

static bool
any_leaving(const Supervisor *supervisor)
{
	size_t cursor = 0;
	Slice key;
	void *value;

	while (map_next(supervisor->duties, &cursor, &key, &value))
	{
		const Duty *duty = value;

		if (share_of(supervisor, runner_connector(duty->runner), runner_number(duty->runner)) ==
			GROUP_LEAVING)
			return true;
	}
	return false;
}

static void
look(void *context)
{
	Supervisor *supervisor = context;

	if (supervisor->group == NULL)
		return;
	unmark(supervisor);
	look_at_connectors(supervisor);
	sweep_tasks(supervisor);
	look_at_statuses(supervisor);
	if (group_leaving(supervisor->group) && !any_leaving(supervisor))
		group_let_go(supervisor->group);
}

void
supervisor_look(Supervisor *supervisor)
{
	if (!loop_timer_armed(supervisor->soon))
		loop_timer_arm(supervisor->soon, 0);
}

/* ---- requests */

void
supervisor_restart(Supervisor *supervisor, const char *connector, const json_t *request)
{
	json_t *tasks = json_object_get(request, "tasks");
	size_t i;
	json_t *number;

	if (supervisor->group == NULL)
		return;
	json_array_foreach(tasks, i, number)
	{
		Duty *duty = find_duty(supervisor, connector, (int64_t) json_integer_value(number));

		if (duty == NULL || duty->ending)
			continue;
		log_info("task \"%s-%" PRId64 "\" is restarted, as it was asked for", connector,
				 runner_number(duty->runner));
		runner_restart(duty->runner);
	}
	supervisor_look(supervisor);
}

void
supervisor_set_level(Supervisor *supervisor, ProgramKind kind, const char *level)
{
	size_t cursor = 0;
	Slice key;
	void *value;

	json_object_set_new(supervisor->levels, programs_type(kind), json_string(level));
	while (map_next(supervisor->duties, &cursor, &key, &value))
	{
		Duty *duty = value;
		const json_t *connector =
			store_connector(supervisor->parts.store, runner_connector(duty->runner));

		if (programs_kind(supervisor->parts.programs, store_config(connector)) == kind)
			runner_set_level(duty->runner, level);
	}
}

bool
supervisor_runs(const Supervisor *supervisor, const char *connector, int64_t task, json_t **metrics)
{
	const Duty *duty = find_duty(supervisor, connector, task);

	*metrics = duty == NULL ? NULL : runner_metrics(duty->runner);
	return duty != NULL;
}

/* ---- life */

Supervisor *
supervisor_new(const RemovalParts *parts)
{
	Supervisor *supervisor = xcalloc(1, sizeof *supervisor);

	*supervisor = (Supervisor){
		.parts = *parts, .duties = map_new(), .owner = owner_new(parts), .levels = json_object()};
	supervisor->soon = loop_timer_new(parts->loop, look, supervisor);
	return supervisor;
}

void
supervisor_free(Supervisor *supervisor)
{
	if (supervisor == NULL)
		return;
	map_free(supervisor->duties, free_duty);
	owner_free(supervisor->owner);
	loop_timer_free(supervisor->soon);
	json_decref(supervisor->levels);
	free(supervisor);
}

void
supervisor_start(Supervisor *supervisor, Group *group)
{
	supervisor->group = group;
	supervisor_look(supervisor);
}

void
supervisor_end(Supervisor *supervisor)
{
	supervisor->ending = true;
	supervisor_look(supervisor);
}

bool
supervisor_busy(const Supervisor *supervisor)
{
	return map_count(supervisor->duties) > 0;
}

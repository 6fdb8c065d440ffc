/*
 * connect/herder_change.c - requests that are written to the store.
 *
 * Each is a decision that the journal asks for when the store has been read to its end: it puts
 * records, or answers why not. A request that has timed out by then decides nothing, so nothing is
 * half done.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/change.h"
#include "core/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
is_deleting(const Change *change, const json_t *stored)
{
	if (stored == NULL || store_target(stored) != STORE_DELETING)
		return false;
	answer_error(change->answer, HTTP_CONFLICT, "Connector %s is being deleted", change->name);
	return true;
}

/* ---- configurations */

static void
decide_create(Change *change, json_t *stored, JournalBatch *batch)
{
	json_t *value;

	change->status = HTTP_CREATED;
	if (stored != NULL)
	{
		/* Written by this very request, whose commit was in doubt. */
		if (store_token(stored) == NULL || strcmp(store_token(stored), change->token) != 0)
			answer_error(change->answer, HTTP_CONFLICT, "Connector %s already exists",
						 change->name);
		return;
	}
	value = store_value(NULL, change->config, change->target);
	json_object_set_new(value, "token", json_string(change->token));
	change_put_connector(change, batch, value);
}

static void
decide_put(Change *change, json_t *stored, JournalBatch *batch)
{
	if (is_deleting(change, stored))
		return;
	if (stored == NULL || (store_token(stored) != NULL && change->status == HTTP_CREATED &&
						   strcmp(store_token(stored), change->token) == 0))
	{
		decide_create(change, stored, batch);
		return;
	}
	if (change->base != NULL && !json_equal(change->base, store_config(stored)))
	{
		answer_error(change->answer, HTTP_CONFLICT, TEXT_CONFLICT);
		return;
	}
	change->status = HTTP_OK;
	change->tasks = herder_tasks_of(change->herder, stored);
	change_put_connector(change, batch, store_value(stored, change->config, store_target(stored)));
}

static void
decide_patch(Change *change, json_t *stored, JournalBatch *batch)
{
	if (stored == NULL)
		answer_error(change->answer, HTTP_NOT_FOUND, TEXT_NOT_FOUND, change->name);
	else
		decide_put(change, stored, batch);
}

static void
on_checked(void *context, int status, json_t *problem)
{
	Change *change = context;

	if (problem == NULL)
	{
		change_submit(change);
		return;
	}
	answer_give(change->answer, status, problem);
	change_free(change);
}

/* config is borrowed; the connector's name belongs to it. */
static void
check_and_submit(Change *change, json_t *config)
{
	change->config = json_copy(config);
	json_object_set_new(change->config, "name", json_string(change->name));
	change->token = xasprintf("%s/%d/%" PRId64 "/%p", change->herder->settings->worker_id,
							  (int) getpid(), loop_now_ms(), (void *) change);
	herder_check(change->herder, change->name, change->config, on_checked, change);
}

static StoreTarget
stored_target(TargetState target)
{
	static const StoreTarget targets[] = {[TARGET_RUNNING] = STORE_RUNNING,
										  [TARGET_PAUSED] = STORE_PAUSED,
										  [TARGET_STOPPED] = STORE_STOPPED};

	return targets[target];
}

void
herder_create(Herder *herder, const char *name, json_t *config, TargetState initial,
			  HerderReply *reply, void *context)
{
	Change *change = change_new(herder, name, decide_create, reply, context);

	change->target = stored_target(initial);
	check_and_submit(change, config);
}

void
herder_put_config(Herder *herder, const char *name, json_t *config, HerderReply *reply,
				  void *context)
{
	check_and_submit(change_new(herder, name, decide_put, reply, context), config);
}

/* The configuration with the changes; a null takes a property out. */
static json_t *
merge(json_t *base, json_t *changes)
{
	json_t *merged = json_copy(base);
	const char *name;
	json_t *value;

	json_object_foreach(changes, name, value) if (json_is_null(value))
		json_object_del(merged, name);
	else json_object_set(merged, name, value);
	return merged;
}

void
herder_patch_config(Herder *herder, const char *name, json_t *changes, HerderReply *reply,
					void *context)
{
	Change *change = change_new(herder, name, decide_patch, reply, context);
	json_t *stored = store_connector(herder->store, name);
	json_t *merged;

	if (stored == NULL)
	{
		answer_error(change->answer, HTTP_NOT_FOUND, TEXT_NOT_FOUND, name);
		change_free(change);
		return;
	}
	change->base = json_incref(store_config(stored));
	merged = merge(change->base, changes);
	check_and_submit(change, merged);
	json_decref(merged);
}

/* ---- targets */

static void
decide_target(Change *change, json_t *stored, JournalBatch *batch)
{
	change->status = change->target == STORE_STOPPED ? HTTP_NO_CONTENT : HTTP_ACCEPTED;
	if (stored == NULL)
		answer_error(change->answer, HTTP_NOT_FOUND, TEXT_UNKNOWN, change->name);
	else if (!is_deleting(change, stored) && store_target(stored) != change->target)
		change_put_connector(change, batch,
							 store_value(stored, store_config(stored), change->target));
}

void
herder_set_target(Herder *herder, const char *name, TargetState target, HerderReply *reply,
				  void *context)
{
	Change *change = change_new(herder, name, decide_target, reply, context);

	change->target = stored_target(target);
	change_submit(change);
}

static void
decide_delete(Change *change, json_t *stored, JournalBatch *batch)
{
	json_t *value;

	if (stored == NULL)
	{
		answer_error(change->answer, HTTP_NOT_FOUND, TEXT_NOT_FOUND, change->name);
		return;
	}
	if (store_target(stored) == STORE_DELETING)
		return;
	value = store_value(stored, store_config(stored), STORE_DELETING);
	json_object_set_new(value, "keep", json_boolean(change->keep));
	change_put_connector(change, batch, value);
}

void
herder_delete(Herder *herder, const char *name, bool keep, HerderReply *reply, void *context)
{
	Change *change = change_new(herder, name, decide_delete, reply, context);

	change->target = STORE_DELETING;
	change->keep = keep;
	change_submit(change);
}

/* ---- restarts */

static bool
is_failed(const json_t *status)
{
	const char *state = json_string_value(json_object_get(status, "state"));

	return state != NULL && strcmp(state, "FAILED") == 0;
}

static bool
mark_restarting(const Change *change, json_t *status)
{
	if (change->only_failed && !is_failed(status))
		return false;
	json_object_set_new(status, "state", json_string("RESTARTING"));
	return true;
}

static void
put_restart(const Change *change, JournalBatch *batch, bool connector, json_t *tasks)
{
	AUTO_TEXT char *key = xasprintf(STORE_RESTART "%s", change->name);

	journal_put(batch, key, json_pack("{s:b,s:o}", "connector", connector, "tasks", tasks));
}

/* Which are restarted follows from the statuses at this moment, as does the answer. */
static void
decide_restart(Change *change, json_t *stored, JournalBatch *batch)
{
	json_t *tasks = json_array();
	bool connector;
	size_t i;
	json_t *task;

	json_decref(change->body);
	change->body = NULL;
	change->status = change->include_tasks || change->only_failed ? HTTP_ACCEPTED : HTTP_NO_CONTENT;
	if (stored == NULL)
		answer_error(change->answer, HTTP_NOT_FOUND, "Unknown connector: %s", change->name);
	else if (change->status == HTTP_ACCEPTED)
	{
		change->body = herder_status(change->herder, change->name);
		if (change->body == NULL)
			answer_error(change->answer, HTTP_NOT_FOUND, "Status for connector %s cannot be found",
						 change->name);
	}
	if (change->body == NULL)
	{
		json_decref(tasks);
		return;
	}
	connector = mark_restarting(change, json_object_get(change->body, "connector"));
	json_array_foreach(json_object_get(change->body, "tasks"), i,
					   task) if (change->include_tasks && mark_restarting(change, task))
		json_array_append(tasks, json_object_get(task, "id"));
	if (json_array_size(tasks) > 0)
		put_restart(change, batch, connector, tasks);
	else
		json_decref(tasks);
}

void
herder_restart(Herder *herder, const char *name, bool include_tasks, bool only_failed,
			   HerderReply *reply, void *context)
{
	Change *change = change_new(herder, name, decide_restart, reply, context);

	change->include_tasks = include_tasks;
	change->only_failed = only_failed;
	change_submit(change);
}

static void
decide_restart_task(Change *change, json_t *stored, JournalBatch *batch)
{
	change->status = HTTP_NO_CONTENT;
	if (stored == NULL)
		answer_error(change->answer, HTTP_NOT_FOUND, "Unknown connector: %s", change->name);
	else if (change->task < 0 || change->task >= herder_tasks_of(change->herder, stored))
		answer_error(change->answer, HTTP_NOT_FOUND, "Unknown task: %s-%" PRId64, change->name,
					 change->task);
	else
		put_restart(change, batch, false, json_pack("[I]", (json_int_t) change->task));
}

void
herder_restart_task(Herder *herder, const char *name, int64_t task, HerderReply *reply,
					void *context)
{
	Change *change = change_new(herder, name, decide_restart_task, reply, context);

	change->task = task;
	change_submit(change);
}

/* ---- topics and loggers */

void
herder_reset_topics(Herder *herder, const char *name, HerderReply *reply, void *context)
{
	Answer *answer = answer_new(herder, reply, context);
	const char *topic;
	json_t *value;

	json_object_foreach(statuses_topics(herder->statuses, name), topic, value)
		statuses_want_topic(herder->statuses, name, topic, false);
	answer_wait_reset(answer, name);
}

static void
decide_level(Change *change, json_t *stored, JournalBatch *batch)
{
	AUTO_TEXT char *key = xasprintf(STORE_LOGGER "%s", change->name);

	(void) stored;
	change->status = HTTP_NO_CONTENT;
	journal_put(batch, key, json_pack("{s:s}", "level", change->token));
}

void
herder_set_level(Herder *herder, const char *logger, const char *level, bool cluster,
				 HerderReply *reply, void *context)
{
	const char *known = levels_known(level);
	json_t *changed;
	Change *change;

	if (known == NULL)
	{
		answer_error(answer_new(herder, reply, context), HTTP_NOT_FOUND, "invalid log level '%s'.",
					 level);
		return;
	}
	if (!cluster)
	{
		changed = levels_set(herder->levels, logger, known);
		herder_apply_levels(herder);
		answer_give(answer_new(herder, reply, context), HTTP_OK, changed);
		return;
	}
	change = change_new(herder, logger, decide_level, reply, context);
	change->token = xstrdup(known);
	change_submit(change);
}

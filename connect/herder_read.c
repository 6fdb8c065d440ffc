/*
 * connect/herder_read.c - what the herder answers at once, from this worker's copies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/herder_parts.h"
#include "connect/validate.h"
#include "core/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTOR_CLASS "connector.class"

int64_t
herder_tasks_of(const Herder *herder, const json_t *connector)
{
	if (store_target(connector) > STORE_PAUSED)
		return 0;
	return programs_tasks(herder->programs, store_config(connector));
}

static const char *
type_of(const Herder *herder, const json_t *connector)
{
	return programs_type(programs_kind(herder->programs, store_config(connector)));
}

/* Of the class, as the program has it; NULL for an unknown one. */
static const char *
version_of(const Herder *herder, const json_t *connector)
{
	ProgramKind kind = programs_kind(herder->programs, store_config(connector));

	if (kind == PROGRAM_KINDS)
		return NULL;
	return json_string_value(
		json_object_get(programs_description(herder->programs, kind), "version"));
}

json_t *
herder_names(const Herder *herder)
{
	json_t *names = json_array();
	const char *name;
	json_t *connector;

	json_object_foreach(store_connectors(herder->store), name, connector)
		json_array_append_new(names, json_string(name));
	return names;
}

json_t *
herder_info_of(const Herder *herder, const char *name, const json_t *connector, int64_t count)
{
	json_t *tasks = json_array();

	for (int64_t task = 0; task < count; task++)
		json_array_append_new(tasks, json_pack("{s:s,s:I}", "connector", name, "task", task));
	return json_pack("{s:s,s:O,s:o,s:s}", "name", name, "config", store_config(connector), "tasks",
					 tasks, "type", type_of(herder, connector));
}

json_t *
herder_info(const Herder *herder, const char *name)
{
	const json_t *connector = store_connector(herder->store, name);

	return connector == NULL
			   ? NULL
			   : herder_info_of(herder, name, connector, herder_tasks_of(herder, connector));
}

json_t *
herder_config(const Herder *herder, const char *name)
{
	return json_incref(store_config(store_connector(herder->store, name)));
}

/* io.confluent.connect.jdbc.JdbcSinkConnector -> io.confluent.connect.jdbc.sink.JdbcSinkTask; for
 * other classes a name that nobody looks at. */
static char *
task_class(const char *class_name)
{
	static const struct
	{
		const char *class_name;
		const char *task;
	} known[] = {
		{"io.confluent.connect.jdbc.JdbcSinkConnector",
		 "io.confluent.connect.jdbc.sink.JdbcSinkTask"},
		{"io.confluent.connect.jdbc.JdbcSourceConnector",
		 "io.confluent.connect.jdbc.source.JdbcSourceTask"},
		{"io.debezium.connector.jdbc.JdbcSinkConnector",
		 "io.debezium.connector.jdbc.JdbcSinkConnectorTask"},
		{"io.debezium.connector.postgresql.PostgresConnector",
		 "io.debezium.connector.postgresql.PostgresConnectorTask"},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].class_name, class_name) == 0)
			return xstrdup(known[i].task);
	return xasprintf("%sTask", class_name);
}

json_t *
herder_tasks(const Herder *herder, const char *name)
{
	const json_t *connector = store_connector(herder->store, name);
	json_t *all = json_array();
	const char *class_name;

	if (connector == NULL)
	{
		json_decref(all);
		return NULL;
	}
	class_name = json_string_value(json_object_get(store_config(connector), CONNECTOR_CLASS));
	for (int64_t task = 0; task < herder_tasks_of(herder, connector); task++)
	{
		json_t *config = json_copy(store_config(connector));
		AUTO_TEXT char *class_of_task =
			task_class(programs_class(herder->programs, class_name, NULL));
		AUTO_TEXT char *number = xasprintf("%" PRId64, task);

		json_object_set_new(config, "task.class", json_string(class_of_task));
		json_object_set_new(config, "task.id", json_string(number));
		json_array_append_new(all, json_pack("{s:{s:s,s:I},s:o}", "id", "connector", name, "task",
											 task, "config", config));
	}
	return all;
}

/* ---- statuses */

/* state, worker_id, trace and version of a status; number below 0: of the connector. */
static json_t *
state_of(const json_t *status, const char *version, int64_t number)
{
	json_t *state = json_object();

	if (number >= 0)
		json_object_set_new(state, "id", json_integer(number));
	json_object_set(state, "state", json_object_get(status, "state"));
	json_object_set(state, "worker_id", json_object_get(status, "worker_id"));
	if (json_object_get(status, "trace") != NULL)
		json_object_set(state, "trace", json_object_get(status, "trace"));
	if (version != NULL)
		json_object_set_new(state, "version", json_string(version));
	return state;
}

static int
by_number(const void *left, const void *right)
{
	const int64_t a = *(const int64_t *) left;
	const int64_t b = *(const int64_t *) right;

	return (a > b) - (a < b);
}

/* The numbers of an object's members, sorted; the caller's. */
static int64_t *
sorted_numbers(json_t *tasks, size_t *count)
{
	int64_t *numbers = xcalloc(json_object_size(tasks) + 1, sizeof *numbers);
	const char *number;
	json_t *value;

	*count = 0;
	json_object_foreach(tasks, number, value) numbers[(*count)++] = strtoll(number, NULL, 10);
	qsort(numbers, *count, sizeof *numbers, by_number);
	return numbers;
}

json_t *
herder_status(const Herder *herder, const char *name)
{
	const json_t *connector = store_connector(herder->store, name);
	const json_t *status = statuses_connector(herder->statuses, name);
	json_t *tasks;
	size_t count;
	int64_t *numbers;

	if (connector == NULL || status == NULL)
		return NULL;
	tasks = json_array();
	numbers = sorted_numbers(statuses_tasks(herder->statuses, name), &count);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(tasks, state_of(statuses_task(herder->statuses, name, numbers[i]),
											  version_of(herder, connector), numbers[i]));
	free(numbers);
	return json_pack("{s:s,s:o,s:o,s:s}", "name", name, "connector",
					 state_of(status, version_of(herder, connector), -1), "tasks", tasks, "type",
					 type_of(herder, connector));
}

json_t *
herder_task_status(const Herder *herder, const char *name, int64_t task)
{
	const json_t *connector = store_connector(herder->store, name);
	const json_t *status = statuses_task(herder->statuses, name, task);

	if (connector == NULL || status == NULL || task < 0)
		return NULL;
	return state_of(status, version_of(herder, connector), task);
}

/* As Kafka Connect, for any name. */
json_t *
herder_topics(const Herder *herder, const char *name)
{
	json_t *topics = json_array();
	const char *topic;
	json_t *value;

	json_object_foreach(statuses_topics(herder->statuses, name), topic, value)
		json_array_append_new(topics, json_string(topic));
	return json_pack("{s:{s:o}}", name, "topics", topics);
}

static json_t *
overview_of(const Herder *herder, const char *name, const json_t *connector, int64_t task)
{
	const json_t *status = statuses_task(herder->statuses, name, task);
	json_t *newest;
	bool local = supervisor_runs(herder->supervisor, name, task, &newest);
	json_t *metrics = newest == NULL ? json_object_get(status, "metrics") : newest;

	return json_pack(
		"{s:s,s:s,s:I,s:O,s:O,s:O*,s:O*,s:O*,s:O*,s:b,s:s}", "connector", name, "type",
		type_of(herder, connector), "task", task, "state", json_object_get(status, "state"),
		"worker_id", json_object_get(status, "worker_id"), "trace",
		json_object_get(status, "trace"), "restarts", json_object_get(status, "restarts"),
		"waiting", json_object_get(status, "waiting"), "metrics", metrics, "local", local, "target",
		store_target_name(store_target(connector)));
}

json_t *
herder_overview(const Herder *herder)
{
	json_t *all = json_array();
	const char *name;
	json_t *connector;

	json_object_foreach(store_connectors(herder->store), name, connector)
	{
		size_t count;
		int64_t *numbers = sorted_numbers(statuses_tasks(herder->statuses, name), &count);

		for (size_t i = 0; i < count; i++)
			json_array_append_new(all, overview_of(herder, name, connector, numbers[i]));
		free(numbers);
	}
	return all;
}

const char *
herder_target(const Herder *herder, const char *name)
{
	const json_t *connector = store_connector(herder->store, name);

	return connector == NULL ? NULL : store_target_name(store_target(connector));
}

/* ---- plugins */

static void
add_plugins(json_t *all, const json_t *description, const char *list, const char *type)
{
	size_t i;
	size_t j;
	json_t *item;
	json_t *former;

	json_array_foreach(json_object_get(description, list), i, item)
	{
		bool known = false;

		json_array_foreach(all, j, former) known =
			known || (json_equal(json_object_get(former, "class"), item) &&
					  strcmp(json_string_value(json_object_get(former, "type")), type) == 0);
		if (!known)
			json_array_append_new(all,
								  json_pack("{s:O,s:s,s:O*}", "class", item, "type", type,
											"version", json_object_get(description, "version")));
	}
}

json_t *
herder_plugins(const Herder *herder, bool others)
{
	static const struct
	{
		const char *list;
		const char *type; /* NULL: of the program */
	} lists[] = {
		{"classes", NULL}, {"transformations", "transformation"}, {"converters", "converter"}};
	json_t *all = json_array();

	for (size_t i = 0; i < (others ? sizeof lists / sizeof *lists : 1); i++)
		for (int kind = 0; kind < PROGRAM_KINDS; kind++)
			add_plugins(all, programs_description(herder->programs, (ProgramKind) kind),
						lists[i].list,
						lists[i].type == NULL ? programs_type((ProgramKind) kind) : lists[i].type);
	return all;
}

/* Transformations and converters are known by name only. */
static bool
is_other_plugin(const Herder *herder, const char *class_name)
{
	json_t *all = herder_plugins(herder, true);
	bool found = false;
	size_t i;
	json_t *plugin;

	json_array_foreach(all, i, plugin) found =
		found || strcmp(json_string_value(json_object_get(plugin, "class")), class_name) == 0;
	json_decref(all);
	return found;
}

json_t *
herder_plugin_config(const Herder *herder, const char *class_name)
{
	ProgramKind kind;

	if (programs_class(herder->programs, class_name, &kind) != NULL)
		return validate_definitions(programs_description(herder->programs, kind));
	return is_other_plugin(herder, class_name) ? json_array() : NULL;
}

json_t *
herder_loggers(const Herder *herder)
{
	return levels_all(herder->levels);
}

/*
 * tests/unit/connect_fake_herder.c - see connect_fake_herder.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect_fake_herder.h"

#include "core/memory.h"

#include <inttypes.h>
#include <string.h>

struct FakeAnswer
{
	Herder *herder;
	HerderReply *reply;
	void *context;
	int status;
	json_t *body;
	LoopTimer *timer;
	FakeAnswer *next;
};

bool
herder_new(Loop *loop, const WorkerSettings *settings, const Properties *worker, Herder **out,
		   Error *err)
{
	Herder *herder = xcalloc(1, sizeof *herder);

	(void) settings;
	(void) worker;
	(void) err;
	herder->loop = loop;
	herder->healthy = true;
	herder->connectors = json_object();
	*out = herder;
	return true;
}

static void
answer_free(FakeAnswer *answer)
{
	FakeAnswer **at = &answer->herder->answers;

	while (*at != answer)
		at = &(*at)->next;
	*at = answer->next;
	loop_timer_free(answer->timer);
	json_decref(answer->body);
	free(answer);
}

void
herder_free(Herder *herder)
{
	while (herder->answers != NULL)
		answer_free(herder->answers);
	json_decref(herder->connectors);
	json_decref(herder->overview);
	free(herder->asked);
	free(herder);
}

static void
on_answer(void *context)
{
	FakeAnswer *answer = context;

	answer->reply(answer->context, answer->status, answer->body);
	answer_free(answer);
}

/* Takes the reference to body. */
static void
answer(Herder *herder, int status, json_t *body, HerderReply *reply, void *context)
{
	FakeAnswer *later = xcalloc(1, sizeof *later);

	*later = (FakeAnswer){.herder = herder,
						  .reply = reply,
						  .context = context,
						  .status = status,
						  .body = body,
						  .timer = loop_timer_new(herder->loop, on_answer, later),
						  .next = herder->answers};
	herder->answers = later;
	if (!herder->silent)
		loop_timer_arm(later->timer, 1);
}

void
fake_answer_all(Herder *herder)
{
	herder->silent = false;
	for (FakeAnswer *one = herder->answers; one != NULL; one = one->next)
		loop_timer_arm(one->timer, 0);
}

const char *
fake_asked(Herder *herder)
{
	static char last[4096];

	snprintf(last, sizeof last, "%s", herder->asked == NULL ? "" : herder->asked);
	free(herder->asked);
	herder->asked = NULL;
	return last;
}

static void
write_down(Herder *herder, const char *call, const char *name, const json_t *body)
{
	char *text = body == NULL ? xstrdup("") : json_dumps(body, JSON_COMPACT);

	free(herder->asked);
	herder->asked = xasprintf("%s %s%s%s", call, name, *text == '\0' ? "" : " ", text);
	free(text);
}

static json_t *
not_found(const char *fmt, const char *name)
{
	char message[512];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(message, sizeof message, fmt, name);
#pragma GCC diagnostic pop
	return json_pack("{siss}", "error_code", 404, "message", message);
}

static bool
there(const Herder *herder, const char *name)
{
	return json_object_get(herder->connectors, name) != NULL;
}

const char *
herder_starting(const Herder *herder)
{
	return herder->starting;
}

bool
herder_healthy(const Herder *herder)
{
	return herder->healthy;
}

const char *
herder_cluster_id(const Herder *herder)
{
	return herder->starting == NULL ? "cluster" : NULL;
}

json_t *
herder_names(const Herder *herder)
{
	json_t *names = json_array();
	const char *name;
	json_t *config;

	json_object_foreach(herder->connectors, name, config)
		json_array_append_new(names, json_string(name));
	return names;
}

json_t *
herder_info(const Herder *herder, const char *name)
{
	json_t *config = json_object_get(herder->connectors, name);

	return config == NULL
			   ? NULL
			   : json_pack("{sssOs[]ss}", "name", name, "config", config, "tasks", "type", "sink");
}

json_t *
herder_config(const Herder *herder, const char *name)
{
	return json_incref(json_object_get(herder->connectors, name));
}

json_t *
herder_tasks(const Herder *herder, const char *name)
{
	return there(herder, name)
			   ? json_pack("[{s{sssi}s{}}]", "id", "connector", name, "task", 0, "config")
			   : NULL;
}

json_t *
herder_status(const Herder *herder, const char *name)
{
	return there(herder, name)
			   ? json_pack("{sss{ss}}", "name", name, "connector", "state", "RUNNING")
			   : NULL;
}

json_t *
herder_task_status(const Herder *herder, const char *name, int64_t task)
{
	return there(herder, name) && task == 0 ? json_pack("{siss}", "id", 0, "state", "RUNNING")
											: NULL;
}

json_t *
herder_topics(const Herder *herder, const char *name)
{
	return there(herder, name) ? json_pack("{s{s[s]}}", name, "topics", "t") : NULL;
}

json_t *
herder_plugins(const Herder *herder, bool others)
{
	(void) herder;
	return others ? json_pack("[ss]", "sink", "transformation") : json_pack("[s]", "sink");
}

json_t *
herder_plugin_config(const Herder *herder, const char *class_name)
{
	(void) herder;
	return strcmp(class_name, "JdbcSinkConnector") == 0 ? json_pack("[s]", "property") : NULL;
}

json_t *
herder_loggers(const Herder *herder)
{
	(void) herder;
	return json_pack("{s{sssn}s{sssn}}", "root", "level", "INFO", "last_modified", "other", "level",
					 "DEBUG", "last_modified");
}

json_t *
herder_overview(const Herder *herder)
{
	return herder->overview == NULL ? json_array() : json_incref(herder->overview);
}

const char *
herder_target(const Herder *herder, const char *name)
{
	json_t *row;
	size_t i;

	json_array_foreach(herder->overview, i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "connector")), name) == 0)
			return json_string_value(json_object_get(row, "target"));
	}
	return json_object_get(herder->connectors, name) == NULL ? NULL : "RUNNING";
}

void
herder_create(Herder *herder, const char *name, json_t *config, TargetState initial,
			  HerderReply *reply, void *context)
{
	static const char *const calls[] = {[TARGET_RUNNING] = "create RUNNING",
										[TARGET_PAUSED] = "create PAUSED",
										[TARGET_STOPPED] = "create STOPPED"};

	write_down(herder, calls[initial], name, config);
	if (there(herder, name))
	{
		answer(herder, 409,
			   json_pack("{siss}", "error_code", 409, "message", "Connector a already exists"),
			   reply, context);
		return;
	}
	json_object_set(herder->connectors, name, config);
	answer(herder, 201, herder_info(herder, name), reply, context);
}

void
herder_put_config(Herder *herder, const char *name, json_t *config, HerderReply *reply,
				  void *context)
{
	int status = there(herder, name) ? 200 : 201;

	write_down(herder, "put", name, config);
	json_object_set(herder->connectors, name, config);
	answer(herder, status, herder_info(herder, name), reply, context);
}

void
herder_patch_config(Herder *herder, const char *name, json_t *changes, HerderReply *reply,
					void *context)
{
	write_down(herder, "patch", name, changes);
	if (there(herder, name))
		answer(herder, 200, herder_info(herder, name), reply, context);
	else
		answer(herder, 404, not_found("Connector %s not found", name), reply, context);
}

void
herder_set_target(Herder *herder, const char *name, TargetState target, HerderReply *reply,
				  void *context)
{
	static const char *const calls[] = {
		[TARGET_RUNNING] = "resume", [TARGET_PAUSED] = "pause", [TARGET_STOPPED] = "stop"};

	write_down(herder, calls[target], name, NULL);
	if (there(herder, name))
		answer(herder, target == TARGET_STOPPED ? 204 : 202, NULL, reply, context);
	else
		answer(herder, 404, not_found("Unknown connector %s", name), reply, context);
}

void
herder_delete(Herder *herder, const char *name, bool keep, HerderReply *reply, void *context)
{
	write_down(herder, keep ? "delete, keep" : "delete", name, NULL);
	if (json_object_del(herder->connectors, name) == 0)
		answer(herder, 204, NULL, reply, context);
	else
		answer(herder, 404, not_found("Connector %s not found", name), reply, context);
}

void
herder_restart(Herder *herder, const char *name, bool include_tasks, bool only_failed,
			   HerderReply *reply, void *context)
{
	bool status = include_tasks || only_failed;

	write_down(herder,
			   include_tasks && only_failed ? "restart failed tasks"
			   : include_tasks				? "restart tasks"
			   : only_failed				? "restart failed"
											: "restart",
			   name, NULL);
	if (there(herder, name))
		answer(herder, status ? 202 : 204, status ? herder_status(herder, name) : NULL, reply,
			   context);
	else
		answer(herder, 404, not_found("Unknown connector: %s", name), reply, context);
}

void
herder_restart_task(Herder *herder, const char *name, int64_t task, HerderReply *reply,
					void *context)
{
	char call[64];

	snprintf(call, sizeof call, "restart task %" PRId64, task);
	write_down(herder, call, name, NULL);
	answer(herder, 204, NULL, reply, context);
}

void
herder_offsets(Herder *herder, const char *name, HerderReply *reply, void *context)
{
	write_down(herder, "offsets", name, NULL);
	answer(herder, 200, json_pack("{s[]}", "offsets"), reply, context);
}

void
herder_alter_offsets(Herder *herder, const char *name, json_t *offsets, HerderReply *reply,
					 void *context)
{
	write_down(herder, "alter", name, offsets);
	answer(herder, 200, json_pack("{ss}", "message", "altered"), reply, context);
}

void
herder_reset_offsets(Herder *herder, const char *name, HerderReply *reply, void *context)
{
	write_down(herder, "reset", name, NULL);
	answer(herder, 200, json_pack("{ss}", "message", "reset"), reply, context);
}

void
herder_reset_topics(Herder *herder, const char *name, HerderReply *reply, void *context)
{
	write_down(herder, "reset topics", name, NULL);
	answer(herder, 202, NULL, reply, context);
}

void
herder_validate(Herder *herder, const char *class_name, json_t *config, HerderReply *reply,
				void *context)
{
	write_down(herder, "validate", class_name, config);
	answer(herder, 200, json_pack("{sssi}", "name", class_name, "error_count", 0), reply, context);
}

void
herder_set_level(Herder *herder, const char *logger, const char *level, bool cluster,
				 HerderReply *reply, void *context)
{
	char call[64];
	json_t *names =
		strcmp(logger, "root") == 0 ? json_pack("[ss]", "other", "root") : json_pack("[s]", logger);

	snprintf(call, sizeof call, "level %s%s", level, cluster ? " everywhere" : "");
	write_down(herder, call, logger, NULL);
	answer(herder, cluster ? 204 : 200, cluster ? NULL : json_incref(names), reply, context);
	json_decref(names);
}

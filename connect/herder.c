/*
 * connect/herder.c - see herder.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/herder.h"

#include "core/memory.h"

struct Herder
{
	Loop *loop;
	const WorkerSettings *settings;
	const Properties *worker;
};

bool
herder_new(Loop *loop, const WorkerSettings *settings, const Properties *worker, Herder **out,
		   Error *err)
{
	Herder *herder = xcalloc(1, sizeof *herder);

	(void) err;
	*herder = (Herder){.loop = loop, .settings = settings, .worker = worker};
	*out = herder;
	return true;
}

void
herder_free(Herder *herder)
{
	free(herder);
}

const char *
herder_starting(const Herder *herder)
{
	(void) herder;
	return "the store is still being read";
}

bool
herder_healthy(const Herder *herder)
{
	return herder != NULL;
}

const char *
herder_cluster_id(const Herder *herder)
{
	(void) herder;
	return NULL;
}

json_t *
herder_names(const Herder *herder)
{
	(void) herder;
	return NULL;
}

json_t *
herder_info(const Herder *herder, const char *name)
{
	(void) herder;
	(void) name;
	return NULL;
}

json_t *
herder_config(const Herder *herder, const char *name)
{
	(void) herder;
	(void) name;
	return NULL;
}

json_t *
herder_tasks(const Herder *herder, const char *name)
{
	(void) herder;
	(void) name;
	return NULL;
}

json_t *
herder_status(const Herder *herder, const char *name)
{
	(void) herder;
	(void) name;
	return NULL;
}

json_t *
herder_task_status(const Herder *herder, const char *name, int64_t task)
{
	(void) herder;
	(void) name;
	(void) task;
	return NULL;
}

json_t *
herder_topics(const Herder *herder, const char *name)
{
	(void) herder;
	(void) name;
	return NULL;
}

json_t *
herder_plugins(const Herder *herder, bool others)
{
	(void) herder;
	(void) others;
	return NULL;
}

json_t *
herder_plugin_config(const Herder *herder, const char *class_name)
{
	(void) herder;
	(void) class_name;
	return NULL;
}

json_t *
herder_loggers(const Herder *herder)
{
	(void) herder;
	return NULL;
}

json_t *
herder_overview(const Herder *herder)
{
	(void) herder;
	return NULL;
}

void
herder_create(Herder *herder, const char *name, json_t *config, TargetState initial,
			  HerderReply *reply, void *context)
{
	(void) herder;
	(void) name;
	(void) config;
	(void) initial;
	(void) reply;
	(void) context;

	json_t *body = json_pack("{s:i,s:s}", "error_code", 500, "message", "not yet");
	reply(context, 500, body);
	json_decref(body);
}

void
herder_put_config(Herder *herder, const char *name, json_t *config, HerderReply *reply,
				  void *context)
{
	(void) herder;
	(void) name;
	(void) config;
	(void) reply;
	(void) context;

	json_t *body = json_pack("{s:i,s:s}", "error_code", 500, "message", "not yet");
	reply(context, 500, body);
	json_decref(body);
}

void
herder_patch_config(Herder *herder, const char *name, json_t *changes, HerderReply *reply,
					void *context)
{
	(void) herder;
	(void) name;
	(void) changes;
	(void) reply;
	(void) context;

	json_t *body = json_pack("{s:i,s:s}", "error_code", 500, "message", "not yet");
	reply(context, 500, body);
	json_decref(body);
}

void
herder_set_target(Herder *herder, const char *name, TargetState target, HerderReply *reply,
				  void *context)
{
	(void) herder;
	(void) name;
	(void) target;
	(void) reply;
	(void) context;

	json_t *body = json_pack("{s:i,s:s}", "error_code", 500, "message", "not yet");
	reply(context, 500, body);
	json_decref(body);
}

void
herder_delete(Herder *herder, const char *name, bool keep, HerderReply *reply, void *context)
{
	(void) herder;
	(void) name;
	(void) keep;
	(void) reply;
	(void) context;

	json_t *body = json_pack("{s:i,s:s}", "error_code", 500, "message", "not yet");
	reply(context, 500, body);
	json_decref(body);
}

void
herder_restart(Herder *herder, const char *name, bool include_tasks, bool only_failed,
			   HerderReply *reply, void *context)
{
	(void) herder;
	(void) name;
	(void) include_tasks;
	(void) only_failed;
	(void) reply;
	(void) context;

	json_t *body = json_pack("{s:i,s:s}", "error_code", 500, "message", "not yet");
	reply(context, 500, body);
	json_decref(body);
}

void
herder_restart_task(Herder *herder, const char *name, int64_t task, HerderReply *reply,
					void *context)
{
	(void) herder;
	(void) name;
	(void) task;
	(void) reply;
	(void) context;

	json_t *body = json_pack("{s:i,s:s}", "error_code", 500, "message", "not yet");
	reply(context, 500, body);
	json_decref(body);
}

void
herder_offsets(Herder *herder, const char *name, HerderReply *reply, void *context)
{
	(void) herder;
	(void) name;
	(void) reply;
	(void) context;

	json_t *body = json_pack("{s:i,s:s}", "error_code", 500, "message", "not yet");
	reply(context, 500, body);
	json_decref(body);
}

void
herder_alter_offsets(Herder *herder, const char *name, json_t *offsets, HerderReply *reply,
					 void *context)
{
	(void) herder;
	(void) name;
	(void) offsets;
	(void) reply;
	(void) context;

	json_t *body = json_pack("{s:i,s:s}", "error_code", 500, "message", "not yet");
	reply(context, 500, body);
	json_decref(body);
}

void
herder_reset_offsets(Herder *herder, const char *name, HerderReply *reply, void *context)
{
	(void) herder;
	(void) name;
	(void) reply;
	(void) context;

	json_t *body = json_pack("{s:i,s:s}", "error_code", 500, "message", "not yet");
	reply(context, 500, body);
	json_decref(body);
}

void
herder_reset_topics(Herder *herder, const char *name, HerderReply *reply, void *context)
{
	(void) herder;
	(void) name;
	(void) reply;
	(void) context;

	json_t *body = json_pack("{s:i,s:s}", "error_code", 500, "message", "not yet");
	reply(context, 500, body);
	json_decref(body);
}

void
herder_validate(Herder *herder, const char *class_name, json_t *config, HerderReply *reply,
				void *context)
{
	(void) herder;
	(void) class_name;
	(void) config;
	(void) reply;
	(void) context;

	json_t *body = json_pack("{s:i,s:s}", "error_code", 500, "message", "not yet");
	reply(context, 500, body);
	json_decref(body);
}

void
herder_set_level(Herder *herder, const char *logger, const char *level, bool cluster,
				 HerderReply *reply, void *context)
{
	(void) herder;
	(void) logger;
	(void) level;
	(void) cluster;
	(void) reply;
	(void) context;

	json_t *body = json_pack("{s:i,s:s}", "error_code", 500, "message", "not yet");
	reply(context, 500, body);
	json_decref(body);
}

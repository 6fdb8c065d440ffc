/*
 * connect/api_worker.c - the worker itself: /, /health, /admin/loggers. See api.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/api.h"
#include "connect/body.h"

#include <string.h>
#include <strings.h>

#define ROOT		 "root"
#define BLANKS		 " \t\r\n"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Tools decide by the version what they may ask for. */
void
api_root(Request *request)
{
	request_reply(request, 200,
				  json_pack("{ssssss?}", "version", API_VERSION, "commit",
							"wal2avro-" WAL2AVRO_VERSION, "kafka_cluster_id",
							herder_cluster_id(request->herder)));
}

static json_t *
health(const char *status, const char *message)
{
	return json_pack("{ssss}", "status", status, "message", message);
}

void
api_health(Request *request)
{
	const char *starting = herder_starting(request->herder);

	if (!herder_healthy(request->herder))
		request_reply(request, 500,
					  health("unhealthy", "Worker was unable to handle this request and may be "
										  "unable to handle other requests."));
	else if (starting != NULL)
	{
		AUTO_TEXT char *message =
			xasprintf("Worker is still starting up. The worker is waiting: %s", starting);

		request_reply(request, 503, health("starting", message));
	}
	else
		request_reply(request, 200,
					  health("healthy", "Worker has completed startup and is ready to handle "
										"requests."));
}

void
api_loggers(Request *request)
{
	request_reply(request, 200, herder_loggers(request->herder));
}

/* The logger of the path; the root's name is the same in any case. */
static const char *
logger_name(const Request *request)
{
	return strcasecmp(request_name(request), ROOT) == 0 ? ROOT : request_name(request);
}

void
api_logger(Request *request)
{
	AUTO(json_t) *all = herder_loggers(request->herder);
	json_t *one = json_object_get(all, logger_name(request));

	if (one == NULL)
		request_error(request, 404, "Logger %s not found.", request_name(request));
	else
		request_reply(request, 200, json_incref(one));
}

/* The level as Kafka Connect's logging has it, in capital letters; NULL where it knows none such.
 */
static const char *
known_level(const char *text)
{
	static const char *const known[] = {"OFF",	"FATAL", "ERROR", "WARN",
										"INFO", "DEBUG", "TRACE", "ALL"};
	const char *level = text + strspn(text, BLANKS);
	size_t len = strcspn(level, BLANKS);

	if (level[len + strspn(level + len, BLANKS)] != '\0')
		return NULL;
	for (size_t i = 0; i < COUNT(known); i++)
		if (strlen(known[i]) == len && strncasecmp(level, known[i], len) == 0)
			return known[i];
	return NULL;
}

/* Has the logger this level, be it the root's? */
static bool
has_level(const json_t *loggers, const char *name, const char *level)
{
	const json_t *one = json_object_get(loggers, name);
	const char *now;

	if (one == NULL)
		one = json_object_get(loggers, ROOT);
	now = json_string_value(json_object_get(one, "level"));
	return now != NULL && strcmp(now, level) == 0;
}

/* Of the loggers that the level was set for, those that had another one: request->body has the
 * others.
 */
static void
answer_changed(void *context, int status, json_t *body)
{
	const Request *request = context;
	AUTO(json_t) *changed = json_array();
	json_t *name;
	size_t i;

	json_array_foreach(body, i, name) if (json_object_get(request->body, json_string_value(name)) ==
										  NULL) json_array_append(changed, name);
	request_answer(context, status, status == 200 ? changed : body);
}

static void
set_level(Request *request, const char *level)
{
	AUTO(json_t) *loggers = herder_loggers(request->herder);
	AUTO_TEXT char *scope = request_query(request, "scope", 0);
	const char *name = logger_name(request);
	bool there = json_object_get(loggers, name) != NULL;
	json_t *unchanged = json_object();
	const char *each;
	json_t *ignored;

	json_object_foreach(loggers, each, ignored) if (has_level(loggers, each, level))
		json_object_set_new(unchanged, each, json_true());
	if (has_level(loggers, name, level))
		json_object_set_new(unchanged, name, json_true());
	json_decref(request->body);
	request->body = unchanged;
	if (scope != NULL && strcasecmp(scope, "cluster") == 0)
		herder_set_level(request->herder, name, level, true, request_answer, request);
	else if (there && json_object_get(unchanged, name) != NULL &&
			 (strcmp(name, ROOT) != 0 || json_object_size(unchanged) == json_object_size(loggers)))
		request_reply(request, 200, json_array());
	else
		herder_set_level(request->herder, name, level, false, answer_changed, request);
}

void
api_set_level(Request *request)
{
	AUTO(json_t) *body = NULL;
	const char *wanted;
	Error err;

	if (!body_config(request->body, &body, &err))
	{
		request_error(request, 400, "%s", err.message);
		return;
	}
	wanted = json_string_value(json_object_get(body, "level"));
	if (wanted == NULL)
		request_error(request, 400, "Desired 'level' parameter was not specified in request.");
	else if (known_level(wanted) == NULL)
		request_error(request, 404, "invalid log level '%s'.", wanted);
	else
		set_level(request, known_level(wanted));
}

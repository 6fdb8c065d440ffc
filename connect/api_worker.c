/*
 * connect/api_worker.c - the worker itself: /, /health, /admin/loggers. See api.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/api.h"
#include "connect/body.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

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

void
api_logger(Request *request)
{
	AUTO(json_t) *all = herder_loggers(request->herder);
	json_t *one = json_object_get(all, request_name(request));

	if (one == NULL)
		request_error(request, 404, "Logger %s not found.", request_name(request));
	else
		request_reply(request, 200, json_incref(one));
}

/* The names that Kafka Connect's logging knows, in capital letters. */
static bool
is_level(const char *level)
{
	static const char *const known[] = {"OFF",	"FATAL", "ERROR", "WARN",
										"INFO", "DEBUG", "TRACE", "ALL"};

	for (size_t i = 0; i < COUNT(known); i++)
		if (strcasecmp(level, known[i]) == 0)
			return true;
	return false;
}

void
api_set_level(Request *request)
{
	AUTO(json_t) *body = NULL;
	AUTO_TEXT char *scope = request_query(request, "scope", 0);
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
	else if (!is_level(wanted))
		request_error(request, 404, "invalid log level '%s'.", wanted);
	else
	{
		AUTO_TEXT char *level = xstrdup(wanted);

		for (char *at = level; *at != '\0'; at++)
			*at = (char) toupper((unsigned char) *at);
		herder_set_level(request->herder, request_name(request), level,
						 scope != NULL && strcasecmp(scope, "cluster") == 0, request_answer,
						 request);
	}
}

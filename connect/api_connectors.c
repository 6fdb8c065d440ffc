/*
 * connect/api_connectors.c - reading connectors. See api.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/api.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* {"a":{"status":{},"info":{}}}, with what the parameters "expand" ask for. */
static json_t *
expanded(const Request *request, const json_t *names)
{
	static const struct
	{
		const char *name;
		json_t *(*get)(const Herder *herder, const char *connector);
	} expansions[] = {{"status", herder_status}, {"info", herder_info}};
	json_t *all = json_object();
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
	{
		json_t *one = json_object();
		char *wanted;

		for (size_t nth = 0; (wanted = request_query(request, "expand", nth)) != NULL; nth++)
		{
			for (size_t k = 0; k < sizeof expansions / sizeof *expansions; k++)
				if (strcmp(wanted, expansions[k].name) == 0)
				{
					json_t *part = expansions[k].get(request->herder, json_string_value(name));

					json_object_set_new(one, wanted, part == NULL ? json_null() : part);
				}
			free(wanted);
		}
		json_object_set_new(all, json_string_value(name), one);
	}
	return all;
}

void
api_connectors(Request *request)
{
	json_t *names = herder_names(request->herder);
	AUTO_TEXT char *expand = request_query(request, "expand", 0);

	if (expand != NULL)
	{
		json_t *all = expanded(request, names);

		json_decref(names);
		names = all;
	}
	request_reply(request, 200, names);
}

static void
reply_or_404(Request *request, json_t *found, const char *missing)
{
	if (found != NULL)
		request_reply(request, 200, found);
	else
		request_error(request, 404, "%s", missing);
}

static void
reply_of_connector(Request *request, json_t *found)
{
	AUTO_TEXT char *missing = xasprintf("Connector %s not found", request_name(request));

	reply_or_404(request, found, missing);
}

void
api_info(Request *request)
{
	reply_of_connector(request, herder_info(request->herder, request_name(request)));
}

void
api_config(Request *request)
{
	reply_of_connector(request, herder_config(request->herder, request_name(request)));
}

void
api_tasks(Request *request)
{
	reply_of_connector(request, herder_tasks(request->herder, request_name(request)));
}

void
api_status(Request *request)
{
	AUTO_TEXT char *missing = xasprintf("No status found for connector %s", request_name(request));

	reply_or_404(request, herder_status(request->herder, request_name(request)), missing);
}

bool
api_task(Request *request, int64_t *task)
{
	const char *text = request->parameters[1];
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (*text == '\0' || strspn(text, "+-0123456789") != strlen(text) || *end != '\0' ||
		errno != 0 || number < INT32_MIN || number > INT32_MAX)
	{
		request_error(request, 404, "HTTP 404 Not Found");
		return false;
	}
	*task = number;
	return true;
}

void
api_task_status(Request *request)
{
	int64_t task;

	if (!api_task(request, &task))
		return;
	AUTO_TEXT char *missing =
		xasprintf("No status found for task %s-%" PRId64, request_name(request), task);

	reply_or_404(request, herder_task_status(request->herder, request_name(request), task),
				 missing);
}

/* Of a connector that is not known, too, as Kafka Connect answers. */
void
api_topics(Request *request)
{
	json_t *found;

	if (!request->settings->topic_tracking)
	{
		request_error(request, 403, "Topic tracking is disabled.");
		return;
	}
	found = herder_topics(request->herder, request_name(request));
	request_reply(request, 200,
				  found != NULL ? found : json_pack("{s{s[]}}", request_name(request), "topics"));
}

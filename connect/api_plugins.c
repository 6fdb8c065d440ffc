/*
 * connect/api_plugins.c - classes of connectors: /connector-plugins. See api.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/api.h"
#include "connect/body.h"

#include <string.h>
#include <strings.h>

void
api_plugins(Request *request)
{
	AUTO_TEXT char *only = request_query(request, "connectorsOnly", 0);
	bool others = only != NULL && *only != '\0' && strcasecmp(only, "true") != 0;

	request_reply(request, 200, herder_plugins(request->herder, others));
}

void
api_plugin_config(Request *request)
{
	json_t *config = herder_plugin_config(request->herder, request_name(request));

	if (config == NULL)
		request_error(request, 404, "Unknown plugin %s.", request_name(request));
	else
		request_reply(request, 200, config);
}

/* Length of a class without the word that may be left out. */
static size_t
normal_length(const char *name)
{
	static const char word[] = "Connector";
	size_t len = strlen(name);
	size_t word_len = sizeof word - 1;

	return len > word_len && strcmp(name + len - word_len, word) == 0 ? len - word_len : len;
}

/* a.b.JdbcSinkConnector is JdbcSinkConnector, and JdbcSink. */
static bool
same_class(const char *full, const char *asked)
{
	size_t full_len = normal_length(full);
	size_t asked_len = normal_length(asked);

	return asked_len <= full_len && strncmp(full + full_len - asked_len, asked, asked_len) == 0;
}

void
api_validate(Request *request)
{
	AUTO(json_t) *config = NULL;
	const char *included;
	Error err;

	if (!body_config(request->body, &config, &err))
	{
		request_error(request, 400, "%s", err.message);
		return;
	}
	body_drop_nulls(config);
	included = json_string_value(json_object_get(config, "connector.class"));
	if (included != NULL && !same_class(included, request_name(request)))
		request_error(request, 400, "Included connector type %s does not match request type %s",
					  included, request_name(request));
	else
		herder_validate(request->herder, request_name(request), config, request_answer, request);
}

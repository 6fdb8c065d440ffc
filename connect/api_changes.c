/*
 * connect/api_changes.c - creating, configuring and deleting connectors. See api.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/api.h"
#include "connect/body.h"
#include "core/buffer.h"

#include <string.h>
#include <strings.h>

#define TEXT_MAX_BYTES ((size_t) 1 << 26)

static const char invalid_head[] =
	"Connector configuration is invalid and contains the following %zu error(s):\n";
static const char invalid_tail[] = "You can also find the above list of errors at the endpoint "
								   "`/connector-plugins/{connectorType}/config/validate`";

static void
refuse_without_class(Request *request, json_t *config)
{
	AUTO_TEXT char *shown = body_show(config);

	request_error(request, 400, "Connector config %s contains no connector type", shown);
}

static size_t
null_values(json_t *config)
{
	size_t count = 0;
	const char *name;
	json_t *value;

	json_object_foreach(config, name, value) count += json_is_null(value);
	return count;
}

static void
refuse_nulls(Request *request, size_t count)
{
	AUTO(Buffer) *text = &(Buffer){.max = TEXT_MAX_BYTES};

	buffer_printf(text, invalid_head, count);
	while (count-- > 0)
		buffer_append_text(text, "Null value can not be supplied as the configuration value.\n");
	buffer_append_text(text, invalid_tail);
	request_error(request, 400, "%s", buffer_text(text));
}

/* The control character, as ISO 8859 and Unicode have them, at a place in UTF-8; 0: another one. */
static int
control(const char *at)
{
	unsigned char first = (unsigned char) at[0];
	unsigned char second = (unsigned char) at[1];

	if (first < ' ' || first == 0x7f)
		return first;
	return first == 0xc2 && second >= 0x80 && second < 0xa0 ? second : 0;
}

/* What is wrong with a name, for the caller to free; NULL when nothing is. */
static char *
name_problem(const char *name)
{
	AUTO(Buffer) *found = &(Buffer){.max = TEXT_MAX_BYTES};

	if (*name == '\0')
		return xstrdup("String may not be empty");
	for (const char *at = name; *at != '\0'; at++)
		if (control(at) != 0)
			buffer_printf(found, "%s%d", found->len == 0 ? "" : ", ", control(at));
	if (found->len == 0)
		return NULL;
	return xasprintf("String may not contain control sequences but had the following ASCII chars: "
					 "%s",
					 buffer_text(found));
}

static bool
check_name(Request *request, const char *name)
{
	AUTO_TEXT char *problem = name_problem(name);
	AUTO_TEXT char *head = xasprintf(invalid_head, (size_t) 1);

	if (problem == NULL)
		return true;
	request_error(request, 400, "%sInvalid value %s for configuration name: %s\n%s", head, name,
				  problem, invalid_tail);
	return false;
}

/* Puts the name into the configuration; false, and answered, where that cannot be one. */
static bool
check_config(Request *request, const char *name, json_t *config)
{
	const char *included = json_string_value(json_object_get(config, "name"));

	if (included != NULL && strcmp(included, name) != 0)
	{
		request_error(request, 400,
					  "Connector name configuration (%s) doesn't match connector name in the URL "
					  "(%s)",
					  included, name);
		return false;
	}
	if (included == NULL)
		json_object_set_new(config, "name", json_string(name));
	if (!json_is_string(json_object_get(config, "connector.class")))
	{
		refuse_without_class(request, config);
		return false;
	}
	if (!check_name(request, name))
		return false;
	if (null_values(config) == 0)
		return true;
	refuse_nulls(request, null_values(config));
	return false;
}

/* A connector that was created says where it is. */
static void
answer_created(void *context, int status, json_t *body)
{
	Request *request = context;
	const char *name = json_string_value(json_object_get(body, "name"));
	const char *host = exchange_header(request->exchange, "Host");

	if (status == 201 && name != NULL)
	{
		AUTO_TEXT char *encoded = request_encode(name);
		AUTO_TEXT char *location =
			xasprintf("%s%s/connectors/%s", request->settings->tls ? "https://" : "http://",
					  host == NULL ? request->settings->worker_id : host, encoded);

		exchange_add_header(request->exchange, "Location", location);
	}
	request_answer(context, status, body);
}

/* RUNNING where nothing is said. */
static bool
read_state(const json_t *value, TargetState *out)
{
	static const char *const names[] = {
		[TARGET_RUNNING] = "RUNNING", [TARGET_PAUSED] = "PAUSED", [TARGET_STOPPED] = "STOPPED"};

	*out = TARGET_RUNNING;
	if (value == NULL || json_is_null(value))
		return true;
	for (size_t i = 0; json_is_string(value) && i < sizeof names / sizeof *names; i++)
		if (strcasecmp(json_string_value(value), names[i]) == 0)
		{
			*out = (TargetState) i;
			return true;
		}
	return false;
}

/* The name without blanks and control characters around it, as Java trims, for the caller to free;
 * empty where there is none. */
static bool
read_name(const json_t *value, char **out)
{
	AUTO_TEXT char *text = NULL;
	const char *start;
	size_t len;

	if (value != NULL && !json_is_null(value) && !body_text(value, &text))
		return false;
	if (text == NULL)
		text = xstrdup("");
	for (start = text; *start != '\0' && (unsigned char) *start <= ' ';)
		start++;
	len = strlen(start);
	while (len > 0 && (unsigned char) start[len - 1] <= ' ')
		len--;
	*out = xstrndup(start, len);
	return true;
}

void
api_create(Request *request)
{
	static const char *const known[] = {"name", "config", "initial_state", NULL};
	AUTO(json_t) *config = NULL;
	AUTO_TEXT char *name = NULL;
	TargetState state;
	Error err;

	if (!body_members(request->body, known, &err) ||
		!body_config(json_object_get(request->body, "config"), &config, &err))
		request_error(request, 400, "%s", err.message);
	else if (!read_state(json_object_get(request->body, "initial_state"), &state))
		request_error(request, 400,
					  "\"initial_state\" is not known; give it RUNNING, PAUSED or STOPPED");
	else if (!read_name(json_object_get(request->body, "name"), &name))
		request_error(request, 400, "\"name\" is no text; give it one");
	else if (check_config(request, name, config))
		herder_create(request->herder, name, config, state, answer_created, request);
}

void
api_put_config(Request *request)
{
	AUTO(json_t) *config = NULL;
	Error err;

	if (!body_config(request->body, &config, &err))
		request_error(request, 400, "%s", err.message);
	else if (check_config(request, request_name(request), config))
		herder_put_config(request->herder, request_name(request), config, answer_created, request);
}

void
api_patch_config(Request *request)
{
	AUTO(json_t) *changes = NULL;
	const char *included;
	Error err;

	if (!body_config(request->body, &changes, &err))
	{
		request_error(request, 400, "%s", err.message);
		return;
	}
	included = json_string_value(json_object_get(changes, "name"));
	if (included != NULL && strcmp(included, request_name(request)) != 0)
		request_error(request, 400,
					  "Connector name configuration (%s) doesn't match connector name in the URL "
					  "(%s)",
					  included, request_name(request));
	else
		herder_patch_config(request->herder, request_name(request), changes, request_answer,
							request);
}

/* What is deleted by mistake does not come back: neither true nor false is an error here. */
static bool
may_keep(Request *request, bool *keep)
{
	static const char *const names[] = {"keep_offsets", "keep_slot"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
	{
		AUTO_TEXT char *value = request_query(request, names[i], 0);

		if (value == NULL || strcasecmp(value, "false") == 0)
			continue;
		if (strcasecmp(value, "true") != 0)
		{
			request_error(request, 400, "%s is \"%s\"; give it true or false", names[i], value);
			return false;
		}
		*keep = true;
	}
	return true;
}

void
api_delete(Request *request)
{
	bool keep = false;

	if (!may_keep(request, &keep))
		return;
	herder_delete(request->herder, request_name(request), keep, request_answer, request);
}

/*
 * connect/body.c - see body.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE /* strcasestr */
#include "connect/body.h"

#include "core/buffer.h"
#include "core/memory.h"

#include <inttypes.h>
#include <string.h>

#define REAL_DIGITS		15
#define SHOWN_MAX_BYTES ((size_t) 1 << 26)

static const uint8_t byte_order_mark[] = {0xef, 0xbb, 0xbf};

/* What jansson says, in words for whoever sent it. */
static const char *
what_is_wrong(json_error_t *problem)
{
	char *near = strstr(problem->text, " near ");

	if (json_error_code(problem) == json_error_null_character)
		return "\\u0000 is not allowed";
	/* What stands there may be a password; of a name that is there twice it is the name. */
	if (near != NULL && json_error_code(problem) != json_error_duplicate_key)
		*near = '\0';
	return problem->text;
}

bool
body_parse(Slice text, json_t **out, Error *err)
{
	json_error_t problem;
	json_t *found;

	if (text.len >= sizeof byte_order_mark &&
		memcmp(text.data, byte_order_mark, sizeof byte_order_mark) == 0)
		text = (Slice){text.data + sizeof byte_order_mark, text.len - sizeof byte_order_mark};
	if (text.len == 0)
		return error_set(err, ERROR_CONFIG, "the request has no body; send JSON");
	found = json_loadb((const char *) text.data, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
					   &problem);
	if (json_is_null(found))
		return error_set(err, ERROR_CONFIG, "the request's body is null; send an object");
	if (found != NULL)
	{
		*out = found;
		return true;
	}
	return error_set(err, ERROR_CONFIG,
					 "the request's body is not valid JSON: line %d, column %d: %s", problem.line,
					 problem.column, what_is_wrong(&problem));
}

static const char *
kind_of(const json_t *value)
{
	switch (json_typeof(value))
	{
		case JSON_OBJECT:
			return "an object";
		case JSON_ARRAY:
			return "an array";
		case JSON_STRING:
			return "a text";
		case JSON_INTEGER:
		case JSON_REAL:
			return "a number";
		case JSON_TRUE:
		case JSON_FALSE:
			return "a boolean";
		case JSON_NULL:
			break;
	}
	return "null";
}

bool
body_text(const json_t *value, char **out)
{
	if (json_is_string(value))
		*out = xstrdup(json_string_value(value));
	else if (json_is_boolean(value))
		*out = xstrdup(json_is_true(value) ? "true" : "false");
	else if (json_is_number(value))
		*out = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS));
	else
		return false;
	return true;
}

bool
body_config(const json_t *body, json_t **out, Error *err)
{
	const char *name;
	json_t *value;
	json_t *config;

	if (!json_is_object(body))
		return error_set(err, ERROR_CONFIG, "the configuration is %s; send an object",
						 body == NULL ? "missing" : kind_of(body));
	config = json_object();
	json_object_foreach((json_t *) (uintptr_t) body, name, value)
	{
		char *text = NULL;

		if (!json_is_null(value) && !body_text(value, &text))
		{
			json_decref(config);
			return error_set(err, ERROR_CONFIG,
							 "property \"%s\" is %s; give it a text, a number or a boolean", name,
							 kind_of(value));
		}
		json_object_set_new(config, name, text == NULL ? json_null() : json_string(text));
		free(text);
	}
	*out = config;
	return true;
}

static bool
is_secret(const char *name, const char *value)
{
	static const char *const marks[] = {"password",		"secret", "jaas",	"user.info",
										"credential",	"token",  "passwd", "ssl.key",
										"keystore.key", NULL};

	for (size_t i = 0; marks[i] != NULL; i++)
		if (strcasestr(name, marks[i]) != NULL)
			return true;
	/* jdbc:postgresql://host/base?password=..., http://user:password@host, "host=h password=p" */
	return strcasestr(value, "passw") != NULL || strchr(value, '@') != NULL;
}

char *
body_show(const json_t *config)
{
	AUTO(Buffer) *text = &(Buffer){.max = SHOWN_MAX_BYTES};
	const char *name;
	json_t *value;

	buffer_append_text(text, "{");
	json_object_foreach((json_t *) (uintptr_t) config, name, value)
	{
		const char *plain = json_string_value(value);

		buffer_printf(text, "%s%s=%s", text->len == 1 ? "" : ", ", name,
					  plain == NULL			   ? "null"
					  : is_secret(name, plain) ? "[hidden]"
											   : plain);
	}
	buffer_append_text(text, "}");
	return xstrdup(buffer_text(text));
}

void
body_drop_nulls(json_t *config)
{
	void *next;
	const char *name;
	json_t *value;

	json_object_foreach_safe(config, next, name, value) if (json_is_null(value))
		json_object_del(config, name);
}

bool
body_members(const json_t *object, const char *const *known, Error *err)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return error_set(err, ERROR_CONFIG, "the request's body is %s; send an object",
						 kind_of(object));
	json_object_foreach((json_t *) (uintptr_t) object, name, value)
	{
		size_t i = 0;

		while (known[i] != NULL && strcmp(known[i], name) != 0)
			i++;
		if (known[i] == NULL)
			return error_set(err, ERROR_CONFIG,
							 "\"%s\" is not known in the request's body; take it out", name);
	}
	return true;
}

/*
 * connect/programs_classes.c - which program a connector's class belongs to, see programs.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/programs.h"

#include <stdlib.h>
#include <string.h>

#define TASKS_MAX		1000
#define CLASS_SUFFIX	"Connector"
#define CONNECTOR_CLASS "connector.class"

/* Its last part, with or without "Connector". */
static bool
is_alias(const char *class_name, const char *name)
{
	const char *dot = strrchr(class_name, '.');
	const char *simple = dot == NULL ? class_name : dot + 1;
	size_t len = strlen(name);

	return strncmp(simple, name, len) == 0 &&
		   (simple[len] == '\0' || strcmp(simple + len, CLASS_SUFFIX) == 0);
}

static bool
is_whole(const char *class_name, const char *name)
{
	return strcmp(class_name, name) == 0;
}

static const char *
find_class(const Programs *programs, const char *name,
		   bool (*matches)(const char *class_name, const char *name), ProgramKind *kind)
{
	for (int each = 0; each < PROGRAM_KINDS; each++)
	{
		json_t *classes =
			json_object_get(programs_description(programs, (ProgramKind) each), "classes");
		size_t i;
		json_t *item;

		json_array_foreach(classes, i, item) if (matches(json_string_value(item), name))
		{
			*kind = (ProgramKind) each;
			return json_string_value(item);
		}
	}
	return NULL;
}

const char *
programs_class(const Programs *programs, const char *name, ProgramKind *out)
{
	ProgramKind kind = PROGRAM_KINDS;
	const char *class_name = find_class(programs, name, is_whole, &kind);

	if (class_name == NULL)
		class_name = find_class(programs, name, is_alias, &kind);
	if (out != NULL)
		*out = kind;
	return class_name;
}

ProgramKind
programs_kind(const Programs *programs, const json_t *config)
{
	const char *name = json_string_value(json_object_get(config, CONNECTOR_CLASS));
	ProgramKind kind = PROGRAM_KINDS;

	if (name != NULL)
		programs_class(programs, name, &kind);
	return kind;
}

int64_t
programs_tasks(const Programs *programs, const json_t *config)
{
	const char *text = json_string_value(json_object_get(config, "tasks.max"));
	long long most = text == NULL ? 1 : strtoll(text, NULL, 10);

	switch (programs_kind(programs, config))
	{
		case PROGRAM_SINK:
			return most < 1 ? 1 : most > TASKS_MAX ? TASKS_MAX : most;
		case PROGRAM_RELAY:
			return 1;
		case PROGRAM_KINDS:
			break;
	}
	return 0;
}

const char *
programs_type(ProgramKind kind)
{
	static const char *const types[] = {
		[PROGRAM_SINK] = "sink", [PROGRAM_RELAY] = "source", [PROGRAM_KINDS] = "unknown"};

	return types[kind];
}

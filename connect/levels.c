/*
 * connect/levels.c - see levels.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/levels.h"

#include "core/memory.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct Levels
{
	json_t *loggers; /* name -> {"level", "last_modified"} */
};

/* Log4j's levels, and what is nearest to each here. */
static const struct
{
	const char *name;
	const char *ours;
} known[] = {
	{"ALL", "debug"}, {"TRACE", "debug"}, {"DEBUG", "debug"}, {"INFO", "info"},
	{"WARN", "warn"}, {"ERROR", "error"}, {"FATAL", "error"}, {"OFF", "error"},
};

Levels *
levels_new(const char *level)
{
	Levels *levels = xcalloc(1, sizeof *levels);
	const char *name = level == NULL ? NULL : levels_known(level);

	levels->loggers = json_pack("{s:{s:s,s:n}}", LEVELS_ROOT, "level", name == NULL ? "INFO" : name,
								"last_modified");
	return levels;
}

void
levels_free(Levels *levels)
{
	if (levels == NULL)
		return;
	json_decref(levels->loggers);
	free(levels);
}

json_t *
levels_all(const Levels *levels)
{
	return json_deep_copy(levels->loggers);
}

const char *
levels_known(const char *level)
{
	for (size_t i = 0; i < COUNT(known); i++)
		if (strcasecmp(known[i].name, level) == 0)
			return known[i].name;
	return NULL;
}

static int
by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *) left, *(const char *const *) right);
}

/* The keys of an object, sorted. */
static json_t *
sorted_names(json_t *object)
{
	const char **names = xcalloc(json_object_size(object) + 1, sizeof *names);
	json_t *list = json_array();
	size_t count = 0;
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) names[count++] = name;
	qsort(names, count, sizeof *names, by_text);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(names[i]));
	free(names);
	return list;
}

json_t *
levels_set(Levels *levels, const char *logger, const char *level)
{
	const char *name = strcasecmp(logger, LEVELS_ROOT) == 0 ? LEVELS_ROOT : logger;
	bool root = strcmp(name, LEVELS_ROOT) == 0;
	json_t *changed = json_object();
	const char *each;
	json_t *entry;

	/* A new one begins with the level that it had of root. */
	if (json_object_get(levels->loggers, name) == NULL)
		json_object_set_new(
			levels->loggers, name,
			json_pack("{s:O,s:n}", "level",
					  json_object_get(json_object_get(levels->loggers, LEVELS_ROOT), "level"),
					  "last_modified"));
	json_object_foreach(levels->loggers, each, entry)
	{
		const char *former = json_string_value(json_object_get(entry, "level"));

		if ((!root && strcmp(each, name) != 0) || strcmp(former, level) == 0)
			continue;
		json_object_set_new(entry, "level", json_string(level));
		json_object_set_new(entry, "last_modified", json_integer((json_int_t) time(NULL) * 1000));
		json_object_set_new(changed, each, json_true());
	}

	json_t *list = sorted_names(changed);

	json_decref(changed);
	return list;
}

const char *
levels_of(const Levels *levels, const char *logger)
{
	const json_t *entry = json_object_get(levels->loggers, logger);
	const char *level;

	if (entry == NULL)
		entry = json_object_get(levels->loggers, LEVELS_ROOT);
	level = json_string_value(json_object_get(entry, "level"));
	for (size_t i = 0; i < COUNT(known); i++)
		if (strcmp(known[i].name, level) == 0)
			return known[i].ours;
	return "info";
}

/*
 * core/options_describe.c - the tables of options as JSON, in the words of Kafka Connect's
 * ConfigDef; see options.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/json.h"
#include "core/options.h"

#include <string.h>

static const char *const type_names[] = {
	[OPTION_STRING] = "STRING",	  [OPTION_SECRET] = "PASSWORD", [OPTION_LIST] = "LIST",
	[OPTION_BOOLEAN] = "BOOLEAN", [OPTION_INTEGER] = "INT",		[OPTION_DURATION] = "LONG",
	[OPTION_SIZE] = "LONG",		  [OPTION_ENUM] = "STRING",		[OPTION_UNUSED] = "STRING",
	[OPTION_REFUSED] = "STRING",
};

static const char *const importance_names[] = {
	[IMPORTANCE_HIGH] = "HIGH", [IMPORTANCE_MEDIUM] = "MEDIUM", [IMPORTANCE_LOW] = "LOW"};

/* Where a row names no group: by how its name begins; the last one is for all others. */
static const struct
{
	const char *prefix;
	const char *group;
} groups[] = {
	{"name", "Common"},
	{"connector.class", "Common"},
	{"tasks.max", "Common"},
	{"key.converter", "Converters"},
	{"value.converter", "Converters"},
	{"header.converter", "Converters"},
	{"registry.", "Converters"},
	{"transforms", "Transforms"},
	{"predicates", "Predicates"},
	{"errors.", "Error Handling"},
	{"connection.", "Database"},
	{"db.", "Database"},
	{"dialect.", "Database"},
	{"table", "Database"},
	{"schema.", "Database"},
	{"catalog.", "Database"},
	{"slot.", "Database"},
	{"topic.creation.", "Topic Creation"},
	{"topic", "Topics"},
	{"offset.storage.", "Offsets"},
	{"exactly.once.", "Exactly Once Support"},
	{"insert.", "Writes"},
	{"pk.", "Data Mapping"},
	{"fields.", "Data Mapping"},
	{"time.", "Data Mapping"},
	{"decimal.", "Data Mapping"},
	{"array.", "Data Mapping"},
	{"", "Connector"},
};

static const char *
group_of(const Option *option)
{
	size_t i = 0;

	if (option->group != NULL)
		return option->group;
	while (strncmp(option->name, groups[i].prefix, strlen(groups[i].prefix)) != 0)
		i++;
	return groups[i].group;
}

static const char *
importance_of(const Option *option)
{
	if (option->importance != IMPORTANCE_DEFAULT)
		return importance_names[option->importance];
	if (option->type == OPTION_UNUSED || option->type == OPTION_REFUSED)
		return importance_names[IMPORTANCE_LOW];
	return importance_names[option->required ? IMPORTANCE_HIGH : IMPORTANCE_MEDIUM];
}

static const char *
type_of(const Option *option)
{
	return option->type == OPTION_INTEGER && (option->max > INT32_MAX || option->min < INT32_MIN)
			   ? type_names[OPTION_SIZE]
			   : type_names[option->type];
}

static const char *
use_of(const Option *option)
{
	if (option->type == OPTION_UNUSED)
		return "unused";
	return option->type == OPTION_REFUSED ? "refused" : "used";
}

static json_t *
values_of(const Option *option)
{
	json_t *values = json_array();

	if (option->type == OPTION_BOOLEAN)
	{
		json_array_append_new(values, json_string("true"));
		json_array_append_new(values, json_string("false"));
	}
	for (size_t i = 0; option->type == OPTION_ENUM && option->values[i] != NULL; i++)
		json_array_append_new(values, json_string(option->values[i]));
	return values;
}

json_t *
options_describe(const Option *table)
{
	json_t *rows = json_array();
	json_int_t order = 0;

	for (const Option *option = table; option->name != NULL; option++)
	{
		const char *fallback = option->type == OPTION_SECRET ? NULL : option->fallback;

		json_array_append_new(
			rows,
			json_pack("{s: s, s: s, s: b, s: o, s: o, s: s, s: s, s: I, s: o, s: s}", "name",
					  option->name, "type", type_of(option), "required", (int) option->required,
					  "default", json_text(fallback), "values", values_of(option), "importance",
					  importance_of(option), "group", group_of(option), "order", ++order,
					  "documentation", json_text(option->help), "use", use_of(option)));
	}
	return rows;
}

/*
 * connect/validate.c - see validate.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/validate.h"

#include "core/buffer.h"

#include <stdbool.h>
#include <string.h>

#define REFUSAL_MAX (1024 * 1024)

static const char *
text_of(const json_t *object, const char *member, const char *fallback)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text == NULL ? fallback : text;
}

/* Kafka Connect's hint to forms; the programs do not say it. */
static const char *
width_of(const char *type)
{
	static const struct
	{
		const char *type;
		const char *width;
	} widths[] = {
		{"BOOLEAN", "SHORT"}, {"INT", "SHORT"},	 {"SHORT", "SHORT"}, {"LONG", "SHORT"},
		{"DOUBLE", "SHORT"},  {"CLASS", "LONG"}, {"LIST", "LONG"},
	};

	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
		if (strcmp(widths[i].type, type) == 0)
			return widths[i].width;
	return "MEDIUM";
}

static json_t *
definition_of(const json_t *property)
{
	const char *name = text_of(property, "name", "");
	const char *type = text_of(property, "type", "STRING");
	json_t *fallback = json_object_get(property, "default");

	return json_pack("{s:s,s:s,s:b,s:O?,s:s,s:s,s:s,s:I,s:s,s:s,s:[]}", "name", name, "type", type,
					 "required", json_is_true(json_object_get(property, "required")),
					 "default_value", json_is_null(fallback) ? NULL : fallback, "importance",
					 text_of(property, "importance", "LOW"), "documentation",
					 text_of(property, "documentation", ""), "group",
					 text_of(property, "group", "Connector"), "order_in_group",
					 json_integer_value(json_object_get(property, "order")), "width",
					 width_of(type), "display_name", name, "dependents");
}

static bool
is_pattern(const json_t *property)
{
	const char *name = text_of(property, "name", "");
	size_t len = strlen(name);

	return len == 0 || name[len - 1] == '*';
}

json_t *
validate_definitions(const json_t *description)
{
	json_t *properties = json_object_get(description, "properties");
	json_t *all = json_array();
	size_t i;
	json_t *property;

	json_array_foreach(properties, i, property) if (!is_pattern(property))
		json_array_append_new(all, definition_of(property));
	return all;
}

/* A member of the value that is an array, empty where there is none. */
static json_t *
list_of(const json_t *object, const char *member)
{
	json_t *list = json_object_get(object, member);

	return json_is_array(list) ? json_copy(list) : json_array();
}

static json_t *
value_of(const char *name, const json_t *property, const json_t *found)
{
	json_t *value = json_object_get(found, "value");
	json_t *warnings = json_object_get(found, "warnings");
	json_t *out =
		json_pack("{s:s,s:O?,s:o,s:o,s:b}", "name", name, "value",
				  json_is_null(value) ? NULL : value, "recommended_values",
				  list_of(property, "values"), "errors", list_of(found, "errors"), "visible", 1);

	if (json_array_size(warnings) > 0)
		json_object_set(out, "warnings", warnings);
	return out;
}

static void
add_group(json_t *groups, const char *name)
{
	size_t i;
	json_t *group;

	json_array_foreach(groups, i, group) if (strcmp(json_string_value(group), name) == 0) return;
	json_array_append_new(groups, json_string(name));
}

static void
add_config(json_t *groups, json_t *configs, const json_t *property, const json_t *found)
{
	json_t *definition = definition_of(property);

	add_group(groups, text_of(definition, "group", ""));
	json_array_append_new(configs,
						  json_pack("{s:o,s:o}", "definition", definition, "value",
									value_of(text_of(property, "name", ""), property, found)));
}

/* name -> entry of the answer; borrowed entries. */
static json_t *
by_name(const json_t *answer)
{
	json_t *entries = json_object_get(answer, "configs");
	json_t *all = json_object();
	size_t i;
	json_t *entry;

	json_array_foreach(entries, i, entry) json_object_set(all, text_of(entry, "name", ""), entry);
	return all;
}

json_t *
validate_result(const json_t *description, const char *class_name, const json_t *answer)
{
	json_t *properties = json_object_get(description, "properties");
	json_t *found = by_name(answer);
	json_t *groups = json_array();
	json_t *configs = json_array();
	const char *name;
	size_t i;
	json_t *property;
	json_t *entry;

	json_array_foreach(properties, i, property)
	{
		if (is_pattern(property))
			continue;
		name = text_of(property, "name", "");
		add_config(groups, configs, property, json_object_get(found, name));
		json_object_del(found, name);
	}
	/* What has no definition is said where there is something to say. */
	json_object_foreach(found, name,
						entry) if (json_array_size(json_object_get(entry, "errors")) > 0 ||
								   json_array_size(json_object_get(entry, "warnings")) > 0)
	{
		json_t *other = json_pack("{s:s}", "name", name);

		add_config(groups, configs, other, entry);
		json_decref(other);
	}
	json_decref(found);
	return json_pack("{s:s,s:I,s:o,s:o}", "name", class_name, "error_count",
					 json_integer_value(json_object_get(answer, "error_count")), "groups", groups,
					 "configs", configs);
}

char *
validate_refusal(const json_t *answer)
{
	json_int_t errors = json_integer_value(json_object_get(answer, "error_count"));
	AUTO(Buffer) *text = &(Buffer){.max = REFUSAL_MAX};
	json_t *entries = json_object_get(answer, "configs");
	size_t i;
	size_t j;
	json_t *entry;
	json_t *error;

	if (errors == 0)
		return NULL;
	buffer_printf(text,
				  "Connector configuration is invalid and contains the following %lld error(s):",
				  (long long) errors);
	json_array_foreach(entries, i, entry)
		json_array_foreach(json_object_get(entry, "errors"), j, error)
			buffer_printf(text, "\n%s", json_string_value(error));
	buffer_append_text(text, "\nYou can also find the above list of errors at the endpoint "
							 "`/connector-plugins/{connectorType}/config/validate`");
	return xstrdup(buffer_text(text));
}

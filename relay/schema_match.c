/*
 * relay/schema_match.c - see schema_match.h. (Apache Avro specification, "Schema Declaration" and
 * "Binary Encoding".)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/schema_match.h"

#include "core/json.h"
#include <string.h>

#define DEPTH_MAX 64

static bool match(const json_t *a, const json_t *b, bool names, int depth);

/* {"type": {"type": ...}} and {"type": "int"} are what they hold. */
static const json_t *
unwrapped(const json_t *schema)
{
	for (int i = 0; i < DEPTH_MAX && json_is_object(schema); i++)
	{
		const json_t *type = json_object_get(schema, "type");
		const char *name = json_string_value(type);

		if (name != NULL &&
			(strcmp(name, "record") == 0 || strcmp(name, "enum") == 0 ||
			 strcmp(name, "fixed") == 0 || strcmp(name, "array") == 0 || strcmp(name, "map") == 0))
			break;
		schema = type;
	}
	return schema;
}

/* A member of the schema, or of what it wraps; NULL: none has it. */
static const json_t *
wrapped_member(const json_t *schema, const char *name)
{
	const json_t *found = NULL;

	for (int i = 0; i < DEPTH_MAX && found == NULL && json_is_object(schema); i++)
	{
		found = json_object_get(schema, name);
		schema = json_object_get(schema, "type");
	}
	return found;
}

/* What a value means beside its type: scale and name of a logical type. */
static bool
same_meaning(const json_t *a, const json_t *b)
{
	static const char *const members[] = {"logicalType", "scale"};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
	{
		const json_t *left = wrapped_member(a, members[i]);
		const json_t *right = wrapped_member(b, members[i]);

		if (left != right && !json_equal(left, right))
			return false;
	}
	return true;
}

static const char *
member(const json_t *schema, const char *name)
{
	const char *text = json_string_value(json_object_get(schema, name));

	return text == NULL ? "" : text;
}

static const char *
simple_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot == NULL ? name : dot + 1;
}

/* Lists of schemas (a union), of fields, or of symbols. */
static bool
match_lists(const json_t *a, const json_t *b, bool fields, bool names, int depth)
{
	if (!json_is_array(a) || json_array_size(a) != json_array_size(b))
		return false;
	for (size_t i = 0; i < json_array_size(a); i++)
	{
		const json_t *left = json_array_get(a, i);
		const json_t *right = json_array_get(b, i);

		if (fields && names && strcmp(member(left, "name"), member(right, "name")) != 0)
			return false;
		if (!match(fields ? json_object_get(left, "type") : left,
				   fields ? json_object_get(right, "type") : right, names, depth))
			return false;
	}
	return true;
}

static bool
same_name(const json_t *a, const json_t *b)
{
	return strcmp(simple_name(member(a, "name")), simple_name(member(b, "name"))) == 0;
}

static bool
match_objects(const json_t *a, const json_t *b, bool names, int depth)
{
	const char *type = member(a, "type");

	if (strcmp(type, member(b, "type")) != 0)
		return false;
	if (strcmp(type, "array") == 0)
		return match(json_object_get(a, "items"), json_object_get(b, "items"), names, depth);
	if (strcmp(type, "map") == 0)
		return match(json_object_get(a, "values"), json_object_get(b, "values"), names, depth);
	if (names && !same_name(a, b))
		return false;
	if (strcmp(type, "record") == 0)
		return match_lists(json_object_get(a, "fields"), json_object_get(b, "fields"), true, names,
						   depth);
	if (strcmp(type, "enum") == 0)
		return json_equal(json_object_get(a, "symbols"), json_object_get(b, "symbols"));
	return json_equal(json_object_get(a, "size"), json_object_get(b, "size"));
}

static bool
match(const json_t *a, const json_t *b, bool names, int depth)
{
	if (!same_meaning(a, b))
		return false;
	a = unwrapped(a);
	b = unwrapped(b);
	if (depth == DEPTH_MAX || a == NULL || b == NULL || json_typeof(a) != json_typeof(b))
		return false;
	switch (json_typeof(a))
	{
		case JSON_OBJECT:
			return match_objects(a, b, names, depth + 1);
		case JSON_ARRAY:
			return match_lists(a, b, false, names, depth + 1);
		case JSON_STRING:
			return strcmp(json_string_value(a), json_string_value(b)) == 0;
		case JSON_INTEGER:
		case JSON_REAL:
		case JSON_TRUE:
		case JSON_FALSE:
		case JSON_NULL:
			break;
	}
	return false;
}

bool
schema_match(const char *a, const char *b, bool names)
{
	json_t *left = json_schema(slice_text(a));
	json_t *right = json_schema(slice_text(b));
	bool same = left != NULL && right != NULL && match(left, right, names, 0);

	json_decref(left);
	json_decref(right);
	return same;
}

/*
 * core/json.c - see json.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/json.h"

json_t *
json_text(const char *text)
{
	json_t *value = text == NULL ? json_null() : json_string(text);

	if (value != NULL)
		return value;
	AUTO_TEXT char *plain = xstrdup(text);

	for (char *p = plain; *p != '\0'; p++)
		if ((unsigned char) *p > 0x7e)
			*p = '?';
	return json_string(plain);
}

json_t *
json_schema(Slice text)
{
	return json_loadb((const char *) text.data, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

char *
json_scalar(const json_t *value)
{
	if (json_is_string(value))
		return xstrdup(json_string_value(value));
	if (json_is_boolean(value))
		return xstrdup(json_is_true(value) ? "true" : "false");
	if (json_is_number(value))
		return json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	return NULL;
}

bool
json_to_properties(json_t *object, const char *what, Properties *out, Error *err)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return error_set(err, ERROR_CONFIG, "\"%s\" is no object of texts; give it one", what);
	json_object_foreach(object, name, value)
	{
		AUTO_TEXT char *text = json_scalar(value);

		if (json_is_null(value))
			continue;
		if (text == NULL)
			return error_set(err, ERROR_CONFIG,
							 "property \"%s\" is %s; give it a text, a number or a boolean", name,
							 json_is_array(value) ? "an array" : "an object");
		properties_set(out, name, text);
	}
	return true;
}

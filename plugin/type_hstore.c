/*
 * plugin/type_hstore.c - see type_hstore.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/type_hstore.h"

#include "utils/json.h"

#include "plugin/encode.h"

/* What follows a pair and is not part of it. */
#define ARROW "=>"
#define COMMA ", "

bool
hstore_wants_json(const TypeRequest *request)
{
	return request->options->hstore_handling == HSTORE_AS_JSON;
}

bool
hstore_wants_map(const TypeRequest *request)
{
	return request->options->hstore_handling == HSTORE_AS_MAP;
}

/* Takes a quoted string, in which a backslash stands before what is meant as it is, off the text;
 * in place. NULL for NULL. */
static char *
take_string(char **text)
{
	char *start = *text + 1;
	char *to = start;
	char *from = start;

	if (**text != '"')
	{
		*text += strlen("NULL");
		return NULL;
	}
	for (; *from != '"' && *from != '\0'; from++)
	{
		if (*from == '\\')
			from++;
		*to++ = *from;
	}
	*text = *from == '\0' ? from : from + 1;
	*to = '\0';
	return start;
}

/* The next pair of "k"=>"v", "k"=>NULL; false at the end. */
static bool
take_pair(char **text, char **key, char **value)
{
	if (**text != '"')
		return false;
	*key = take_string(text);
	*text += strlen(ARROW);
	*value = take_string(text);
	if (**text == ',')
		*text += strlen(COMMA);
	return true;
}

static int
count_pairs(char *text)
{
	char *key;
	char *value;
	int count = 0;

	while (take_pair(&text, &key, &value))
		count++;
	return count;
}

void
encode_hstore_json(Output *out, const ValueType *type, Datum value)
{
	char *text = encode_text_form(type, value);
	StringInfoData json;
	char *key;
	char *item;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	while (take_pair(&text, &key, &item))
	{
		if (json.len > 1)
			appendStringInfoChar(&json, ',');
		escape_json(&json, key);
		appendStringInfoChar(&json, ':');
		if (item != NULL)
			escape_json(&json, item);
		else
			appendStringInfoString(&json, "null");
	}
	appendStringInfoChar(&json, '}');
	output_counted(out, json.data, (size_t) json.len);
}

void
encode_hstore_map(Output *out, const ValueType *type, Datum value)
{
	char *text = encode_text_form(type, value);
	int count = count_pairs(pstrdup(text));
	char *key;
	char *item;

	if (count > 0)
		output_long(out, count);
	while (take_pair(&text, &key, &item))
	{
		output_counted(out, key, strlen(key));
		output_long(out, item != NULL ? 1 : 0); /* branch of the union */
		if (item != NULL)
			output_counted(out, item, strlen(item));
	}
	output_long(out, 0); /* end of the blocks */
}

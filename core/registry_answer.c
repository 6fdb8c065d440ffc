/*
 * core/registry_answer.c - see registry_answer.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/registry_answer.h"

#include "core/memory.h"

#include <inttypes.h>
#include <jansson.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Code of Confluent's API for an id that is not there. */
#define SCHEMA_NOT_FOUND 40403

AUTO_DEFINE(json_t, json_decref)

/* The way out, by status. */
static const struct
{
	long status;
	const char *way_out;
} ways_out[] = {
	{401, "; set basic.auth.user.info, or bearer.auth.token"},
	{403, "; give its user the right to do this"},
	{409, "; make the change compatible, or change the compatibility of the subject, and of the "
		  "registry where that holds for it (schema.incompatible.mode=register lifts the "
		  "subject's for one schema)"},
};

/* The way out where subject or schema is not there. */
static const char *const ways_if_missing[] = {
	[QUESTION_REGISTER] = "",
	[QUESTION_LOOKUP] = "; register the table's schema there before, or set "
						"auto.register.schemas=true",
	[QUESTION_LATEST] = "; register a schema there before, or set auto.register.schemas=true",
	[QUESTION_FETCH] = "",
	[QUESTION_LEVEL] = "",
	[QUESTION_SET_LEVEL] = "",
	[QUESTION_UNSET_LEVEL] = "",
	[QUESTION_REMOVE] = "",
	[QUESTION_REMOVE_FOR_GOOD] = "",
};

bool
registry_answer_is_trouble(long status)
{
	return status == 0 || status == 408 || status == 429 || status >= 500;
}

/* What was asked, for messages; for the caller to free. */
static char *
asked_for(const RegistryAnswer *answer)
{
	return answer->question->subject == NULL
			   ? xasprintf("schema id %" PRId32, answer->question->id)
			   : xasprintf("subject \"%s\"", answer->question->subject);
}

static bool
not_the_api(const RegistryAnswer *answer, const char *found, Error *err)
{
	AUTO_TEXT char *asked = asked_for(answer);

	return error_set(err, ERROR_CONFIG,
					 "schema registry \"%s\" answered %s with status %ld and %s, which is not the "
					 "schema registry's API; check schema.registry.url",
					 answer->url, asked, answer->status, found);
}

/* Its words, its status, and the way out. */
static bool
refused(const RegistryAnswer *answer, const json_t *root, Error *err)
{
	const char *words = json_string_value(json_object_get(root, "message"));
	bool unknown_id = answer->question->kind == QUESTION_FETCH && answer->status == 404 &&
					  json_integer_value(json_object_get(root, "error_code")) == SCHEMA_NOT_FOUND;
	const char *way_out = "";
	AUTO_TEXT char *asked = asked_for(answer);

	for (size_t i = 0; i < COUNT(ways_out); i++)
		if (ways_out[i].status == answer->status)
			way_out = ways_out[i].way_out;
	if (answer->status == 404)
		way_out = ways_if_missing[answer->question->kind];
	if (words == NULL && *way_out == '\0')
		return not_the_api(answer, "no message", err);
	return error_set(err, unknown_id ? ERROR_DATA : ERROR_CONFIG,
					 "schema registry \"%s\" refused %s with status %ld: %s%s", answer->url, asked,
					 answer->status, words == NULL ? "no message" : words, way_out);
}

/* The JSON object of a good answer; the caller releases it. */
static bool
read_object(const RegistryAnswer *answer, json_t **out, Error *err)
{
	AUTO(json_t) *root = json_loadb((const char *) answer->body.data, answer->body.len, 0, NULL);

	if (answer->status < 200 || answer->status > 299)
		return refused(answer, root, err);
	if (!json_is_object(root))
		return not_the_api(answer, "no JSON object", err);
	*out = json_incref(root);
	return true;
}

static bool
take_id(const RegistryAnswer *answer, const json_t *root, int32_t *id, Error *err)
{
	const json_t *found = json_object_get(root, "id");

	if (!json_is_integer(found) || json_integer_value(found) < 0 ||
		json_integer_value(found) > INT32_MAX)
		return not_the_api(answer, "no id", err);
	*id = (int32_t) json_integer_value(found);
	return true;
}

static bool
take_schema(const RegistryAnswer *answer, const json_t *root, char **schema, Error *err)
{
	const char *type = json_string_value(json_object_get(root, "schemaType"));
	const char *text = json_string_value(json_object_get(root, "schema"));
	AUTO_TEXT char *asked = asked_for(answer);

	if (text == NULL)
		return not_the_api(answer, "no schema", err);
	if (type != NULL && strcmp(type, "AVRO") != 0)
		return error_set(err, ERROR_DATA, "%s is of the type \"%s\"; only AVRO can be read", asked,
						 type);
	*schema = xstrdup(text);
	return true;
}

bool
registry_answer_refused(const RegistryAnswer *answer, Error *err)
{
	AUTO(json_t) *root = json_loadb((const char *) answer->body.data, answer->body.len, 0, NULL);

	return refused(answer, root, err);
}

bool
registry_answer_read(const RegistryAnswer *answer, Question *question, Error *err)
{
	json_t *object = NULL;
	bool ok = read_object(answer, &object, err);
	AUTO(json_t) *root = object;

	if (ok && question->kind != QUESTION_FETCH)
		ok = take_id(answer, root, &question->id, err);
	if (ok && (question->kind == QUESTION_FETCH || question->kind == QUESTION_LATEST))
		ok = take_schema(answer, root, &question->schema, err);
	return ok;
}

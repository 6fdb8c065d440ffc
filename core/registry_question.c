/*
 * core/registry_question.c - see registry_question.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/registry_question.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

void
question_done(Question *question)
{
	free(question->subject);
	free(question->schema);
	*question = (Question){0};
}

/* A subject has no NUL in it. */
Slice
question_key(const Question *question, Buffer *buffer)
{
	buffer_clear(buffer);
	buffer_printf(buffer, "%d", (int) question->kind);
	if (question->kind == QUESTION_FETCH)
		buffer_printf(buffer, "%" PRId32, question->id);
	else
		buffer_append(buffer, question->subject, strlen(question->subject) + 1);
	if (question_posts(question))
		buffer_append_text(buffer, question->schema);
	return buffer_slice(buffer);
}

/* Everything but letters, digits and -._~ as %XX; for the caller to free. */
static char *
percent_encoded(const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	char *out = xmalloc(3 * strlen(text) + 1);
	char *p = out;

	for (; *text != '\0'; text++)
		if (strchr(plain, *text) != NULL)
			*p++ = *text;
		else
			p += sprintf(p, "%%%02X", (unsigned char) *text);
	*p = '\0';
	return out;
}

/* Method, member of the body that has the schema or the level (NULL: no body), and what stands
 * around the subject. */
static const struct
{
	const char *method;
	const char *member;
	const char *before;
	const char *behind;
} requests[] = {
	[QUESTION_REGISTER] = {"POST", "schema", "/subjects/", "/versions"},
	[QUESTION_LOOKUP] = {"POST", "schema", "/subjects/", ""},
	[QUESTION_LATEST] = {"GET", NULL, "/subjects/", "/versions/latest"},
	[QUESTION_FETCH] = {"GET", NULL, "/schemas/ids/", ""},
	[QUESTION_LEVEL] = {"GET", NULL, "/config/", ""},
	[QUESTION_SET_LEVEL] = {"PUT", "compatibility", "/config/", ""},
	[QUESTION_UNSET_LEVEL] = {"DELETE", NULL, "/config/", ""},
	[QUESTION_REMOVE] = {"DELETE", NULL, "/subjects/", ""},
	[QUESTION_REMOVE_FOR_GOOD] = {"DELETE", NULL, "/subjects/", "?permanent=true"},
};

char *
question_path(const Question *question)
{
	AUTO_TEXT char *subject = percent_encoded(question->subject == NULL ? "" : question->subject);
	const char *normalize =
		question->normalize && question_posts(question) ? "?normalize=true" : "";

	if (question->kind == QUESTION_FETCH)
		return xasprintf("%s%" PRId32, requests[question->kind].before, question->id);
	return xasprintf("%s%s%s%s", requests[question->kind].before, subject,
					 requests[question->kind].behind, normalize);
}

const char *
question_method(const Question *question)
{
	return requests[question->kind].method;
}

char *
question_body(const Question *question)
{
	const char *member = requests[question->kind].member;
	json_t *root = member == NULL ? NULL : json_pack("{s:s}", member, question->schema);
	char *text = root == NULL ? NULL : json_dumps(root, JSON_COMPACT);

	json_decref(root);
	return text;
}

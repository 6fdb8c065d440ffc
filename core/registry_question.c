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

char *
question_path(const Question *question)
{
	AUTO_TEXT char *subject = percent_encoded(question->subject == NULL ? "" : question->subject);
	const char *normalize = question->normalize ? "?normalize=true" : "";

	switch (question->kind)
	{
		case QUESTION_REGISTER:
			return xasprintf("/subjects/%s/versions%s", subject, normalize);
		case QUESTION_LOOKUP:
			return xasprintf("/subjects/%s%s", subject, normalize);
		case QUESTION_LATEST:
			return xasprintf("/subjects/%s/versions/latest", subject);
		case QUESTION_FETCH:
			break;
	}
	return xasprintf("/schemas/ids/%" PRId32, question->id);
}

char *
question_body(const Question *question)
{
	json_t *root = question_posts(question) ? json_pack("{s:s}", "schema", question->schema) : NULL;
	char *text = root == NULL ? NULL : json_dumps(root, JSON_COMPACT);

	json_decref(root);
	return text;
}

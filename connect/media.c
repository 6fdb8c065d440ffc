/*
 * connect/media.c - see media.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/media.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS	   " \t"
#define FULL	   1000
#define NO_MATCH   MEDIA_UNNAMED
#define TYPE_END   "/;," BLANKS
#define RANGE_END  ';'
#define HEADER_END ','

/* A token up to one of the ends, without blanks behind it. */
typedef struct Token
{
	const char *text;
	size_t len;
} Token;

static Token
token(const char **at)
{
	Token found = {*at + strspn(*at, BLANKS), 0};

	found.len = strcspn(found.text, TYPE_END);
	*at = found.text + found.len;
	*at += strspn(*at, BLANKS);
	return found;
}

static bool
is(Token found, const char *text)
{
	return found.len == strlen(text) && strncasecmp(found.text, text, found.len) == 0;
}

/* 0 any, 1 the type, 2 type and subtype; NO_MATCH. *at goes behind it. */
static int
match_range(const char **at, const char *type, const char *subtype)
{
	Token first = token(at);
	Token second = {"", 0};

	if (**at == '/')
	{
		(*at)++;
		second = token(at);
	}
	if (is(first, "*") && is(second, "*"))
		return 0;
	if (!is(first, type))
		return NO_MATCH;
	return is(second, "*") ? 1 : is(second, subtype) ? 2 : NO_MATCH;
}

/* The parameter q of a range, "q=0.5"; the range ends at a comma or with the header. */
static int
weight(const char **at)
{
	int found = FULL;

	while (**at == RANGE_END)
	{
		Token name;

		(*at)++;
		*at += strspn(*at, BLANKS);
		name = (Token){*at, strcspn(*at, "=;,")};
		if (is(name, "q") && name.text[1] == '=')
			found = (int) (strtod(name.text + 2, NULL) * FULL);
		*at += strcspn(*at, ";,");
	}
	return found < 0 ? 0 : found > FULL ? FULL : found;
}

int
media_quality(const char *header, const char *type, const char *subtype)
{
	int best = NO_MATCH;
	int quality = 0;

	if (header == NULL || header[strspn(header, BLANKS)] == '\0')
		return FULL;
	for (const char *at = header; *at != '\0'; at += *at == HEADER_END)
	{
		int match = match_range(&at, type, subtype);
		int wanted;

		at += strcspn(at, ";,");
		wanted = weight(&at);
		if (match > best || (match == best && wanted > quality))
		{
			best = match;
			quality = wanted;
		}
	}
	return best == NO_MATCH ? MEDIA_UNNAMED : quality;
}

bool
media_is_json(const char *content_type)
{
	const char *at = content_type;

	return content_type != NULL && match_range(&at, "application", "json") == 2;
}

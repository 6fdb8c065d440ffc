/*
 * connect/request.c - see request.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/request.h"

#include "core/memory.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *
request_name(const Request *request)
{
	return request->parameters[0];
}

void
request_free(Request *request)
{
	Request **at = request->all;

	while (*at != request)
		at = &(*at)->all_next;
	*at = request->all_next;
	for (size_t i = 0; i < PARAMETERS_MAX; i++)
		free(request->parameters[i]);
	json_decref(request->body);
	free(request);
}

void
request_reply(Request *request, int status, json_t *body)
{
	exchange_answer_json(request->exchange, status, body);
	json_decref(body);
	request_free(request);
}

void
request_answer(void *context, int status, json_t *body)
{
	request_reply(context, status, json_incref(body));
}

void
request_error(Request *request, int status, const char *fmt, ...)
{
	va_list arguments;
	char *message;

	va_start(arguments, fmt);
	message = xvasprintf(fmt, arguments);
	va_end(arguments);
	exchange_answer_error(request->exchange, status, "%s", message);
	free(message);
	request_free(request);
}

void
request_text(Request *request, int status, const char *type, const char *text)
{
	exchange_answer(request->exchange, status, type, slice_text(text));
	request_free(request);
}

static int
hexadecimal(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (!isxdigit((unsigned char) digit))
		return -1;
	return tolower((unsigned char) digit) - 'a' + 10;
}

char *
request_decode(const char *text, size_t len, bool plus)
{
	char *out = xmalloc(len + 1);
	size_t used = 0;

	for (size_t i = 0; i < len; i++)
	{
		char c = text[i];

		if (c == '%')
		{
			int high = i + 2 < len ? hexadecimal(text[i + 1]) : -1;
			int low = high < 0 ? -1 : hexadecimal(text[i + 2]);

			if (low < 0 || (high == 0 && low == 0))
			{
				free(out);
				return NULL;
			}
			c = (char) (high * 16 + low);
			i += 2;
		}
		else if (c == '+' && plus)
			c = ' ';
		out[used++] = c;
	}
	out[used] = '\0';
	return out;
}

char *
request_encode(const char *text)
{
	char *out = xmalloc(3 * strlen(text) + 1);
	char *at = out;

	for (; *text != '\0'; text++)
		if (isalnum((unsigned char) *text) || strchr("-._~!$&'()*+,;=:@", *text) != NULL)
			*at++ = *text;
		else
			at += sprintf(at, "%%%02X", (unsigned char) *text);
	*at = '\0';
	return out;
}

char *
request_query(const Request *request, const char *name, size_t nth)
{
	const char *at = exchange_query(request->exchange);

	while (*at != '\0')
	{
		size_t len = strcspn(at, "&");
		const char *equals = memchr(at, '=', len);
		size_t name_len = equals == NULL ? len : (size_t) (equals - at);
		AUTO_TEXT char *found = request_decode(at, name_len, true);

		if (found != NULL && strcmp(found, name) == 0 && nth-- == 0)
		{
			char *value =
				equals == NULL ? xstrdup("") : request_decode(equals + 1, len - name_len - 1, true);

			return value != NULL ? value : xstrndup(equals + 1, len - name_len - 1);
		}
		at += len + (at[len] == '&');
	}
	return NULL;
}

bool
request_flag(const Request *request, const char *name)
{
	AUTO_TEXT char *value = request_query(request, name, 0);

	return value != NULL && strcasecmp(value, "true") == 0;
}

/*
 * core/memory.c - see memory.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/memory.h"

#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *
checked(void *allocated, size_t size)
{
	if (allocated == NULL)
	{
		log_error(
			"out of memory: %zu bytes could not be had; give the process more memory or lower "
			"the limits in its configuration",
			size);
		_exit(EXIT_FAILURE);
	}
	return allocated;
}

void *
xmalloc(size_t size)
{
	return checked(malloc(size == 0 ? 1 : size), size);
}

void *
xcalloc(size_t count, size_t size)
{
	return checked(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size), count * size);
}

void *
xrealloc(void *old, size_t size)
{
	return checked(realloc(old, size == 0 ? 1 : size), size);
}

char *
xstrdup(const char *text)
{
	return xstrndup(text, strlen(text));
}

char *
xstrndup(const char *text, size_t len)
{
	char *copy;

	len = strnlen(text, len);
	copy = xmalloc(len + 1);
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *
xvasprintf(const char *fmt, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text = xmalloc((size_t) len + 1);
	vsnprintf(text, (size_t) len + 1, fmt, args);
	return text;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = xvasprintf(fmt, args);
	va_end(args);
	return text;
}

/*
 * core/error.c - see error.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text that filled its buffer may end in the middle of a UTF-8 sequence: takes that off. */
static void
trim_partial_character(char *text, size_t size)
{
	size_t len = strlen(text);
	size_t start = len;
	size_t need;

	if (len + 1 < size)
		return;
	while (start > 0 && ((unsigned char) text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start == 0)
		return;
	start--;
	need = (unsigned char) text[start] >= 0xf0	 ? 4
		   : (unsigned char) text[start] >= 0xe0 ? 3
		   : (unsigned char) text[start] >= 0xc0 ? 2
												 : 1;
	if (len - start < need)
		text[start] = '\0';
}

/* As much of more as there is room for. */
static void
append(char *text, size_t size, const char *more)
{
	size_t used = strlen(text);
	size_t len = strnlen(more, size - 1 - used);

	memcpy(text + used, more, len);
	text[used + len] = '\0';
}

bool
error_set(Error *err, ErrorKind kind, const char *fmt, ...)
{
	char text[sizeof err->message]; /* an argument may point into err */
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	trim_partial_character(text, sizeof text);
	err->kind = kind;
	memcpy(err->message, text, sizeof text);
	return false;
}

bool
error_add(Error *err, const char *fmt, ...)
{
	char text[sizeof err->message];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	append(text, sizeof text, ": ");
	append(text, sizeof text, err->message);
	trim_partial_character(text, sizeof text);
	memcpy(err->message, text, sizeof text);
	return false;
}

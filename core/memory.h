/*
 * core/memory.h - allocation that cannot fail, and handles that close themselves.
 *
 * Out of memory ends the process with a message: its state lives in the slot and in the offsets, a
 * restart recovers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_MEMORY_H
#define WAL2AVRO_CORE_MEMORY_H

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t len);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));

/* `AUTO(PGresult) *res = ...;` calls auto_PGresult(&res) at the end of the scope. AUTO_DEFINE makes
 * that function. */
#define AUTO(type) __attribute__((cleanup(auto_##type))) type
#define AUTO_DEFINE(type, close)                                                                   \
	static inline void auto_##type(type **handle)                                                  \
	{                                                                                              \
		if (*handle != NULL)                                                                       \
			close(*handle);                                                                        \
	}

/* `AUTO_TEXT char *name = xasprintf(...);` frees it at the end of the scope. */
static inline void
auto_text(char **text)
{
	free(*text);
}
#define AUTO_TEXT __attribute__((cleanup(auto_text)))

#endif

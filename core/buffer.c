/*
 * core/buffer.c - see buffer.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/buffer.h"

#include "core/memory.h"

#include <stdarg.h>
#include <stdio.h>

#define BUFFER_FIRST 256

void
buffer_init(Buffer *buffer, size_t max)
{
	*buffer = (Buffer){.max = max};
}

void
buffer_done(Buffer *buffer)
{
	free(buffer->data);
	*buffer = (Buffer){.max = buffer->max};
}

uint8_t *
buffer_reserve(Buffer *buffer, size_t size)
{
	size_t need;
	size_t capacity = buffer->capacity == 0 ? BUFFER_FIRST : buffer->capacity;

	if (size > buffer->max - buffer->len)
		return NULL;
	need = buffer->len + size;
	if (buffer->data != NULL && need <= buffer->capacity)
		return buffer->data + buffer->len;
	while (capacity < need)
		capacity = capacity > buffer->max / 2 ? buffer->max : capacity * 2;
	if (capacity > buffer->max)
		capacity = buffer->max;

	/* One byte more, for the NUL of buffer_text. */
	buffer->data = xrealloc(buffer->data, capacity + 1);
	buffer->capacity = capacity;
	return buffer->data + buffer->len;
}

bool
buffer_append(Buffer *buffer, const void *data, size_t size)
{
	uint8_t *room = buffer_reserve(buffer, size);

	if (room == NULL)
		return false;
	if (size > 0)
		memcpy(room, data, size);
	buffer->len += size;
	return true;
}

bool
buffer_append_text(Buffer *buffer, const char *text)
{
	return buffer_append(buffer, text, strlen(text));
}

bool
buffer_printf(Buffer *buffer, const char *fmt, ...)
{
	va_list args;
	int len;
	uint8_t *room;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0 || (room = buffer_reserve(buffer, (size_t) len)) == NULL)
		return false;

	/* The NUL has its room behind capacity. */
	va_start(args, fmt);
	vsnprintf((char *) room, (size_t) len + 1, fmt, args);
	va_end(args);
	buffer->len += (size_t) len;
	return true;
}

const char *
buffer_text(Buffer *buffer)
{
	if (buffer->data == NULL)
		return "";
	buffer->data[buffer->len] = '\0';
	return (const char *) buffer->data;
}

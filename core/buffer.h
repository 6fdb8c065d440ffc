/*
 * core/buffer.h - bytes that grow, up to a maximum.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_BUFFER_H
#define WAL2AVRO_CORE_BUFFER_H

#include "common/slice.h"
#include "core/memory.h"

typedef struct Buffer
{
	uint8_t *data;
	size_t len;
	size_t capacity;
	size_t max; /* appending beyond it fails */
} Buffer;

/* Nothing is allocated before the first append. */
void buffer_init(Buffer *buffer, size_t max);
void buffer_done(Buffer *buffer);

/* `AUTO(Buffer) *text = &(Buffer){.max = ...};` is done with at the end of the scope. */
AUTO_DEFINE(Buffer, buffer_done)

/* Makes room for size more bytes behind len and returns where they go (advance len yourself); NULL
 * beyond max. */
uint8_t *buffer_reserve(Buffer *buffer, size_t size);

/* False, with nothing appended, beyond max. */
bool buffer_append(Buffer *buffer, const void *data, size_t size);
bool buffer_append_text(Buffer *buffer, const char *text);
bool buffer_printf(Buffer *buffer, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Keeps the memory. */
static inline void
buffer_clear(Buffer *buffer)
{
	buffer->len = 0;
}

static inline Slice
buffer_slice(const Buffer *buffer)
{
	return (Slice){buffer->data, buffer->len};
}

/* The contents as a C string; the NUL stands behind len. Valid until the next append. */
const char *buffer_text(Buffer *buffer);

#endif

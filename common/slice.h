/*
 * common/slice.h - bytes that somebody else owns.
 *
 * The length travels with the data; data NULL means absent, which is not the same as empty.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_COMMON_SLICE_H
#define WAL2AVRO_COMMON_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct Slice
{
	const uint8_t *data;
	size_t len;
} Slice;

#define SLICE_ABSENT ((Slice){NULL, 0})

/* The bytes of a C string, without its NUL. */
static inline Slice
slice_text(const char *text)
{
	return (Slice){(const uint8_t *) text, strlen(text)};
}

static inline bool
slice_equal(Slice a, Slice b)
{
	return (a.data == NULL) == (b.data == NULL) && a.len == b.len &&
		   (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

#endif

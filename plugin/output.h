/*
 * plugin/output.h - collects messages into frames; the layout is in docs/wire.md, the reader is
 * common/wire.h.
 *
 * The buffer lives across callbacks. A message counts only when output_message_end() has been
 * reached: an error in the middle of a row (the server ends the decoding of a transaction in
 * progress that way when it aborts) leaves a torso, which output_rewind() drops.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_OUTPUT_H
#define WAL2AVRO_PLUGIN_OUTPUT_H

#include "plugin/compat.h"

#include "common/wire.h"

typedef struct Output
{
	uint8_t *data;
	size_t len;		 /* bytes written */
	size_t mark;	 /* end of the last complete message; never behind len */
	size_t capacity; /* bytes at data */
	size_t frame_bytes;
	bool inexact; /* what was written last is a stand-in, see output_inexact() */
} Output;

/* Starts empty; the buffer is taken from context and freed with it. */
void output_init(Output *out, MemoryContext context, size_t frame_bytes);

/* Drops what an error has left behind the last complete message. */
void output_rewind(Output *out);

/* Makes room for size more bytes. ERROR when the buffer would exceed 1 GB, the most that one write
 * of the server takes. Use output_reserve(). */
void output_grow(Output *out, size_t size);

/* Where to write up to size bytes; the caller moves out->len behind what it has written. */
static inline uint8_t *
output_reserve(Output *out, size_t size)
{
	if (unlikely(out->capacity - out->len < size))
		output_grow(out, size);
	return out->data + out->len;
}

void output_u8(Output *out, uint8_t value);
void output_u32(Output *out, uint32_t value);
void output_u64(Output *out, uint64_t value);
void output_bytes(Output *out, const void *data, size_t len);

/* An Avro int or long. */
void output_long(Output *out, int64_t value);

/* An Avro string or bytes. */
void output_counted(Output *out, const void *data, size_t len);

/*
 * Says that the value being written cannot be carried by its Avro type and that a stand-in is
 * written in its place. The value's text form then travels beside the row (docs/wire.md, "Notes").
 * For encoders; tuple.c clears the flag in front of each column.
 */
static inline void
output_inexact(Output *out)
{
	out->inexact = true;
}

/* A text of the frame, from a C string in the database's encoding. */
void output_text(Output *out, const char *text);

/* A blob whose bytes follow until output_blob_end(out, what output_blob_begin() returned). */
size_t output_blob_begin(Output *out);
void output_blob_end(Output *out, size_t blob);
void output_blob_absent(Output *out);

/* The bytes of a blob that has ended; valid until the next write. */
Slice output_blob(const Output *out, size_t blob);

void output_message_begin(Output *out, MessageType type);
void output_message_end(Output *out);

/* True when the complete messages make a frame. */
static inline bool
output_is_full(const Output *out)
{
	return out->mark >= out->frame_bytes;
}

/* Hands the complete messages to the server as one frame; nothing when there are none. */
void output_write(Output *out, LogicalDecodingContext *ctx);

#endif

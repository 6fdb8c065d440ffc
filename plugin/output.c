/*
 * plugin/output.c - see output.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/output.h"

#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "common/avro.h"
#include "common/bytes.h"
#include "plugin/utf8.h"

#define CAPACITY_FIRST 8192

/* A buffer that one huge row has blown up is given back once it is empty. */
#define CAPACITY_KEPT (1024 * 1024)

/* The server's own buffer puts a header of up to 25 bytes before the frame, and a NUL behind it. */
#define CAPACITY_MAX (MaxAllocSize - 1024)

void
output_init(Output *out, MemoryContext context, size_t frame_bytes)
{
	*out = (Output){.data = MemoryContextAlloc(context, CAPACITY_FIRST),
					.capacity = CAPACITY_FIRST,
					.frame_bytes = frame_bytes};
}

void
output_rewind(Output *out)
{
	out->len = out->mark;
}

void
output_grow(Output *out, size_t size)
{
	size_t capacity = out->capacity;

	if (size > CAPACITY_MAX - out->len)
		ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				errmsg("a message of more than 1 GB cannot be sent; take the table out of the list "
					   "of tables, or keep its values smaller"));
	while (capacity - out->len < size)
		capacity = Min(capacity * 2, CAPACITY_MAX);
	out->data = repalloc(out->data, capacity);
	out->capacity = capacity;
}

void
output_u8(Output *out, uint8_t value)
{
	*output_reserve(out, sizeof value) = value;
	out->len += sizeof value;
}

void
output_u32(Output *out, uint32_t value)
{
	put_be32(output_reserve(out, sizeof value), value);
	out->len += sizeof value;
}

void
output_u64(Output *out, uint64_t value)
{
	put_be64(output_reserve(out, sizeof value), value);
	out->len += sizeof value;
}

void
output_bytes(Output *out, const void *data, size_t len)
{
	memcpy(output_reserve(out, len), data, len);
	out->len += len;
}

void
output_long(Output *out, int64_t value)
{
	out->len = avro_put_long(output_reserve(out, AVRO_LONG_MAX), value) - out->data;
}

void
output_counted(Output *out, const void *data, size_t len)
{
	uint8_t *p = avro_put_long(output_reserve(out, AVRO_LONG_MAX + len), (int64_t) len);

	memcpy(p, data, len);
	out->len = p + len - out->data;
}

void
output_text(Output *out, const char *text)
{
	size_t len = strlen(text);
	const char *utf8 = utf8_from_server(text, &len);

	output_u32(out, (uint32_t) len);
	output_bytes(out, utf8, len);
}

size_t
output_blob_begin(Output *out)
{
	size_t blob = out->len;

	output_u32(out, 0);
	return blob;
}

void
output_blob_end(Output *out, size_t blob)
{
	put_be32(out->data + blob, (uint32_t) (out->len - blob - sizeof(uint32_t)));
}

void
output_blob_absent(Output *out)
{
	output_u32(out, WIRE_ABSENT);
}

Slice
output_blob(const Output *out, size_t blob)
{
	return (Slice){out->data + blob + sizeof(uint32_t), get_be32(out->data + blob)};
}

void
output_message_begin(Output *out, MessageType type)
{
	Assert(out->len == out->mark);
	output_u8(out, (uint8_t) type);
	output_u32(out, 0);
}

void
output_message_end(Output *out)
{
	put_be32(out->data + out->mark + 1, (uint32_t) (out->len - out->mark - WIRE_HEADER));
	out->mark = out->len;
}

void
output_write(Output *out, LogicalDecodingContext *ctx)
{
	if (out->mark == 0)
		return;
	Assert(out->len == out->mark);
	OutputPluginPrepareWrite(ctx, true);
	appendBinaryStringInfo(ctx->out, (const char *) out->data, (int) out->mark);
	OutputPluginWrite(ctx, true);
	out->len = out->mark = 0;
	if (out->capacity > Max(CAPACITY_KEPT, out->frame_bytes * 2))
	{
		out->data = repalloc(out->data, CAPACITY_FIRST);
		out->capacity = CAPACITY_FIRST;
	}
}

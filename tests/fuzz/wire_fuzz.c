/*
 * tests/fuzz/wire_fuzz.c - any bytes as a frame: every slice of a message lies within it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include "common/wire.h"

#include <stdlib.h>

static void
check_within(Slice part, Slice frame)
{
	if (part.data == NULL)
		return;
	if (part.data < frame.data || part.data + part.len > frame.data + frame.len)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const Slice frame = {data, size};
	Slice rest = frame;
	Message message;
	size_t before;

	for (before = rest.len; wire_next(&rest, &message) == WIRE_MESSAGE; before = rest.len)
	{
		const Slice parts[] = {message.namespace_name, message.name,	message.key_schema,
							   message.value_schema,   message.old_key, message.key,
							   message.value};

		/* Or a reader would never end. */
		if (rest.len >= before)
			abort();
		for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
			check_within(parts[i], frame);
	}
	return 0;
}

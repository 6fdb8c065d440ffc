/*
 * common/array_text.c - see array_text.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "common/array_text.h"

#include <string.h>

/* Bytes of the element in quotes that text begins with. */
static size_t
quoted_len(Slice text)
{
	size_t len = 1;

	while (len < text.len && text.data[len] != '"')
		len += text.data[len] == '\\' ? 2 : 1;
	return len < text.len ? len + 1 : text.len;
}

static size_t
plain_len(Slice text, char delimiter)
{
	size_t len = 0;

	while (len < text.len && text.data[len] != (uint8_t) delimiter && text.data[len] != '{' &&
		   text.data[len] != '}' && text.data[len] != '"')
		len++;
	return len;
}

static uint8_t *
put(uint8_t *out, const uint8_t *data, size_t len)
{
	memcpy(out, data, len);
	return out + len;
}

size_t
array_text_delimit(Slice text, char from, char to, uint8_t *out)
{
	uint8_t *p = out;
	const uint8_t *equals = memchr(text.data, '=', text.len);
	size_t len = 0;

	/* [0:1]= in front; an element may have such a character, too. */
	if (equals != NULL && text.data[0] == '[')
		len = (size_t) (equals - text.data) + 1;
	p = put(p, text.data, len);
	for (Slice in = {text.data + len, text.len - len}; in.len > 0;
		 in = (Slice){in.data + len, in.len - len})
	{
		const uint8_t first = in.data[0];

		len = first == '"' ? quoted_len(in) : plain_len(in, from);
		if (len == 0)
		{
			len = 1;
			*p++ = first == (uint8_t) from ? (uint8_t) to : first;
		}
		else if (first == '"' || memchr(in.data, to, len) == NULL)
			p = put(p, in.data, len);
		else
		{
			*p++ = '"';
			p = put(p, in.data, len);
			*p++ = '"';
		}
	}
	return (size_t) (p - out);
}

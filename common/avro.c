/*
 * common/avro.c - see avro.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "common/avro.h"

#include <endian.h>

uint8_t *
avro_put_long(uint8_t *p, int64_t value)
{
	uint64_t zigzag = ((uint64_t) value << 1) ^ (uint64_t) (value >> 63);

	while (zigzag > 0x7f)
	{
		*p++ = (uint8_t) (zigzag | 0x80);
		zigzag >>= 7;
	}
	*p++ = (uint8_t) zigzag;
	return p;
}

uint8_t *
avro_put_float(uint8_t *p, float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	bits = htole32(bits);
	memcpy(p, &bits, sizeof bits);
	return p + sizeof bits;
}

uint8_t *
avro_put_double(uint8_t *p, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	bits = htole64(bits);
	memcpy(p, &bits, sizeof bits);
	return p + sizeof bits;
}

static void
advance(Slice *in, size_t size)
{
	in->data += size;
	in->len -= size;
}

bool
avro_get_long(Slice *in, int64_t *out)
{
	uint64_t zigzag = 0;

	for (size_t i = 0; i < in->len && i < AVRO_LONG_MAX; i++)
	{
		uint64_t byte = in->data[i];

		/* The tenth byte has room for one bit only. */
		if (i == AVRO_LONG_MAX - 1 && byte > 1)
			return false;
		zigzag |= (byte & 0x7f) << (7 * i);
		if (byte < 0x80)
		{
			*out = (int64_t) (zigzag >> 1) ^ -(int64_t) (zigzag & 1);
			advance(in, i + 1);
			return true;
		}
	}
	return false;
}

bool
avro_get_int(Slice *in, int32_t *out)
{
	Slice rest = *in;
	int64_t value;

	if (!avro_get_long(&rest, &value) || value < INT32_MIN || value > INT32_MAX)
		return false;
	*out = (int32_t) value;
	*in = rest;
	return true;
}

bool
avro_get_boolean(Slice *in, bool *out)
{
	if (in->len < 1 || in->data[0] > 1)
		return false;
	*out = in->data[0] == 1;
	advance(in, 1);
	return true;
}

bool
avro_get_float(Slice *in, float *out)
{
	uint32_t bits;

	if (in->len < sizeof bits)
		return false;
	memcpy(&bits, in->data, sizeof bits);
	bits = le32toh(bits);
	memcpy(out, &bits, sizeof bits);
	advance(in, sizeof bits);
	return true;
}

bool
avro_get_double(Slice *in, double *out)
{
	uint64_t bits;

	if (in->len < sizeof bits)
		return false;
	memcpy(&bits, in->data, sizeof bits);
	bits = le64toh(bits);
	memcpy(out, &bits, sizeof bits);
	advance(in, sizeof bits);
	return true;
}

bool
avro_get_bytes(Slice *in, Slice *out)
{
	Slice rest = *in;
	int64_t len;

	if (!avro_get_long(&rest, &len) || len < 0 || !avro_get_fixed(&rest, (size_t) len, out))
		return false;
	*in = rest;
	return true;
}

bool
avro_get_fixed(Slice *in, size_t size, Slice *out)
{
	if (size > in->len)
		return false;
	*out = (Slice){in->data, size};
	advance(in, size);
	return true;
}

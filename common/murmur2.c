/*
 * common/murmur2.c - see murmur2.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "common/murmur2.h"

#include <endian.h>

#define MURMUR2_SEED 0x9747b28cu
#define MURMUR2_M	 0x5bd1e995u
#define MURMUR2_R	 24

static uint32_t
little_endian(const uint8_t *p)
{
	uint32_t k;

	memcpy(&k, p, sizeof k);
	return le32toh(k);
}

uint32_t
murmur2(Slice bytes)
{
	uint32_t h = MURMUR2_SEED ^ (uint32_t) bytes.len;
	size_t whole = bytes.len & ~(size_t) 3;

	for (size_t i = 0; i < whole; i += 4)
	{
		uint32_t k = little_endian(bytes.data + i) * MURMUR2_M;

		k ^= k >> MURMUR2_R;
		h = h * MURMUR2_M ^ k * MURMUR2_M;
	}
	for (size_t i = bytes.len; i > whole; i--)
	{
		h ^= (uint32_t) bytes.data[i - 1] << (8 * (i - 1 - whole));
		if (i - 1 == whole)
			h *= MURMUR2_M;
	}
	h ^= h >> 13;
	h *= MURMUR2_M;
	h ^= h >> 15;
	return h;
}

int32_t
murmur2_partition(Slice key, int32_t partitions)
{
	return (int32_t) (murmur2(key) & 0x7fffffff) % partitions;
}

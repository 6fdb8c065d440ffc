/*
 * tests/unit/test.h - what every unit test begins with: cmocka, and random numbers that a failed
 * test can repeat.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_TESTS_UNIT_TEST_H
#define WAL2AVRO_TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* needs those above */

#ifndef COUNT
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* xorshift64*: the same numbers in every run. */
static inline uint64_t
next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

/* A number whose size in bits is random, so that short and long forms come up alike. */
static inline uint64_t
next_random_size(uint64_t *state)
{
	return next_random(state) >> (next_random(state) % 64);
}

/* Bytes of hexadecimal digits with spaces between them. */
static inline size_t
read_hex(const char *text, uint8_t *bytes)
{
	size_t len = 0;
	unsigned byte;

	while (sscanf(text, " %2x", &byte) == 1)
	{
		bytes[len++] = (uint8_t) byte;
		text += strspn(text, " ") + 2;
	}
	return len;
}

#endif

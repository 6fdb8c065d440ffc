/*
 * common/lsn.h - log sequence numbers as text, in PostgreSQL's form X/X.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_COMMON_LSN_H
#define WAL2AVRO_COMMON_LSN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LSN_FORMAT	  "%X/%X"
#define LSN_ARGS(lsn) (unsigned) ((lsn) >> 32), (unsigned) (lsn)
#define LSN_TEXT_SIZE 18

/* Reads "16/B374D848". False when text is anything else. */
static inline bool
lsn_parse(const char *text, uint64_t *out)
{
	static const char digits[] = "0123456789ABCDEFabcdef";
	unsigned high;
	unsigned low;
	size_t used;

	if (text == NULL || (used = strspn(text, digits)) == 0 || used > 8 || text[used] != '/')
		return false;
	used = strspn(text + used + 1, digits);
	if (used == 0 || used > 8 || sscanf(text, "%X/%X", &high, &low) != 2 ||
		strchr(text, '/')[used + 1] != '\0')
		return false;
	*out = (uint64_t) high << 32 | low;
	return true;
}

#endif

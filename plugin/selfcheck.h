/*
 * plugin/selfcheck.h - a second opinion on what was written: avro-c reads it again.
 *
 * Only in builds with WAL2AVRO_SELFCHECK; elsewhere it is nothing, and avro-c is not linked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_SELFCHECK_H
#define WAL2AVRO_PLUGIN_SELFCHECK_H

#include "plugin/compat.h"

/* ERROR XX000 when avro-c does not parse the schema, does not read the bytes as one value of it, or
 * would write other bytes for that value. */
#ifdef WAL2AVRO_SELFCHECK
void selfcheck(const char *schema, const uint8_t *data, size_t len);
#else
static inline void
selfcheck(const char *schema, const uint8_t *data, size_t len)
{
	(void) schema;
	(void) data;
	(void) len;
}
#endif

#endif

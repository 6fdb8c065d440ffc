/*
 * plugin/version.h - the numbers of relations in a session.
 *
 * A number stands for content: schema name, table name, key schema text and value schema text. The
 * same content has the same number for as long as the session lasts, whatever became of the
 * transaction in which it came up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_VERSION_H
#define WAL2AVRO_PLUGIN_VERSION_H

#include "plugin/compat.h"

#include "utils/hsearch.h"

#include "plugin/plan.h"

#define VERSION_DIGEST_LENGTH 32

typedef struct Version
{
	uint8 digest[VERSION_DIGEST_LENGTH]; /* of the content; key of the hash table */
	uint32 number;						 /* from 1 */
	bool sent;							 /* its R message is complete in the output */
} Version;

/* A table of versions in context. */
HTAB *version_table(MemoryContext context);

/* The version of a plan's content, new or known. It stays where it is for as long as the table. */
Version *version_of(HTAB *versions, const Plan *plan);

#endif

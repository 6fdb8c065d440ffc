/*
 * relay/rival.h - another connector that has the same slot.
 *
 * Names of slots allow less than names of connectors, so that two connectors may mean one slot
 * without anybody having said so. It belongs to the one whose position is stored.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_RIVAL_H
#define WAL2AVRO_RELAY_RIVAL_H

#include "core/properties.h"

#include <stdint.h>

typedef struct RivalSearch
{
	const Properties *worker;
	const char *topic; /* of the offsets */
	const char *connector;
	const char *slot;
	uint64_t system_identifier; /* of the source */
	int timeout_ms;
} RivalSearch;

/* The name of a connector, not this one, that has a position in this slot of this source; NULL:
 * there is none. For the caller to free. Blocking. */
bool rival_find(const RivalSearch *search, char **rival, Error *err);

#endif

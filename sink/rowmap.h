/*
 * sink/rowmap.h - finds rows of a batch by the bytes of their keys: an open hash table per table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_ROWMAP_H
#define WAL2AVRO_SINK_ROWMAP_H

#include "sink/batch.h"

/* The entry of a key, or the free one where it belongs, which counts once entry_count is raised.
 * plan: rows of this one only; NULL: of any. Valid until the next call. */
KeyEntry *rowmap_find(TableBatch *table, const Plan *plan, Slice key, uint64_t *hash);

static inline bool
rowmap_is_free(const KeyEntry *entry)
{
	return entry->section == UINT32_MAX;
}

/* Forgets all entries and keeps the memory. */
void rowmap_clear(TableBatch *table);

#endif

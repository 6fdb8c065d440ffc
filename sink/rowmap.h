/*
 * sink/rowmap.h - finds rows of a batch by the bytes of their keys: an open hash table per table,
 * which is made when a key comes that is not behind all others. Serial keys never need it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_ROWMAP_H
#define WAL2AVRO_SINK_ROWMAP_H

#include "sink/batch.h"

/* Notes a row without looking for its key, which no other row has: it is behind all that are there,
 * byte by byte. False, with nothing noted: it is not, or a key before it was not. */
bool rowmap_append(TableBatch *table, Slice key, size_t section, size_t row);

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

/*
 * sink/rowmap.c - see rowmap.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/rowmap.h"

#include "core/memory.h"

#define FREE_ENTRY UINT32_MAX

/* FNV-1a over words, mixed at the end: keys are short. */
static uint64_t
hash_key(Slice key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ key.len;
	uint64_t word;

	for (; key.len >= sizeof word; key.data += sizeof word, key.len -= sizeof word)
	{
		memcpy(&word, key.data, sizeof word);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ key.data[i]) * UINT64_C(0x100000001b3);
	hash ^= hash >> 32;
	hash *= UINT64_C(0xd6e8feb86659fd93);
	return hash ^ hash >> 32;
}

static Slice
key_of(const TableBatch *table, const KeyEntry *entry)
{
	const Section *section = &table->sections[entry->section];
	const BatchRow *row = &section->rows[entry->row];

	return (Slice){section->bytes.data + row->start + 2, row->key_len};
}

static KeyEntry *
probe(const TableBatch *table, const Plan *plan, uint64_t hash, Slice key)
{
	const size_t mask = table->entry_capacity - 1;

	for (size_t i = hash & mask;; i = (i + 1) & mask)
	{
		KeyEntry *entry = &table->entries[i];

		if (rowmap_is_free(entry) ||
			(entry->hash == hash &&
			 (plan == NULL || table->sections[entry->section].plan == plan) &&
			 slice_equal(key_of(table, entry), key)))
			return entry;
	}
}

static void
grow(TableBatch *table)
{
	KeyEntry *old = table->entries;
	const size_t old_capacity = table->entry_capacity;

	if (table->entry_count * 2 < old_capacity)
		return;
	table->entry_capacity = old_capacity == 0 ? 1024 : old_capacity * 2;
	table->entries = xmalloc(table->entry_capacity * sizeof *table->entries);
	for (size_t i = 0; i < table->entry_capacity; i++)
		table->entries[i].section = FREE_ENTRY;
	for (size_t i = 0; i < old_capacity; i++)
	{
		size_t at = old[i].hash & (table->entry_capacity - 1);

		if (rowmap_is_free(&old[i]))
			continue;
		while (!rowmap_is_free(&table->entries[at]))
			at = (at + 1) & (table->entry_capacity - 1);
		table->entries[at] = old[i];
	}
	free(old);
}

/* Gives entries to the rows that are there so far. */
static void
stop_ascending(TableBatch *table)
{
	table->ascends = false;
	for (size_t section = 0; section < table->section_count; section++)
		for (size_t row = 0; row < table->sections[section].row_count; row++)
		{
			KeyEntry entry = {.section = (uint32_t) section, .row = (uint32_t) row};
			const Slice key = key_of(table, &entry);

			entry.hash = hash_key(key);
			grow(table);
			*probe(table, NULL, entry.hash, key) = entry;
			table->entry_count++;
		}
}

static bool
is_behind(Slice key, Slice last)
{
	const size_t len = key.len < last.len ? key.len : last.len;
	const int order = memcmp(key.data, last.data, len);

	return order > 0 || (order == 0 && key.len > last.len);
}

bool
rowmap_append(TableBatch *table, Slice key, size_t section, size_t row)
{
	if (!table->ascends ||
		(!rowmap_is_free(&table->last) && !is_behind(key, key_of(table, &table->last))))
		return false;
	table->last = (KeyEntry){.section = (uint32_t) section, .row = (uint32_t) row};
	return true;
}

KeyEntry *
rowmap_find(TableBatch *table, const Plan *plan, Slice key, uint64_t *hash)
{
	if (table->ascends)
		stop_ascending(table);
	grow(table);
	*hash = hash_key(key);
	return probe(table, plan, *hash, key);
}

void
rowmap_clear(TableBatch *table)
{
	if (table->entry_count > 0)
		for (size_t i = 0; i < table->entry_capacity; i++)
			table->entries[i].section = FREE_ENTRY;
	table->entry_count = 0;
	table->ascends = true;
	table->last.section = FREE_ENTRY;
}

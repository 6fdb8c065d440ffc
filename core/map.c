/*
 * core/map.c - see map.h. Linear probing; a taken entry is filled from behind, so there are no
 * tombstones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/map.h"

#include "common/murmur2.h"
#include "core/memory.h"

#define MAP_FIRST 16

typedef struct Entry
{
	void *value; /* NULL: the slot is free */
	uint8_t *key;
	size_t len;
	uint32_t hash;
} Entry;

struct Map
{
	Entry *entries;
	size_t slots; /* a power of two */
	size_t count;
};

Map *
map_new(void)
{
	Map *map = xcalloc(1, sizeof *map);

	map->slots = MAP_FIRST;
	map->entries = xcalloc(map->slots, sizeof *map->entries);
	return map;
}

void
map_free(Map *map, void (*free_value)(void *value))
{
	if (map == NULL)
		return;
	for (size_t i = 0; i < map->slots; i++)
	{
		if (map->entries[i].value != NULL && free_value != NULL)
			free_value(map->entries[i].value);
		free(map->entries[i].key);
	}
	free(map->entries);
	free(map);
}

/* The entry of the key, or the free slot where it belongs. */
static Entry *
find(const Map *map, Slice key, uint32_t hash)
{
	for (size_t i = hash & (map->slots - 1);; i = (i + 1) & (map->slots - 1))
	{
		Entry *entry = &map->entries[i];

		if (entry->value == NULL)
			return entry;
		if (entry->hash == hash && entry->len == key.len &&
			(key.len == 0 || memcmp(entry->key, key.data, key.len) == 0))
			return entry;
	}
}

void *
map_get(const Map *map, Slice key)
{
	return find(map, key, murmur2(key))->value;
}

static void
grow(Map *map)
{
	Map bigger = {.slots = map->slots * 2, .count = map->count};

	bigger.entries = xcalloc(bigger.slots, sizeof *bigger.entries);
	for (size_t i = 0; i < map->slots; i++)
	{
		Entry *entry = &map->entries[i];

		if (entry->value != NULL)
			*find(&bigger, (Slice){entry->key, entry->len}, entry->hash) = *entry;
	}
	free(map->entries);
	*map = bigger;
}

void *
map_put(Map *map, Slice key, void *value)
{
	uint32_t hash = murmur2(key);
	Entry *entry = find(map, key, hash);
	void *former = entry->value;

	if (former == NULL)
	{
		if ((map->count + 1) * 4 > map->slots * 3)
		{
			grow(map);
			entry = find(map, key, hash);
		}
		*entry = (Entry){.key = xmalloc(key.len), .len = key.len, .hash = hash};
		if (key.len > 0)
			memcpy(entry->key, key.data, key.len);
		map->count++;
	}
	entry->value = value;
	return former;
}

/* Closes the gap at slot hole: moves up every entry that a lookup would no longer reach. */
static void
close_gap(Map *map, size_t hole)
{
	size_t mask = map->slots - 1;

	for (size_t i = (hole + 1) & mask; map->entries[i].value != NULL; i = (i + 1) & mask)
	{
		size_t home = map->entries[i].hash & mask;

		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		map->entries[hole] = map->entries[i];
		hole = i;
	}
	map->entries[hole] = (Entry){0};
}

void *
map_take(Map *map, Slice key)
{
	Entry *entry = find(map, key, murmur2(key));
	void *value = entry->value;

	if (value == NULL)
		return NULL;
	free(entry->key);
	close_gap(map, (size_t) (entry - map->entries));
	map->count--;
	return value;
}

size_t
map_count(const Map *map)
{
	return map->count;
}

bool
map_next(const Map *map, size_t *cursor, Slice *key, void **value)
{
	while (*cursor < map->slots)
	{
		const Entry *entry = &map->entries[(*cursor)++];

		if (entry->value == NULL)
			continue;
		*key = (Slice){entry->key, entry->len};
		*value = entry->value;
		return true;
	}
	return false;
}

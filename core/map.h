/*
 * core/map.h - from bytes to a pointer. Open addressing; keys are copied, values are borrowed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_MAP_H
#define WAL2AVRO_CORE_MAP_H

#include "common/slice.h"

typedef struct Map Map;

Map *map_new(void);

/* Calls free_value (if not NULL) on every value. map may be NULL. */
void map_free(Map *map, void (*free_value)(void *value));

/* NULL when there is none. */
void *map_get(const Map *map, Slice key);

/* Sets the value, which is not NULL, and returns the former one, or NULL. */
void *map_put(Map *map, Slice key, void *value);

/* Takes the entry out and returns its value, or NULL. */
void *map_take(Map *map, Slice key);

size_t map_count(const Map *map);

/* Walks the entries in no order: *cursor starts at 0; false at the end. The map must not change
 * meanwhile. */
bool map_next(const Map *map, size_t *cursor, Slice *key, void **value);

#endif

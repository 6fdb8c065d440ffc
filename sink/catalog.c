/*
 * sink/catalog.c - see catalog.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/catalog.h"

#include "common/bytes.h"
#include "core/log.h"
#include "core/map.h"
#include "core/memory.h"

typedef struct Entry
{
	Schema *schema; /* NULL: not there (yet) */
	bool asked;
	Error error; /* kind NONE: none */
} Entry;

struct Catalog
{
	Registry *registry;
	Map *entries; /* id, 4 bytes -> Entry */
};

Catalog *
catalog_new(Registry *registry)
{
	Catalog *catalog = xcalloc(1, sizeof *catalog);

	catalog->registry = registry;
	catalog->entries = map_new();
	return catalog;
}

static void
free_entry(void *value)
{
	Entry *entry = value;

	schema_free(entry->schema);
	free(entry);
}

void
catalog_free(Catalog *catalog)
{
	if (catalog == NULL)
		return;
	map_free(catalog->entries, free_entry);
	free(catalog);
}

static void
on_fetched(void *context, const char *schema, const Error *err)
{
	Entry *entry = context;

	log_debug("the registry has answered");
	if (schema == NULL)
		entry->error = *err;
	else
		schema_parse(schema, &entry->schema, &entry->error);
}

bool
catalog_get(Catalog *catalog, int32_t id, const Schema **schema, Error *err)
{
	uint8_t key[4];

	put_be32(key, (uint32_t) id);

	Entry *entry = map_get(catalog->entries, (Slice){key, sizeof key});

	if (entry == NULL)
	{
		entry = xcalloc(1, sizeof *entry);
		map_put(catalog->entries, (Slice){key, sizeof key}, entry);
	}
	if (entry->schema == NULL && !entry->asked)
	{
		entry->asked = true;
		log_debug("asking the registry for schema id %d", id);
		registry_fetch(catalog->registry, id, on_fetched, entry);
	}
	if (entry->error.kind != ERROR_NONE)
	{
		*err = entry->error;
		entry->error.kind = ERROR_NONE;
		entry->asked = false;
		return error_add(err, "schema id %d", id);
	}
	*schema = entry->schema;
	return true;
}

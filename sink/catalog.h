/*
 * sink/catalog.h - the writers' schemas, by their ids in the registry.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_CATALOG_H
#define WAL2AVRO_SINK_CATALOG_H

#include "core/registry.h"
#include "sink/schema.h"

typedef struct Catalog Catalog;

Catalog *catalog_new(Registry *registry);
void catalog_free(Catalog *catalog);

/*
 * The schema with this id; it lives as long as the catalog. *schema is NULL while it is on its way.
 * False: it cannot be had; the next call asks again.
 */
bool catalog_get(Catalog *catalog, int32_t id, const Schema **schema, Error *err);

#endif

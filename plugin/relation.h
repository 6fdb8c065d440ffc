/*
 * plugin/relation.h - the plans of the tables that a session has met, by relid.
 *
 * Invalidation messages (of the relation itself, of its root, its types, of any schema) only mark
 * entries; a marked plan is freed and built again when its table comes up next. So a plan may be
 * held across one row, and not longer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_RELATION_H
#define WAL2AVRO_PLUGIN_RELATION_H

#include "plugin/compat.h"

#include "plugin/plan.h"
#include "plugin/version.h"

typedef struct RelationCache RelationCache;

typedef struct RelationEntry
{
	Oid relid;	  /* key of the hash table */
	bool valid;	  /* false: build it again */
	bool is_root; /* of partitions that have entries: they are marked with it */
	Oid root;	  /* whose rows the table's rows are sent as; itself, where nothing else is asked */
	uint32 marks; /* how often it was invalidated */
	Plan *plan;	  /* NULL: not to be sent */
	Version *version; /* of the plan */
	MemoryContext context;
} RelationEntry;

/* A cache that lives and dies with context; options are kept, not copied. */
RelationCache *relation_cache_new(MemoryContext context, const Options *options);

/* The valid entry of a table, NULL where there is none; then relation_load() makes one. */
RelationEntry *relation_find(RelationCache *cache, Oid relid);

/* Builds the entry of a table. Its plan is NULL when it is no ordinary table (or partition), a
 * catalog, or not wanted by the options. With publish.via.partition.root, roots have plans, too. */
RelationEntry *relation_load(RelationCache *cache, Relation relation);

/* The table that the options make the rows of relation rows of: the root of its partitions, or
 * itself. */
Oid relation_root(Relation relation, const Options *options);

#endif

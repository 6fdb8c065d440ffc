/*
 * plugin/relation.h - the plans of the tables that a session has met, by relid.
 *
 * Invalidation messages (of the relation itself, of any schema) only mark entries; a
 * marked plan is freed and built again when its table comes up next. So a plan may be held across
 * one row, and not longer.
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
	Oid relid;		  /* key of the hash table */
	bool valid;		  /* false: build it again */
	uint32 marks;	  /* how often it was invalidated */
	Plan *plan;		  /* NULL: not to be sent */
	Version *version; /* of the plan */
	MemoryContext context;
} RelationEntry;

/* A cache that lives and dies with context; options are kept, not copied. */
RelationCache *relation_cache_new(MemoryContext context, const Options *options);

/* The valid entry of a table, NULL where there is none; then relation_load() makes one. */
RelationEntry *relation_find(RelationCache *cache, Oid relid);

/* Builds the entry of a table. Its plan is NULL when it is no ordinary table (or partition), a
 * catalog, or not wanted by the options. */
RelationEntry *relation_load(RelationCache *cache, Relation relation);

#endif

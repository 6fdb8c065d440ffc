/*
 * plugin/relation.c - see relation.h.
 *
 * PostgreSQL never takes an invalidation callback back, while caches come and go with decoding
 * sessions and function calls; so the callbacks are registered once per process and walk a list of
 * the caches that are alive. That list is the only mutable global of the plugin.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/relation.h"

#include "catalog/catalog.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "lib/ilist.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

/* So many marked entries are kept before those of dropped tables are looked for. */
#define STALE_KEPT 256

struct RelationCache
{
	dlist_node node; /* in caches */
	MemoryContext context;
	const Options *options;
	HTAB *entries;
	HTAB *versions;
	RelationEntry *last; /* the entry found last; NULL: none */
	long stale;			 /* marked entries, at most */
	MemoryContextCallback callback;
};

static struct
{
	bool registered;
	dlist_head caches;
} process = {false, DLIST_STATIC_INIT(process.caches)};

static void
mark(RelationCache *cache, RelationEntry *entry)
{
	if (entry->valid)
		cache->stale++;
	entry->valid = false;
	entry->marks++;
}

static void
mark_all(RelationCache *cache)
{
	HASH_SEQ_STATUS scan;
	RelationEntry *entry;

	hash_seq_init(&scan, cache->entries);
	while ((entry = hash_seq_search(&scan)) != NULL)
		mark(cache, entry);
}

static void
mark_partitions(RelationCache *cache, Oid root)
{
	HASH_SEQ_STATUS scan;
	RelationEntry *entry;

	hash_seq_init(&scan, cache->entries);
	while ((entry = hash_seq_search(&scan)) != NULL)
		if (entry->root == root)
			mark(cache, entry);
}

static void
mark_relation(RelationCache *cache, Oid relid)
{
	RelationEntry *entry = hash_search(cache->entries, &relid, HASH_FIND, NULL);

	if (entry == NULL)
		return;
	mark(cache, entry);
	if (entry->is_root)
		mark_partitions(cache, relid);
}

static void
invalidate_relation(Datum arg, Oid relid)
{
	dlist_iter iter;

	(void) arg;
	dlist_foreach(iter, &process.caches)
	{
		RelationCache *cache = dlist_container(RelationCache, node, iter.cur);

		if (!OidIsValid(relid))
			mark_all(cache);
		else
			mark_relation(cache, relid);
	}
}

/* Every CREATE TABLE, temporary ones too, brings an invalidation of pg_type; so only those plans
 * are marked that have the type. */
static void
mark_users_of_type(RelationCache *cache, uint32 hash)
{
	HASH_SEQ_STATUS scan;
	RelationEntry *entry;

	hash_seq_init(&scan, cache->entries);
	while ((entry = hash_seq_search(&scan)) != NULL)
		/* Without a plan, but with a context: it is being built. */
		if (entry->context != NULL &&
			(entry->plan == NULL || plan_depends_on_type(entry->plan, hash)))
			mark(cache, entry);
}

static void
invalidate_type(Datum arg, int cacheid, uint32 hashvalue)
{
	dlist_iter iter;
	uint32 hash = cacheid == TYPEOID ? hashvalue : 0; /* a value of an enum does not tell whose */

	(void) arg;
	dlist_foreach(iter, &process.caches)
		mark_users_of_type(dlist_container(RelationCache, node, iter.cur), hash);
}

/* A schema's name may be part of any plan. */
static void
invalidate_schema(Datum arg, int cacheid, uint32 hashvalue)
{
	dlist_iter iter;

	(void) arg;
	(void) cacheid;
	(void) hashvalue;
	dlist_foreach(iter, &process.caches) mark_all(dlist_container(RelationCache, node, iter.cur));
}

static void
register_callbacks(void)
{
	if (process.registered)
		return;
	CacheRegisterRelcacheCallback(invalidate_relation, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, invalidate_schema, (Datum) 0);
	CacheRegisterSyscacheCallback(TYPEOID, invalidate_type, (Datum) 0);
	CacheRegisterSyscacheCallback(ENUMOID, invalidate_type, (Datum) 0);
	process.registered = true;
}

static void
forget_cache(void *arg)
{
	RelationCache *cache = arg;

	dlist_delete(&cache->node);
}

RelationCache *
relation_cache_new(MemoryContext context, const Options *options)
{
	RelationCache *cache = MemoryContextAllocZero(context, sizeof *cache);
	HASHCTL control = {.keysize = sizeof(Oid), .entrysize = sizeof(RelationEntry), .hcxt = context};

	cache->context = context;
	cache->options = options;
	cache->entries =
		hash_create("wal2avro relations", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	cache->versions = version_table(context);
	register_callbacks();
	dlist_push_head(&process.caches, &cache->node);
	cache->callback.func = forget_cache;
	cache->callback.arg = cache;
	MemoryContextRegisterResetCallback(context, &cache->callback);
	return cache;
}

static void
free_plan(RelationEntry *entry)
{
	entry->plan = NULL;
	entry->version = NULL;
	if (entry->context != NULL)
		MemoryContextDelete(entry->context);
	entry->context = NULL;
}

/* Frees what is marked; a table that is still there comes back with its next row. */
static void
sweep(RelationCache *cache)
{
	HASH_SEQ_STATUS scan;
	RelationEntry *entry;

	cache->last = NULL;
	cache->stale = 0;
	hash_seq_init(&scan, cache->entries);
	while ((entry = hash_seq_search(&scan)) != NULL)
		if (!entry->valid && !entry->is_root)
		{
			free_plan(entry);
			hash_search(cache->entries, &entry->relid, HASH_REMOVE, NULL);
		}
}

RelationEntry *
relation_find(RelationCache *cache, Oid relid)
{
	RelationEntry *entry = cache->last;

	if (entry == NULL || entry->relid != relid)
		entry = hash_search(cache->entries, &relid, HASH_FIND, NULL);
	if (entry == NULL || !entry->valid)
		return NULL;
	cache->last = entry;
	return entry;
}

Oid
relation_root(Relation relation, const Options *options)
{
	Oid relid = RelationGetRelid(relation);
	List *ancestors;

	if (options->via_root == 0 || !relation->rd_rel->relispartition)
		return relid;
	ancestors = get_partition_ancestors(relid);
	return ancestors != NIL ? llast_oid(ancestors) : relid;
}

static bool
is_wanted(const RelationCache *cache, Relation relation, Relation shown)
{
	char kind = relation->rd_rel->relkind;

	return (kind == RELKIND_RELATION ||
			(kind == RELKIND_PARTITIONED_TABLE && cache->options->via_root != 0)) &&
		   !IsCatalogRelation(relation) &&
		   options_want_table(cache->options, plan_namespace_name(shown),
							  RelationGetRelationName(shown));
}

static void
build(RelationCache *cache, RelationEntry *entry, Relation relation, Relation shown,
	  const Plan *shown_plan)
{
	MemoryContext old;

	if (!is_wanted(cache, relation, shown))
		return;
	entry->context = AllocSetContextCreate(cache->context, "wal2avro plan", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(entry->context);
	entry->plan = plan_build(relation, shown, shown_plan, cache->options);
	entry->version = version_of(cache->versions, entry->plan);
	MemoryContextSwitchTo(old);
}

static RelationEntry *
enter(RelationCache *cache, Oid relid)
{
	bool found;
	RelationEntry *entry = hash_search(cache->entries, &relid, HASH_ENTER, &found);

	if (!found)
		*entry = (RelationEntry){.relid = relid, .root = relid};
	return entry;
}

static RelationEntry *load(RelationCache *cache, Relation relation);

/* The root has an entry as well, so that its invalidations are heard, and a plan. */
static void
build_as_root(RelationCache *cache, RelationEntry *entry, Relation relation)
{
	RelationEntry *root_entry = enter(cache, entry->root);
	Relation root;

	root_entry->is_root = true;
	root = RelationIdGetRelation(entry->root);
	if (!RelationIsValid(root))
		elog(ERROR, "could not open relation with OID %u", entry->root);
	if (!root_entry->valid)
		(void) load(cache, root);
	build(cache, entry, relation, root, root_entry->plan);
	RelationClose(root);
}

static RelationEntry *
load(RelationCache *cache, Relation relation)
{
	RelationEntry *entry = enter(cache, RelationGetRelid(relation));
	uint32 marks;

	free_plan(entry);
	marks = entry->marks;
	entry->root = relation_root(relation, cache->options);
	if (entry->root != entry->relid)
		build_as_root(cache, entry, relation);
	else
		build(cache, entry, relation, relation, NULL);
	/* Not valid after an error, nor when what was read has been invalidated meanwhile. */
	entry->valid = marks == entry->marks;
	return entry;
}

RelationEntry *
relation_load(RelationCache *cache, Relation relation)
{
	if (cache->stale > STALE_KEPT)
		sweep(cache);
	cache->last = load(cache, relation);
	return cache->last;
}

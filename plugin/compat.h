/*
 * plugin/compat.h - what differs between PostgreSQL 15, 16, 17 and 18.
 *
 * The only place with #if PG_VERSION_NUM; everything else is written against the names below. Every
 * source of the plugin includes it first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_COMPAT_H
#define WAL2AVRO_PLUGIN_COMPAT_H

#include "postgres.h"

#include "catalog/pg_attribute.h"
#include "replication/logical.h"
#include "replication/reorderbuffer.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/timestamp.h"

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "this version of PostgreSQL is not supported; use 15, 16, 17 or 18"
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* Until 16 it is empty on Unix, and a module with hidden symbols shows none of its entry points. */
#if PG_VERSION_NUM < 160000
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

/* From 17 a change carries plain tuples; before, a buffer around each. */
#if PG_VERSION_NUM >= 170000
#define change_tuple(buffer) (buffer)
#else
#define change_tuple(buffer) ((buffer) != NULL ? &(buffer)->tuple : NULL)
#endif

/* Until 16 the plugin itself has to report progress while it filters; the number is pgoutput's. */
#if PG_VERSION_NUM >= 160000
#define PROGRESS_EVERY_CHANGES 0
#else
#define PROGRESS_EVERY_CHANGES 100
#endif

/* The primary key's index, InvalidOid without one; a deferrable key does not identify rows. */
static inline Oid
primary_key_index(Relation relation)
{
#if PG_VERSION_NUM >= 180000
	return RelationGetPrimaryKeyIndex(relation, false);
#else
	return RelationGetPrimaryKeyIndex(relation);
#endif
}

/* Virtual generated columns (18) are computed when read and are not in the WAL. */
static inline bool
column_is_virtual(const FormData_pg_attribute *attribute)
{
#if PG_VERSION_NUM >= 180000
	return attribute->attgenerated == ATTRIBUTE_GENERATED_VIRTUAL;
#else
	(void) attribute;
	return false;
#endif
}

/* False also for a NOT NULL that was never validated (18): older rows may hold NULL. */
static inline bool
column_is_not_null(TupleDesc tupdesc, int index)
{
#if PG_VERSION_NUM >= 180000
	return TupleDescAttr(tupdesc, index)->attnotnull &&
		   TupleDescCompactAttr(tupdesc, index)->attnullability != ATTNULLABLE_INVALID;
#else
	return TupleDescAttr(tupdesc, index)->attnotnull;
#endif
}

/* Intervals have an infinity from 17 on. */
static inline bool
interval_is_infinite(const Interval *interval)
{
#if PG_VERSION_NUM >= 170000
	return INTERVAL_NOT_FINITE(interval);
#else
	(void) interval;
	return false;
#endif
}

#endif

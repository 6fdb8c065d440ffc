/*
 * sink/origins.h - which column of the source each column of a table is filled from, across
 * renames: the table wal2avro.columns (sql/destination.sql), kept with auto.evolve alone.
 *
 * A row is known by the source's relation and column number (wal2avro.relation, wal2avro.attnum in
 * schemas), or, of a column that was renamed, by its former name. With it stands the name and the
 * type that the source's column had at some place in the source's log: only a record from behind
 * that place has news, an older one that is read again has none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_ORIGINS_H
#define WAL2AVRO_SINK_ORIGINS_H

#include "common/position.h"
#include "core/buffer.h"
#include "core/pg.h"
#include "sink/table.h"

/* Reads the origins of a table into it; makes wal2avro.columns where it is missing. ERROR_CONFIG
 * with the statement where our role may not. Blocking. */
bool origins_load(PGconn *conn, Table *table, Error *err);

/* The origin of a field of this record's schema, or NULL. */
const Origin *origins_find(const Table *table, const Schema *record, const SchemaField *field);

/* Which column of the same relation fills the column that has the field's own name, if it is
 * another; *column is that column then. NULL: it is free for the field. */
const Origin *origins_holder(const Table *table, const Schema *record, const SchemaField *field,
							 const Column **column);

/* What was last heard of a column from another relation: of the table that the source had under
 * this name before. NULL: nothing. */
const Origin *origins_before(const Table *table, const Schema *record, const Column *column);

/* The column of a field: by its origin, by its name, by a former name. NULL: none. */
const Column *origins_column(const Table *table, const Schema *record, const SchemaField *field);

/* The record at this place has news of a column that was last heard of at the origin's. */
bool origins_is_news(const Origin *origin, const Position *at);

/* Appends the statement that stores where a field's column comes from; column is its present name
 * at the destination. */
bool origins_append(Buffer *sql, const Table *table, const Schema *record, const SchemaField *field,
					const char *column, const Position *at);

/* Appends the statement that stores a former name of a column. */
bool origins_append_former(Buffer *sql, const Table *table, const char *former, const char *column);

#endif

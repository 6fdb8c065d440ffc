/*
 * sink/writer.h - the statements that put one section of a batch into its table. Text only, no I/O.
 *
 * insert: COPY into the table. upsert: COPY into the table where no key of the batch can be there
 * yet; else COPY into a staging table of the session, then one statement: INSERT ... ON CONFLICT
 * where a unique index is on the key, MERGE where none is, UPDATE and INSERT before PostgreSQL 15.
 * update: staging, then UPDATE ... FROM.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_WRITER_H
#define WAL2AVRO_SINK_WRITER_H

#include "sink/batch.h"

typedef enum WriterWay
{
	WRITER_CONFLICT,
	WRITER_MERGE,
	WRITER_UPDATE,
} WriterWay;

/* How an upsert by the plan's key goes. server_version as PQserverVersion. */
WriterWay writer_way(const Plan *plan, int server_version);

/* All of them append a statement with its semicolon. False beyond the buffer's maximum. */
/* kept: its rows stay at the end of a transaction, unless writer_empty_staging removes them. */
bool writer_create_staging(Buffer *sql, const Plan *plan, bool kept);
bool writer_empty_staging(Buffer *sql, const Plan *plan);
bool writer_copy(Buffer *sql, const Plan *plan, bool staged);

/* From staging, which has so many rows, into the table: deletes, inserts, upserts or updates. */
bool writer_apply(Buffer *sql, const Plan *plan, InsertMode mode, WriterWay way, size_t rows);

/* The number of statements that writer_apply appends. */
size_t writer_statements(const Plan *plan, InsertMode mode, WriterWay way);

/*
 * Of a section of a partial plan: updates the columns that its rows have, in rows that are there.
 * Nothing is appended, and *any false, where no row has a column beside its key.
 */
bool writer_update_partial(Buffer *sql, const Section *section, bool *any);

/*
 * Of a section of rows that are to go: deletes one row of the table for each, which equals it in
 * all columns of the plan, bit for bit. Rows are compared as record images, so that types without
 * equality are no obstacle, and found by those of their columns that have one and are not null.
 */
bool writer_remove(Buffer *sql, const Section *section);

/* Empties the table. */
bool writer_truncate(Buffer *sql, const Table *table);

/* A query for the number of staging's rows whose key the table does not have: before an update. */
bool writer_count_missing(Buffer *sql, const Plan *plan, size_t rows);

/* Keeps others who have no unique index to rely on away from the table until the transaction ends.
 */
bool writer_lock(Buffer *sql, const Table *table);

/*
 * A query that gives t when the table may have a row with one of the batch's keys: it looks for any
 * row between the least and the greatest value of an indexed key column, or without an index of the
 * first one: that reads the whole table. *possible false, with nothing appended: the order of the
 * column's values is not known here.
 */
bool writer_probe(Buffer *sql, const TableBatch *batch, bool *possible);

/* A query for the number of the table's columns that still have the names and types that they were
 * read with. Once rows were written, none gets others until the transaction ends. */
bool writer_count_columns(Buffer *sql, const Table *table);

/* The statement that makes an index on the plan's key. */
bool writer_create_index(Buffer *sql, const Plan *plan);

#endif

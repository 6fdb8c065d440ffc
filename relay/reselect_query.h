/*
 * relay/reselect_query.h - the statement that reads single columns of one row, found by its key.
 * Pure.
 *
 * Columns of the key whose bytes are a text of SQL (whole numbers, texts, booleans, bytes, dates;
 * not strings that may be bytes in base64 or hex) are looked for, so that an index helps; that the
 * row has the very key, and the columns the same schema, is checked by the extension's functions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_RESELECT_QUERY_H
#define WAL2AVRO_RELAY_RESELECT_QUERY_H

#include "core/buffer.h"

#include <stdint.h>

typedef struct ReselectTable
{
	uint32_t oid;
	const char *schema;
	const char *name;
	const char *key_schema; /* NULL: no key */
	const char *row_schema;
	const char *row_options; /* as the functions take them */
} ReselectTable;

/* Columns of the result, which is in binary: one line per marked field of the row, or one with a
 * null field where there is no such row. */
enum
{
	RESELECT_SEEN,	 /* boolean: the transaction can be seen; else nothing counts */
	RESELECT_SAME,	 /* boolean: the table has the key that it had; else there is no field */
	RESELECT_SCHEMA, /* text: the schema of its rows now */
	RESELECT_FIELD,	 /* bytea */
	RESELECT_TEXT,	 /* text or null, see notes.h */
};

typedef struct ReselectQuery
{
	char *sql;
	char **owned; /* the values, count of them */
	const char *const *values;
	int count;
} ReselectQuery;

typedef enum ReselectBy
{
	RESELECT_BY_INDEX,
	RESELECT_BY_TEXT, /* strings are compared with the texts of columns, without an index: a type of
						 an extension may have no operator that is found without a search_path */
	RESELECT_BY_SCAN, /* nothing is looked for, the whole table is read */
} ReselectBy;

/* NULL where nothing of the key can be looked for, or the bytes are not what the schemas say. key
 * and notes are the message's, xid its transaction's. For the caller to free. */
ReselectQuery *reselect_query(const ReselectTable *table, uint32_t xid, Slice key, Slice notes,
							  ReselectBy by);
void reselect_query_free(ReselectQuery *query);

/* The marked columns are encoded by the schema of the rows now as they were by the table's. */
bool reselect_same_columns(const ReselectTable *table, Slice schema_now, Slice notes);

AUTO_DEFINE(ReselectQuery, reselect_query_free)

#endif

/*
 * sink/table.h - what the destination's catalogs say of a table: columns, their types, indexes.
 *
 * Read once and kept until a statement fails in a way that says that the table has changed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_TABLE_H
#define WAL2AVRO_SINK_TABLE_H

#include "core/pg.h"
#include "sink/convert.h"

typedef struct Column
{
	int number; /* pg_attribute.attnum */
	char *name;
	char *quoted;	  /* name, quoted for SQL */
	char *type_sql;	  /* the type without its modifier, as SQL */
	char *stored_sql; /* the same with it */
	char *reader;	  /* the input function of a type that a cast from text reads otherwise; NULL */
	char *equals;	  /* its operator as SQL, for one that the search path does not find */
	char *type_name;  /* type.name */
	ColumnType type;
	bool not_null;
	bool has_default; /* or is filled by the server in another way */
	bool generated;	  /* always computed by the server: never written */
	bool identity_always;
	bool identity;
	bool folding; /* its collation takes different texts for equal */
} Column;

typedef struct Index
{
	int columns[32]; /* attnum; 0: an expression */
	size_t count;
	bool arbiter; /* ON CONFLICT (columns) can use it: unique, immediate, on all rows, no expression
				   */
	bool ordered; /* a valid btree on all rows */
} Index;

/* Where a column's values come from: see sink/origins.h. */
typedef struct Origin
{
	uint32_t relation; /* the source's oid; 0: former is set in place of the source's column */
	int attnum;		   /* of the source's column */
	char *former;	   /* a name that the column had; else empty */
	int number;		   /* of our column */
	char *name;		   /* of the source's column, when it was last heard of */
	char *type;
	uint64_t commit_lsn; /* and where that was in its log */
	uint64_t n;
} Origin;

typedef struct Table
{
	char *name; /* for messages: schema.table */
	char *sql;	/* quoted: "schema"."table" */
	char *only; /* the same behind ONLY, or without it for a partitioned table, whose rows are in
				   others */
	char *bare; /* table, unquoted */
	uint32_t oid;
	bool owned;			  /* by our role, which may create indexes on it */
	bool takes_no_binary; /* COPY BINARY refuses it, for a column whose type has no such form,
							 whether or not it is among those that are copied */
	Column *columns;
	size_t count;
	Index *indexes;
	size_t index_count;
	Origin *origins; /* with auto.evolve */
	size_t origin_count;
} Table;

/* name is table or schema.table; space is the schema of a name without one. *table is NULL when
 * there is none of that name. Blocking. */
bool table_load(PGconn *conn, const char *space, const char *name, Table **table, Error *err);
void table_free(Table *table);

/* The column of that name; failing that, the only one that differs in case alone. NULL: none. */
const Column *table_column(const Table *table, const char *name);

/* There is a unique index on exactly these columns that ON CONFLICT can use. */
bool table_has_arbiter(const Table *table, const Column *const *columns, size_t count);

/* The first of the columns with which an ordered index begins, or -1: no such index. */
int table_indexed_column(const Table *table, const Column *const *columns, size_t count);

#endif

/*
 * plugin/plan.h - how the rows of one table become Avro: its columns with their encoders, its key,
 * its two schemas.
 *
 * A plan is built once per version of a table and does all the thinking; encoding a row only walks
 * it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_PLAN_H
#define WAL2AVRO_PLUGIN_PLAN_H

#include "plugin/compat.h"

#include "plugin/missing.h"
#include "plugin/types.h"

typedef struct Column
{
	int index;			  /* in the rows' tuple descriptor, from 0 */
	int attnum;			  /* of the table that the rows are sent as */
	bool nullable;		  /* union with null */
	bool may_be_external; /* a varlena: an unchanged TOAST value may be missing */
	const char *original; /* name in UTF-8 */
	const char *name;	  /* the same as an Avro name; the same pointer where it is one */
	const char *label;	  /* schema.table.column, for errors */
	const ValueType *type;
	Missing missing;   /* what rows have that are older than the column */
	Slice unavailable; /* the field where its value is not in the log, see standin.h */
	Slice empty;	   /* a value where none is known */
} Column;

/* A row at hand, as heap_deform_tuple gives it. */
typedef struct Image
{
	Datum *values;
	bool *nulls;
	bool may_miss; /* some value may be external, that is: not in the log */
	bool partial;  /* has the replica identity's columns alone; the others are null */
} Image;

/* What the server logs of the key that a row had before. */
typedef enum OldKey
{
	OLD_KEY_IF_CHANGED, /* in the old tuple of an update, which is there when the key has changed */
	OLD_KEY_ALWAYS,		/* in the old tuple of every update: REPLICA IDENTITY FULL */
	OLD_KEY_UNKNOWN,	/* there is no replica identity, or it does not have all the columns */
} OldKey;

typedef struct Plan
{
	Oid relid;					/* of the table that the rows are sent as, as is what follows */
	const char *namespace_name; /* in the database's encoding, as are table_name and label */
	const char *table_name;
	const char *label; /* schema.table, for errors */
	const char *namespace_utf8;
	const char *table_utf8;
	TupleDesc tupdesc; /* of the rows: of the partition itself, whatever they are sent as */
	int columns_len;
	Column *columns; /* in the order of the table, without dropped and virtual ones */
	int key_len;
	Column *key;		/* in the order of the index, or of key.columns; NULL: no key */
	bool key_is_chosen; /* by key.columns */
	OldKey old_key;
	bool old_is_full;	 /* an old tuple has all columns */
	bool sends_old_rows; /* where the log has them */
	bool is_multiset;	 /* no key, but old rows in full: as many equal rows as there are */
	const char *value_schema;
	const char *key_schema; /* NULL: no key */
	bool needs_settings;	/* some column's text depends on settings of the session */
	int types_len;
	uint32 *types; /* types of this database in its schemas: hash values of TYPEOID's keys */
	Image row;	   /* room for the row at hand */
	Image old_row; /* and for what it was */
} Plan;

/* The name of a table's schema, in the current memory context. */
char *plan_namespace_name(Relation relation);

/* True where the entry of pg_type with this hash value (0: any) has a part in the plan's schemas.
 */
bool plan_depends_on_type(const Plan *plan, uint32 hash);

/* The column of a name in the database's encoding; NULL: there is none. */
const Column *plan_find_column(const Plan *plan, const char *name);

/*
 * The plan for the rows of relation, which are sent as those of shown: itself, or the root of the
 * partitions that it belongs to, whose own plan comes with it (else NULL). Everything in the
 * current memory context. ERROR 42701 where two columns have the same Avro name, 42703 where
 * key.columns names a column that the table does not have.
 */
Plan *plan_build(Relation relation, Relation shown, const Plan *shown_plan, const Options *options);

#endif

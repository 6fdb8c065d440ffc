/*
 * sink/plan.h - how records of one pair of schemas become rows of one table.
 *
 * Made once per schema, so that nothing is looked up per record: which field goes into which
 * column, by which conversion, in which order. Columns of the key come first, so that the bytes of
 * a row begin with those of its key.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_PLAN_H
#define WAL2AVRO_SINK_PLAN_H

#include "sink/notes.h"
#include "sink/settings.h"
#include "sink/table.h"

typedef struct PlanColumn
{
	const Column *column;
	const char *field; /* for messages */
	bool from_key;	   /* of the record's key, else of its value */
	size_t index;	   /* of the field there */
	int null_branch;   /* -1: never null */
	bool several;	   /* a union of several types: the branch's number belongs to the value */
	bool as_text;	   /* no binary form: the server casts it */
	bool noted;		   /* its text is that of a note */
	bool is_moment;	   /* a note on it is read by sink/moment.h, whatever the plan */
	Conversion conversion;
} PlanColumn;

/* What becomes of a plan's rows. */
typedef enum PlanUse
{
	PLAN_BY_MODE, /* insert.mode says it */
	PLAN_APPEND,  /* rows without key: each is added */
	PLAN_REMOVE,  /* former rows without key: for each of them one row that equals it goes */
} PlanUse;

/* How a plan differs from the ordinary one of its schemas, which has zeros here. */
typedef struct PlanWay
{
	PlanUse use;
	bool partial;		 /* rows lack columns that are to stay as they are: only for updates */
	const size_t *noted; /* fields of the value whose texts stand in notes and are cast by the
							server, in ascending order */
	size_t noted_count;
	bool all_forms; /* values of these fields have a text without a note, too */
} PlanWay;

typedef struct Plan
{
	const Settings *settings;
	const char *topic;
	const Table *table;
	const Schema *key;	 /* NULL: not read */
	const Schema *value; /* NULL: records without a value, which are deletes */
	PlanWay way;		 /* noted is its own */
	PlanColumn *columns;
	size_t count;
	size_t key_count;  /* the first ones; 0 without pk.mode */
	bool staged;	   /* some column is as_text */
	bool loose;		   /* the server may take different bytes of keys for equal: 1.0 and 1.00 */
	bool canonical;	   /* but not among keys of the same schema */
	bool *casts;	   /* by field of the value: a text in a note needs a plan of its own */
	Slice *key_fields; /* scratch of plan_encode */
	Slice *value_fields;
	int64_t number; /* unique in the process, set by the caller: names its staging table */
	/* sink/variant.h: */
	const struct Plan *mate; /* of a partial one: the same with all columns; of one that removes
								rows: the same that appends them */
	struct Plan **variants;	 /* owned */
	size_t variant_count;
	size_t last_variant;
} Plan;

/*
 * topic and what the pointers lead to is borrowed. key and value are the writers' schemas; key may
 * be NULL when pk.mode does not read it. ERROR_CONFIG names table, column and the way out (missing
 * columns, with the statement that adds them; fields that cannot be written; key fields that are
 * not there), ERROR_DATA a schema that is no record.
 */
bool plan_new(const Settings *settings, const char *topic, const Table *table, const Schema *key,
			  const Schema *value, Plan **plan, Error *err);

/* The same with another way than the ordinary one. */
bool plan_new_way(const Settings *settings, const char *topic, const Table *table,
				  const Schema *key, const Schema *value, const PlanWay *way, Plan **plan,
				  Error *err);
void plan_free(Plan *plan);

/* Most columns of an index (INDEX_MAX_KEYS). */
#define PLAN_INDEX_COLUMNS 32

/* The columns of the key, as far as an index can have them, as this table has them by their names:
 * the plan's own, or one that was read since. Returns how many there are; keys has room for
 * PLAN_INDEX_COLUMNS. */
size_t plan_key_columns(const Plan *plan, const Table *table, const Column **keys);

/* Values of this field have a text that its column's type reads. */
bool plan_has_form(const Plan *plan, size_t field);

/* An update of a row that is there may set this column: it is no key, and not always generated. */
bool plan_can_update(const Plan *plan, size_t i);

/* Where a row went, and its key within it. */
typedef struct PlanRow
{
	size_t start;
	size_t key_len; /* bytes behind start + 2 that are the key's columns */
} PlanRow;

/*
 * Appends one row in the form of COPY BINARY (PostgreSQL documentation, "COPY", "Binary Format"):
 * number of fields, then each field with its length. key and value are Avro, without the Confluent
 * header; value is absent for a delete. NULL, or what is wrong; *where then names the field (or is
 * NULL), and nothing was appended.
 *
 * notes may be NULL: the value has none. A row of a partial plan has null in columns that stay as
 * they are, and one field more, a bytea: the bit of get_bit(..., i) says that the i-th column
 * stays.
 */
const char *plan_encode(const Plan *plan, Slice key, Slice value, const Notes *notes, Buffer *out,
						PlanRow *row, const char **where);

/* Bytes of that bytea. */
static inline size_t
plan_mask_size(const Plan *plan)
{
	return (plan->count + 7) / 8;
}

/* Takes a row of plan_encode apart: the fields of its columns (absent: null), and of a partial plan
 * the mask behind them; fields has room for all. */
void plan_cut_row(const Plan *plan, const uint8_t *row, Slice *fields);

#endif

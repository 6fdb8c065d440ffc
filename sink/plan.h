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

#include "sink/settings.h"
#include "sink/table.h"

typedef struct PlanColumn
{
	const Column *column;
	const char *field; /* for messages */
	bool from_key;	   /* of the record's key, else of its value */
	size_t index;	   /* of the field there */
	int null_branch;   /* -1: never null */
	bool as_text;	   /* no binary form: the server casts it */
	Conversion conversion;
} PlanColumn;

typedef struct Plan
{
	const Table *table;
	const Schema *key;	 /* NULL: not read */
	const Schema *value; /* NULL: records without a value, which are deletes */
	PlanColumn *columns;
	size_t count;
	size_t key_count;  /* the first ones; 0 without pk.mode */
	bool staged;	   /* some column is as_text */
	bool loose;		   /* the server may take different bytes of keys for equal: 1.0 and 1.00 */
	Slice *key_fields; /* scratch of plan_encode */
	Slice *value_fields;
	int64_t number; /* unique in the process, set by the caller: names its staging table */
} Plan;

/*
 * key and value are the writers' schemas, borrowed; key may be NULL when pk.mode does not read it.
 * ERROR_CONFIG names table, column and the way out (missing columns, with the statement that adds
 * them; fields that cannot be written; key fields that are not there), ERROR_DATA a schema that is
 * no record.
 */
bool plan_new(const Settings *settings, const char *topic, const Table *table, const Schema *key,
			  const Schema *value, Plan **plan, Error *err);
void plan_free(Plan *plan);

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
 */
const char *plan_encode(const Plan *plan, Slice key, Slice value, Buffer *out, PlanRow *row,
						const char **where);

/* The statement that would make a table for these records, for messages; for the caller to free. */
char *plan_create_table(const Settings *settings, const char *topic, const char *table,
						const Schema *key, const Schema *value);

#endif

/*
 * sink/changes.h - what a table lacks for records of a pair of schemas, as auto.evolve sees it. No
 * I/O.
 *
 * Columns are added, widened, renamed and made nullable; nothing is ever dropped or narrowed, so
 * that records of a former schema, which come after those of a later one when a topic is read
 * again, change nothing. A column that the source has dropped, and whose name it has given to
 * another, is renamed: the rows that are there have its values, which the new one never had.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_CHANGES_H
#define WAL2AVRO_SINK_CHANGES_H

#include "common/position.h"
#include "sink/settings.h"
#include "sink/table.h"

/* A field that is written. */
typedef struct WrittenField
{
	SchemaField field;	  /* borrowed */
	const Schema *record; /* that it is of; NULL: a key that is no record */
	bool is_key;
} WrittenField;

typedef enum ChangeKind
{
	CHANGE_SET_ASIDE, /* rename one whose source is gone: field is NULL */
	CHANGE_RENAME,
	CHANGE_ADD,
	CHANGE_WIDEN,
	CHANGE_NULLABLE, /* drop not null */
	CHANGE_LEARN,	 /* only where the column comes from is to be stored */
	CHANGE_CONFLICT, /* its type has become one that the column cannot hold */
	CHANGE_REPLACED, /* a key column whose source is another one now */
} ChangeKind;

typedef struct Change
{
	ChangeKind kind;
	const SchemaField *field; /* NULL: a column that records have no more */
	const Schema *record;	  /* that the field is of */
	const Column *column;	  /* NULL: to be added */
	char *type;				  /* WIDEN, CONFLICT: the new one */
	char *name;				  /* SET_ASIDE: the new one; ADD: another than the field's, or NULL */
	bool is_key;
} Change;

typedef struct Changes
{
	Change *items;
	size_t count;
} Changes;

/* What records of these schemas ask for; key may be NULL, a key that is no record has the one name
 * in pk.fields. at is the place of the first of them in the source's log, NULL: not known. */
void changes_find(const Settings *settings, const char *topic, const Table *table,
				  const Schema *key, const Schema *value, const Position *at, Changes *changes);
void changes_done(Changes *changes);

/* All fields that are written, each column once: those that only the key has, then the value's.
 * fields has room for the fields of key and value and one more; returns how many there are. */
size_t changes_fields(const Settings *settings, const char *topic, const Schema *key,
					  const Schema *value, WrittenField *fields);

#endif

/*
 * sink/sqltype.h - which PostgreSQL type a field is given when a table or a column is made for it,
 * and which type holds all that another one does. Pure.
 *
 * Types are texts as format_type() writes them: numeric(10,2), timestamp without time zone, and
 * integer[] for an array of any dimensions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_SQLTYPE_H
#define WAL2AVRO_SINK_SQLTYPE_H

#include "core/buffer.h"
#include "sink/schema.h"

#define SQLTYPE_CANDIDATES 4

/* Types from the best to the last, which every server has. */
typedef struct SqlTypes
{
	char *names[SQLTYPE_CANDIDATES];
	size_t count;
} SqlTypes;

/* What the schema says of the source's type (wal2avro.type, Debezium's
 * __debezium.source.column.type), then what the value means, then what it is. */
void sqltype_find(const SchemaField *field, SqlTypes *types);
void sqltype_done(SqlTypes *types);

/* The same for a schema without a field's properties; appends one type. */
bool sqltype_of_value(const Schema *schema, Buffer *out);

/* Debezium's Bits of a length, of which the schema does not say whether they are a bit(n), as which
 * they count, or a bit varying(n). */
bool sqltype_guesses_bits(const SchemaField *field);

/* The type that the schema demands with certainty: where it names it, or gives a number's size.
 * NULL: it does not; for the caller to free. */
char *sqltype_demanded(const SchemaField *field);

typedef enum SqlFit
{
	SQLTYPE_HOLDS,	 /* the column's type holds all values of the other */
	SQLTYPE_WIDER,	 /* *wider does, and all that the column has, for the caller to free */
	SQLTYPE_OTHER,	 /* neither holds the other */
	SQLTYPE_UNKNOWN, /* types that nothing is known of here */
} SqlFit;

SqlFit sqltype_fit(const char *column, const char *wanted, char **wider);

/* text, or varchar without a limit. */
bool sqltype_is_text(const char *name);

/* What is wanted is text; or an array of texts, and the column is some array. */
bool sqltype_becomes_text(const char *column, const char *wanted);

bool sqltype_is_array(const char *name);

/* The type of an array's elements, or the type itself; for the caller to free. */
char *sqltype_element(const char *name);

#endif

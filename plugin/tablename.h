/*
 * plugin/tablename.h - lists of tables, as in table.include.list, and regular expressions for them.
 *
 * Items are separated by commas: table (in whichever schema) or schema.table. Each part is taken
 * as it stands, without folding its case, or in double quotes with "" for a quote, which a name
 * needs that has a comma, a dot, a quote or a blank at its ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TABLENAME_H
#define WAL2AVRO_PLUGIN_TABLENAME_H

#include "plugin/compat.h"

#include "nodes/pg_list.h"

typedef struct TableName
{
	char *namespace_name; /* NULL: any */
	char *name;
} TableName;

/* Gives a list of TableName in the current memory context, never NIL. False when the text is not
 * such a list, or empty. */
bool tablename_parse_list(const char *text, List **out);

/*
 * A comma-separated list of PostgreSQL's regular expressions (its documentation, "Pattern
 * Matching"), each for a table's name or for schema.table. Gives a list of char * in the current
 * memory context. False when one of them is empty; ERROR 2201B for what is no regular expression.
 */
bool tablename_parse_patterns(const char *text, List **out);

/* One of the expressions finds something in the table's name, or in schema.table. Compared as in
 * the collation "C". */
bool tablename_matches(const List *patterns, const char *namespace_name, const char *name);

bool tablename_in_list(const List *list, const char *namespace_name, const char *name);

#endif

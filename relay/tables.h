/*
 * relay/tables.h - which tables are sent.
 *
 * Items are `table` or `schema.table`, each part may stand in double quotes. Without quotes a name
 * is taken as it stands, in its case. A table without a schema means that name in every schema.
 * Where regular expressions may stand, an item with a character that only they have is one, for a
 * table's whole name or for the whole of schema.table. The server decides by them, in the stream
 * and in the first copy, so that its own regular expressions (PostgreSQL documentation, "Pattern
 * Matching") are what they are; what Java would read otherwise is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_TABLES_H
#define WAL2AVRO_RELAY_TABLES_H

#include "core/error.h"
#include "core/options.h"

typedef struct TableName
{
	char *schema; /* NULL: any */
	char *table;
} TableName;

/* Embedded; zeroed is "all tables". */
typedef struct Tables
{
	TableName *items;
	size_t count;
	char **patterns; /* in the server's form, without commas */
	size_t patterns_count;
	bool exclude; /* all tables but these */
	char *only;	  /* a pattern that tables must match beside; NULL: none */
} Tables;

/* Reads the items of the option `property`. ERROR_CONFIG names the item that is none, and says so
 * of a regular expression where none may stand. *out is written on success only. */
bool tables_parse(const OptionList *list, const char *property, bool exclude, bool patterns,
				  Tables *out, Error *err);

/* schema.pattern, in which % stands for any characters: the schema of the items without one; where
 * there are none, or where they exclude, the schema of all tables. */
void tables_set_schema(Tables *tables, const char *pattern);
void tables_done(Tables *tables);

/* False with ERROR_CONFIG for what is no regular expression, or one that the server reads otherwise
 * than Java. */
bool tables_check_pattern(const char *pattern, const char *property, Error *err);

/* pattern is taken over: in the server's form, without commas. */
void tables_add_pattern(Tables *tables, char *pattern);

/* Nothing selects: all tables. */
static inline bool
tables_all(const Tables *tables)
{
	return tables->count == 0 && tables->patterns_count == 0 && tables->only == NULL;
}

/* The items as the plugin's options table.include.list and table.exclude.list take them, and the
 * patterns as table.include.patterns and table.exclude.patterns do; for the caller to free. */
char *tables_to_text(const Tables *tables);
char *tables_patterns_to_text(const Tables *tables);

/* The same as an expression of SQL over the columns n.nspname and c.relname; for the caller to
 * free.
 */
char *tables_to_sql(const Tables *tables);

#endif

/*
 * relay/tables.h - which tables are sent.
 *
 * Items are `table` or `schema.table`, each part may stand in double quotes. Without quotes a name
 * is taken as it stands, in its case. A table without a schema means that name in every schema.
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
	bool exclude; /* all tables but these */
} Tables;

/* Reads the items of the option `property`. ERROR_CONFIG names the item that is no name, and says
 * so of what looks like a regular expression. *out is written on success only. */
bool tables_parse(const OptionList *list, const char *property, bool exclude, Tables *out,
				  Error *err);
void tables_done(Tables *tables);

bool tables_selected(const Tables *tables, const char *schema, const char *table);

/* The items as the plugin's options table.include.list and table.exclude.list take them; for the
 * caller to free. */
char *tables_to_text(const Tables *tables);

#endif

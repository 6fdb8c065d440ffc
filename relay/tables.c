/*
 * relay/tables.c - see tables.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/tables.h"

#include "core/buffer.h"
#include "core/memory.h"

#include <string.h>

/* What no plain name holds, and regular expressions do. */
#define REGEX_CHARACTERS "*+?[](){}|^$\\"

#define TEXT_MAX ((size_t) 1 << 20)

/* Takes a name, quoted or not, off the text. NULL when there is none. */
static char *
take_name(const char **text)
{
	const char *p = *text;
	char *name;
	size_t len = 0;

	if (*p != '"')
	{
		len = strcspn(p, ".\"");
		*text = p + len;
		return len == 0 ? NULL : xstrndup(p, len);
	}
	name = xmalloc(strlen(p));
	for (p++; *p != '\0'; p++)
	{
		if (*p == '"' && *++p != '"')
		{
			name[len] = '\0';
			*text = p;
			return name;
		}
		name[len++] = *p;
	}
	free(name);
	return NULL;
}

static void
name_done(TableName *name)
{
	free(name->schema);
	free(name->table);
	*name = (TableName){0};
}

static bool
name_parse(const char *item, TableName *out)
{
	const char *rest = item;

	out->table = take_name(&rest);
	if (out->table != NULL && *rest == '.')
	{
		rest++;
		out->schema = out->table;
		out->table = take_name(&rest);
	}
	if (out->table != NULL && *rest == '\0')
		return true;
	name_done(out);
	return false;
}

static bool
item_error(const char *item, const char *property, Error *err)
{
	if (strchr(item, '"') == NULL && strpbrk(item, REGEX_CHARACTERS) != NULL)
		return error_set(err, ERROR_CONFIG,
						 "\"%s\" in %s looks like a regular expression; give plain names, table or "
						 "schema.table (in double quotes where a name has such characters)",
						 item, property);
	return error_set(err, ERROR_CONFIG,
					 "\"%s\" in %s is not a table; write table, schema.table or "
					 "\"schema\".\"table\"",
					 item, property);
}

bool
tables_parse(const OptionList *list, const char *property, bool exclude, Tables *out, Error *err)
{
	Tables tables = {.exclude = exclude && list->count > 0};

	tables.items = xcalloc(list->count + 1, sizeof *tables.items);
	for (size_t i = 0; i < list->count; i++)
	{
		const char *item = list->items[i];
		bool regex = strchr(item, '"') == NULL && strpbrk(item, REGEX_CHARACTERS) != NULL;

		if (regex || !name_parse(item, &tables.items[tables.count]))
		{
			tables_done(&tables);
			return item_error(item, property, err);
		}
		tables.count++;
	}
	*out = tables;
	return true;
}

void
tables_done(Tables *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		name_done(&tables->items[i]);
	free(tables->items);
	*tables = (Tables){0};
}

bool
tables_selected(const Tables *tables, const char *schema, const char *table)
{
	for (size_t i = 0; i < tables->count; i++)
	{
		const TableName *item = &tables->items[i];

		if ((item->schema == NULL || strcmp(item->schema, schema) == 0) &&
			strcmp(item->table, table) == 0)
			return !tables->exclude;
	}
	return tables->count == 0 || tables->exclude;
}

static void
append_quoted(Buffer *buffer, const char *name)
{
	buffer_append_text(buffer, "\"");
	for (; *name != '\0'; name++)
		buffer_append(buffer, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
	buffer_append_text(buffer, "\"");
}

char *
tables_to_text(const Tables *tables)
{
	Buffer text;
	char *copy;

	buffer_init(&text, TEXT_MAX);
	for (size_t i = 0; i < tables->count; i++)
	{
		if (i > 0)
			buffer_append_text(&text, ",");
		if (tables->items[i].schema != NULL)
		{
			append_quoted(&text, tables->items[i].schema);
			buffer_append_text(&text, ".");
		}
		append_quoted(&text, tables->items[i].table);
	}
	copy = xstrdup(buffer_text(&text));
	buffer_done(&text);
	return copy;
}

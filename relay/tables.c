/*
 * relay/tables.c - see tables.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/tables.h"

#include "core/buffer.h"
#include "core/memory.h"
#include "core/regex.h"

#include <ctype.h>
#include <string.h>

/* What no plain name holds, and regular expressions do. */
#define REGEX_CHARACTERS "*+?[](){}|^$\\"

#define TEXT_MAX ((size_t) 1 << 20)

static bool
is_pattern(const char *item)
{
	return strchr(item, '"') == NULL && strpbrk(item, REGEX_CHARACTERS) != NULL;
}

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
	if (is_pattern(item))
		return error_set(err, ERROR_CONFIG,
						 "\"%s\" in %s looks like a regular expression; give it in "
						 "table.include.list or table.exclude.list (or in double quotes, where a "
						 "name has such characters)",
						 item, property);
	return error_set(err, ERROR_CONFIG,
					 "\"%s\" in %s is not a table; write table, schema.table or "
					 "\"schema\".\"table\"",
					 item, property);
}

/* Escapes that both Java and PostgreSQL have, in the same meaning; every character that is no
 * letter or digit may be escaped, too. */
#define SHARED_ESCAPES "dDwWsStnrfAZ"

/* What Java reads otherwise than PostgreSQL, or NULL. */
static const char *
foreign_part(const char *pattern)
{
	for (const char *p = pattern; *p != '\0'; p++)
	{
		if (*p == '\\' && isalnum((unsigned char) p[1]) && strchr(SHARED_ESCAPES, p[1]) == NULL)
			return p;
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (strchr("*+?}", *p) != NULL && p[1] == '+')
			return p;
	}
	return NULL;
}

/* The letters in front of a pattern that say how it is read, such as (?i), stay there. */
static char *
whole_pattern(const char *pattern)
{
	size_t flags = strncmp(pattern, "(?", 2) == 0 ? 2 + strspn(pattern + 2, "i") : 0;

	flags = flags > 2 && pattern[flags] == ')' ? flags + 1 : 0;
	return xasprintf("%.*s^(?:%s)$", (int) flags, pattern, pattern + flags);
}

void
tables_add_pattern(Tables *tables, char *pattern)
{
	tables->patterns =
		xrealloc(tables->patterns, (tables->patterns_count + 1) * sizeof *tables->patterns);
	tables->patterns[tables->patterns_count++] = pattern;
}

bool
tables_check_pattern(const char *pattern, const char *property, Error *err)
{
	const char *foreign = foreign_part(pattern);
	Regex *regex;

	if (!regex_new(pattern, &regex, err))
		return error_add(err, "property \"%s\"", property);
	regex_free(regex);
	return foreign == NULL ||
		   error_set(err, ERROR_CONFIG,
					 "\"%s\" in %s has \"%.2s\", which the server, where tables are selected, "
					 "reads otherwise than Java; write it without",
					 pattern, property, foreign);
}

static bool
read_pattern(Tables *tables, const char *item, const char *property, Error *err)
{
	if (!tables_check_pattern(item, property, err))
		return false;
	tables_add_pattern(tables, whole_pattern(item));
	return true;
}

bool
tables_parse(const OptionList *list, const char *property, bool exclude, bool patterns, Tables *out,
			 Error *err)
{
	Tables tables = {.exclude = exclude && list->count > 0};

	tables.items = xcalloc(list->count + 1, sizeof *tables.items);
	for (size_t i = 0; i < list->count; i++)
	{
		const char *item = list->items[i];
		bool ok;

		if (is_pattern(item))
			ok = patterns ? read_pattern(&tables, item, property, err)
						  : item_error(item, property, err);
		else
		{
			ok = name_parse(item, &tables.items[tables.count]);
			if (ok)
				tables.count++;
			else
				item_error(item, property, err);
		}
		if (!ok)
		{
			tables_done(&tables);
			return false;
		}
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
	for (size_t i = 0; i < tables->patterns_count; i++)
		free(tables->patterns[i]);
	free(tables->patterns);
	free(tables->only);
	*tables = (Tables){0};
}

/* A name as it stands, so that no character has a meaning; a comma would part two patterns. */
static void
append_literal(Buffer *buffer, const char *name)
{
	for (; *name != '\0'; name++)
		if (*name == ',')
			buffer_append_text(buffer, "\\u002c");
		else if (isalnum((unsigned char) *name) || *name == '_' || (unsigned char) *name >= 0x80)
			buffer_append(buffer, name, 1);
		else
			buffer_printf(buffer, "\\%c", *name);
}

/* JDBC, "DatabaseMetaData.getTables": % is any text. */
static void
append_like(Buffer *buffer, const char *pattern)
{
	for (; *pattern != '\0'; pattern++)
		if (*pattern == '%')
			buffer_append_text(buffer, ".*");
		else
			append_literal(buffer, (const char[]){*pattern, '\0'});
}

/* table NULL: all. For the caller to free. */
static char *
schema_pattern(const char *pattern, const char *table)
{
	AUTO(Buffer) *text = &(Buffer){.max = TEXT_MAX};

	buffer_append_text(text, "^(?:");
	append_like(text, pattern);
	buffer_append_text(text, "\\.");
	if (table == NULL)
		buffer_append_text(text, ".*");
	else
		append_literal(text, table);
	buffer_append_text(text, ")$");
	return xstrdup(buffer_text(text));
}

void
tables_set_schema(Tables *tables, const char *pattern)
{
	size_t kept = 0;

	if (tables_all(tables) || tables->exclude)
		tables->only = schema_pattern(pattern, NULL);
	for (size_t i = 0; i < tables->count; i++)
	{
		TableName *item = &tables->items[i];

		if (item->schema == NULL && strchr(pattern, '%') != NULL)
		{
			tables_add_pattern(tables, schema_pattern(pattern, item->table));
			name_done(item);
			continue;
		}
		if (item->schema == NULL)
			item->schema = xstrdup(pattern);
		tables->items[kept++] = *item;
	}
	tables->count = kept;
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

char *
tables_patterns_to_text(const Tables *tables)
{
	AUTO(Buffer) *text = &(Buffer){.max = TEXT_MAX};

	for (size_t i = 0; i < tables->patterns_count; i++)
		buffer_printf(text, "%s%s", i > 0 ? "," : "", tables->patterns[i]);
	return xstrdup(buffer_text(text));
}

/* The literal means the same whatever standard_conforming_strings says. */
static void
append_string(Buffer *buffer, const char *text)
{
	buffer_append_text(buffer, "E'");
	for (; *text != '\0'; text++)
	{
		if (*text == '\'' || *text == '\\')
			buffer_append(buffer, text, 1);
		buffer_append(buffer, text, 1);
	}
	buffer_append_text(buffer, "'");
}

static void
append_name_test(Buffer *buffer, const TableName *name)
{
	buffer_append_text(buffer, " or c.relname = ");
	append_string(buffer, name->table);
	if (name->schema == NULL)
		return;
	buffer_append_text(buffer, " and n.nspname = ");
	append_string(buffer, name->schema);
}

static void
append_pattern_test(Buffer *buffer, const char *pattern)
{
	buffer_append_text(buffer, "(c.relname::text collate \"C\" ~ ");
	append_string(buffer, pattern);
	buffer_append_text(buffer, " or (n.nspname || '.' || c.relname) collate \"C\" ~ ");
	append_string(buffer, pattern);
	buffer_append_text(buffer, ")");
}

static void
append_list_test(Buffer *buffer, const Tables *tables)
{
	buffer_append_text(buffer, tables->exclude ? " and not (false" : " and (false");
	for (size_t i = 0; i < tables->count; i++)
		append_name_test(buffer, &tables->items[i]);
	for (size_t i = 0; i < tables->patterns_count; i++)
	{
		buffer_append_text(buffer, " or ");
		append_pattern_test(buffer, tables->patterns[i]);
	}
	buffer_append_text(buffer, ")");
}

char *
tables_to_sql(const Tables *tables)
{
	AUTO(Buffer) *sql = &(Buffer){.max = 4 * TEXT_MAX};

	if (tables->only == NULL)
		buffer_append_text(sql, "true");
	else
		append_pattern_test(sql, tables->only);
	if (tables->count > 0 || tables->patterns_count > 0)
		append_list_test(sql, tables);
	return xstrdup(buffer_text(sql));
}

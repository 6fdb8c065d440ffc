/*
 * plugin/tablename.c - see tablename.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/tablename.h"

#include "catalog/pg_collation.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

static const char *
skip_blanks(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* Reads "a ""quoted"" name" behind its first quote. NULL when it does not end. */
static const char *
read_quoted(const char *p, StringInfo name)
{
	for (;; p++)
	{
		if (*p == '\0')
			return NULL;
		if (*p == '"' && *++p != '"')
			return p;
		appendStringInfoChar(name, *p);
	}
}

static const char *
read_plain(const char *p, StringInfo name)
{
	appendBinaryStringInfo(name, p, (int) strcspn(p, ",.\""));
	p += name->len;
	while (name->len > 0 && strchr(" \t\r\n", name->data[name->len - 1]) != NULL)
		name->data[--name->len] = '\0';
	return p;
}

/* Reads one part of a name, with the blanks around it. NULL when there is none. */
static const char *
read_part(const char *p, char **out)
{
	StringInfoData name;

	initStringInfo(&name);
	p = skip_blanks(p);
	p = *p == '"' ? read_quoted(p + 1, &name) : read_plain(p, &name);
	*out = name.data;
	return p == NULL || name.len == 0 ? NULL : skip_blanks(p);
}

bool
tablename_parse_list(const char *text, List **out)
{
	List *list = NIL;

	do
	{
		TableName *table = palloc0(sizeof *table);

		text = read_part(text, &table->name);
		if (text != NULL && *text == '.')
		{
			table->namespace_name = table->name;
			text = read_part(text + 1, &table->name);
		}
		if (text == NULL)
			return false;
		list = lappend(list, table);
	} while (*text++ == ',');
	if (text[-1] != '\0')
		return false;
	*out = list;
	return true;
}

bool
tablename_in_list(const List *list, const char *namespace_name, const char *name)
{
	ListCell *cell;

	foreach (cell, list)
	{
		const TableName *table = lfirst(cell);

		if (strcmp(table->name, name) == 0 &&
			(table->namespace_name == NULL || strcmp(table->namespace_name, namespace_name) == 0))
			return true;
	}
	return false;
}

static bool
finds(const char *pattern, const char *text)
{
	return DatumGetBool(DirectFunctionCall2Coll(
		textregexeq, C_COLLATION_OID, CStringGetTextDatum(text), CStringGetTextDatum(pattern)));
}

bool
tablename_parse_patterns(const char *text, List **out)
{
	List *list = NIL;

	do
	{
		size_t len = strcspn(text, ",");
		char *pattern = pnstrdup(text, len);

		if (len == 0)
			return false;
		finds(pattern, "");
		list = lappend(list, pattern);
		text += len;
	} while (*text++ == ',');
	*out = list;
	return true;
}

bool
tablename_matches(const List *patterns, const char *namespace_name, const char *name)
{
	char *both = patterns == NIL ? NULL : psprintf("%s.%s", namespace_name, name);
	ListCell *cell;

	foreach (cell, patterns)
		if (finds(lfirst(cell), name) || finds(lfirst(cell), both))
			return true;
	return false;
}

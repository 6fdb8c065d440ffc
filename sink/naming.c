/*
 * sink/naming.c - see naming.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/naming.h"

static const char *const words[] = {[NAMING_NUMBERED] = "", [NAMING_DROPPED] = "_dropped"};

static bool
is_taken(const Table *table, const Schema *record, const char *name)
{
	if (table_column(table, name) != NULL)
		return true;
	for (size_t i = 0; i < record->count; i++)
		if (strcasecmp(record->fields[i].column, name) == 0)
			return true;
	return false;
}

/* As many whole characters (UTF-8) as have room. */
static char *
join(const char *name, const char *tail)
{
	const size_t room = NAME_MAX_BYTES - strlen(tail);
	size_t len = strlen(name);

	if (len > room)
		for (len = room; len > 0 && ((unsigned char) name[len] & 0xc0) == 0x80;)
			len--;
	return xasprintf("%.*s%s", (int) len, name, tail);
}

char *
naming_free(const Table *table, const Schema *record, const char *name, NamingKind kind, int attnum)
{
	AUTO_TEXT char *tail = xasprintf("%s_%d", words[kind], attnum);
	char *found = join(name, tail);

	for (int number = 2; is_taken(table, record, found); number++)
	{
		AUTO_TEXT char *longer = xasprintf("%s_%d", tail, number);

		free(found);
		found = join(name, longer);
	}
	return found;
}

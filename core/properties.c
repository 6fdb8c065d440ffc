/*
 * core/properties.c - see properties.h; the files are read in properties_file.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/properties.h"

#include "core/memory.h"

#include <ctype.h>
#include <string.h>

#define ENVIRONMENT_PREFIX "CONNECT_"

typedef struct Property
{
	char *name;
	char *value;
	char *shown; /* NULL: the value itself */
} Property;

struct Properties
{
	Property *items;
	size_t count;
	size_t capacity;
};

Properties *
properties_new(void)
{
	return xcalloc(1, sizeof(Properties));
}

void
properties_free(Properties *properties)
{
	if (properties == NULL)
		return;
	for (size_t i = 0; i < properties->count; i++)
	{
		free(properties->items[i].name);
		free(properties->items[i].value);
		free(properties->items[i].shown);
	}
	free(properties->items);
	free(properties);
}

static Property *
find(const Properties *properties, const char *name)
{
	for (size_t i = 0; i < properties->count; i++)
		if (strcmp(properties->items[i].name, name) == 0)
			return &properties->items[i];
	return NULL;
}

static void
set(Properties *properties, const char *name, const char *value, const char *reference)
{
	Property *item = find(properties, name);
	char *copy = xstrdup(value);
	char *shown = reference == NULL ? NULL : xstrdup(reference);

	if (item != NULL)
	{
		free(item->value);
		free(item->shown);
		item->value = copy;
		item->shown = shown;
		return;
	}
	if (properties->count == properties->capacity)
	{
		properties->capacity = properties->capacity == 0 ? 32 : properties->capacity * 2;
		properties->items =
			xrealloc(properties->items, properties->capacity * sizeof *properties->items);
	}
	properties->items[properties->count++] =
		(Property){.name = xstrdup(name), .value = copy, .shown = shown};
}

void
properties_set(Properties *properties, const char *name, const char *value)
{
	set(properties, name, value, NULL);
}

void
properties_set_hidden(Properties *properties, const char *name, const char *value,
					  const char *reference)
{
	set(properties, name, value, reference);
}

void
properties_copy(Properties *properties, const Properties *from, size_t i)
{
	set(properties, from->items[i].name, from->items[i].value, from->items[i].shown);
}

const char *
properties_shown(const Properties *properties, const char *name)
{
	const Property *item = find(properties, name);

	if (item == NULL)
		return NULL;
	return item->shown == NULL ? item->value : item->shown;
}

const char *
properties_get(const Properties *properties, const char *name)
{
	const Property *item = find(properties, name);

	return item == NULL ? NULL : item->value;
}

size_t
properties_count(const Properties *properties)
{
	return properties->count;
}

const char *
properties_name(const Properties *properties, size_t i)
{
	return properties->items[i].name;
}

const char *
properties_value(const Properties *properties, size_t i)
{
	return properties->items[i].value;
}

/* "BOOTSTRAP_SERVERS" (up to len) as the property's name, for the caller to free. */
static char *
name_of_variable(const char *variable, size_t len)
{
	char *name = xmalloc(len + 1);
	size_t used = 0;

	for (size_t i = 0; i < len;)
	{
		size_t bars = 0;

		while (bars < 3 && i + bars < len && variable[i + bars] == '_')
			bars++;
		name[used++] = bars == 0 ? (char) tolower((unsigned char) variable[i]) : "._-"[bars - 1];
		i += bars == 0 ? 1 : bars;
	}
	name[used] = '\0';
	return name;
}

void
properties_read_environment(Properties *properties, char **environment)
{
	const size_t prefix = strlen(ENVIRONMENT_PREFIX);

	for (char **entry = environment; *entry != NULL; entry++)
	{
		const char *equals = strchr(*entry, '=');

		if (strncmp(*entry, ENVIRONMENT_PREFIX, prefix) != 0 || equals == NULL ||
			equals == *entry + prefix)
			continue;
		AUTO_TEXT char *name =
			name_of_variable(*entry + prefix, (size_t) (equals - *entry) - prefix);

		properties_set(properties, name, equals + 1);
	}
}

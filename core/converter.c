/*
 * core/converter.c - see converter.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/converter.h"

#include "core/memory.h"

#include <string.h>
#include <strings.h>

const char *
converter_simple_name(const char *class_name)
{
	const char *dot = strrchr(class_name, '.');

	return dot == NULL ? class_name : dot + 1;
}

/* Of the simple name, without "Converter" at its end. */
static size_t
stem_length(const char *name)
{
	static const char suffix[] = "Converter";
	const size_t len = strlen(name);
	const size_t stem = len < sizeof suffix ? len : len - (sizeof suffix - 1);

	return strcasecmp(name + stem, suffix) == 0 ? stem : len;
}

static bool
same_class(const char *a, const char *b)
{
	a = converter_simple_name(a);
	b = converter_simple_name(b);
	return stem_length(a) == stem_length(b) && strncasecmp(a, b, stem_length(a)) == 0;
}

static void
inherit(const Properties *connector, const Properties *worker, const char *role, Properties *all)
{
	AUTO_TEXT char *class_property = xasprintf("%s.converter", role);
	AUTO_TEXT char *prefix = xasprintf("%s.", class_property);
	const char *ours = properties_get(connector, class_property);
	const char *theirs = properties_get(worker, class_property);

	if (ours != NULL && theirs != NULL && !same_class(ours, theirs))
		return;
	for (size_t i = 0; i < properties_count(worker); i++)
	{
		const char *name = properties_name(worker, i);

		if ((strcmp(name, class_property) == 0 || strncmp(name, prefix, strlen(prefix)) == 0) &&
			properties_get(connector, name) == NULL)
			properties_copy(all, worker, i);
	}
}

Properties *
converter_inherit(const Properties *connector, const Properties *worker)
{
	Properties *all = properties_new();

	for (size_t i = 0; i < properties_count(connector); i++)
		properties_copy(all, connector, i);
	inherit(connector, worker, "key", all);
	inherit(connector, worker, "value", all);
	return all;
}

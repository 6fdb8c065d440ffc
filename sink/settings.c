/*
 * sink/settings.c - see settings.h; the table of properties is in settings_table.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/settings.h"

#include "core/buffer.h"
#include "core/converter.h"
#include "core/memory.h"
#include "sink/deadletters.h"
#include "sink/member.h"
#include "sink/settings_check.h"

#include <ctype.h>

static const char *const passthrough[] = {"consumer.override.", "producer.override.",
										  "admin.override.", "transforms.", NULL};

bool
settings_validate(const Properties *connector, const Properties *worker, Settings *settings,
				  Report *report)
{
	Properties *all = converter_inherit(connector, worker);
	bool right;

	*settings = (Settings){0};
	right = options_validate(settings_options, all, passthrough, settings, report);
	right &= settings_check(connector, settings, report);
	deadletters_check(connector, report);
	member_check(connector, report);
	properties_free(all);
	return right && report_errors(report, NULL) == 0;
}

bool
settings_load(const Properties *connector, const Properties *worker, Settings *settings, Error *err)
{
	AUTO(Report) *report = report_new();
	Properties *all = converter_inherit(connector, worker);
	bool right;

	*settings = (Settings){0};
	right = options_parse(settings_options, all, passthrough, settings, err);
	properties_free(all);
	if (!right)
		return false;
	if (settings_check(connector, settings, report))
		return true;
	settings_done(settings);
	return report_first(report, err);
}

void
settings_done(Settings *settings)
{
	options_done(settings_options, settings);
	transforms_done(&settings->transforms);
	regex_free(settings->topics_pattern);
	settings->topics_pattern = NULL;
}

/* Debezium's sink: "a.b.c" is one name, whose dots become underscores; without quotes PostgreSQL
 * takes it in lower case. */
static void
adapt_name(const Settings *settings, char *name)
{
	if (settings->connector_class == SETTINGS_CLASS_DEBEZIUM)
		for (char *p = name; *p != '\0'; p++)
			if (*p == '.')
				*p = '_';
}

char *
settings_table(const Settings *settings, const char *topic)
{
	AUTO_TEXT char *routed = transforms_topic(&settings->transforms, topic);
	const char *format = settings->table_format;
	const char *at;
	Buffer out;

	adapt_name(settings, routed);
	buffer_init(&out, 1 << 20);
	for (; (at = strstr(format, SETTINGS_TOPIC_VARIABLE)) != NULL;
		 format = at + strlen(SETTINGS_TOPIC_VARIABLE))
	{
		buffer_append(&out, format, (size_t) (at - format));
		buffer_append_text(&out, routed);
	}
	buffer_append_text(&out, format);

	char *table = xstrdup(buffer_text(&out));

	buffer_done(&out);
	for (char *p = table; settings->fold_tables && *p != '\0'; p++)
		*p = (char) tolower((unsigned char) *p);
	return table;
}

/* "field" or "topic:field". */
static bool
names_field(const OptionList *list, const char *topic, const char *field)
{
	const size_t len = strlen(topic);

	for (size_t i = 0; i < list->count; i++)
	{
		const char *item = list->items[i];

		if (strcmp(item, field) == 0 || (strncmp(item, topic, len) == 0 && item[len] == ':' &&
										 strcmp(item + len + 1, field) == 0))
			return true;
	}
	return false;
}

bool
settings_takes(const Settings *settings, const char *topic, const char *field, const char *column)
{
	const OptionList *only = &settings->whitelist;
	const OptionList *include = &settings->include_fields;
	const OptionList *exclude = &settings->exclude_fields;

	if (only->count > 0 && !settings_has_item(only, field) && !settings_has_item(only, column))
		return false;
	if (include->count > 0)
		return names_field(include, topic, field) || names_field(include, topic, column);
	return !names_field(exclude, topic, field) && !names_field(exclude, topic, column);
}

bool
settings_skips_delete_event(const Settings *settings, bool keyless)
{
	return !settings->delete_enabled ||
		   (settings->skip_delete_events && (!keyless || settings->skip_tombstones));
}

char *
settings_group(const Settings *settings)
{
	return settings->group != NULL && *settings->group != '\0'
			   ? xstrdup(settings->group)
			   : xasprintf("connect-%s", settings->name);
}

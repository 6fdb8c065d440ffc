/*
 * relay/creation.c - see creation.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/creation.h"

#include "core/options.h"

#include <string.h>

#define PREFIX "topic.creation."

/* What a group says beside the topic's own settings. */
typedef struct GroupOptions
{
	OptionList include;
	OptionList exclude;
	int64_t partitions;
	int64_t replication_factor;
} GroupOptions;

#define AT(member) .offset = offsetof(GroupOptions, member)

static const Option group_options[] = {
	{.name = "include", .type = OPTION_LIST, AT(include), .help = "regular expressions of topics"},
	{.name = "exclude", .type = OPTION_LIST, AT(exclude), .help = "regular expressions of topics"},
	{.name = "partitions",
	 .type = OPTION_INTEGER,
	 AT(partitions),
	 .min = -1,
	 .max = 100000,
	 .help = "partitions of a topic that is created; -1: the broker's default"},
	{.name = "replication.factor",
	 .type = OPTION_INTEGER,
	 AT(replication_factor),
	 .min = -1,
	 .max = 32767,
	 .help = "its replication factor; -1: the broker's default"},
	{.name = NULL},
};

/* One group while it is read. */
typedef struct Reading
{
	const Properties *connector;
	Report *report;
	const char *prefix; /* topic.creation.<group>. */
	CreationGroup *group;
} Reading;

static Regex **
read_regexes(const Reading *reading, const char *property, const OptionList *list)
{
	AUTO_TEXT char *full = xasprintf("%s%s", reading->prefix, property);
	Regex **out = xcalloc(list->count + 1, sizeof *out);
	size_t count = 0;
	Error err;

	for (size_t i = 0; i < list->count; i++)
		if (regex_new(list->items[i], &out[count], &err))
			count++;
		else
			report_error(reading->report, full, "property \"%s\": %s", full, err.message);
	return out;
}

/* What the table does not know is a setting of the topic, which the broker judges. */
static void
read_config(const Reading *reading)
{
	const Properties *connector = reading->connector;
	size_t len = strlen(reading->prefix);
	size_t count = 0;
	char **config = xcalloc(2 * properties_count(connector) + 1, sizeof *config);

	for (size_t i = 0; i < properties_count(connector); i++)
	{
		const char *name = properties_name(connector, i);

		if (strncmp(name, reading->prefix, len) != 0 ||
			options_find(group_options, name + len) != NULL)
			continue;
		config[count++] = xstrdup(name + len);
		config[count++] = xstrdup(properties_value(connector, i));
	}
	reading->group->config = config;
}

/* The rows under their full names; what is not set is as in the default group. */
static void
read_options(const Reading *reading, const CreationGroup *fallback, GroupOptions *out)
{
	Option rows[sizeof group_options / sizeof *group_options];
	AUTO_TEXT char *partitions = xasprintf("%lld", (long long) fallback->partitions);
	AUTO_TEXT char *replicas = xasprintf("%lld", (long long) fallback->replication_factor);
	Properties *own = properties_new();
	size_t count = 0;

	for (; group_options[count].name != NULL; count++)
	{
		rows[count] = group_options[count];
		rows[count].name = xasprintf("%s%s", reading->prefix, group_options[count].name);
	}
	rows[count] = group_options[count];
	rows[2].fallback = partitions;
	rows[3].fallback = replicas;
	for (size_t i = 0; i < properties_count(reading->connector); i++)
		if (options_find(rows, properties_name(reading->connector, i)) != NULL)
			properties_copy(own, reading->connector, i);
	options_validate(rows, own, NULL, out, reading->report);
	properties_free(own);
	for (size_t i = 0; i < count; i++)
		free((char *) (uintptr_t) rows[i].name);
}

static CreationGroup *
add_group(Creation *creation, const char *name)
{
	CreationGroup *group;

	creation->groups = xrealloc(creation->groups, (creation->count + 1) * sizeof *creation->groups);
	group = &creation->groups[creation->count++];
	*group = (CreationGroup){.name = xstrdup(name)};
	return group;
}

static void
read_group(const Properties *connector, Creation *creation, const char *name, Report *report)
{
	AUTO_TEXT char *prefix = xasprintf(PREFIX "%s.", name);
	AUTO_TEXT char *include = xasprintf("%sinclude", prefix);
	GroupOptions options;
	Reading reading = {.connector = connector,
					   .report = report,
					   .prefix = prefix,
					   .group = add_group(creation, name)};

	read_options(&reading, &creation->groups[0], &options);
	reading.group->partitions = options.partitions;
	reading.group->replication_factor = options.replication_factor;
	reading.group->include = read_regexes(&reading, "include", &options.include);
	reading.group->exclude = read_regexes(&reading, "exclude", &options.exclude);
	read_config(&reading);
	if (options.include.count == 0)
		report_error(report, include,
					 "property \"%s\" is missing; set it: regular expressions of the topics of "
					 "this group",
					 include);
	options_done(group_options, &options);
}

static bool
has_group(const Creation *creation, const char *name)
{
	for (size_t i = 0; i < creation->count; i++)
		if (strcmp(creation->groups[i].name, name) == 0)
			return true;
	return false;
}

/* topic.creation.<group>.* of a group that is not listed. */
static void
warn_unlisted(const Properties *connector, const Creation *creation, Report *report)
{
	for (size_t i = 0; i < properties_count(connector); i++)
	{
		const char *name = properties_name(connector, i);
		const char *group = name + strlen(PREFIX);
		const char *dot;

		if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 || (dot = strchr(group, '.')) == NULL)
			continue;

		AUTO_TEXT char *alias = xstrndup(group, (size_t) (dot - group));

		if (!has_group(creation, alias))
			report_warning(report, name,
						   "property \"%s\" has no effect: topic.creation.groups does not have "
						   "\"%s\"",
						   name, alias);
	}
}

void
creation_read(const Properties *connector, int64_t partitions, int64_t replication_factor,
			  Creation *out, Report *report)
{
	const char *names = properties_get(connector, PREFIX "groups");
	Reading reading = {.connector = connector, .report = report, .prefix = PREFIX "default."};

	*out = (Creation){0};
	reading.group = add_group(out, "default");
	reading.group->partitions = partitions;
	reading.group->replication_factor = replication_factor;
	read_config(&reading);
	while (names != NULL && *(names += strspn(names, ", \t\r\n")) != '\0')
	{
		size_t len = strcspn(names, ", \t\r\n");
		AUTO_TEXT char *name = xstrndup(names, len);

		names += len;
		if (has_group(out, name))
			report_error(report, PREFIX "groups",
						 "property \"" PREFIX "groups\" has \"%s\", which is there already", name);
		else
			read_group(connector, out, name, report);
	}
	warn_unlisted(connector, out, report);
}

static void
free_regexes(Regex **list)
{
	for (Regex **item = list; item != NULL && *item != NULL; item++)
		regex_free(*item);
	free(list);
}

void
creation_done(Creation *creation)
{
	for (size_t i = 0; i < creation->count; i++)
	{
		CreationGroup *group = &creation->groups[i];

		free_regexes(group->include);
		free_regexes(group->exclude);
		for (char **text = group->config; *text != NULL; text++)
			free(*text);
		free(group->config);
		free(group->name);
	}
	free(creation->groups);
	*creation = (Creation){0};
}

static bool
one_matches(Regex *const *list, const char *topic)
{
	for (; *list != NULL; list++)
		if (regex_matches(*list, topic))
			return true;
	return false;
}

const CreationGroup *
creation_find(const Creation *creation, const char *topic)
{
	for (size_t i = 1; i < creation->count; i++)
		if (one_matches(creation->groups[i].include, topic) &&
			!one_matches(creation->groups[i].exclude, topic))
			return &creation->groups[i];
	return &creation->groups[0];
}

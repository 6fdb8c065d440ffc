/*
 * core/options.c - see options.h; help texts are written in options_help.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/options.h"

#include "core/buffer.h"
#include "core/log.h"
#include "core/memory.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <strings.h>

#define UNUSED_TEXT_MAX ((size_t) 2000)
#define NAME_LIKE_MAX	((size_t) 200) /* a longer name is like none */

static bool
holds_value(const Option *option)
{
	return option->type != OPTION_UNUSED && option->type != OPTION_REFUSED;
}

static void *
field(const Option *option, void *target)
{
	return (char *) target + option->offset;
}

/* The value without blanks around it, as Kafka takes it, for the caller to free. */
static char *
trimmed(const char *value)
{
	size_t len;

	while (isspace((unsigned char) *value))
		value++;
	len = strlen(value);
	while (len > 0 && isspace((unsigned char) value[len - 1]))
		len--;
	return xstrndup(value, len);
}

static void
list_free(OptionList *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (OptionList){0};
}

static void
list_read(const char *value, OptionList *list)
{
	OptionList read = {0};

	while (*value != '\0')
	{
		size_t len = strcspn(value, ",");
		AUTO_TEXT char *part = xstrndup(value, len);
		char *item = trimmed(part);

		if (*item == '\0')
			free(item);
		else
		{
			read.items = xrealloc(read.items, (read.count + 1) * sizeof *read.items);
			read.items[read.count++] = item;
		}
		value += len + (value[len] == ',');
	}
	list_free(list);
	*list = read;
}

/* What is read, and where it is said if it cannot be. */
typedef struct Reading
{
	const Option *option;
	const char *value; /* trimmed */
	const char *shown; /* in messages */
	Report *report;
} Reading;

static bool
number_read(const Reading *reading, int64_t *out)
{
	static const char *const units[] = {
		[OPTION_INTEGER] = "", [OPTION_DURATION] = " milliseconds", [OPTION_SIZE] = " bytes"};
	const Option *option = reading->option;
	const char *value = reading->value;
	char *end;
	long long number;

	errno = 0;
	number = strtoll(value, &end, 10);
	if (*value == '\0' || isspace((unsigned char) *value) || *end != '\0' || errno == ERANGE ||
		number < option->min || number > option->max)
		return report_error(
			reading->report, option->name,
			"property \"%s\" is \"%s\"; give it a whole number from %" PRId64 " to %" PRId64 "%s",
			option->name, reading->shown, option->min, option->max, units[option->type]);
	*out = number;
	return true;
}

static bool
boolean_read(const Reading *reading, bool *out)
{
	if (strcasecmp(reading->value, "true") != 0 && strcasecmp(reading->value, "false") != 0)
		return report_error(reading->report, reading->option->name,
							"property \"%s\" is \"%s\"; give it true or false",
							reading->option->name, reading->shown);
	*out = tolower((unsigned char) *reading->value) == 't';
	return true;
}

static bool
enum_read(const Reading *reading, int *out)
{
	const Option *option = reading->option;
	AUTO_TEXT char *known = xstrdup("");

	for (int i = 0; option->values[i] != NULL; i++)
	{
		char *longer;

		if (strcasecmp(reading->value, option->values[i]) == 0)
		{
			*out = i;
			return true;
		}
		longer = xasprintf("%s%s%s", known, i == 0 ? "" : ", ", option->values[i]);
		free(known);
		known = longer;
	}
	return report_error(reading->report, option->name,
						"property \"%s\" is \"%s\"; give it one of %s", option->name,
						reading->shown, known);
}

static void
text_set(char **out, const char *value)
{
	free(*out);
	*out = xstrdup(value);
}

static bool
value_read(const Option *option, const char *text, const char *shown_text, void *target,
		   Report *report)
{
	AUTO_TEXT char *value = trimmed(text);
	AUTO_TEXT char *shown = trimmed(shown_text);
	const Reading reading = {option, value, shown, report};
	void *out = field(option, target);

	switch (option->type)
	{
		case OPTION_STRING:
		case OPTION_SECRET:
			text_set(out, value);
			return true;
		case OPTION_LIST:
			list_read(value, out);
			return true;
		case OPTION_BOOLEAN:
			return boolean_read(&reading, out);
		case OPTION_INTEGER:
		case OPTION_DURATION:
		case OPTION_SIZE:
			return number_read(&reading, out);
		case OPTION_ENUM:
			return enum_read(&reading, out);
		case OPTION_UNUSED:
		case OPTION_REFUSED:
			break;
	}
	return true;
}

static void
value_zero(const Option *option, void *target)
{
	void *out = field(option, target);

	switch (option->type)
	{
		case OPTION_STRING:
		case OPTION_SECRET:
			*(char **) out = NULL;
			break;
		case OPTION_LIST:
			*(OptionList *) out = (OptionList){0};
			break;
		case OPTION_BOOLEAN:
			*(bool *) out = false;
			break;
		case OPTION_INTEGER:
		case OPTION_DURATION:
		case OPTION_SIZE:
			*(int64_t *) out = 0;
			break;
		case OPTION_ENUM:
			*(int *) out = 0;
			break;
		case OPTION_UNUSED:
		case OPTION_REFUSED:
			break;
	}
}

/* Rows with '*' at the end match what begins so; a row with the whole name goes before them. */
const Option *
options_find(const Option *table, const char *name)
{
	const Option *found = NULL;

	for (const Option *option = table; option->name != NULL; option++)
	{
		size_t len = strlen(option->name);

		if (strcmp(option->name, name) == 0)
			return option;
		if (found == NULL && len > 0 && option->name[len - 1] == '*' &&
			strncmp(option->name, name, len - 1) == 0)
			found = option;
	}
	return found;
}

static bool
passes_through(const char *const *prefixes, const char *name)
{
	for (size_t i = 0; prefixes != NULL && prefixes[i] != NULL; i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* Levenshtein's distance: letters to put in, take out or change. */
static size_t
distance(const char *a, const char *b)
{
	size_t len = strlen(b);
	size_t *row = xmalloc((len + 1) * sizeof *row);
	size_t result;

	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++)
	{
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len; j++)
		{
			size_t change = diagonal + (a[i - 1] != b[j - 1]);
			size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

			diagonal = row[j];
			row[j] = change < least ? change : least;
		}
	}
	result = row[len];
	free(row);
	return result;
}

/* The known name that is most like it, or NULL. */
static const char *
nearest_name(const Option *table, const char *name)
{
	size_t len = strlen(name);
	size_t best = len / 3 + 2; /* anything farther would be a guess */
	const char *nearest = NULL;

	for (const Option *option = table; len <= NAME_LIKE_MAX && option->name != NULL; option++)
	{
		size_t far = distance(name, option->name);

		if (far < best)
		{
			best = far;
			nearest = option->name;
		}
	}
	return nearest;
}

static void
warn_unknown(const Option *table, const char *name, Report *report)
{
	const char *nearest = nearest_name(table, name);

	if (nearest != NULL)
		report_warning(report, name,
					   "property \"%s\" is not known and has no effect; did you mean \"%s\"?", name,
					   nearest);
	else
		report_warning(report, name, "property \"%s\" is not known and has no effect; take it out",
					   name);
}

/* Sorts out what sets no field: unknown, unused, refused. */
static void
check_names(const Option *table, const Properties *properties, const char *const *passthrough,
			Report *report)
{
	for (size_t i = 0; i < properties_count(properties); i++)
	{
		const char *name = properties_name(properties, i);
		const Option *option = options_find(table, name);

		if (option == NULL && !passes_through(passthrough, name))
			warn_unknown(table, name, report);
		if (option != NULL && option->type == OPTION_REFUSED)
			report_error(report, name, "property \"%s\" is refused: %s", name, option->help);
		if (option != NULL && option->type == OPTION_UNUSED)
			report_warning(report, name, "property \"%s\" has no meaning here: %s", name,
						   option->help);
	}
}

/* What has no effect, for the log: one line for what is known from the peers, one for each other.
 */
static void
log_names(const Option *table, const Properties *properties, const char *const *passthrough)
{
	AUTO(Buffer) *unused = &(Buffer){.max = UNUSED_TEXT_MAX};

	for (size_t i = 0; i < properties_count(properties); i++)
	{
		const char *name = properties_name(properties, i);
		const Option *option = options_find(table, name);

		if (option != NULL && option->type == OPTION_UNUSED)
			buffer_printf(unused, "%s\"%s\"", unused->len == 0 ? "" : ", ", name);
		if (option != NULL || passes_through(passthrough, name))
			continue;

		const char *nearest = nearest_name(table, name);

		log_warn("property \"%.200s\" is not known and has no effect; %s%s%s", name,
				 nearest == NULL ? "take it out" : "did you mean \"",
				 nearest == NULL ? "" : nearest, nearest == NULL ? "" : "\"?");
	}
	if (unused->len > 0)
		log_info("accepted, but without meaning here: %s", buffer_text(unused));
}

/* Another row for the same field that is set, or NULL. */
static const Option *
other_name(const Option *table, const Option *option, const Properties *properties)
{
	for (const Option *other = table; other->name != NULL; other++)
		if (other != option && holds_value(other) && other->offset == option->offset &&
			properties_get(properties, other->name) != NULL)
			return other;
	return NULL;
}

static bool
take_option(const Option *table, const Option *option, const Properties *properties, void *target,
			Report *report)
{
	const char *value = properties_get(properties, option->name);
	const Option *other = other_name(table, option, properties);

	if (report_errors(report, option->name) > 0)
		return false;
	if (value == NULL)
		return !option->required || other != NULL ||
			   report_error(report, option->name, "property \"%s\" is missing; set it: %s",
							option->name, option->help);
	if (other != NULL && strcmp(properties_get(properties, other->name), value) != 0)
		return report_error(report, option->name,
							"properties \"%s\" and \"%s\" mean the same and have different "
							"values; take one of them out",
							option->name, other->name);
	if (option->required && value[strspn(value, " \t\r\n")] == '\0')
		return report_error(report, option->name, "property \"%s\" is empty; set it: %s",
							option->name, option->help);
	return value_read(option, value, properties_shown(properties, option->name), target, report);
}

bool
options_validate(const Option *table, const Properties *properties, const char *const *passthrough,
				 void *target, Report *report)
{
	bool ok = true;

	for (const Option *option = table; option->name != NULL; option++)
		value_zero(option, target);
	for (const Option *option = table; option->name != NULL; option++)
		if (holds_value(option) && option->fallback != NULL &&
			!value_read(option, option->fallback, option->fallback, target, report))
			ok = false;
	check_names(table, properties, passthrough, report);
	for (const Option *option = table; option->name != NULL; option++)
		if (holds_value(option) && !take_option(table, option, properties, target, report))
			ok = false;
	return ok && report_errors(report, NULL) == 0;
}

bool
options_parse(const Option *table, const Properties *properties, const char *const *passthrough,
			  void *target, Error *err)
{
	AUTO(Report) *report = report_new();

	log_names(table, properties, passthrough);
	if (options_validate(table, properties, passthrough, target, report))
		return true;
	options_done(table, target);
	return report_first(report, err);
}

void
options_done(const Option *table, void *target)
{
	for (const Option *option = table; option->name != NULL; option++)
	{
		if (option->type == OPTION_STRING || option->type == OPTION_SECRET)
			free(*(char **) field(option, target));
		if (option->type == OPTION_LIST)
			list_free(field(option, target));
		value_zero(option, target);
	}
}

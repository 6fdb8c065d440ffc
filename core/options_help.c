/*
 * core/options_help.c - the tables of options as text and as Markdown; see options.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/options.h"

#include "core/memory.h"

#include <inttypes.h>
#include <string.h>

#define HELP_INDENT	 8
#define HELP_COLUMNS 96

static const char *const type_names[] = {
	[OPTION_STRING] = "text",	  [OPTION_SECRET] = "secret",  [OPTION_LIST] = "list",
	[OPTION_BOOLEAN] = "boolean", [OPTION_INTEGER] = "number", [OPTION_DURATION] = "milliseconds",
	[OPTION_SIZE] = "bytes",	  [OPTION_ENUM] = "one of",	   [OPTION_UNUSED] = "unused",
	[OPTION_REFUSED] = "refused",
};

static bool
is_number(const Option *option)
{
	return option->type == OPTION_INTEGER || option->type == OPTION_DURATION ||
		   option->type == OPTION_SIZE;
}

/* "milliseconds from 1 to 1000", for the caller to free. */
static char *
type_text(const Option *option)
{
	char *text;

	if (is_number(option) && option->max == INT64_MAX)
		return xasprintf("%s from %" PRId64, type_names[option->type], option->min);
	if (is_number(option))
		return xasprintf("%s from %" PRId64 " to %" PRId64, type_names[option->type], option->min,
						 option->max);
	text = xstrdup(type_names[option->type]);
	for (size_t i = 0; option->type == OPTION_ENUM && option->values[i] != NULL; i++)
	{
		char *longer = xasprintf("%s%s %s", text, i == 0 ? "" : ",", option->values[i]);

		free(text);
		text = longer;
	}
	return text;
}

static const char *
default_text(const Option *option)
{
	if (option->fallback != NULL)
		return option->type == OPTION_SECRET ? "******" : option->fallback;
	return option->required ? "required" : "none";
}

/* Breaks the text into lines, each with an indent. */
static void
put_wrapped(const char *text, FILE *out)
{
	size_t column = 0;

	while (*(text += strspn(text, " \n")) != '\0')
	{
		size_t len = strcspn(text, " \n");

		if (column > 0 && column + 1 + len > HELP_COLUMNS - HELP_INDENT)
			column = 0;
		if (column == 0)
			fprintf(out, "\n%*s", HELP_INDENT, "");
		else
			fputc(' ', out);
		fprintf(out, "%.*s", (int) len, text);
		column += len + (column > 0);
		text += len;
	}
	fputc('\n', out);
}

/* Every row of one kind: those that set a field, or those of a type that sets none. */
static const Option *
next_of(const Option *option, OptionType type)
{
	for (; option->name != NULL; option++)
	{
		bool sets = option->type != OPTION_UNUSED && option->type != OPTION_REFUSED;

		if (type == OPTION_STRING ? sets : option->type == type)
			return option;
	}
	return NULL;
}

void
options_help(const Option *table, FILE *out)
{
	for (const Option *option = table; (option = next_of(option, OPTION_STRING)) != NULL; option++)
	{
		AUTO_TEXT char *type = type_text(option);
		const char *fallback = default_text(option);

		fprintf(out, "  %s (%s; %s%s)", option->name, type,
				option->fallback == NULL ? "" : "default ", *fallback == '\0' ? "empty" : fallback);
		put_wrapped(option->help, out);
	}
}

/* A bar would end the cell. */
static void
put_cell(const char *text, FILE *out)
{
	for (; *text != '\0'; text++)
		fprintf(out, "%s%c", *text == '|' ? "\\" : "", *text == '\n' ? ' ' : *text);
}

static void
put_rows(const Option *table, OptionType type, const char *title, FILE *out)
{
	const Option *option = next_of(table, type);

	if (option == NULL)
		return;
	fprintf(out, "\n%s\n\n| property | why |\n| --- | --- |\n", title);
	for (; option != NULL; option = next_of(option + 1, type))
	{
		fprintf(out, "| `%s` | ", option->name);
		put_cell(option->help, out);
		fputs(" |\n", out);
	}
}

void
options_markdown(const Option *table, FILE *out)
{
	fputs("| property | type | default | meaning |\n| --- | --- | --- | --- |\n", out);
	for (const Option *option = table; (option = next_of(option, OPTION_STRING)) != NULL; option++)
	{
		AUTO_TEXT char *type = type_text(option);
		const char *fallback = default_text(option);
		const char *quote = option->fallback == NULL ? "" : "`";

		fprintf(out, "| `%s` | ", option->name);
		put_cell(type, out);
		fprintf(out, " | %s%s%s | ", quote, *fallback == '\0' ? " " : fallback, quote);
		put_cell(option->help, out);
		fputs(" |\n", out);
	}
	put_rows(table, OPTION_UNUSED, "Accepted, without meaning here:", out);
	put_rows(table, OPTION_REFUSED, "Refused:", out);
}

/*
 * relay/debezium.c - see debezium.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/debezium.h"

#include "core/buffer.h"
#include "core/memory.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define TEXT_MAX ((size_t) 1 << 20)

bool
debezium_is_class(const char *class_name)
{
	return class_name != NULL && (strcasecmp(class_name, DEBEZIUM_CLASS) == 0 ||
								  strcasecmp(class_name, strrchr(DEBEZIUM_CLASS, '.') + 1) == 0);
}

/* ---- connection */

/* keyword='value', as libpq reads it. */
static void
add_keyword(Buffer *conninfo, const char *keyword, const char *value)
{
	if (value == NULL)
		return;
	buffer_printf(conninfo, "%s%s='", conninfo->len == 0 ? "" : " ", keyword);
	for (; *value != '\0'; value++)
	{
		if (*value == '\'' || *value == '\\')
			buffer_append_text(conninfo, "\\");
		buffer_append(conninfo, value, 1);
	}
	buffer_append_text(conninfo, "'");
}

void
debezium_check_database(RelayOptions *options, const Properties *given, Report *report)
{
	const DebeziumOptions *debezium = &options->debezium;
	AUTO(Buffer) *conninfo = &(Buffer){.max = TEXT_MAX};
	AUTO_TEXT char *port = xasprintf("%" PRId64, debezium->port);

	if (options->url == NULL || properties_get(given, "database.hostname") == NULL)
		return;
	if (debezium->dbname == NULL || debezium->dbname[0] == '\0')
		report_error(report, "database.dbname",
					 "property \"database.dbname\" is missing; set it: the database");
	add_keyword(conninfo, "host", options->url);
	add_keyword(conninfo, "port", port);
	add_keyword(conninfo, "dbname", debezium->dbname);
	add_keyword(conninfo, "sslmode", debezium->sslmode);
	add_keyword(conninfo, "sslcert", debezium->sslcert);
	add_keyword(conninfo, "sslkey", debezium->sslkey);
	add_keyword(conninfo, "sslpassword", debezium->sslpassword);
	add_keyword(conninfo, "sslrootcert", debezium->sslrootcert);
	free(options->url);
	options->url = xstrdup(buffer_text(conninfo));
}

/* ---- tables */

/* "(?=(?:a|b)\.)", or with ! for = what must not be; empty for an empty list. */
static bool
append_schemas(Buffer *text, const OptionList *schemas, const char *property, char sign,
			   Report *report)
{
	Error err;

	for (size_t i = 0; i < schemas->count; i++)
	{
		if (!tables_check_pattern(schemas->items[i], property, &err))
			return report_error(report, property, "%s", err.message);
		if (i == 0)
			buffer_printf(text, "(?%c(?:", sign);
		buffer_printf(text, "%s%s", i == 0 ? "" : "|", schemas->items[i]);
	}
	if (schemas->count > 0)
		buffer_append_text(text, ")\\.)");
	return true;
}

/* Anchored, in any case; what has no dot is no schema.table. */
static char *
pattern_of(const char *schemas, const char *item)
{
	return xasprintf("(?i)^(?=.+\\.)%s(?:%s)$", schemas, item);
}

static void
add_items(RelayOptions *options, const OptionList *list, const char *property, const char *schemas,
		  Report *report)
{
	Error err;

	for (size_t i = 0; i < list->count; i++)
		if (tables_check_pattern(list->items[i], property, &err))
			tables_add_pattern(&options->tables, pattern_of(schemas, list->items[i]));
		else
			report_error(report, property, "%s", err.message);
}

void
debezium_check_tables(RelayOptions *options, Report *report)
{
	const DebeziumOptions *debezium = &options->debezium;
	AUTO(Buffer) *schemas = &(Buffer){.max = TEXT_MAX};

	if (options->included.count > 0 && options->excluded.count > 0)
		report_error(report, "table.include.list",
					 "table.include.list and table.exclude.list contradict each other; set one "
					 "list of tables");
	if (debezium->schemas_included.count > 0 && debezium->schemas_excluded.count > 0)
		report_error(report, "schema.include.list",
					 "schema.include.list and schema.exclude.list contradict each other; set one "
					 "list of schemas");
	if (!append_schemas(schemas, &debezium->schemas_included, "schema.include.list", '=', report) ||
		!append_schemas(schemas, &debezium->schemas_excluded, "schema.exclude.list", '!', report))
		return;
	if (options->included.count > 0)
		add_items(options, &options->included, "table.include.list", buffer_text(schemas), report);
	else
	{
		options->tables.exclude = options->excluded.count > 0;
		add_items(options, &options->excluded, "table.exclude.list", "", report);
		if (schemas->len > 0)
			options->tables.only = pattern_of(buffer_text(schemas), ".*");
	}
}

/* ---- types of columns */

/* In place: alternatives are what the commas of the list mean. A quote would end the value where
 * the extension's functions take it. */
static void
check_source(char *pattern, const char *property, Report *report)
{
	Error err;

	if (pattern == NULL || pattern[0] == '\0')
		return;
	for (char *p = pattern; *p != '\0'; p++)
		if (*p == ',')
			*p = '|';
	if (strchr(pattern, '"') != NULL)
		report_error(report, property, "%s cannot have a quote; write . in its place", property);
	else if (!tables_check_pattern(pattern, property, &err))
		report_error(report, property, "%s", err.message);
}

void
debezium_check_sources(RelayOptions *options, Report *report)
{
	check_source(options->debezium.source_columns, "column.propagate.source.type", report);
	check_source(options->debezium.source_datatypes, "datatype.propagate.source.type", report);
}

/* ---- topics */

char *
debezium_topic(const RelayOptions *options, const char *schema, const char *table)
{
	const char *delimiter = options->debezium.delimiter;
	char *name =
		xasprintf("%s%s%s%s%s", options->topic_prefix, delimiter, schema, delimiter, table);

	for (char *p = name; *p != '\0'; p++)
		if (!isalnum((unsigned char) *p) && strchr("._-", *p) == NULL)
			*p = '_';
	return name;
}

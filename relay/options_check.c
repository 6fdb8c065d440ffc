/*
 * relay/options_check.c - see options_check.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/options_check.h"

#include "core/buffer.h"
#include "core/jdbc.h"
#include "core/memory.h"
#include "relay/debezium.h"
#include "relay/producer.h"

#include <ctype.h>
#include <string.h>

#define COUNT(array)	 (sizeof(array) / sizeof((array)[0]))
#define NAME_MAX_LEN	 63 /* of anything in PostgreSQL: NAMEDATALEN - 1 */
#define KEY_COLUMNS_MAX	 ((size_t) 1 << 20)
#define PREFIX_OF_HEADER "__"

static void
check_mode(const RelayOptions *options, const Properties *given, Report *report)
{
	const char *mode = properties_get(given, "mode");

	(void) options;
	if (mode != NULL && strcasecmp(mode, "bulk") == 0)
		report_error(report, "mode",
					 "mode \"bulk\" sends whole tables again and again; the log has every change "
					 "as it happens: leave mode out, or set incrementing");
}

static void
check_class(RelayOptions *options, const Properties *given, Report *report)
{
	options->debezium.naming = debezium_is_class(properties_get(given, "connector.class"));
	debezium_check_database(options, given, report);
}

static void
check_url(RelayOptions *options, const Properties *given, Report *report)
{
	AUTO_TEXT char *conninfo = NULL;
	Error err = {0};

	(void) given;
	if (options->url == NULL)
		return;
	if (jdbc_to_conninfo(options->url, &conninfo, &err))
		options->database = jdbc_database(conninfo, options->user);
	else
		report_error(report, "connection.url", "connection.url: %s", err.message);
}

static void
check_slot(RelayOptions *options, const Properties *given, Report *report)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

	(void) given;
	if (options->slot == NULL && options->name != NULL)
	{
		options->slot = xasprintf(SLOT_PREFIX "%s", options->name);
		for (char *p = options->slot; *p != '\0'; p++)
		{
			*p = (char) tolower((unsigned char) *p);
			if (strchr(allowed, *p) == NULL)
				*p = '_';
		}
	}
	if (options->slot == NULL)
		return;
	if (strlen(options->slot) > NAME_MAX_LEN)
		report_error(report, "slot.name",
					 "slot name \"%s\" is longer than %d characters; set slot.name", options->slot,
					 NAME_MAX_LEN);
	else if (options->slot[0] == '\0' || options->slot[strspn(options->slot, allowed)] != '\0')
		report_error(report, "slot.name",
					 "slot.name \"%s\" is no name of a slot; it may have a-z, 0-9 and _",
					 options->slot);
}

/* Debezium's names of fields. */
static const struct
{
	const char *name;
	HeaderField field;
} header_fields[] = {
	{"op", HEADER_OP},
	{"lsn", HEADER_LSN},
	{"txId", HEADER_TX_ID},
	{"source.ts_ms", HEADER_SOURCE_TS_MS},
	{"table", HEADER_TABLE},
	{"schema", HEADER_SCHEMA},
	{"source.lsn", HEADER_LSN},
	{"source.txId", HEADER_TX_ID},
	{"source.table", HEADER_TABLE},
	{"source.schema", HEADER_SCHEMA},
};

/* One of a list: field or field:as. A dot is no character of a header's name there. */
static bool
add_header(RelayOptions *options, const char *prefix, const char *item)
{
	size_t len = strcspn(item, ":");
	const char *as = item[len] == ':' ? item + len + 1 : item;

	for (size_t i = 0; i < COUNT(header_fields); i++)
	{
		HeaderWish *wish;

		if (strncmp(header_fields[i].name, item, len) != 0 || header_fields[i].name[len] != '\0')
			continue;
		options->headers =
			xrealloc(options->headers, (options->headers_count + 1) * sizeof *options->headers);
		wish = &options->headers[options->headers_count++];
		*wish =
			(HeaderWish){.field = header_fields[i].field, .name = xasprintf("%s%s", prefix, as)};
		for (char *p = wish->name; as == item && *p != '\0'; p++)
			if (*p == '.')
				*p = '_';
		return true;
	}
	return false;
}

static void
add_headers(RelayOptions *options, const char *property, const char *prefix, const OptionList *list,
			Report *report)
{
	for (size_t i = 0; i < list->count; i++)
		if (!add_header(options, prefix, list->items[i]))
			report_error(report, property,
						 "%s has \"%s\"; it may have: op, lsn, txId, source.ts_ms, table, schema",
						 property, list->items[i]);
}

static void
check_headers(RelayOptions *options, const Properties *given, Report *report)
{
	(void) given;
	add_headers(options, "add.headers", PREFIX_OF_HEADER, &options->add_headers, report);
}

static void
check_skipped(RelayOptions *options, const Properties *given, Report *report)
{
	const OptionList *list = &options->skipped_operations;

	(void) given;
	for (size_t i = 0; i < list->count; i++)
	{
		const char *item = list->items[i];
		const char *letter = strlen(item) == 1 ? strchr(OPERATION_LETTERS, *item) : NULL;

		if (letter != NULL && *letter != operation_letter(OPERATION_READ))
			options->skipped |= 1u << (letter - OPERATION_LETTERS);
		else if (strcasecmp(item, "none") != 0 || list->count > 1)
			report_error(report, "skipped.operations",
						 "skipped.operations has \"%s\"; it may have c, u, d, t, or none alone",
						 item);
	}
}

/* A list of tables: which of them stands in the file decides how it is read. */
static void
check_tables(RelayOptions *options, const Properties *given, Report *report)
{
	const struct
	{
		const OptionList *list;
		const char *name;
		bool exclude;
		bool patterns;
	} lists[] = {
		{&options->whitelist, "table.whitelist", false, false},
		{&options->included, "table.include.list", false, true},
		{&options->blacklist, "table.blacklist", true, false},
		{&options->excluded, "table.exclude.list", true, true},
	};
	size_t found = COUNT(lists);
	Error err;

	(void) given;
	if (options->debezium.naming)
	{
		debezium_check_tables(options, report);
		return;
	}
	if (options->debezium.schemas_included.count + options->debezium.schemas_excluded.count > 0)
		report_error(report, "schema.include.list",
					 "schema.include.list and schema.exclude.list belong to Debezium's class; set "
					 "schema.pattern, or name tables as schema.table");
	for (size_t i = 0; i < COUNT(lists); i++)
	{
		if (lists[i].list->count == 0)
			continue;
		if (found < COUNT(lists))
		{
			report_error(report, lists[i].name,
						 "%s and %s contradict each other; set one list of tables",
						 lists[found].name, lists[i].name);
			return;
		}
		found = i;
	}
	if (found < COUNT(lists) &&
		!tables_parse(lists[found].list, lists[found].name, lists[found].exclude,
					  lists[found].patterns, &options->tables, &err))
	{
		report_error(report, lists[found].name, "%s", err.message);
		return;
	}
	if (options->schema != NULL && options->schema[0] != '\0')
		tables_set_schema(&options->tables, options->schema);
}

static void
check_converters(RelayOptions *options, const Properties *given, Report *report)
{
	(void) given;
	converter_fill(&options->key_converter, &options->value_converter);
	converter_check(&options->value_converter, "value", report);
	converter_check(&options->key_converter, "key", report);
}

static void
check_creation(RelayOptions *options, const Properties *given, Report *report)
{
	creation_read(given, options->topic_partitions, options->topic_replication, &options->creation,
				  report);
}

/* What ExtractNewRecordState asks of deletes; what nobody has set is as the class has it. */
static void
apply_tombstones(RelayOptions *options, const Transform *transform, const Properties *given)
{
	const char *own = properties_get(given, "tombstones.on.delete");

	if (!transform->tombstones_set)
		return;
	if (transform->tombstones == TOMBSTONE_DROP)
		options->tombstones = false;
	else if (transform->tombstones != TOMBSTONE_TOMBSTONE || own == NULL)
		options->tombstones = true;
}

static void
check_key_fields(const Transform *transform, Report *report)
{
	AUTO_TEXT char *property = xasprintf("transforms.%s.fields", transform->alias);

	for (size_t i = 0; i < transform->fields.count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(transform->fields.items[i], transform->fields.items[k]) == 0)
				report_error(report, property, "property \"%s\" has \"%s\" twice", property,
							 transform->fields.items[i]);
}

static void
check_transforms(RelayOptions *options, const Properties *given, Report *report)
{
	transforms_read(given, &options->transforms, report);
	for (size_t i = 0; i < options->transforms.count; i++)
	{
		const Transform *transform = &options->transforms.items[i];
		AUTO_TEXT char *headers = xasprintf("transforms.%s.add.headers", transform->alias);

		switch (transform->kind)
		{
			case TRANSFORM_VALUE_TO_KEY:
				check_key_fields(transform, report);
				break;
			case TRANSFORM_EXTRACT_STATE:
				if (transform->add_headers_prefix != NULL)
					add_headers(options, headers, transform->add_headers_prefix,
								&transform->add_headers, report);
				apply_tombstones(options, transform, given);
				break;
			case TRANSFORM_REGEX_ROUTER:
				break;
		}
	}
}

/* Behind check_transforms: what unpacks envelopes has its way. */
static void
check_format(RelayOptions *options, const Properties *given, Report *report)
{
	bool unpacked = transforms_find(&options->transforms, TRANSFORM_EXTRACT_STATE) != NULL;
	size_t len;

	if (properties_get(given, "output.data.format") == NULL)
		options->output_format =
			options->debezium.naming && !unpacked ? OUTPUT_ENVELOPE : OUTPUT_ROW;
	else if (options->output_format == OUTPUT_ENVELOPE && unpacked)
		report_error(report, "output.data.format",
					 "output.data.format=envelope and ExtractNewRecordState contradict each other; "
					 "take one of them out");
	if (options->topic_prefix == NULL ||
		(!options->debezium.naming && options->output_format != OUTPUT_ENVELOPE))
		return;
	options->namespace = xstrdup(options->topic_prefix);
	for (len = strlen(options->namespace); len > 0 && options->namespace[len - 1] == '.'; len--)
		options->namespace[len - 1] = '\0';
}

static void
check_sources(RelayOptions *options, const Properties *given, Report *report)
{
	(void) given;
	debezium_check_sources(options, report);
}

static void
check_clients(RelayOptions *options, const Properties *given, Report *report)
{
	(void) options;
	producer_check(given, report);
}

void
relay_options_check(RelayOptions *options, const Properties *given, Report *report)
{
	static void (*const checks[])(RelayOptions *, const Properties *, Report *) = {
		check_class,	  check_url,	check_slot,		  check_headers,
		check_skipped,	  check_tables, check_converters, check_creation,
		check_transforms, check_format, check_sources,	  check_clients,
	};

	check_mode(options, given, report);
	for (size_t i = 0; i < COUNT(checks); i++)
		checks[i](options, given, report);
}

/* The last ValueToKey decides. */
static const OptionList *
key_fields(const RelayOptions *options)
{
	const OptionList *fields = NULL;

	for (size_t i = 0; i < options->transforms.count; i++)
		if (options->transforms.items[i].kind == TRANSFORM_VALUE_TO_KEY)
			fields = &options->transforms.items[i].fields;
	return fields;
}

char *
relay_key_columns(const RelayOptions *options)
{
	const OptionList *fields = key_fields(options);
	AUTO(Buffer) *text = &(Buffer){.max = KEY_COLUMNS_MAX};

	if (fields == NULL)
		return NULL;
	for (size_t i = 0; i < fields->count; i++)
	{
		buffer_append_text(text, i == 0 ? "\"" : ";\"");
		for (const char *p = fields->items[i]; *p != '\0'; p++)
			buffer_append(text, *p == '"' ? "\"\"" : p, *p == '"' ? 2 : 1);
		buffer_append_text(text, "\"");
	}
	return xstrdup(buffer_text(text));
}

char *
relay_topic(const RelayOptions *options, const char *schema, const char *table)
{
	AUTO_TEXT char *name = options->debezium.naming
							   ? debezium_topic(options, schema, table)
							   : xasprintf("%s%s", options->topic_prefix, table);

	return transforms_topic(&options->transforms, name);
}

char *
relay_transactions_topic(const RelayOptions *options)
{
	AUTO_TEXT char *name = xasprintf("%s%s%s", options->topic_prefix,
									 options->debezium.naming ? options->debezium.delimiter : ".",
									 options->debezium.transaction);

	return transforms_topic(&options->transforms, name);
}

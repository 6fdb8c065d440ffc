/*
 * relay/options.c - see options.h; the table of properties is in options_table.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/options.h"

#include "core/converter.h"
#include "core/log.h"
#include "core/memory.h"
#include "relay/debezium.h"
#include "relay/options_check.h"

#include <string.h>
#include <strings.h>

/* What a class sets where the file is silent. */
static const struct
{
	const char *class_name;
	const char *property;
	const char *value;
} class_defaults[] = {
	{"wal2avro.SourceConnector", "tombstones.on.delete", "true"},
	{"wal2avro.SourceConnector", "time.precision.mode", "microseconds"},
	{"wal2avro.SourceConnector", "schema.column.types", "all"},
	{DEBEZIUM_CLASS, "tombstones.on.delete", "true"},
	{DEBEZIUM_CLASS, "slot.name", "debezium"},
	{DEBEZIUM_CLASS, "time.precision.mode", "adaptive"},
	{DEBEZIUM_CLASS, "interval.handling.mode", "numeric"},
	{DEBEZIUM_CLASS, "hstore.handling.mode", "json"},
	{DEBEZIUM_CLASS, "schema.style", "debezium"},
	{DEBEZIUM_CLASS, "schema.column.types", "none"},
	{NULL, "tombstones.on.delete", "false"},
	{NULL, "time.precision.mode", "connect"},
	{NULL, "interval.handling.mode", "text"},
	{NULL, "hstore.handling.mode", "text"},
	{NULL, "schema.style", "jdbc"},
	{NULL, "schema.column.types", "extra"},
};

/* What others read: core/kafka_conf.c, core/transforms.c, creation.c. */
static const char *const passthrough[] = {"producer.override.", "admin.override.", "transforms.",
										  "topic.creation.", NULL};

const char *const relay_class_names[] = {"io.confluent.connect.jdbc.JdbcSourceConnector",
										 DEBEZIUM_CLASS, "wal2avro.SourceConnector", NULL};

/* What the worker says for all its connectors, beside converters. */
static const char *const worker_properties[] = {"offset.storage.topic", "offset.storage.partitions",
												"offset.storage.replication.factor",
												"topic.creation.enable"};

/* The connector's properties, and the worker's behind them. */
static Properties *
collect(const Properties *connector, const Properties *worker)
{
	Properties *all = converter_inherit(connector, worker);

	for (size_t i = 0; i < sizeof worker_properties / sizeof *worker_properties; i++)
		if (properties_get(all, worker_properties[i]) == NULL &&
			properties_get(worker, worker_properties[i]) != NULL)
			properties_set(all, worker_properties[i], properties_get(worker, worker_properties[i]));
	return all;
}

/* By its full name or the last part of it, as connector.class takes both. */
static bool
is_class(const char *name, const char *given)
{
	return given != NULL &&
		   (strcasecmp(name, given) == 0 || strcasecmp(strrchr(name, '.') + 1, given) == 0);
}

/* The same, and the class's defaults behind them. */
static Properties *
with_class_defaults(const Properties *given)
{
	Properties *all = properties_new();
	const char *class_name = properties_get(given, "connector.class");

	for (size_t i = 0; i < properties_count(given); i++)
		properties_copy(all, given, i);
	for (size_t i = 0; i < sizeof class_defaults / sizeof *class_defaults; i++)
	{
		const char *only = class_defaults[i].class_name;

		if (properties_get(all, class_defaults[i].property) == NULL &&
			(only == NULL || is_class(only, class_name)))
			properties_set(all, class_defaults[i].property, class_defaults[i].value);
	}
	return all;
}

bool
relay_options_validate(const Properties *connector, const Properties *worker, RelayOptions *out,
					   Report *report)
{
	Properties *given;
	Properties *all;

	*out = (RelayOptions){0};
	given = collect(connector, worker);
	all = with_class_defaults(given);
	options_validate(relay_option_table, all, passthrough, out, report);
	relay_options_check(out, given, report);
	properties_free(all);
	properties_free(given);
	return report_errors(report, NULL) == 0;
}

/* What the table does not know of: transformations, groups of topics. */
static void
log_warnings(const Report *report)
{
	json_t *root = report_json(report);
	size_t i;
	size_t k;
	const json_t *property;
	const json_t *warning;

	json_array_foreach(json_object_get(root, "configs"), i, property)
		json_array_foreach(json_object_get(property, "warnings"), k, warning)
			log_warn("%s", json_string_value(warning));
	json_decref(root);
}

bool
relay_options_parse(const Properties *connector, const Properties *worker, RelayOptions *out,
					Error *err)
{
	AUTO(Report) *report = report_new();
	Properties *given = collect(connector, worker);
	Properties *all = with_class_defaults(given);
	RelayOptions options = {0};
	bool ok = options_parse(relay_option_table, all, passthrough, &options, err);

	if (ok)
	{
		relay_options_check(&options, given, report);
		log_warnings(report);
		ok = report_errors(report, NULL) == 0 || report_first(report, err);
		if (ok)
			*out = options;
		else
			relay_options_done(&options);
	}
	properties_free(all);
	properties_free(given);
	return ok;
}

void
relay_options_done(RelayOptions *options)
{
	for (size_t i = 0; i < options->headers_count; i++)
		free(options->headers[i].name);
	free(options->headers);
	free(options->database);
	free(options->namespace);
	tables_done(&options->tables);
	creation_done(&options->creation);
	transforms_done(&options->transforms);
	options_done(relay_option_table, options);
}

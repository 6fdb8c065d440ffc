/*
 * sink/settings.c - see settings.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/settings.h"

#include "core/buffer.h"
#include "core/log.h"
#include "core/memory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const classes[] = {"io.confluent.connect.jdbc.JdbcSinkConnector",
									  "JdbcSinkConnector", "wal2avro.SinkConnector", NULL};

/* The names behind the modes that we have are known, and refused with a reason. */
static const char *const insert_modes[] = {"insert", "upsert", "update", NULL};
static const char *const pk_modes[] = {"none", "record_key", "record_value", "kafka", NULL};
static const char *const tolerances[] = {"none", "all", NULL};
static const char *const auth_sources[] = {"URL", "USER_INFO", "SASL_INHERIT", NULL};

/* Texts of options that the Confluent JDBC sink has and that mean nothing here. */
#define NO_DIALECT "there is one dialect, PostgreSQL's"
#define NO_ZONE	   "times are bound in binary, no time zone is involved"
#define NO_RETRIES                                                                                 \
	"errors that can pass are tried again until they do; others stop the task at once"

#define AT(member) offsetof(Settings, member)

const Option settings_options[] = {
	{"name", OPTION_STRING, AT(name), .required = true,
	 .help = "name of the connector; the consumer group is connect-<name>"},
	{"connector.class", OPTION_ENUM, AT(connector_class), "wal2avro.SinkConnector",
	 .values = classes, .help = "class of the connector; all names mean this sink"},
	{"tasks.max", OPTION_INTEGER, AT(tasks_max), "1", .min = 1, .max = 1000,
	 .help = "tasks of the connector; this process is one of them, the worker starts the others"},
	{"connection.url", OPTION_STRING, AT(url), .required = true,
	 .help = "destination: jdbc:postgresql://host:port/database, or any form that libpq takes"},
	{"connection.user", OPTION_STRING, AT(user), .help = "role at the destination"},
	{"connection.password", OPTION_SECRET, AT(password), .help = "its password"},
	{"topics", OPTION_LIST, AT(topics), .required = true,
	 .help = "topics to read, comma-separated"},
	{"topics.regex", OPTION_REFUSED, .help = "not yet; name the topics in \"topics\""},
	{"insert.mode", OPTION_ENUM, AT(insert_mode), "insert", .values = insert_modes,
	 .help = "insert: one row per record with a value (updates of the source append, too); upsert: "
			 "the last state of each key, with or without a unique constraint"},
	{"pk.mode", OPTION_ENUM, AT(pk_mode), "none", .values = pk_modes,
	 .help = "where the key columns come from: none, record_key, record_value"},
	{"pk.fields", OPTION_LIST, AT(pk_fields),
	 .help = "fields of the key; empty with record_key: all fields of the record's key"},
	{"fields.whitelist", OPTION_LIST, AT(whitelist),
	 .help = "fields of the value to write; empty: all. Key fields are always written"},
	{"delete.enabled", OPTION_BOOLEAN, AT(delete_enabled), "false",
	 .help = "a record without a value deletes the row of its key; needs upsert and "
			 "pk.mode=record_key. Else such records are skipped and counted"},
	{"table.name.format", OPTION_STRING, AT(table_format), "${topic}",
	 .help = "table of a topic; a dot divides schema and table"},
	{"auto.create", OPTION_BOOLEAN, AT(auto_create), "false",
	 .help = "only false: create the table yourself, the error of a missing one proposes the "
			 "statement"},
	{"auto.evolve", OPTION_BOOLEAN, AT(auto_evolve), "false",
	 .help = "only false: add columns yourself, the error of a missing one proposes the statement"},
	{"auto.index", OPTION_BOOLEAN, AT(auto_index), "true",
	 .help = "upsert into a table without any index on its key creates a plain one; without it "
			 "each batch reads the whole table"},
	{"batch.size", OPTION_INTEGER, AT(batch_rows), "100000", .min = 1, .max = 10000000,
	 .help = "most rows of a batch, which is one transaction at the destination"},
	{"batch.max.bytes", OPTION_SIZE, AT(batch_bytes), "16777216", .min = 65536, .max = 1073741824,
	 .help = "most bytes of a batch; two are held at a time"},
	{"fetch.queue.bytes", OPTION_SIZE, AT(fetch_bytes), "33554432", .min = 1048576,
	 .max = 2146435072,
	 .help = "most bytes of records that were fetched and not yet taken "
			 "(queued.max.messages.kbytes of librdkafka)"},
	{"retry.backoff.ms", OPTION_DURATION, AT(retry_ms), "1000", .min = 1, .max = 30000,
	 .help = "first wait before a failed batch or connection is tried again; doubles up to 30 s, "
			 "and there is no end to it"},
	{"shutdown.timeout.ms", OPTION_DURATION, AT(shutdown_ms), "10000", .min = 0, .max = 600000,
	 .help = "how long the open batch may take to be finished when the task is ended"},
	{"errors.tolerance", OPTION_ENUM, AT(errors_tolerance), "none", .values = tolerances,
	 .help = "only none: a record that cannot be applied stops the task with its topic, partition "
			 "and offset"},
	{"key.converter", OPTION_STRING, AT(key_converter),
	 .help = "io.confluent.connect.avro.AvroConverter; read only with pk.mode=record_key. From the "
			 "worker when not set"},
	{"value.converter", OPTION_STRING, AT(value_converter),
	 .help = "io.confluent.connect.avro.AvroConverter. From the worker when not set"},
	{"key.converter.schema.registry.url", OPTION_STRING, AT(key_registry_url),
	 .help = "schema registries of the keys; from the worker when not set"},
	{"value.converter.schema.registry.url", OPTION_STRING, AT(value_registry_url),
	 .help = "schema registries of the values; from the worker when not set"},
	{"key.converter.basic.auth.credentials.source", OPTION_ENUM, AT(key_registry_source), "URL",
	 .values = auth_sources,
	 .help = "where the registry's user and password are: URL or USER_INFO"},
	{"value.converter.basic.auth.credentials.source", OPTION_ENUM, AT(value_registry_source), "URL",
	 .values = auth_sources, .help = "the same for the values' registry"},
	{"key.converter.basic.auth.user.info", OPTION_SECRET, AT(key_registry_auth),
	 .help = "user:password for the registry, with the source USER_INFO"},
	{"key.converter.schema.registry.basic.auth.user.info", OPTION_SECRET, AT(key_registry_auth),
	 .help = "older name of the same"},
	{"value.converter.basic.auth.user.info", OPTION_SECRET, AT(value_registry_auth),
	 .help = "user:password for the values' registry"},
	{"value.converter.schema.registry.basic.auth.user.info", OPTION_SECRET, AT(value_registry_auth),
	 .help = "older name of the same"},
	{"transforms*", OPTION_REFUSED,
	 .help =
		 "there is no Java here to run transformations; write the records so that they need none"},
	{"predicates*", OPTION_REFUSED,
	 .help =
		 "there is no Java here to run transformations; write the records so that they need none"},
	{"max.retries", OPTION_UNUSED, .help = NO_RETRIES},
	{"errors.retry.timeout", OPTION_UNUSED, .help = NO_RETRIES},
	{"errors.retry.delay.max.ms", OPTION_UNUSED, .help = NO_RETRIES},
	{"connection.attempts", OPTION_UNUSED, .help = NO_RETRIES},
	{"connection.backoff.ms", OPTION_UNUSED, .help = NO_RETRIES},
	{"errors.log.enable", OPTION_UNUSED, .help = "errors are always logged"},
	{"errors.log.include.messages", OPTION_UNUSED,
	 .help = "the log names topic, partition and offset"},
	{"errors.deadletterqueue*", OPTION_UNUSED,
	 .help = "with errors.tolerance=none nothing goes there"},
	{"db.timezone", OPTION_UNUSED, .help = NO_ZONE},
	{"date.timezone", OPTION_UNUSED, .help = NO_ZONE},
	{"date.calendar.system", OPTION_UNUSED, .help = "always proleptic Gregorian, as PostgreSQL"},
	{"timestamp.fields.list", OPTION_UNUSED, .help = "the column's type decides"},
	{"timestamp.precision.mode", OPTION_UNUSED, .help = "the column's type decides"},
	{"dialect.name", OPTION_UNUSED, .help = NO_DIALECT},
	{"mssql.use.merge.holdlock", OPTION_UNUSED, .help = NO_DIALECT},
	{"quote.sql.identifiers", OPTION_UNUSED, .help = "names are always quoted"},
	{"table.types", OPTION_UNUSED, .help = "always tables, partitioned ones too"},
	{"replace.null.with.default", OPTION_UNUSED,
	 .help = "a null stays a null; columns that records lack get their defaults"},
	{"string.output.value.column.name", OPTION_UNUSED, .help = "values are records"},
	{"trim.sensitive.log", OPTION_UNUSED,
	 .help = "values of rows are not logged, but the server's words on a refused one are"},
	{"header.converter*", OPTION_UNUSED, .help = "headers are not written"},
	{"key.converter.*", OPTION_UNUSED, .help = "what the schema says is read"},
	{"value.converter.*", OPTION_UNUSED, .help = "what the schema says is read"},
	{"config.action.reload", OPTION_UNUSED, .help = "there are no secrets to be rotated"},
	{NULL},
};

static const char *const passthrough[] = {"consumer.override.", NULL};

/* What the worker sets for every connector: only the converters. */
static Properties *
with_defaults(const Properties *connector, const Properties *worker)
{
	static const char *const shared[] = {"key.converter", "value.converter"};
	Properties *all = properties_new();

	for (size_t i = 0; i < properties_count(worker); i++)
		for (size_t k = 0; k < COUNT(shared); k++)
			if (strncmp(properties_name(worker, i), shared[k], strlen(shared[k])) == 0)
				properties_set(all, properties_name(worker, i), properties_value(worker, i));
	for (size_t i = 0; i < properties_count(connector); i++)
		properties_set(all, properties_name(connector, i), properties_value(connector, i));
	return all;
}

static bool
is_avro(const char *converter)
{
	return converter == NULL || strcmp(converter, "io.confluent.connect.avro.AvroConverter") == 0;
}

static bool
check_converters(const Settings *settings, Error *err)
{
	const bool keys = settings->pk_mode == PK_MODE_RECORD_KEY;
	const struct
	{
		const char *name;
		const char *converter;
		const char *url;
		bool used;
		int source;
	} sides[] = {
		{"value", settings->value_converter, settings->value_registry_url, true,
		 settings->value_registry_source},
		{"key", settings->key_converter, settings->key_registry_url, keys,
		 settings->key_registry_source},
	};

	for (size_t i = 0; i < COUNT(sides); i++)
	{
		if (!sides[i].used)
			continue;
		if (!is_avro(sides[i].converter))
			return error_set(err, ERROR_CONFIG,
							 "property \"%s.converter\" is \"%s\"; only Avro is read, set it to "
							 "io.confluent.connect.avro.AvroConverter",
							 sides[i].name, sides[i].converter);
		if (sides[i].url == NULL || *sides[i].url == '\0')
			return error_set(err, ERROR_CONFIG,
							 "property \"%s.converter.schema.registry.url\" is missing; set it "
							 "here or in the worker's properties",
							 sides[i].name);
		if (sides[i].source > 1)
			return error_set(err, ERROR_CONFIG,
							 "property \"%s.converter.basic.auth.credentials.source\" is \"%s\"; "
							 "give it URL or USER_INFO",
							 sides[i].name, auth_sources[sides[i].source]);
	}
	return true;
}

/* What each row says by itself when it is set, and we do not have it yet. */
static bool
check_refused(const Settings *settings, Error *err)
{
	const struct
	{
		bool set;
		const char *text;
	} refusals[] = {
		{settings->insert_mode > INSERT_MODE_UPSERT,
		 "property \"insert.mode\" is \"update\", which is not there yet; use upsert"},
		{settings->pk_mode > PK_MODE_RECORD_VALUE,
		 "property \"pk.mode\" is \"kafka\", which is not there yet; use record_key or "
		 "record_value, rows are written exactly once without it"},
		{settings->auto_create,
		 "property \"auto.create\" is true, which is not there yet: create the table yourself"},
		{settings->auto_evolve,
		 "property \"auto.evolve\" is true, which is not there yet: add columns yourself"},
		{settings->errors_tolerance != 0,
		 "property \"errors.tolerance\" is \"all\", but there is no dead letter topic yet and "
		 "nothing is dropped in silence; set it to none"},
	};

	for (size_t i = 0; i < COUNT(refusals); i++)
		if (refusals[i].set)
			return error_set(err, ERROR_CONFIG, "%s", refusals[i].text);
	return true;
}

static bool
check_together(const Settings *settings, Error *err)
{
	const bool upsert = settings->insert_mode == INSERT_MODE_UPSERT;
	const struct
	{
		bool wrong;
		const char *text;
	} contradictions[] = {
		{settings->topics.count == 0, "property \"topics\" is empty; name the topics to read"},
		{upsert && settings->pk_mode == PK_MODE_NONE,
		 "insert.mode=upsert needs to know the key; set pk.mode to record_value with pk.fields, or "
		 "to record_key"},
		{settings->pk_mode == PK_MODE_RECORD_VALUE && settings->pk_fields.count == 0,
		 "pk.mode=record_value needs pk.fields; name the fields of the key"},
		{settings->delete_enabled && settings->pk_mode != PK_MODE_RECORD_KEY,
		 "delete.enabled needs pk.mode=record_key: a record without a value has only its key"},
		{settings->delete_enabled && !upsert,
		 "delete.enabled needs insert.mode=upsert; set it, or delete.enabled to false"},
	};

	for (size_t i = 0; i < COUNT(contradictions); i++)
		if (contradictions[i].wrong)
			return error_set(err, ERROR_CONFIG, "%s", contradictions[i].text);
	for (size_t i = 0; i < settings->topics.count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(settings->topics.items[i], settings->topics.items[k]) == 0)
				return error_set(err, ERROR_CONFIG, "property \"topics\" has \"%s\" twice",
								 settings->topics.items[i]);
	return true;
}

bool
settings_load(const Properties *connector, const Properties *worker, Settings *settings, Error *err)
{
	Properties *all = with_defaults(connector, worker);
	bool parsed = options_parse(settings_options, all, passthrough, settings, err);

	properties_free(all);
	if (!parsed)
		return false;
	if (check_refused(settings, err) && check_together(settings, err) &&
		check_converters(settings, err))
	{
		if (settings->tasks_max > 1)
			log_info("tasks.max is %lld; this process is one task, start more of it for more",
					 (long long) settings->tasks_max);
		return true;
	}
	settings_done(settings);
	return false;
}

void
settings_done(Settings *settings)
{
	options_done(settings_options, settings);
}

char *
settings_table(const Settings *settings, const char *topic)
{
	static const char variable[] = "${topic}";
	const char *format = settings->table_format;
	const char *at;
	Buffer out;

	buffer_init(&out, 1 << 20);
	for (; (at = strstr(format, variable)) != NULL; format = at + strlen(variable))
	{
		buffer_append(&out, format, (size_t) (at - format));
		buffer_append_text(&out, topic);
	}
	buffer_append_text(&out, format);

	char *table = xstrdup(buffer_text(&out));

	buffer_done(&out);
	return table;
}

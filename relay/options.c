/*
 * relay/options.c - see options.h.
 *
 * One row per property. Those of the JDBC source that shape its polling have no meaning for a
 * reader of the log: they are accepted and said. What would be lost without notice is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/options.h"

#include "core/memory.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define SLOT_PREFIX	 "wal2avro_"
#define NAME_MAX_LEN 63 /* of anything in PostgreSQL: NAMEDATALEN - 1 */

/* The JDBC source's own come first. */
static const char *const classes[] = {"io.confluent.connect.jdbc.JdbcSourceConnector",
									  "JdbcSourceConnector", "wal2avro.SourceConnector", NULL};
static const char *const modes[] = {"incrementing", "timestamp", "timestamp+incrementing", "bulk",
									NULL};
#define MODE_BULK 3
static const char *const snapshot_modes[] = {"initial", "no_data", NULL};
static const char *const time_precisions[] = {"microseconds", "connect", NULL};
static const char *const decimal_handlings[] = {"precise", "string", NULL};
static const char *const array_handlings[] = {"array", "text", NULL};
static const char *const only_none[] = {"none", NULL};
static const char *const only_truncate[] = {"t", NULL};
static const char *const only_requested[] = {"requested", NULL};
static const char *const only_true[] = {"true", NULL};
static const char *const only_topic_name[] = {
	"io.confluent.kafka.serializers.subject.TopicNameStrategy", NULL};
static const char *const converters[] = {"io.confluent.connect.avro.AvroConverter", "AvroConverter",
										 "io.apicurio.registry.utils.converter.AvroConverter",
										 NULL};

/* What a class sets where the file is silent. */
static const struct
{
	const char *class_name;
	const char *property;
	const char *value;
} class_defaults[] = {
	{"wal2avro.SourceConnector", "tombstones.on.delete", "true"},
	{"wal2avro.SourceConnector", "time.precision.mode", "microseconds"},
	{NULL, "tombstones.on.delete", "false"},
	{NULL, "time.precision.mode", "connect"},
};

#define AT(field)	  .offset = offsetof(RelayOptions, field)
#define UNUSED(text)  .type = OPTION_UNUSED, .help = text
#define REFUSED(text) .type = OPTION_REFUSED, .help = text
#define POLLING		  "changes are read from the log as they are committed"

/* One value only: accepted, and anything else refused. */
#define ONLY(slot, list, text) .type = OPTION_ENUM, AT(only[slot]), .values = list, .help = text

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

#define CONVERTER_ROWS(role, member, first)                                                        \
	{.name = role ".converter",                                                                    \
	 .type = OPTION_ENUM,                                                                          \
	 AT(only[first]),                                                                              \
	 .values = converters,                                                                         \
	 .fallback = "io.confluent.connect.avro.AvroConverter",                                        \
	 .help = "Avro in Confluent's framing; there is no other"},                                    \
		{.name = role ".converter.schema.registry.url",                                            \
		 .type = OPTION_STRING,                                                                    \
		 AT(member.registry_urls),                                                                 \
		 .help = "schema registry, one URL or several, comma-separated; also from the worker"},    \
		{.name = role ".converter.basic.auth.user.info",                                           \
		 .type = OPTION_SECRET,                                                                    \
		 AT(member.user_info),                                                                     \
		 .help = "user:password for the registry"},                                                \
		{.name = role ".converter.schema.registry.basic.auth.user.info",                           \
		 .type = OPTION_SECRET,                                                                    \
		 AT(member.user_info),                                                                     \
		 .help = "the same under its older name"},                                                 \
		{.name = role ".converter.schema.registry.ssl.truststore.location",                        \
		 .type = OPTION_STRING,                                                                    \
		 AT(member.ca_file),                                                                       \
		 .help = "certificates to trust for the registry, a PEM file"},                            \
		{.name = role ".converter.auto.register.schemas",                                          \
		 ONLY(first + 1, only_true, "schemas are registered as they appear")},                     \
		{.name = role ".converter.key.subject.name.strategy",                                      \
		 ONLY(first + 2, only_topic_name, "subjects are <topic>-key and <topic>-value")},          \
		{.name = role ".converter.value.subject.name.strategy",                                    \
		 ONLY(first + 3, only_topic_name, "subjects are <topic>-key and <topic>-value")},          \
		{.name = role ".converter.apicurio.registry.url",                                          \
		 REFUSED("give " role                                                                      \
				 ".converter.schema.registry.url with the registry's /apis/ccompat/v7")},          \
	{                                                                                              \
		.name = role ".converter.*", UNUSED("the schemas are those of the tables")                 \
	}

const Option relay_option_table[] = {
	{.name = "name",
	 .type = OPTION_STRING,
	 AT(name),
	 .required = true,
	 .help = "name of the connector"},
	{.name = "connector.class",
	 .type = OPTION_ENUM,
	 AT(class_name),
	 .required = true,
	 .values = classes,
	 .help = "the JDBC classes keep the JDBC source's defaults; ours rounds nothing and sends "
			 "deletes"},
	{.name = "tasks.max", UNUSED("one slot is one task")},
	{.name = "connection.url",
	 .type = OPTION_STRING,
	 AT(url),
	 .required = true,
	 .help = "jdbc:postgresql://host:port/database, or a libpq URI"},
	{.name = "connection.user",
	 .type = OPTION_STRING,
	 AT(user),
	 .help = "role with REPLICATION and SELECT on the tables; else from the URL"},
	{.name = "connection.password", .type = OPTION_SECRET, AT(password), .help = "its password"},
	{.name = "connection.attempts", UNUSED("connections are tried again as long as it takes")},
	{.name = "connection.backoff.ms", UNUSED("see retry.backoff.ms")},
	{.name = "topic.prefix",
	 .type = OPTION_STRING,
	 AT(topic_prefix),
	 .required = true,
	 .help = "a topic is named topic.prefix + table"},
	{.name = "table.whitelist",
	 .type = OPTION_LIST,
	 AT(whitelist),
	 .help = "tables to send, each table or schema.table; default: all"},
	{.name = "table.include.list",
	 .type = OPTION_LIST,
	 AT(whitelist),
	 .help = "the same under its newer name; plain names, not regular expressions"},
	{.name = "table.blacklist",
	 .type = OPTION_LIST,
	 AT(blacklist),
	 .help = "all tables but these; not together with table.whitelist"},
	{.name = "table.exclude.list",
	 .type = OPTION_LIST,
	 AT(blacklist),
	 .help = "the same under its newer name"},
	{.name = "schema.pattern",
	 .type = OPTION_STRING,
	 AT(schema),
	 .help = "schema of the listed tables that have none; a plain name"},
	{.name = "catalog.pattern", UNUSED("a connection has one database")},
	{.name = "table.types", UNUSED("the log has ordinary tables only")},
	{.name = "mode",
	 .type = OPTION_ENUM,
	 AT(mode),
	 .values = modes,
	 .fallback = "incrementing",
	 .help = "of the JDBC source; without meaning here, but bulk is refused"},
	{.name = "incrementing.*", UNUSED(POLLING)},
	{.name = "timestamp.*", UNUSED(POLLING)},
	{.name = "validate.non.null", UNUSED(POLLING)},
	{.name = "poll.interval.ms", UNUSED(POLLING)},
	{.name = "poll.linger.ms", UNUSED(POLLING)},
	{.name = "batch.max.rows", UNUSED(POLLING)},
	{.name = "max.buffer.size", UNUSED(POLLING)},
	{.name = "table.poll.interval.ms", UNUSED("a new table is seen with its first row")},
	{.name = "table.monitoring.startup.polling.limit.ms",
	 UNUSED("a new table is seen with its first row")},
	{.name = "transaction.isolation.mode", UNUSED(POLLING)},
	{.name = "query",
	 REFUSED("the log has tables, not queries; name the tables in table.whitelist")},
	{.name = "query.*",
	 REFUSED("the log has tables, not queries; name the tables in table.whitelist")},
	{.name = "dialect.name", UNUSED("the source is PostgreSQL")},
	{.name = "quote.sql.identifiers", UNUSED("names are always taken as they stand")},
	{.name = "db.timezone", UNUSED("times are sent as they are stored")},
	{.name = "date.calendar.system", UNUSED("dates are proleptic Gregorian, as stored")},
	{.name = "numeric.mapping",
	 ONLY(0, only_none, "numerics are decimals, see decimal.handling.mode")},
	{.name = "numeric.precision.mapping", UNUSED("see decimal.handling.mode")},
	{.name = "jdbc.credentials.provider.class",
	 REFUSED("give connection.user and connection.password")},
	{.name = "slot.name",
	 .type = OPTION_STRING,
	 AT(slot),
	 .help = "replication slot; default: " SLOT_PREFIX " + name in small letters, other characters "
			 "as _"},
	{.name = "snapshot.mode",
	 .type = OPTION_ENUM,
	 AT(snapshot_mode),
	 .values = snapshot_modes,
	 .fallback = "initial",
	 .help = "initial: first the rows that are there; no_data: changes only"},
	{.name = "add.headers",
	 .type = OPTION_LIST,
	 AT(add_headers),
	 .help = "headers on every record: any of op, lsn, txId, source.ts_ms"},
	{.name = "tombstones.on.delete",
	 .type = OPTION_BOOLEAN,
	 AT(tombstones),
	 .help = "a delete sends a record without value; default: false for the JDBC classes, true for "
			 "ours"},
	{.name = "time.precision.mode",
	 .type = OPTION_ENUM,
	 AT(time_precision),
	 .values = time_precisions,
	 .help = "connect: milliseconds, default of the JDBC classes; microseconds: default of ours"},
	{.name = "decimal.handling.mode",
	 .type = OPTION_ENUM,
	 AT(decimal_handling),
	 .values = decimal_handlings,
	 .fallback = "precise",
	 .help = "precise: numeric(p,s) as decimal; string: every numeric as text"},
	{.name = "array.handling.mode",
	 .type = OPTION_ENUM,
	 AT(array_handling),
	 .values = array_handlings,
	 .fallback = "array",
	 .help = "array: Avro arrays; text: PostgreSQL's text form"},
	{.name = "skipped.operations",
	 ONLY(1, only_truncate, "TRUNCATE is not sent; it is said in the log and counted")},
	{.name = "exactly.once.support",
	 ONLY(2, only_requested, "records carry their position, see docs/wire.md")},
	CONVERTER_ROWS("key", key_converter, 3),
	CONVERTER_ROWS("value", value_converter, 7),
	{.name = "header.converter", UNUSED("headers are bytes and text")},
	{.name = "registry.timeout.ms",
	 .type = OPTION_DURATION,
	 AT(registry_timeout_ms),
	 .fallback = "10000",
	 .min = 100,
	 .max = 600000,
	 .help = "longest wait for one answer of the registry"},
	{.name = "topic.creation.default.partitions",
	 .type = OPTION_INTEGER,
	 AT(topic_partitions),
	 .fallback = "-1",
	 .min = -1,
	 .max = 100000,
	 .help = "partitions of a topic that is created; -1: the broker's default"},
	{.name = "topic.creation.default.replication.factor",
	 .type = OPTION_INTEGER,
	 AT(topic_replication),
	 .fallback = "-1",
	 .min = -1,
	 .max = 32767,
	 .help = "its replication factor; -1: the broker's default"},
	{.name = "topic.creation.*", UNUSED("every topic has the default settings")},
	{.name = "offset.storage.topic",
	 .type = OPTION_STRING,
	 AT(offsets_topic),
	 .fallback = "connect-offsets",
	 .help = "topic of the positions, compacted; from the worker"},
	{.name = "offset.storage.partitions",
	 .type = OPTION_INTEGER,
	 AT(offsets_partitions),
	 .fallback = "25",
	 .min = -1,
	 .max = 100000,
	 .help = "its partitions where it is created; from the worker"},
	{.name = "offset.storage.replication.factor",
	 .type = OPTION_INTEGER,
	 AT(offsets_replication),
	 .fallback = "-1",
	 .min = -1,
	 .max = 32767,
	 .help = "its replication factor; from the worker"},
	{.name = "frame.bytes",
	 .type = OPTION_SIZE,
	 AT(frame_bytes),
	 .fallback = "65536",
	 .min = 1,
	 .max = 64 << 20,
	 .help = "size at which the server sends a frame"},
	{.name = "stream.in.progress",
	 .type = OPTION_BOOLEAN,
	 AT(streaming),
	 .fallback = "true",
	 .help = "let the server send large transactions while they run"},
	{.name = "stream.memory.bytes",
	 .type = OPTION_SIZE,
	 AT(stream_memory_bytes),
	 .fallback = "16777216",
	 .min = 65536,
	 .max = INT64_C(1) << 40,
	 .help = "memory for transactions in progress; beyond it they are kept in files"},
	{.name = "stream.directory",
	 .type = OPTION_STRING,
	 AT(stream_directory),
	 .fallback = "/tmp",
	 .help = "where these files are"},
	{.name = "status.interval.ms",
	 .type = OPTION_DURATION,
	 AT(status_interval_ms),
	 .fallback = "10000",
	 .min = 100,
	 .max = DAY_MS,
	 .help = "longest silence towards the server"},
	{.name = "confirm.interval.ms",
	 .type = OPTION_DURATION,
	 AT(confirm_interval_ms),
	 .fallback = "1000",
	 .min = 10,
	 .max = DAY_MS,
	 .help = "how often a position is written and confirmed while records are acknowledged"},
	{.name = "retry.backoff.ms",
	 .type = OPTION_DURATION,
	 AT(retry_ms),
	 .fallback = "1000",
	 .min = 10,
	 .max = DAY_MS,
	 .help = "first wait after a failure that may heal; doubled each time"},
	{.name = "retry.backoff.max.ms",
	 .type = OPTION_DURATION,
	 AT(retry_max_ms),
	 .fallback = "30000",
	 .min = 10,
	 .max = DAY_MS,
	 .help = "longest such wait"},
	{.name = "transforms", REFUSED("records are not transformed on the way")},
	{.name = "transforms.*", REFUSED("records are not transformed on the way")},
	{.name = "predicates", REFUSED("records are not transformed on the way")},
	{.name = "predicates.*", REFUSED("records are not transformed on the way")},
	{.name = "errors.*", UNUSED("no record is ever skipped")},
	{.name = "config.action.reload", UNUSED("there are no configuration providers")},
	{.name = NULL},
};

static const char *const passthrough[] = {"producer.override.", "consumer.override.",
										  "admin.override.", NULL};

static const struct
{
	const char *name;
	HeaderBits bit;
} header_names[] = {
	{"op", HEADER_OP},
	{"lsn", HEADER_LSN},
	{"txId", HEADER_TX_ID},
	{"source.ts_ms", HEADER_SOURCE_TS_MS},
};

/* What the worker says for all its connectors. */
static const char *const worker_properties[] = {"key.converter", "value.converter",
												"offset.storage.topic", "offset.storage.partitions",
												"offset.storage.replication.factor"};

static bool
from_worker(const char *name)
{
	for (size_t i = 0; i < sizeof worker_properties / sizeof *worker_properties; i++)
	{
		size_t len = strlen(worker_properties[i]);

		if (strncmp(name, worker_properties[i], len) == 0 &&
			(name[len] == '\0' || name[len] == '.'))
			return true;
	}
	return false;
}

/* The connector's properties, the worker's and the class's behind them. */
static Properties *
effective(const Properties *connector, const Properties *worker)
{
	Properties *all = properties_new();
	const char *class_name = properties_get(connector, "connector.class");

	for (size_t i = 0; i < properties_count(connector); i++)
		properties_set(all, properties_name(connector, i), properties_value(connector, i));
	for (size_t i = 0; i < properties_count(worker); i++)
	{
		const char *name = properties_name(worker, i);

		if (from_worker(name) && properties_get(all, name) == NULL)
			properties_set(all, name, properties_value(worker, i));
	}
	for (size_t i = 0; i < sizeof class_defaults / sizeof *class_defaults; i++)
	{
		const char *only = class_defaults[i].class_name;

		if (properties_get(all, class_defaults[i].property) == NULL &&
			(only == NULL || (class_name != NULL && strcasecmp(only, class_name) == 0)))
			properties_set(all, class_defaults[i].property, class_defaults[i].value);
	}
	return all;
}

static bool
slot_name(RelayOptions *options, Error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

	if (options->slot == NULL)
	{
		options->slot = xasprintf(SLOT_PREFIX "%s", options->name);
		for (char *p = options->slot; *p != '\0'; p++)
		{
			*p = (char) tolower((unsigned char) *p);
			if (strchr(allowed, *p) == NULL)
				*p = '_';
		}
	}
	if (strlen(options->slot) > NAME_MAX_LEN)
		return error_set(err, ERROR_CONFIG,
						 "slot name \"%s\" is longer than %d characters; set slot.name",
						 options->slot, NAME_MAX_LEN);
	if (options->slot[0] == '\0' || options->slot[strspn(options->slot, allowed)] != '\0')
		return error_set(err, ERROR_CONFIG,
						 "slot.name \"%s\" is no name of a slot; it may have a-z, 0-9 and _",
						 options->slot);
	return true;
}

static bool
header_bits(RelayOptions *options, Error *err)
{
	for (size_t i = 0; i < options->add_headers.count; i++)
	{
		const char *item = options->add_headers.items[i];
		size_t k = 0;

		while (k < sizeof header_names / sizeof *header_names &&
			   strcmp(header_names[k].name, item) != 0)
			k++;
		if (k == sizeof header_names / sizeof *header_names)
			return error_set(err, ERROR_CONFIG,
							 "add.headers has \"%s\"; it may have: op, lsn, txId, source.ts_ms",
							 item);
		options->headers |= (unsigned) header_names[k].bit;
	}
	return true;
}

static bool
table_lists(RelayOptions *options, Error *err)
{
	bool exclude = options->blacklist.count > 0;

	if (exclude && options->whitelist.count > 0)
		return error_set(err, ERROR_CONFIG,
						 "table.whitelist (table.include.list) and table.blacklist "
						 "(table.exclude.list) contradict each other; set one of them");
	if (!tables_parse(exclude ? &options->blacklist : &options->whitelist,
					  exclude ? "table.blacklist" : "table.whitelist", exclude, &options->tables,
					  err))
		return false;
	if (options->schema == NULL)
		return true;
	if (options->tables.count == 0 || strpbrk(options->schema, "%\"") != NULL)
		return error_set(err, ERROR_CONFIG,
						 "schema.pattern \"%s\" selects by pattern, which is not to be had here; "
						 "name the tables in table.whitelist",
						 options->schema);
	for (size_t i = 0; i < options->tables.count; i++)
		if (options->tables.items[i].schema == NULL)
			options->tables.items[i].schema = xstrdup(options->schema);
	return true;
}

static char *
copy_text(const char *text)
{
	return text == NULL ? NULL : xstrdup(text);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Keys and values go to one registry; a file may name it once. */
static bool
registry_settings(RelayOptions *options, Error *err)
{
	ConverterOptions *key = &options->key_converter;
	ConverterOptions *value = &options->value_converter;

	if (value->registry_urls == NULL)
		return error_set(
			err, ERROR_CONFIG,
			"value.converter.schema.registry.url is not set; set it in the connector's "
			"file or in the worker's");
	if (key->registry_urls == NULL)
	{
		key->registry_urls = xstrdup(value->registry_urls);
		if (key->user_info == NULL)
			key->user_info = copy_text(value->user_info);
		if (key->ca_file == NULL)
			key->ca_file = copy_text(value->ca_file);
	}
	if (!same_text(key->registry_urls, value->registry_urls) ||
		!same_text(key->user_info, value->user_info) || !same_text(key->ca_file, value->ca_file))
		return error_set(err, ERROR_CONFIG,
						 "key.converter and value.converter name different registries; keys and "
						 "values go to one: set both the same");
	return true;
}

static bool
check(RelayOptions *options, Error *err)
{
	if (options->mode == MODE_BULK)
		return error_set(err, ERROR_CONFIG,
						 "mode \"bulk\" sends whole tables again and again; the log has every "
						 "change as it happens: leave mode out, or set incrementing");
	if (options->retry_max_ms < options->retry_ms)
		options->retry_max_ms = options->retry_ms;
	return slot_name(options, err) && header_bits(options, err) && table_lists(options, err) &&
		   registry_settings(options, err);
}

bool
relay_options_parse(const Properties *connector, const Properties *worker, RelayOptions *out,
					Error *err)
{
	Properties *all = effective(connector, worker);
	RelayOptions options = {0};
	bool ok = options_parse(relay_option_table, all, passthrough, &options, err);

	if (ok && !check(&options, err))
	{
		relay_options_done(&options);
		ok = false;
	}
	properties_free(all);
	if (ok)
		*out = options;
	return ok;
}

void
relay_options_done(RelayOptions *options)
{
	tables_done(&options->tables);
	options_done(relay_option_table, options);
}

const char *
relay_time_precision(const RelayOptions *options)
{
	return time_precisions[options->time_precision];
}

const char *
relay_decimal_handling(const RelayOptions *options)
{
	return decimal_handlings[options->decimal_handling];
}

const char *
relay_array_handling(const RelayOptions *options)
{
	return array_handlings[options->array_handling];
}

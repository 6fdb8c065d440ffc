/*
 * sink/settings_table.c - the one table of a sink connector's properties: Confluent's names, those
 * of Debezium's sink, and ours.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/settings.h"

const char *const settings_classes[] = {"io.confluent.connect.jdbc.JdbcSinkConnector",
										"io.debezium.connector.jdbc.JdbcSinkConnector",
										"wal2avro.SinkConnector", NULL};

const char *const settings_converters[] = {"io.confluent.connect.avro.AvroConverter",
										   "org.apache.kafka.connect.storage.StringConverter",
										   NULL};

/* The same in the same order, and a short name of the first. */
static const char *const classes[] = {"io.confluent.connect.jdbc.JdbcSinkConnector",
									  "io.debezium.connector.jdbc.JdbcSinkConnector",
									  "wal2avro.SinkConnector", "JdbcSinkConnector", NULL};

static const char *const insert_modes[] = {"insert", "upsert", "update", NULL};
static const char *const pk_modes[] = {"none", "record_key", "record_value", "kafka", NULL};
static const char *const evolutions[] = {"none", "validate-only", "basic", NULL};
static const char *const collection_namings[] = {
	"io.debezium.sink.naming.DefaultCollectionNamingStrategy",
	"io.debezium.connector.jdbc.naming.DefaultTableNamingStrategy", NULL};
static const char *const column_namings[] = {
	"io.debezium.sink.naming.DefaultColumnNamingStrategy",
	"io.debezium.connector.jdbc.naming.DefaultColumnNamingStrategy", NULL};
static const char *const tolerances[] = {"none", "all", NULL};
static const char *const auth_sources[] = {"URL", "USER_INFO", "SASL_INHERIT", NULL};

/* Texts of options that the Confluent JDBC sink has and that mean nothing here. */
#define NO_DIALECT "there is one dialect, PostgreSQL's"
#define NO_ZONE	   "times are bound in binary, no time zone is involved"
#define NO_RETRIES                                                                                 \
	"errors that can pass are tried again until they do; others stop the task at once"

#define NO_POOL "each task has one connection, which is made anew when it is lost"
#define NO_NAMING                                                                                  \
	"columns have the names of the fields, tables those of table.name.format; take it out"
#define NO_PREDICATES                                                                              \
	"there is no Java here to run predicates; write the records so that they need none"

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
	{"topics", OPTION_LIST, AT(topics), .help = "topics to read, comma-separated"},
	{"topics.regex", OPTION_STRING, AT(topics_regex),
	 .help = "expression (Java's, read by PCRE2) that the whole name of a topic has to match, in "
			 "place of topics; new topics are found within metadata.max.age.ms (5 minutes)"},
	{"insert.mode", OPTION_ENUM, AT(insert_mode), "insert", .values = insert_modes,
	 .help =
		 "insert: one row per record with a value (updates of the source append, too); upsert: "
		 "the last state of each key, with or without a unique constraint; update: only of rows "
		 "that are there, the others are counted and said"},
	{"pk.mode", OPTION_ENUM, AT(pk_mode), "none", .values = pk_modes,
	 .help = "where the key columns come from: none, record_key, record_value; kafka: topic, "
			 "partition and offset of the record"},
	{"pk.fields", OPTION_LIST, AT(pk_fields),
	 .help = "fields of the key; empty with record_key: all fields of the record's key; with kafka "
			 "the three columns, else __connect_topic, __connect_partition, __connect_offset"},
	{"fields.whitelist", OPTION_LIST, AT(whitelist),
	 .help = "fields of the value to write; empty: all. Key fields are always written"},
	{"delete.enabled", OPTION_BOOLEAN, AT(delete_enabled), "false",
	 .help = "a record without a value deletes the row of its key; needs upsert or update, and "
			 "pk.mode=record_key. Else such records are skipped and counted"},
	{"table.name.format", OPTION_STRING, AT(table_format), "${topic}",
	 .help = "table of a topic; a dot divides schema and table"},
	{"auto.create", OPTION_BOOLEAN, AT(auto_create), "false",
	 .help = "makes a missing table, with the source's types where the schema says them, NOT NULL, "
			 "and a primary key by pk.mode; else the error of a missing one proposes the "
			 "statement"},
	{"auto.evolve", OPTION_BOOLEAN, AT(auto_evolve), "false",
	 .help = "adds columns, widens their types, drops NOT NULL and follows renames of the source; "
			 "nothing is ever dropped or narrowed. Else the error of a missing column proposes the "
			 "statement"},
	{"auto.index", OPTION_BOOLEAN, AT(auto_index), "true",
	 .help = "upsert into a table without any index on its key creates a plain one, once rows are "
			 "looked for; without it each batch reads the whole table"},
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
	 .help =
		 "none: a record that cannot be decoded or applied stops the task with its topic, "
		 "partition and offset; all: it goes to the dead letter topic, or, without one, is left "
		 "out, counted and logged"},
	{"errors.deadletterqueue.topic.name", OPTION_STRING, AT(dlq_topic), "",
	 .help = "topic for such records, with their key, value and headers; the offset moves only "
			 "when they are acknowledged there. Made with one partition where it is missing; its "
			 "producer takes producer.override.*"},
	{"errors.deadletterqueue.topic.replication.factor", OPTION_INTEGER, AT(dlq_replication), "3",
	 .min = -1, .max = 32767, .help = "replicas of that topic when it is made; -1: the broker's"},
	{"errors.deadletterqueue.context.headers.enable", OPTION_BOOLEAN, AT(dlq_headers), "false",
	 .help = "adds Connect's headers __connect.errors.* with place and reason"},
	{"consumer.override.group.id", OPTION_STRING, AT(group),
	 .help = "name of the consumer group in place of connect-<name>"},
	{"key.converter", OPTION_STRING, AT(key_converter),
	 .help = "io.confluent.connect.avro.AvroConverter, or "
			 "org.apache.kafka.connect.storage.StringConverter for keys that are the text of one "
			 "column (pk.fields); read only with pk.mode=record_key. From the worker, with all its "
			 "properties, when not set"},
	{"value.converter", OPTION_STRING, AT(value_converter),
	 .help =
		 "io.confluent.connect.avro.AvroConverter. From the worker, with all its properties, when "
		 "not set"},
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
	{"transforms", OPTION_LIST, AT(transform_names),
	 .help = "transformations, in order: RegexRouter (table instead of topic), ValueToKey (key "
			 "columns from the value), ExtractNewRecordState (rows of Debezium's envelopes); each "
			 "with its properties transforms.<name>.*. Others are refused"},
	{"predicates*", OPTION_REFUSED, .help = NO_PREDICATES},
	/* Debezium's names of what is above. */
	{"connection.username", OPTION_STRING, AT(user), .help = "Debezium's name of connection.user"},
	{"primary.key.mode", OPTION_ENUM, AT(pk_mode), "none", .values = pk_modes,
	 .help = "Debezium's name of pk.mode"},
	{"primary.key.fields", OPTION_LIST, AT(pk_fields), .help = "Debezium's name of pk.fields"},
	{"collection.name.format", OPTION_STRING, AT(table_format), "${topic}",
	 .help = "Debezium's name of table.name.format; with its class, dots of the topic become "
			 "underscores"},
	/* What only Debezium's sink has. */
	{"schema.evolution", OPTION_ENUM, AT(schema_evolution), "none", .values = evolutions,
	 .help =
		 "basic: as auto.create and auto.evolve; none and validate-only: the error of a missing "
		 "table or column proposes the statement"},
	{"quote.identifiers", OPTION_BOOLEAN, AT(quote_identifiers), "false",
	 .help = "Debezium's class only: false takes tables' names in lower case, as PostgreSQL does "
			 "without quotes"},
	{"truncate.enabled", OPTION_BOOLEAN, AT(truncate_enabled), "false",
	 .help =
		 "a TRUNCATE among the records empties the table, in its place among the rows of a topic "
		 "with one partition; false: it is skipped and counted"},
	{"field.include.list", OPTION_LIST, AT(include_fields),
	 .help = "fields to write, as field or topic:field; empty: all. Key fields are always written"},
	{"field.exclude.list", OPTION_LIST, AT(exclude_fields),
	 .help = "fields not to write, as field or topic:field; not with field.include.list"},
	{"collection.naming.strategy", OPTION_ENUM, AT(collection_naming),
	 "io.debezium.sink.naming.DefaultCollectionNamingStrategy", .values = collection_namings,
	 .help = "only Debezium's default"},
	{"column.naming.strategy", OPTION_ENUM, AT(column_naming),
	 "io.debezium.sink.naming.DefaultColumnNamingStrategy", .values = column_namings,
	 .help = "only Debezium's default"},
	{"collection.naming.*", OPTION_REFUSED, .help = NO_NAMING},
	{"column.naming.*", OPTION_REFUSED, .help = NO_NAMING},
	{"connection.pool.*", OPTION_UNUSED, .help = NO_POOL},
	{"connection.provider", OPTION_UNUSED, .help = NO_POOL},
	{"connection.restart.on.errors", OPTION_UNUSED, .help = NO_POOL},
	{"hibernate.*", OPTION_UNUSED, .help = "there is no Hibernate here"},
	{"flush.*", OPTION_UNUSED, .help = NO_RETRIES},
	{"use.reduction.buffer", OPTION_UNUSED, .help = "upsert and update always reduce a batch"},
	{"use.time.zone", OPTION_UNUSED, .help = NO_ZONE},
	{"dialect.*", OPTION_UNUSED, .help = NO_DIALECT},
	{"max.retries", OPTION_UNUSED, .help = NO_RETRIES},
	{"errors.retry.timeout", OPTION_UNUSED, .help = NO_RETRIES},
	{"errors.retry.delay.max.ms", OPTION_UNUSED, .help = NO_RETRIES},
	{"connection.attempts", OPTION_UNUSED, .help = NO_RETRIES},
	{"connection.backoff.ms", OPTION_UNUSED, .help = NO_RETRIES},
	{"errors.log.enable", OPTION_UNUSED, .help = "errors are always logged"},
	{"errors.log.include.messages", OPTION_UNUSED,
	 .help = "the log names topic, partition and offset, which is all that Connect adds"},
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

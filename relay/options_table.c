/*
 * relay/options_table.c - the one table of a source connector's properties.
 *
 * One row per property. Those of the JDBC source that shape its polling have no meaning for a
 * reader of the log: they are accepted and said. What would be lost without notice is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/debezium.h"
#include "relay/options.h"
#include "relay/options_check.h"

/* The JDBC source's own come first. */
static const char *const classes[] = {"io.confluent.connect.jdbc.JdbcSourceConnector",
									  "JdbcSourceConnector",
									  "wal2avro.SourceConnector",
									  DEBEZIUM_CLASS,
									  "PostgresConnector",
									  NULL};
static const char *const output_formats[] = {"row", "envelope", NULL};
static const char *const modes[] = {"incrementing", "timestamp", "timestamp+incrementing", "bulk",
									NULL};
static const char *const snapshot_modes[] = {"initial", "no_data", NULL};
static const char *const time_precisions[] = {
	"microseconds", "connect",	 "adaptive", "adaptive_time_microseconds",
	"nanoseconds",	"isostring", NULL};
static const char *const decimal_handlings[] = {"precise", "double", "string", NULL};
static const char *const numeric_mappings[] = {"none", "best_fit", "best_fit_eager_double",
											   "precision_only", NULL};
static const char *const binary_handlings[] = {"bytes", "base64", "base64-url-safe", "hex", NULL};
static const char *const interval_handlings[] = {"text", "string", "numeric", NULL};
static const char *const hstore_handlings[] = {"text", "json", "map", NULL};
static const char *const array_handlings[] = {"array", "text", NULL};
static const char *const schema_styles[] = {"jdbc", "debezium", NULL};
static const char *const column_types[] = {"none", "extra", "all", NULL};
static const char *const truncate_partitions[] = {"fail", "skip", NULL};
static const char *const unchanged_toasts[] = {"mark", "reselect", "fail", NULL};
static const char *const incompatibles[] = {"fail", "register", NULL};
static const char *const only_requested[] = {"requested", NULL};
static const char *const only_false[] = {"false", NULL};
static const char *const only_two[] = {"2", NULL};
static const char *const only_fail[] = {"fail", NULL};
static const char *const topic_strategies[] = {"io.debezium.schema.SchemaTopicNamingStrategy",
											   NULL};
static const char *const unavailable_values[] = {"__debezium_unavailable_value", NULL};

#define AT(field)	  .offset = offsetof(RelayOptions, field)
#define UNUSED(text)  .type = OPTION_UNUSED, .help = text
#define REFUSED(text) .type = OPTION_REFUSED, .help = text
#define POLLING		  "changes are read from the log as they are committed"

/* One value only: accepted, and anything else refused. */
#define ONLY(slot, list, text) .type = OPTION_ENUM, AT(only[slot]), .values = list, .help = text

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

/* Settings of Confluent's AvroConverter, for keys and for values. own: the role, other: the other.
 */
#define CONVERTER_ROWS(role, other, member, classes_help)                                          \
	{.name = role ".converter",                                                                    \
	 .type = OPTION_STRING,                                                                        \
	 AT(member.class_name),                                                                        \
	 .fallback = "io.confluent.connect.avro.AvroConverter",                                        \
	 .help = classes_help},                                                                        \
		{.name = role ".converter.schema.registry.url",                                            \
		 .type = OPTION_STRING,                                                                    \
		 AT(member.registry_urls),                                                                 \
		 .help = "schema registry, one URL or several, comma-separated, which are tried in turn; " \
				 "also "                                                                           \
				 "from the worker"},                                                               \
		{.name = role ".converter.basic.auth.credentials.source",                                  \
		 .type = OPTION_ENUM,                                                                      \
		 AT(member.user_source),                                                                   \
		 .values = converter_user_sources,                                                         \
		 .help = "user and password are taken from where they stand, user.info first; "            \
				 "SASL_INHERIT is not to be had: give them to the registry's client"},             \
		{.name = role ".converter.basic.auth.user.info",                                           \
		 .type = OPTION_SECRET,                                                                    \
		 AT(member.user_info),                                                                     \
		 .help = "user:password for the registry"},                                                \
		{.name = role ".converter.schema.registry.basic.auth.user.info",                           \
		 .type = OPTION_SECRET,                                                                    \
		 AT(member.user_info),                                                                     \
		 .help = "the same under its older name"},                                                 \
		{.name = role ".converter.bearer.auth.credentials.source",                                 \
		 .type = OPTION_ENUM,                                                                      \
		 AT(member.token_source),                                                                  \
		 .values = converter_token_sources,                                                        \
		 .help = "a token that is given; nobody fetches one here"},                                \
		{.name = role ".converter.bearer.auth.token",                                              \
		 .type = OPTION_SECRET,                                                                    \
		 AT(member.token),                                                                         \
		 .help = "bearer token for the registry, in place of user and password"},                  \
		{.name = role ".converter.bearer.auth.*",                                                  \
		 REFUSED("nobody fetches a token here; give " role ".converter.bearer.auth.token")},       \
		{.name = role ".converter.schema.registry.ssl.truststore.location",                        \
		 .type = OPTION_STRING,                                                                    \
		 AT(member.ca_file),                                                                       \
		 .help = "certificates to trust for the registry, a PEM file"},                            \
		{.name = role ".converter.schema.registry.ssl.truststore.type",                            \
		 .type = OPTION_ENUM,                                                                      \
		 AT(member.ca_type),                                                                       \
		 .values = converter_ca_types,                                                             \
		 .help = "convert a JKS store with keytool -exportcert -rfc"},                             \
		{.name = role ".converter.schema.registry.ssl.truststore.password",                        \
		 UNUSED("a PEM file of certificates has none")},                                           \
		{.name = role ".converter.schema.registry.ssl.keystore.location",                          \
		 .type = OPTION_STRING,                                                                    \
		 AT(member.certificate),                                                                   \
		 .help =                                                                                   \
			 "our certificate and its key for the registry: a PEM file, or PKCS #12 in a file "    \
			 "*.p12 or *.pfx"},                                                                    \
		{.name = role ".converter.schema.registry.ssl.keystore.type",                              \
		 .type = OPTION_ENUM,                                                                      \
		 AT(member.certificate_type),                                                              \
		 .values = converter_store_types,                                                          \
		 .help = "the file's name decides; convert a JKS store with keytool"},                     \
		{.name = role ".converter.schema.registry.ssl.keystore.password",                          \
		 .type = OPTION_SECRET,                                                                    \
		 AT(member.key_password),                                                                  \
		 .help = "its password"},                                                                  \
		{.name = role ".converter.schema.registry.ssl.key.password",                               \
		 .type = OPTION_SECRET,                                                                    \
		 AT(member.key_password),                                                                  \
		 .help = "the same under its other name"},                                                 \
		{.name = role ".converter.schema.registry.ssl.*", UNUSED("OpenSSL decides about it")},     \
		{.name = role ".converter.auto.register.schemas",                                          \
		 .type = OPTION_BOOLEAN,                                                                   \
		 AT(member.auto_register),                                                                 \
		 .fallback = "true",                                                                       \
		 .help = "false: the schema must be there already, under the subject"},                    \
		{.name = role ".converter.use.latest.version",                                             \
		 .type = OPTION_BOOLEAN,                                                                   \
		 AT(member.use_latest),                                                                    \
		 .fallback = "false",                                                                      \
		 .help = "the subject's latest schema is named in the records; the table's must have the " \
				 "same encoding"},                                                                 \
		{.name = role ".converter.latest.compatibility.strict",                                    \
		 .type = OPTION_BOOLEAN,                                                                   \
		 AT(member.latest_strict),                                                                 \
		 .fallback = "true",                                                                       \
		 .help = "false: the latest schema's names may be others"},                                \
		{.name = role ".converter.use.schema.id",                                                  \
		 .type = OPTION_INTEGER,                                                                   \
		 AT(member.schema_id),                                                                     \
		 .fallback = "-1",                                                                         \
		 .min = -1,                                                                                \
		 .max = INT32_MAX,                                                                         \
		 .help =                                                                                   \
			 "the schema with this id is named in the records; the table's must have the same "    \
			 "encoding"},                                                                          \
		{.name = role ".converter.id.compatibility.strict",                                        \
		 .type = OPTION_BOOLEAN,                                                                   \
		 AT(member.id_strict),                                                                     \
		 .fallback = "true",                                                                       \
		 .help = "false: that schema's names may be others"},                                      \
		{.name = role ".converter.use.latest.with.metadata",                                       \
		 REFUSED("schemas are found by subject and text; take it out")},                           \
		{.name = role ".converter.use.schema.guid",                                                \
		 REFUSED("records name their schema by its id; see " role ".converter.use.schema.id")},    \
		{.name = role ".converter." role ".schema.id.serializer",                                  \
		 .type = OPTION_ENUM,                                                                      \
		 AT(member.only),                                                                          \
		 .values = converter_id_serializers,                                                       \
		 .help = "the id of a schema stands in front of its bytes"},                               \
		{.name = role ".converter.normalize.schemas",                                              \
		 .type = OPTION_BOOLEAN,                                                                   \
		 AT(member.normalize),                                                                     \
		 .fallback = "false",                                                                      \
		 .help = "the registry takes schemas in their normal form"},                               \
		{.name = role ".converter." role ".subject.name.strategy",                                 \
		 .type = OPTION_ENUM,                                                                      \
		 AT(member.strategy),                                                                      \
		 .values = converter_strategies,                                                           \
		 .fallback = "io.confluent.kafka.serializers.subject.TopicNameStrategy",                   \
		 .help = "subjects are <topic>-" role ", <record>, or <topic>-<record>"},                  \
		{.name = role ".converter." other ".subject.name.strategy",                                \
		 UNUSED("it is for " other "s")},                                                          \
		{.name = role ".converter.context.name.strategy",                                          \
		 REFUSED("subjects are in the default context; take it out")},                             \
		{.name = role ".converter.proxy.*",                                                        \
		 REFUSED("the registry is asked directly; give an URL that can be reached")},              \
		{.name = role ".converter.request.header.*",                                               \
		 REFUSED("no header can be added to requests; take it out")},                              \
		{.name = role ".converter.apicurio.registry.url",                                          \
		 REFUSED("give " role ".converter.schema.registry.url with the registry's "                \
				 "/apis/ccompat/v7")},                                                             \
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
	 .help = "a topic is named topic.prefix + table; with Debezium's class prefix.schema.table"},
	{.name = "table.whitelist",
	 .type = OPTION_LIST,
	 AT(whitelist),
	 .help = "tables to send, each table or schema.table; default: all"},
	{.name = "table.include.list",
	 .type = OPTION_LIST,
	 AT(included),
	 .help = "the same, or regular expressions for the whole of table or schema.table"},
	{.name = "table.blacklist",
	 .type = OPTION_LIST,
	 AT(blacklist),
	 .help = "all tables but these; not together with table.whitelist"},
	{.name = "table.exclude.list",
	 .type = OPTION_LIST,
	 AT(excluded),
	 .help = "the same, or regular expressions as in table.include.list"},
	{.name = "schema.pattern",
	 .type = OPTION_STRING,
	 AT(schema),
	 .help = "schema of the listed tables that have none, or of all tables; % stands for any text"},
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
	 .type = OPTION_ENUM,
	 AT(numeric_mapping),
	 .values = numeric_mappings,
	 .fallback = "none",
	 .help = "which numeric(p,s) are integers (best_fit and best_fit_eager_double: s <= 0; "
			 "precision_only: s = 0; up to 18 digits) or doubles (best_fit: up to 18 digits; "
			 "best_fit_eager_double: all with s > 0); the others as decimal.handling.mode says"},
	{.name = "numeric.precision.mapping",
	 .type = OPTION_BOOLEAN,
	 AT(numeric_precision_mapping),
	 .fallback = "false",
	 .help = "true without numeric.mapping: precision_only"},
	{.name = "jdbc.credentials.provider.class",
	 REFUSED("give connection.user and connection.password")},
	{.name = "publish.via.partition.root",
	 .type = OPTION_BOOLEAN,
	 AT(via_partition_root),
	 .fallback = "false",
	 .help = "true: rows of partitions are those of the partitioned table, in its topic, by its "
			 "columns and key, and lists of tables name it; false: each partition is a table"},
	{.name = "slot.name",
	 .type = OPTION_STRING,
	 AT(slot),
	 .help =
		 "replication slot; default: " SLOT_PREFIX " + name in small letters, other characters "
		 "as _; of Debezium's class: debezium, so that a second such connector of a server needs "
		 "another"},
	{.name = "snapshot.mode",
	 .type = OPTION_ENUM,
	 AT(snapshot_mode),
	 .values = snapshot_modes,
	 .fallback = "initial",
	 .help = "initial: first the rows that are there; no_data: changes only"},
	{.name = "add.headers",
	 .type = OPTION_LIST,
	 AT(add_headers),
	 .help = "headers on every record: any of op, lsn, txId, source.ts_ms, table, schema; name:as "
			 "gives it another name"},
	{.name = "tombstones.on.delete",
	 .type = OPTION_BOOLEAN,
	 AT(tombstones),
	 .help = "a delete sends a record without value; default: false for the JDBC classes, true for "
			 "ours"},
	{.name = "time.precision.mode",
	 .type = OPTION_ENUM,
	 AT(time_precision),
	 .values = time_precisions,
	 .help = "microseconds: default of our class; connect: milliseconds and Connect's names, "
			 "default of the JDBC classes; adaptive: Debezium's names, milliseconds where the type "
			 "has 3 digits or fewer; adaptive_time_microseconds: the same, but time in "
			 "microseconds; nanoseconds; isostring: texts. See docs/types.md"},
	{.name = "decimal.handling.mode",
	 .type = OPTION_ENUM,
	 AT(decimal_handling),
	 .values = decimal_handlings,
	 .fallback = "precise",
	 .help = "precise: numeric(p,s) as decimal; double; string: every numeric as text"},
	{.name = "binary.handling.mode",
	 .type = OPTION_ENUM,
	 AT(binary_handling),
	 .values = binary_handlings,
	 .fallback = "bytes",
	 .help = "bytea as bytes, or as a string of this encoding"},
	{.name = "interval.handling.mode",
	 .type = OPTION_ENUM,
	 AT(interval_handling),
	 .values = interval_handlings,
	 .help = "text: PostgreSQL's text form, default; string: ISO 8601; numeric: microseconds, a "
			 "month being 30.4375 days, default of Debezium's class"},
	{.name = "hstore.handling.mode",
	 .type = OPTION_ENUM,
	 AT(hstore_handling),
	 .values = hstore_handlings,
	 .help = "text: PostgreSQL's text form, default; json: a string with an object, default of "
			 "Debezium's class; map: an Avro map"},
	{.name = "array.handling.mode",
	 .type = OPTION_ENUM,
	 AT(array_handling),
	 .values = array_handlings,
	 .fallback = "array",
	 .help = "array: Avro arrays; text: PostgreSQL's text form"},
	{.name = "schema.style",
	 .type = OPTION_ENUM,
	 AT(schema_style),
	 .values = schema_styles,
	 .help =
		 "jdbc: the types of fields as the JDBC source has them, default; debezium: as Debezium "
		 "has them, default of its class, see docs/types.md"},
	{.name = "schema.column.types",
	 .type = OPTION_ENUM,
	 AT(column_types),
	 .values = column_types,
	 .help = "which fields say the column's type in SQL, for our sink: all, default of our class; "
			 "extra: those whose schema is not the JDBC source's, default of the JDBC classes; "
			 "none"},
	{.name = "skipped.operations",
	 .type = OPTION_LIST,
	 AT(skipped_operations),
	 .fallback = "t",
	 .help = "what is not sent, but counted and said in the log: any of c (insert), u (update), d "
			 "(delete), t (truncate), or none"},
	{.name = "truncate.partitions",
	 .type = OPTION_ENUM,
	 AT(truncate_partitions),
	 .values = truncate_partitions,
	 .fallback = "fail",
	 .help =
		 "a TRUNCATE that is to be sent to a topic with several partitions, between which there "
		 "is no order: fail, or skip (counted and said in the log)"},
	{.name = "unchanged.toast.mode",
	 .type = OPTION_ENUM,
	 AT(unchanged_toast),
	 .values = unchanged_toasts,
	 .fallback = "mark",
	 .help =
		 "values that an update left unchanged and the log does not hold. mark: they are named in "
		 "a header, which our sink reads; reselect: they are read from the source, as they are "
		 "then; fail"},
	{.name = "output.data.format",
	 .type = OPTION_ENUM,
	 AT(output_format),
	 .values = output_formats,
	 .help =
		 "row: the columns; envelope: Debezium's envelope around the row before and after, which "
		 "a sink of Debezium's class reads, or one with ExtractNewRecordState. Default: row; of "
		 "Debezium's class envelope, unless ExtractNewRecordState is there"},
	{.name = "provide.transaction.metadata",
	 .type = OPTION_BOOLEAN,
	 AT(transaction_metadata),
	 .fallback = "false",
	 .help = "true: the topic <topic.prefix>.transaction has begin and end of each transaction, as "
			 "Debezium writes them, and envelopes name their place in it"},
	{.name = "schema.incompatible.mode",
	 .type = OPTION_ENUM,
	 AT(incompatible),
	 .values = incompatibles,
	 .fallback = "fail",
	 .help =
		 "a schema that the registry refuses as incompatible: fail, with the registry's words; or "
		 "register: the subject's compatibility is lifted for it, and is then what it was"},
	{.name = "exactly.once.support",
	 ONLY(0, only_requested,
		  "records carry their position, by which a reader knows repeats, see docs/wire.md; they "
		  "are not within transactions of Kafka, so that required is not to be had")},
	{.name = "transaction.boundary",
	 UNUSED("records are not within transactions of Kafka, but carry their position")},
	{.name = "transaction.boundary.interval.ms",
	 UNUSED("records are not within transactions of Kafka, but carry their position")},
	{.name = "offsets.storage.topic", UNUSED("positions are in the worker's offset.storage.topic")},
	CONVERTER_ROWS("key", "value", key_converter,
				   "AvroConverter (Confluent's framing), or StringConverter: the text of a struct "
				   "such as Struct{id=1}, without a schema"),
	CONVERTER_ROWS("value", "key", value_converter, "AvroConverter (Confluent's framing)"),
	{.name = "header.converter", UNUSED("headers are bytes and text")},
	{.name = "header.converter.*", UNUSED("headers are bytes and text")},
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
	{.name = "topic.creation.groups",
	 .type = OPTION_LIST,
	 AT(topic_groups),
	 .help = "groups of topics with settings of their own: topic.creation.<group>.include and "
			 ".exclude (regular expressions), .partitions, .replication.factor, and settings of a "
			 "topic such as .cleanup.policy, which topic.creation.default may have, too"},
	{.name = "topic.creation.enable",
	 .type = OPTION_BOOLEAN,
	 AT(create_topics),
	 .fallback = "true",
	 .help = "false: topics that are missing are not created; from the worker"},
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
#include "relay/options_debezium.def"
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
	{.name = "transforms",
	 .type = OPTION_LIST,
	 AT(transform_names),
	 .help = "RegexRouter (names of topics), ValueToKey (columns of the key) and "
			 "ExtractNewRecordState (headers, tombstones), in their order: see "
			 "docs/transformations.md"},
	{.name = "predicates", REFUSED("a transformation is for all records; take it out")},
	{.name = "predicates.*", REFUSED("a transformation is for all records; take it out")},
	{.name = "consumer.override.*", UNUSED("a source reads no topic")},
	{.name = "errors.*", UNUSED("no record is ever skipped: what cannot be sent stops the task")},
	{.name = "config.action.reload", UNUSED("values are resolved when a task starts")},
	{.name = "tasks.max.enforce", UNUSED("one slot is one task")},
	{.name = NULL},
};

const char *
relay_skipped_operations(const RelayOptions *options)
{
	static const char *const names[] = {"none", "c",  "u",	"cu",  "d",	 "cd",	"ud",  "cud",
										"t",	"ct", "ut", "cut", "dt", "cdt", "udt", "cudt"};

	return names[options->skipped];
}

const char *
relay_old_rows(const RelayOptions *options)
{
	if (options->output_format == OUTPUT_ENVELOPE)
		return "all";
	return options->tombstones ? "keyless" : "off";
}

const char *
relay_output_format(const RelayOptions *options)
{
	return output_formats[options->output_format];
}

const char *
relay_namespace(const RelayOptions *options)
{
	return options->namespace == NULL ? "" : options->namespace;
}

const char *
relay_via_partition_root(const RelayOptions *options)
{
	return options->via_partition_root ? "on" : "off";
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
relay_numeric_mapping(const RelayOptions *options)
{
	if (options->numeric_mapping == 0 && options->numeric_precision_mapping)
		return "precision_only";
	return numeric_mappings[options->numeric_mapping];
}

const char *
relay_binary_handling(const RelayOptions *options)
{
	return binary_handlings[options->binary_handling];
}

const char *
relay_interval_handling(const RelayOptions *options)
{
	return interval_handlings[options->interval_handling];
}

const char *
relay_hstore_handling(const RelayOptions *options)
{
	return hstore_handlings[options->hstore_handling];
}

const char *
relay_array_handling(const RelayOptions *options)
{
	return array_handlings[options->array_handling];
}

const char *
relay_schema_style(const RelayOptions *options)
{
	return schema_styles[options->schema_style];
}

const char *
relay_column_types(const RelayOptions *options)
{
	return column_types[options->column_types];
}

const char *
relay_source_columns(const RelayOptions *options)
{
	return options->debezium.source_columns == NULL ? "" : options->debezium.source_columns;
}

const char *
relay_source_datatypes(const RelayOptions *options)
{
	return options->debezium.source_datatypes == NULL ? "" : options->debezium.source_datatypes;
}

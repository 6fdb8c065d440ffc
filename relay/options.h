/*
 * relay/options.h - what a connector file and a worker file say to the relay.
 *
 * The names are Kafka Connect's and those of the Confluent JDBC source; the table in options.c is
 * all there is to say about them. A class has its own defaults, see there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_OPTIONS_H
#define WAL2AVRO_RELAY_OPTIONS_H

#include "core/options.h"
#include "core/properties.h"
#include "core/transforms.h"
#include "relay/converters.h"
#include "relay/creation.h"
#include "relay/operation.h"
#include "relay/tables.h"

typedef enum SnapshotMode
{
	SNAPSHOT_INITIAL,
	SNAPSHOT_NO_DATA,
} SnapshotMode;

typedef enum TimePrecision
{
	TIME_MICROSECONDS,
	TIME_CONNECT,
} TimePrecision;

/* A TRUNCATE of a topic with several partitions, between which there is no order. */
typedef enum TruncatePartitions
{
	TRUNCATE_FAIL,
	TRUNCATE_SKIP,
} TruncatePartitions;

/* A value of which the log says only that an update left it as it was. */
typedef enum UnchangedToast
{
	UNCHANGED_MARK,
	UNCHANGED_RESELECT,
	UNCHANGED_FAIL,
} UnchangedToast;

/* A schema that the registry refuses as incompatible. */
typedef enum Incompatible
{
	INCOMPATIBLE_FAIL,
	INCOMPATIBLE_REGISTER,
} Incompatible;

/* What a header on request says. */
typedef enum HeaderField
{
	HEADER_OP,
	HEADER_LSN,
	HEADER_TX_ID,
	HEADER_SOURCE_TS_MS,
	HEADER_TABLE,
	HEADER_SCHEMA,
} HeaderField;

typedef struct HeaderWish
{
	HeaderField field;
	char *name; /* of the header */
} HeaderWish;

typedef enum OutputFormat
{
	OUTPUT_ROW,
	OUTPUT_ENVELOPE, /* Debezium's */
} OutputFormat;

/* Properties of Debezium's class, see options_debezium.def. */
typedef struct DebeziumOptions
{
	bool naming; /* of this class: topics are prefix.schema.table */
	int64_t port;
	char *dbname;
	char *sslmode;
	char *sslcert;
	char *sslkey;
	char *sslpassword;
	char *sslrootcert;
	char *delimiter;
	char *transaction;
	OptionList schemas_included;
	OptionList schemas_excluded;
	char *source_columns;	/* one regular expression; NULL: none */
	char *source_datatypes; /* the same */
} DebeziumOptions;

typedef struct RelayOptions
{
	char *name;
	int class_name; /* index in the table of classes */
	DebeziumOptions debezium;
	char *url;		/* or what libpq takes, made of database.* */
	char *database; /* that it leads to */
	char *user;
	char *password;
	OptionList whitelist; /* plain names; these two and the next two are one of four lists */
	OptionList blacklist;
	OptionList included; /* with regular expressions */
	OptionList excluded;
	char *schema;
	Tables tables; /* from the five of them */
	char *topic_prefix;
	int mode;
	char *slot; /* slot.name, or made from the connector's name */
	int snapshot_mode;
	OptionList add_headers;
	HeaderWish *headers; /* from add.headers, and from ExtractNewRecordState's */
	size_t headers_count;
	bool tombstones; /* from tombstones.on.delete and ExtractNewRecordState */
	OptionList skipped_operations;
	unsigned skipped; /* operations, from it */
	int truncate_partitions;
	int unchanged_toast;
	int incompatible;
	bool via_partition_root;
	int time_precision;
	int decimal_handling;
	int numeric_mapping;
	bool numeric_precision_mapping;
	int binary_handling;
	int interval_handling;
	int hstore_handling;
	int array_handling;
	int schema_style;
	int column_types;
	ConverterOptions key_converter;
	ConverterOptions value_converter;
	int64_t registry_timeout_ms;
	int64_t topic_partitions; /* of the default group; creation has all groups */
	int64_t topic_replication;
	OptionList topic_groups;
	Creation creation;
	bool create_topics;
	OptionList transform_names;
	Transforms transforms;
	int output_format;
	char *namespace; /* of schemas; empty: none */
	bool transaction_metadata;
	char *offsets_topic;
	int64_t offsets_partitions;
	int64_t offsets_replication;
	int64_t frame_bytes;
	bool streaming;
	int64_t stream_memory_bytes;
	char *stream_directory;
	int64_t status_interval_ms;
	int64_t confirm_interval_ms;
	int64_t retry_ms;
	int64_t retry_max_ms;
	int only[9]; /* options that may have one value only */
} RelayOptions;

extern const Option relay_option_table[];

/*
 * Fills *out from the connector's properties, where these are silent from the worker's (converters,
 * offset.storage.*, topic.creation.enable), and last from the class's defaults. ERROR_CONFIG names
 * the property. On failure nothing is left to free.
 */
bool relay_options_parse(const Properties *connector, const Properties *worker, RelayOptions *out,
						 Error *err);
void relay_options_done(RelayOptions *options);

/*
 * The same, but all that is wrong is reported, each under its property, and what has no effect as
 * warnings. *out has what could be read and is the caller's to free, also after errors. True
 * without errors.
 */
bool relay_options_validate(const Properties *connector, const Properties *worker,
							RelayOptions *out, Report *report);

/* The classes in full, NULL-terminated: for --describe. */
extern const char *const relay_class_names[];

/* The columns that ValueToKey makes keys of, as the plugin's option key.columns takes them, for the
 * caller to free; NULL: the tables' own keys. */
char *relay_key_columns(const RelayOptions *options);

/* The topic of a table: topic.prefix + table, or as Debezium names it, behind all RegexRouters; for
 * the caller to free. */
char *relay_topic(const RelayOptions *options, const char *schema, const char *table);

/* The topic of transactions, the same. */
char *relay_transactions_topic(const RelayOptions *options);

/* row or envelope. */
const char *relay_output_format(const RelayOptions *options);

/* As the plugin's option schema.namespace takes it; empty: none. */
const char *relay_namespace(const RelayOptions *options);

/* Operations as skipped.operations lists them, without commas and in one order; "none". */
const char *relay_skipped_operations(const RelayOptions *options);

/* Which old rows the plugin is to send: off; keyless, those of tables without a key, whose deletes
 * name no row otherwise; all, for envelopes. */
const char *relay_old_rows(const RelayOptions *options);

/* on or off. */
const char *relay_via_partition_root(const RelayOptions *options);

/* The name of an ENUM's value as the plugin takes it. */
const char *relay_time_precision(const RelayOptions *options);
const char *relay_decimal_handling(const RelayOptions *options);
const char *relay_numeric_mapping(const RelayOptions *options);
const char *relay_binary_handling(const RelayOptions *options);
const char *relay_interval_handling(const RelayOptions *options);
const char *relay_hstore_handling(const RelayOptions *options);
const char *relay_array_handling(const RelayOptions *options);
const char *relay_schema_style(const RelayOptions *options);
const char *relay_column_types(const RelayOptions *options);

/* The regular expressions of column.propagate.source.type and datatype.propagate.source.type as one
 * each; empty: none. */
const char *relay_source_columns(const RelayOptions *options);
const char *relay_source_datatypes(const RelayOptions *options);

#endif

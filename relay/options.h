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

/* Bits of RelayOptions.headers. */
typedef enum HeaderBits
{
	HEADER_OP = 1,
	HEADER_LSN = 2,
	HEADER_TX_ID = 4,
	HEADER_SOURCE_TS_MS = 8,
} HeaderBits;

/* One schema registry; key and value have the same. */
typedef struct ConverterOptions
{
	char *registry_urls;
	char *user_info;
	char *ca_file;
} ConverterOptions;

typedef struct RelayOptions
{
	char *name;
	int class_name; /* index in the table of classes */
	char *url;
	char *user;
	char *password;
	OptionList whitelist;
	OptionList blacklist;
	char *schema;
	Tables tables; /* from the three of them */
	char *topic_prefix;
	int mode;
	char *slot; /* slot.name, or made from the connector's name */
	int snapshot_mode;
	OptionList add_headers;
	unsigned headers; /* HeaderBits, from add.headers */
	bool tombstones;
	int time_precision;
	int decimal_handling;
	int array_handling;
	ConverterOptions key_converter;
	ConverterOptions value_converter;
	int64_t registry_timeout_ms;
	int64_t topic_partitions;
	int64_t topic_replication;
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
	int only[11]; /* options that may have one value only */
} RelayOptions;

extern const Option relay_option_table[];

/*
 * Fills *out from the connector's properties, where these are silent from the worker's (converters,
 * offset.storage.*), and last from the class's defaults. ERROR_CONFIG names the property. On
 * failure nothing is left to free.
 */
bool relay_options_parse(const Properties *connector, const Properties *worker, RelayOptions *out,
						 Error *err);
void relay_options_done(RelayOptions *options);

/* The name of an ENUM's value as the plugin takes it. */
const char *relay_time_precision(const RelayOptions *options);
const char *relay_decimal_handling(const RelayOptions *options);
const char *relay_array_handling(const RelayOptions *options);

#endif

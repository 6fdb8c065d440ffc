/*
 * sink/settings.h - the options of a sink connector: names of the Confluent JDBC sink, and ours.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_SETTINGS_H
#define WAL2AVRO_SINK_SETTINGS_H

#include "core/options.h"

typedef enum InsertMode
{
	INSERT_MODE_INSERT, /* one row per record with a value */
	INSERT_MODE_UPSERT, /* the last state of each key */
} InsertMode;

typedef enum PkMode
{
	PK_MODE_NONE,
	PK_MODE_RECORD_KEY,
	PK_MODE_RECORD_VALUE,
} PkMode;

typedef struct Settings
{
	char *name;
	int connector_class;
	int64_t tasks_max;
	char *url;
	char *user;
	char *password;
	OptionList topics;
	int insert_mode; /* InsertMode */
	int pk_mode;	 /* PkMode */
	OptionList pk_fields;
	OptionList whitelist; /* empty: all fields */
	bool delete_enabled;
	char *table_format;
	bool auto_create;
	bool auto_evolve;
	bool auto_index;
	int64_t batch_rows;
	int64_t batch_bytes;
	int64_t fetch_bytes;
	int64_t retry_ms;
	int64_t shutdown_ms;
	int errors_tolerance;
	char *key_converter;
	char *value_converter;
	char *key_registry_url;
	char *value_registry_url;
	char *key_registry_auth;
	char *value_registry_auth;
	int key_registry_source;
	int value_registry_source;
} Settings;

/* The table, for --help, --options and tests. */
extern const Option settings_options[];

/* Reads the connector's properties and checks what one option says about another. The worker's
 * converter settings stand in for what the connector does not name. ERROR_CONFIG. */
bool settings_load(const Properties *connector, const Properties *worker, Settings *settings,
				   Error *err);
void settings_done(Settings *settings);

/* "orders" for a topic by table.name.format; for the caller to free. */
char *settings_table(const Settings *settings, const char *topic);

#endif

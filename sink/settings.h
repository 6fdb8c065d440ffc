/*
 * sink/settings.h - the options of a sink connector: names of the Confluent JDBC sink, and ours.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_SETTINGS_H
#define WAL2AVRO_SINK_SETTINGS_H

#include "core/options.h"
#include "core/transforms.h"

/* Index of Debezium's class among settings_classes: its files have its defaults. */
#define SETTINGS_CLASS_DEBEZIUM 1

typedef enum InsertMode
{
	INSERT_MODE_INSERT, /* one row per record with a value */
	INSERT_MODE_UPSERT, /* the last state of each key */
	INSERT_MODE_UPDATE, /* the same, but only of rows that are there */
} InsertMode;

typedef enum PkMode
{
	PK_MODE_NONE,
	PK_MODE_RECORD_KEY,
	PK_MODE_RECORD_VALUE,
	PK_MODE_KAFKA, /* topic, partition and offset of the record */
} PkMode;

typedef enum SchemaEvolution
{
	EVOLUTION_NONE,
	EVOLUTION_VALIDATE_ONLY,
	EVOLUTION_BASIC, /* auto.create and auto.evolve */
} SchemaEvolution;

/* What a record's key is, where the rows' key columns come from it. */
typedef enum KeyForm
{
	KEYS_UNREAD,
	KEYS_AVRO,
	KEYS_TEXT,	/* StringConverter: the bytes are the value of the one key column */
	KEYS_KAFKA, /* made of topic, partition and offset */
} KeyForm;

typedef struct Settings
{
	char *name;
	int connector_class;
	int64_t tasks_max;
	char *url;
	char *user;
	char *password;
	OptionList topics;
	char *topics_regex;
	int insert_mode; /* InsertMode */
	int pk_mode;	 /* PkMode */
	OptionList pk_fields;
	OptionList whitelist;	   /* empty: all fields */
	OptionList include_fields; /* "field" or "topic:field"; empty: all */
	OptionList exclude_fields;
	bool delete_enabled;
	bool truncate_enabled;
	char *table_format;
	bool quote_identifiers;
	int schema_evolution; /* SchemaEvolution */
	int collection_naming;
	int column_naming;
	bool auto_create;
	bool auto_evolve;
	bool auto_index;
	int64_t batch_rows;
	int64_t batch_bytes;
	int64_t fetch_bytes;
	int64_t retry_ms;
	int64_t shutdown_ms;
	int errors_tolerance; /* 1: all */
	char *dlq_topic;	  /* NULL or empty: none */
	int64_t dlq_replication;
	bool dlq_headers;
	char *group; /* NULL: connect-<name>, see settings_group */
	char *key_converter;
	char *value_converter;
	char *key_registry_url;
	char *value_registry_url;
	char *key_registry_auth;
	char *value_registry_auth;
	int key_registry_source;
	int value_registry_source;
	OptionList transform_names;
	/* What follows from the options. */
	Transforms transforms;
	Regex *topics_pattern; /* NULL: topics */
	KeyForm key_form;
	bool fold_tables; /* Debezium's class: names of tables as PostgreSQL folds unquoted ones */
	bool envelopes;	  /* Debezium's envelopes are opened */
	bool skip_delete_events; /* an envelope that is a delete is skipped: a tombstone follows */
	bool skip_tombstones;
} Settings;

/* The table, for --help, --options and tests. */
extern const Option settings_options[];

/* Full names of the classes and of the converters that are taken, NULL-terminated. */
extern const char *const settings_classes[];
extern const char *const settings_converters[];

/*
 * Reads the connector's properties and checks what one option says about another. The worker's
 * converter stands in for one that the connector does not name, with all its properties.
 * ERROR_CONFIG, and nothing to be freed after it.
 */
bool settings_load(const Properties *connector, const Properties *worker, Settings *settings,
				   Error *err);

/* The same, but all that is wrong, each under its property; logs nothing. To be freed in any case.
 */
bool settings_validate(const Properties *connector, const Properties *worker, Settings *settings,
					   Report *report);
void settings_done(Settings *settings);

/* "orders" for a topic, by transforms and table.name.format; for the caller to free. */
char *settings_table(const Settings *settings, const char *topic);

/* A field of this topic's values is written, as far as fields.whitelist, field.include.list and
 * field.exclude.list go; column: the field's other name (SchemaField). */
bool settings_takes(const Settings *settings, const char *topic, const char *field,
					const char *column);

/* A delete that comes as an event is not applied: deletes are not wanted at all, or their
 * tombstones stand for them. No tombstone can say which row of a table without key it is that goes
 * (keyless): there, the event is the delete wherever tombstones are applied. */
bool settings_skips_delete_event(const Settings *settings, bool keyless);

/* The consumer group's name; for the caller to free. */
char *settings_group(const Settings *settings);

#endif

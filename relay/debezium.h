/*
 * relay/debezium.h - the class io.debezium.connector.postgresql.PostgresConnector: what its
 * properties mean here beside the rows in options_debezium.def.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_DEBEZIUM_H
#define WAL2AVRO_RELAY_DEBEZIUM_H

#include "relay/options.h"

#define DEBEZIUM_CLASS "io.debezium.connector.postgresql.PostgresConnector"

/* In full, or by its simple name, in any case; NULL is another class. */
bool debezium_is_class(const char *class_name);

/* Makes a connection string of database.*, where a host is given there, in the place of the URL. */
void debezium_check_database(RelayOptions *options, const Properties *given, Report *report);

/* The lists of tables and schemas: regular expressions, in any case, for the whole of schema.table
 * or of a schema. */
void debezium_check_tables(RelayOptions *options, Report *report);

/* Makes one expression of each list of *.propagate.source.type. */
void debezium_check_sources(RelayOptions *options, Report *report);

/* prefix.schema.table with topic.delimiter, in which what no topic's name can have is _; for the
 * caller to free. */
char *debezium_topic(const RelayOptions *options, const char *schema, const char *table);

#endif

/*
 * core/properties.h - named settings, as Kafka Connect has them: names and values are texts, in the
 * order of the file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_PROPERTIES_H
#define WAL2AVRO_CORE_PROPERTIES_H

#include "core/error.h"

#include <stddef.h>

typedef struct Properties Properties;

Properties *properties_new(void);
void properties_free(Properties *properties);

/* Copies both. A later value for the same name replaces the earlier one. */
void properties_set(Properties *properties, const char *name, const char *value);

/*
 * Sets a value that is not to be shown, because it came out of a configuration provider: messages
 * have the reference instead, see properties_shown. properties_copy takes an entry over as it is.
 */
void properties_set_hidden(Properties *properties, const char *name, const char *value,
						   const char *reference);
void properties_copy(Properties *properties, const Properties *from, size_t i);

/* The value as messages may have it: the reference of a hidden one. NULL when it is not set. */
const char *properties_shown(const Properties *properties, const char *name);

/* NULL when it is not set. */
const char *properties_get(const Properties *properties, const char *name);

size_t properties_count(const Properties *properties);
const char *properties_name(const Properties *properties, size_t i);
const char *properties_value(const Properties *properties, size_t i);

/*
 * Reads a connector file as one POSTs it to Kafka Connect, {"name": ..., "config": {...}}, or its
 * flat form, {"name": ..., "connector.class": ..., ...}. The name becomes the property "name".
 * Numbers and booleans are taken as their text. Errors (ERROR_CONFIG) name the file, the line and
 * the property: unreadable, not JSON, duplicate names, nested values, no name.
 */
bool properties_read_connector(Properties *properties, const char *path, Error *err);

/* Reads a worker file in the form of java.util.Properties. ERROR_CONFIG when it cannot be read or
 * parsed, with the line. */
bool properties_read_worker(Properties *properties, const char *path, Error *err);

/*
 * Takes the variables CONNECT_* of the environment, as Confluent's images do:
 * CONNECT_BOOTSTRAP_SERVERS is bootstrap.servers,
 * "_" is ".", "__" is "_", "___" is "-". They win over what is already there.
 */
void properties_read_environment(Properties *properties, char **environment);

#endif

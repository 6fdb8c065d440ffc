/*
 * connect/levels.h - the loggers of /admin/loggers and their levels, with Kafka Connect's names for
 * levels (Log4j's).
 *
 * root is there from the beginning; others appear when their level is set. wal2avro-connect,
 * wal2avro-relay and wal2avro-sink have an effect of their own, any other name has none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_LEVELS_H
#define WAL2AVRO_CONNECT_LEVELS_H

#include <jansson.h>
#include <stdbool.h>

#define LEVELS_ROOT	   "root"
#define LEVELS_CONNECT "wal2avro-connect"
#define LEVELS_RELAY   "wal2avro-relay"
#define LEVELS_SINK	   "wal2avro-sink"

typedef struct Levels Levels;

/* level: of root; NULL or unknown: INFO. */
Levels *levels_new(const char *level);
void levels_free(Levels *levels);

/* {"root":{"level":"INFO","last_modified":null}}; new reference. */
json_t *levels_all(const Levels *levels);

/* Log4j's name in upper case, NULL for a level that there is not. */
const char *levels_known(const char *level);

/* Sets the logger and, for root, all others. The names of those that have changed, sorted; new
 * reference. level is one of levels_known. */
json_t *levels_set(Levels *levels, const char *logger, const char *level);

/* What the programs take: debug, info, warn, error. */
const char *levels_of(const Levels *levels, const char *logger);

#endif

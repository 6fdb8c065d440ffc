/*
 * sink/books.h - a connector's offsets and positions at the destination, looked at and changed from
 * outside of its tasks (docs/wire.md, section 3).
 *
 * Every change raises the epoch or removes the row, so that a task that is still about, and does
 * not know it, commits nothing any more. Blocking; a task that is just committing is waited for, 5
 * s at most (ERROR_RETRY).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_BOOKS_H
#define WAL2AVRO_SINK_BOOKS_H

#include "core/pg.h"

#include <librdkafka/rdkafka.h>

/* The next offsets, the caller's to destroy; partitions of which nothing was applied are left out.
 */
bool books_list(PGconn *conn, const char *connector, rd_kafka_topic_partition_list_t **offsets,
				Error *err);

/* Sets next offsets; RD_KAFKA_OFFSET_INVALID: nothing is stored any more. Positions of these
 * partitions go, so that all records from there on are applied, also those that were before. */
bool books_alter(PGconn *conn, const char *connector,
				 const rd_kafka_topic_partition_list_t *offsets, Error *err);

/* Removes everything of the connector. */
bool books_remove(PGconn *conn, const char *connector, Error *err);

#endif

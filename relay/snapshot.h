/*
 * relay/snapshot.h - reads whole tables as they were when the slot was created.
 *
 * The rows come as the wire messages that the stream would have, made by the extension's functions
 * in the server and copied out in binary (PostgreSQL documentation, "COPY", binary format). One
 * table after the other; nothing but snapshot_open waits for the server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_SNAPSHOT_H
#define WAL2AVRO_RELAY_SNAPSHOT_H

#include "common/slice.h"
#include "core/pg.h"
#include "relay/options.h"

typedef struct Snapshot Snapshot;

/* Opens a connection of its own with the exported snapshot and finds the selected tables.
 * shape: of the rows, see shape.h. Afterwards the exporting connection is not needed any more. */
bool snapshot_open(const PgTarget *target, const RelayOptions *options, const char *shape,
				   const char *exported, Snapshot **out, Error *err);
void snapshot_free(Snapshot *snapshot);

size_t snapshot_tables(const Snapshot *snapshot);
const char *snapshot_table_name(const Snapshot *snapshot, size_t table);

/* When the snapshot was taken: microseconds since 1970-01-01 UTC. */
int64_t snapshot_time(const Snapshot *snapshot);

/* For the loop. */
int snapshot_socket(const Snapshot *snapshot);

/* Asks for a table: its relation message, then its rows. */
bool snapshot_begin(Snapshot *snapshot, size_t table, Error *err);

typedef enum SnapshotResult
{
	SNAPSHOT_FRAME,
	SNAPSHOT_NOTHING, /* nothing more has come yet */
	SNAPSHOT_END,	  /* of the table */
	SNAPSHOT_FAILED,
} SnapshotResult;

/* The frame is valid, and may be written to, until the next call. */
SnapshotResult snapshot_next(Snapshot *snapshot, Slice *frame, Error *err);

/* Whether the frame that was given last is the last one of its table, and that the last one. */
bool snapshot_ends_table(const Snapshot *snapshot);
bool snapshot_ends_copy(const Snapshot *snapshot);

#endif

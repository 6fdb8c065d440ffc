/*
 * relay/snapshot_parts.h - what the files of relay/snapshot.h share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_SNAPSHOT_PARTS_H
#define WAL2AVRO_RELAY_SNAPSHOT_PARTS_H

#include "relay/snapshot.h"

typedef enum SnapshotState
{
	SNAPSHOT_IDLE,
	SNAPSHOT_ASKED, /* the answer to COPY is awaited */
	SNAPSHOT_COPYING,
	SNAPSHOT_ENDING,
} SnapshotState;

typedef struct SnapshotTable
{
	char *oid;
	char *name;		  /* quoted, with schema */
	bool partitioned; /* its rows are those of its partitions */
} SnapshotTable;

struct Snapshot
{
	PGconn *conn;
	char *row_options;
	int64_t time;
	SnapshotTable *tables;
	size_t count;
	size_t current;
	bool rows; /* of the current table; before them its relation message */
	SnapshotState state;
	bool header_seen;
	char *buffer; /* of libpq, with the frame that is read */
	char *given;  /* the same of the frame that was given last */
	char *ahead;  /* and of the one behind it, by which the last is known; NULL: none */
	Slice ahead_frame;
	bool last; /* the frame that was given last ends its table */
};

#endif

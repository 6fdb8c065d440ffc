/*
 * sink/offsets.h - offsets and positions at the destination, and the protocol that keeps each
 * record from being applied twice or never (docs/wire.md, section 3).
 *
 * A partition is claimed when it is assigned: its row's epoch is raised. Each batch updates the row
 * in the transaction of the data, where epoch and next offset are as expected. So a process that
 * lost the partition changes nothing, and whoever comes after it continues behind what was
 * committed, whether or not the reply to a COMMIT arrived.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_OFFSETS_H
#define WAL2AVRO_SINK_OFFSETS_H

#include "core/buffer.h"
#include "core/pg.h"
#include "sink/positions.h"

/* The offset of a partition from which nothing was applied yet: it is read from its beginning. */
#define OFFSETS_NONE INT64_C(-1)

/* A partition that is ours. */
typedef struct Partition
{
	char *topic;
	int32_t number;
	const void *handle;	 /* librdkafka's of the topic, once a message came: for look-ups */
	bool aside;			 /* its next record waits for the registry; none is taken */
	bool known;			 /* this process has claimed it before */
	size_t counter;		 /* its topic's number in the metrics */
	int64_t epoch;		 /* of our claim */
	int64_t next_offset; /* of the next record to be taken into a batch; OFFSETS_NONE */
	int64_t committed;	 /* the same as it is at the destination */
	int64_t end;		 /* of the partition, when the table that its records go to was read */
	Positions positions;
} Partition;

/* What one batch does to one partition, as of its end. */
typedef struct Advance
{
	Partition *partition;
	int64_t expected; /* next_offset at its beginning */
	int64_t next_offset;
	bool has_position; /* of the record at next_offset - 1 */
	Position position;
	Mark *marks; /* those that it changed */
	size_t mark_count;
} Advance;

void partition_done(Partition *partition);

/*
 * Makes the schema wal2avro and its tables where they are missing. ERROR_CONFIG with the statements
 * for somebody who may, when we may not. Blocking, as offsets_claim.
 */
bool offsets_prepare(PGconn *conn, Error *err);

/* Whether they are there. */
bool offsets_exist(PGconn *conn, bool *exist, Error *err);

/* The epoch of a row that is made: the time in microseconds, which no row of the same partition
 * that was there before can have reached. */
int64_t offsets_first_epoch(void);

/*
 * Claims partitions (sorted by topic and number) in one transaction: sets epoch, next_offset and
 * positions of each. Another process that is just committing is waited for, 5 s at most
 * (ERROR_RETRY). ERROR_CONFIG when the row of a known partition is gone: the connector was deleted
 * or its offsets reset, and this process is what is left of it.
 */
bool offsets_claim(PGconn *conn, const char *connector, Partition *partitions, size_t count,
				   Error *err);

/* Stores where the partitions begin of which nothing was stored when they were claimed, next_offset
 * as it is now. ERROR_RETRY where another process has claimed one meanwhile. Blocking. */
bool offsets_begin(PGconn *conn, const char *connector, Partition *partitions, size_t count,
				   Error *err);

/* Appends the statement of a batch that moves the offsets of all its partitions; it must have
 * changed exactly count rows. */
bool offsets_append_update(Buffer *sql, PGconn *conn, const char *connector,
						   const Advance *advances, size_t count);

/* Appends the statement that stores the changed marks; *any false, and nothing appended, when there
 * are none. */
bool offsets_append_marks(Buffer *sql, PGconn *conn, const char *connector, const Advance *advances,
						  size_t count, bool *any);

/* The statements of the two tables: sql/destination.sql, put in by the build.
 */
extern const char *const offsets_ddl;

#endif

/*
 * relay/copy.h - the first copy: the rows that are there when the slot is created.
 *
 * All of it, and the position from which the stream goes on, is one Kafka transaction: what a copy
 * that was killed has sent is never seen by readers of committed records, and the next start begins
 * again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_COPY_H
#define WAL2AVRO_RELAY_COPY_H

#include "core/pg.h"
#include "relay/pipeline.h"

/*
 * position has the source's identity, a new token and one era; on success also the LSN from which
 * to stream, and has been stored. query is an ordinary connection, replication one for commands of
 * the replication protocol; drop_slot: a slot is left from a copy that was not finished.
 */
bool copy_run(const Setting *setting, PGconn *query, PGconn *replication, bool drop_slot,
			  int offsets_partitions, StoredPosition *position, Error *err);

#endif

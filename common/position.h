/*
 * common/position.h - the place of a record in its source, as record headers carry it; the layout
 * is in docs/wire.md.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_COMMON_POSITION_H
#define WAL2AVRO_COMMON_POSITION_H

#include "common/bytes.h"
#include "common/slice.h"

/* Name of the Kafka record header that carries a Position. */
#define POSITION_HEADER "wal2avro.position"

/* Bytes of a Position in a header. */
#define POSITION_SIZE 28

/*
 * The n-th record (from 0) that the transaction with this commit LSN has in its topic partition.
 * The lane is 0 for the stream of a slot and counts from 1 for the ranges of a first copy, whose
 * commit_lsn is the slot's consistent point.
 */
typedef struct Position
{
	uint64_t source;	 /* token of the slot, drawn when it was created */
	uint64_t commit_lsn; /* where the commit record starts */
	uint64_t n;
	uint32_t lane;
} Position;

static inline void
position_put(uint8_t out[POSITION_SIZE], const Position *position)
{
	put_be64(out, position->source);
	put_be32(out + 8, position->lane);
	put_be64(out + 12, position->commit_lsn);
	put_be64(out + 20, position->n);
}

/* False when the bytes are not a position. */
static inline bool
position_get(Slice in, Position *out)
{
	if (in.data == NULL || in.len != POSITION_SIZE)
		return false;
	*out = (Position){.source = get_be64(in.data),
					  .lane = get_be32(in.data + 8),
					  .commit_lsn = get_be64(in.data + 12),
					  .n = get_be64(in.data + 20)};
	return true;
}

#endif

/*
 * sink/positions.h - which records of a topic partition were applied before (docs/wire.md,
 * section 2). Pure: no I/O, no clock.
 *
 * A record's position is in its header, or counted from the last header by the offsets. Each
 * (source, lane) has a mark, the last position that was applied: what is not beyond it is a repeat.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_POSITIONS_H
#define WAL2AVRO_SINK_POSITIONS_H

#include "common/position.h"

typedef struct Mark
{
	uint64_t source;
	uint32_t lane;
	uint64_t commit_lsn;
	uint64_t n;
	bool changed; /* since positions_saved */
} Mark;

typedef struct Positions
{
	bool has_base; /* false before the first record with a header: no record has a position */
	Position base; /* of the record at base_offset */
	int64_t base_offset;
	Mark *marks;
	size_t count;
	size_t capacity;
	size_t current; /* index of the base's mark; count: it has none yet */
} Positions;

void positions_init(Positions *positions);
void positions_done(Positions *positions);

/* What was stored of a partition: the position of a record, and each mark. */
void positions_set_base(Positions *positions, const Position *base, int64_t base_offset);
void positions_add_mark(Positions *positions, const Mark *mark);

/* Looks at the next record; header is NULL when it has none. True: it was applied before and is to
 * be skipped. */
bool positions_repeat(Positions *positions, int64_t offset, const Position *header);

/* Raises the mark of that record's lane: it is in the batch now. */
void positions_raise(Positions *positions, int64_t offset);

/* The position of the record at offset, counted from the base. False: it has none. */
bool positions_at(const Positions *positions, int64_t offset, Position *out);

/* Forgets which marks have changed. */
void positions_saved(Positions *positions);

#endif

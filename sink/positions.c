/*
 * sink/positions.c - see positions.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/positions.h"

#include "core/memory.h"

void
positions_init(Positions *positions)
{
	*positions = (Positions){0};
}

void
positions_done(Positions *positions)
{
	free(positions->marks);
	*positions = (Positions){0};
}

/* Finds the mark of the base's lane. */
static void
find_current(Positions *positions)
{
	size_t i = 0;

	while (i < positions->count && (positions->marks[i].source != positions->base.source ||
									positions->marks[i].lane != positions->base.lane))
		i++;
	positions->current = i;
}

void
positions_set_base(Positions *positions, const Position *base, int64_t base_offset)
{
	const bool same_lane = positions->has_base && positions->base.source == base->source &&
						   positions->base.lane == base->lane;

	positions->has_base = true;
	positions->base = *base;
	positions->base_offset = base_offset;
	if (!same_lane)
		find_current(positions);
}

void
positions_add_mark(Positions *positions, const Mark *mark)
{
	if (positions->count == positions->capacity)
	{
		positions->capacity = positions->capacity == 0 ? 4 : positions->capacity * 2;
		positions->marks =
			xrealloc(positions->marks, positions->capacity * sizeof *positions->marks);
	}
	positions->marks[positions->count++] = *mark;
	if (positions->has_base)
		find_current(positions);
}

bool
positions_at(const Positions *positions, int64_t offset, Position *out)
{
	if (!positions->has_base || offset < positions->base_offset)
		return false;
	*out = positions->base;
	out->n += (uint64_t) (offset - positions->base_offset);
	return true;
}

bool
positions_repeat(Positions *positions, int64_t offset, const Position *header)
{
	Position at;

	if (header != NULL)
		positions_set_base(positions, header, offset);
	if (!positions_at(positions, offset, &at) || positions->current == positions->count)
		return false;

	const Mark *mark = &positions->marks[positions->current];

	return at.commit_lsn < mark->commit_lsn ||
		   (at.commit_lsn == mark->commit_lsn && at.n <= mark->n);
}

void
positions_raise(Positions *positions, int64_t offset)
{
	Position at;

	if (!positions_at(positions, offset, &at))
		return;
	if (positions->current == positions->count)
	{
		positions_add_mark(positions, &(Mark){.source = at.source, .lane = at.lane});
		find_current(positions);
	}

	Mark *mark = &positions->marks[positions->current];

	mark->commit_lsn = at.commit_lsn;
	mark->n = at.n;
	mark->changed = true;
}

void
positions_saved(Positions *positions)
{
	for (size_t i = 0; i < positions->count; i++)
		positions->marks[i].changed = false;
}

/*
 * sink/merge.c - see merge.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/merge.h"

#include "common/bytes.h"

static bool
has_bit(Slice mask, size_t i)
{
	return (mask.data[i / 8] >> i % 8 & 1) != 0;
}

/* The column's place in a plan; its count: it has no such column. */
static size_t
place_of(const Plan *plan, const Column *column)
{
	size_t i = 0;

	while (i < plan->count && plan->columns[i].column != column)
		i++;
	return i;
}

bool
merge_covers(const Plan *plan, const Plan *other)
{
	for (size_t i = 0; i < other->count; i++)
		if (place_of(plan, other->columns[i].column) == plan->count)
			return false;
	return true;
}

/* What becomes of one column that the later state leaves as it is. */
typedef enum Source
{
	SOURCE_FORMER,
	SOURCE_NEITHER, /* the former one does not have it, either */
	SOURCE_APART,	/* they do not go together */
} Source;

static Source
source_of(const MergeRow *former, const PlanColumn *column, size_t *place)
{
	const bool partial = former->plan->way.partial;

	*place = place_of(former->plan, column->column);
	/* A former state with all its columns may be a row that is to be inserted. */
	if (*place == former->plan->count)
		return partial ? SOURCE_NEITHER : SOURCE_APART;
	if (partial && has_bit(former->fields[former->plan->count], *place))
		return SOURCE_NEITHER;
	return former->plan->columns[*place].as_text == column->as_text ? SOURCE_FORMER : SOURCE_APART;
}

static size_t
size_of(const Plan *plan, const Slice *fields)
{
	size_t size = 2 + (plan->way.partial ? 4 + plan_mask_size(plan) : 0);

	for (size_t i = 0; i < plan->count; i++)
		size += 4 + fields[i].len;
	return size;
}

static uint8_t *
put_field(uint8_t *p, Slice field)
{
	put_be32(p, field.data == NULL ? UINT32_MAX : (uint32_t) field.len);
	if (field.len > 0)
		memcpy(p + 4, field.data, field.len);
	return p + 4 + field.len;
}

static bool
put_row(const Plan *plan, const Slice *fields, const uint8_t *mask, Buffer *out)
{
	uint8_t *p = buffer_reserve(out, size_of(plan, fields));

	if (p == NULL)
		return false;
	out->len += size_of(plan, fields);
	put_be16(p, (uint16_t) (plan->count + plan->way.partial));
	p += 2;
	for (size_t i = 0; i < plan->count; i++)
		p = put_field(p, fields[i]);
	if (plan->way.partial)
		put_field(p, (Slice){mask, plan_mask_size(plan)});
	return true;
}

bool
merge_rows(const MergeRow *former, const MergeRow *added, Buffer *out, const Plan **plan)
{
	uint8_t mask[NOTES_MAX / 8 + 1] = {0};
	bool whole = true;

	if (former->plan != added->plan && former->plan != added->plan->mate &&
		!merge_covers(added->plan, former->plan))
		return false;
	plan_cut_row(former->plan, former->row, former->fields);
	plan_cut_row(added->plan, added->row, added->fields);
	for (size_t i = 0; i < added->plan->count; i++)
	{
		size_t place;

		if (!has_bit(added->fields[added->plan->count], i))
			continue;
		switch (source_of(former, &added->plan->columns[i], &place))
		{
			case SOURCE_FORMER:
				added->fields[i] = former->fields[place];
				break;
			case SOURCE_NEITHER:
				mask[i / 8] |= (uint8_t) (1 << i % 8);
				whole = false;
				break;
			case SOURCE_APART:
				return false;
		}
	}
	*plan = whole ? added->plan->mate : added->plan;
	return put_row(*plan, added->fields, mask, out);
}

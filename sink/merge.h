/*
 * sink/merge.h - two states of a row in a batch, of which the later one lacks columns, become one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_MERGE_H
#define WAL2AVRO_SINK_MERGE_H

#include "sink/plan.h"

/* A row as plan_encode has made it. */
typedef struct MergeRow
{
	const Plan *plan;
	const uint8_t *row;
	Slice *fields; /* scratch, as plan_cut_row needs it */
} MergeRow;

/* The plan writes all columns that the other one writes. */
bool merge_covers(const Plan *plan, const Plan *other);

/*
 * Appends the state of the row after both. added is of a partial plan. What is appended is of
 * *plan: added's own, or its mate where no column is missing any more. False, with nothing
 * appended: the former one has to be applied before.
 */
bool merge_rows(const MergeRow *former, const MergeRow *added, Buffer *out, const Plan **plan);

#endif

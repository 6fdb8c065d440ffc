/*
 * sink/section.h - the rows of one plan within a batch: taking a section, noting and dropping rows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_SECTION_H
#define WAL2AVRO_SINK_SECTION_H

#include "sink/batch.h"

/* One more of an array that only grows; new ones are zeros, old ones keep their memory. */
void *section_grow(void *array, size_t *capacity, size_t count, size_t size);

/* The plan's section of the table, a new one if need be: its index, for sections may move. */
size_t section_take(TableBatch *table, const Plan *plan, size_t max_bytes);
void section_done(Section *section);

/* Notes the row between start and the end of the bytes, so that it can be found; not yet counted as
 * live. Its index. */
size_t section_note(Section *section, size_t start, size_t key_len);

/* Takes the bytes from start on away again: a row that was not noted. */
static inline void
section_drop(Section *section, size_t start)
{
	section->bytes.len = start;
}

/* The row between start and the end is one more of a partial plan, or one that is to go: its bits
 * are added up. fields: scratch for plan_cut_row. */
void section_add_bits(Section *section, size_t start, Slice *fields);

#endif

/*
 * sink/section.c - see section.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/section.h"

#include "core/memory.h"

/* A record may be as large as PostgreSQL takes a row. */
#define RECORD_MAX ((size_t) 1 << 30)

void *
section_grow(void *array, size_t *capacity, size_t count, size_t size)
{
	if (count < *capacity)
		return array;

	const size_t larger = *capacity == 0 ? 4 : *capacity * 2;
	uint8_t *moved = xrealloc(array, larger * size);

	memset(moved + *capacity * size, 0, (larger - *capacity) * size);
	*capacity = larger;
	return moved;
}

static void
clear_bits(Section *section)
{
	const size_t size = plan_mask_size(section->plan);

	if (size == 0) /* a table without columns; memset takes no null */
		return;
	if (size > section->bits_capacity)
	{
		section->some = xrealloc(section->some, size);
		section->all = xrealloc(section->all, size);
		section->bits_capacity = size;
	}
	memset(section->some, 0, size);
	memset(section->all, 0xff, size);
}

size_t
section_take(TableBatch *table, const Plan *plan, size_t max_bytes)
{
	for (size_t i = 0; i < table->section_count; i++)
		if (table->sections[i].plan == plan)
			return i;
	table->sections = section_grow(table->sections, &table->section_capacity, table->section_count,
								   sizeof *table->sections);

	Section *section = &table->sections[table->section_count];

	section->plan = plan;
	section->bytes.max = max_bytes + RECORD_MAX;
	clear_bits(section);
	return table->section_count++;
}

void
section_done(Section *section)
{
	buffer_done(&section->bytes);
	free(section->rows);
	free(section->some);
	free(section->all);
}

size_t
section_note(Section *section, size_t start, size_t key_len)
{
	section->rows = section_grow(section->rows, &section->row_capacity, section->row_count,
								 sizeof *section->rows);
	section->rows[section->row_count] = (BatchRow){.start = start,
												   .len = (uint32_t) (section->bytes.len - start),
												   .key_len = (uint32_t) key_len,
												   .former = NO_ROW};
	return section->row_count++;
}

void
section_add_bits(Section *section, size_t start, Slice *fields)
{
	const Plan *plan = section->plan;

	plan_cut_row(plan, section->bytes.data + start, fields);
	if (plan->way.partial)
		for (size_t i = 0; i < plan_mask_size(plan); i++)
		{
			section->some[i] |= fields[plan->count].data[i];
			section->all[i] &= fields[plan->count].data[i];
		}
	else
		for (size_t i = 0; i < plan->count; i++)
			if (fields[i].data == NULL)
				section->some[i / 8] |= (uint8_t) (1 << i % 8);
}

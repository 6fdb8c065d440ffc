/*
 * sink/collapse.c - see collapse.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/collapse.h"

#include "core/memory.h"
#include "sink/merge.h"
#include "sink/rowmap.h"
#include "sink/section.h"
#include "sink/variant.h"

static Meeting
meet(const Plan *former, const Plan *plan, InsertMode mode)
{
	if (former == NULL)
		return MEETING_FIRST;
	if (plan->value == NULL)
		return MEETING_REPLACES;
	if (former->value == NULL && mode == INSERT_MODE_UPDATE)
		return MEETING_NOTHING;
	/* A row that lacks columns cannot follow a delete: that is for the destination to say. */
	if (former->value == NULL)
		return plan->way.partial ? MEETING_NO_ROOM : MEETING_FOLLOWS;
	if (plan->way.partial)
		return MEETING_MERGES;
	return former == plan || merge_covers(plan, former) ? MEETING_REPLACES : MEETING_NO_ROOM;
}

/* Scratch for two rows of these plans. */
static void
reserve_fields(Batch *batch, const Plan *a, const Plan *b)
{
	const size_t count = (a->count > b->count ? a->count : b->count) + 1;

	if (count <= batch->field_capacity)
		return;
	for (size_t i = 0; i < 2; i++)
		batch->fields[i] = xrealloc(batch->fields[i], count * sizeof *batch->fields[i]);
	batch->field_capacity = count;
}

static void
count_bits(Batch *batch, Section *section, size_t start)
{
	reserve_fields(batch, section->plan, section->plan);
	section_add_bits(section, start, batch->fields[0]);
}

static void
kill_former(TableBatch *table, const KeyEntry *entry)
{
	table->sections[entry->section].rows[entry->row].dead = true;
	table->sections[entry->section].live--;
}

/* Puts what the former row and the one at the end of the section say together in their place. */
static bool
unite(Batch *batch, TableBatch *table, size_t section, const PlanRow *added, KeyEntry *entry)
{
	const Section *of = &table->sections[entry->section];
	Section *from = &table->sections[section];
	const Plan *plan;

	reserve_fields(batch, of->plan, from->plan);

	const MergeRow former = {of->plan, of->bytes.data + of->rows[entry->row].start,
							 batch->fields[0]};
	const MergeRow later = {from->plan, from->bytes.data + added->start, batch->fields[1]};

	buffer_clear(&batch->scratch);
	if (!merge_rows(&former, &later, &batch->scratch, &plan))
		return false;
	section_drop(from, added->start);

	const size_t index = section_take(table, plan, batch->max_bytes);
	Section *to = &table->sections[index];
	const size_t start = to->bytes.len;

	if (!buffer_append(&to->bytes, batch->scratch.data, batch->scratch.len))
		return false;
	kill_former(table, entry);
	entry->section = (uint32_t) index;
	entry->row = (uint32_t) section_note(to, start, added->key_len);
	to->live++;
	if (plan->way.partial)
		count_bits(batch, to, start);
	return true;
}

/* No row before it has its key. */
static Meeting
first_row(Batch *batch, Section *section, const PlanRow *added)
{
	if (section->plan->way.partial)
		count_bits(batch, section, added->start);
	section_note(section, added->start, added->key_len);
	section->live++;
	return MEETING_FIRST;
}

Meeting
collapse(Batch *batch, TableBatch *table, size_t index, const PlanRow *added, InsertMode mode)
{
	Section *section = &table->sections[index];
	const Plan *plan = section->plan;
	const Slice key = {section->bytes.data + added->start + 2, added->key_len};
	uint64_t hash;

	if (rowmap_append(table, key, index, section->row_count))
		return first_row(batch, section, added);

	KeyEntry *entry = rowmap_find(table, NULL, key, &hash);
	Meeting meeting =
		meet(rowmap_is_free(entry) ? NULL : table->sections[entry->section].plan, plan, mode);

	if (meeting == MEETING_MERGES && !unite(batch, table, index, added, entry))
		meeting = MEETING_NO_ROOM;
	if (meeting == MEETING_NO_ROOM)
		section_drop(&table->sections[index], added->start);
	if (meeting == MEETING_NO_ROOM || meeting == MEETING_MERGES)
		return meeting;
	if (plan->way.partial)
		count_bits(batch, section, added->start);
	if (meeting == MEETING_REPLACES)
		kill_former(table, entry);

	const size_t row = section_note(section, added->start, added->key_len);

	table->entry_count += meeting == MEETING_FIRST;
	if (meeting == MEETING_NOTHING)
		section->rows[row].dead = true;
	else
	{
		section->live++;
		*entry = (KeyEntry){.hash = hash, .section = (uint32_t) index, .row = (uint32_t) row};
	}
	return meeting;
}

static Slice
whole_row(const Section *section, size_t start)
{
	return (Slice){section->bytes.data + start + 2, section->bytes.len - start - 2};
}

void
collapse_append(TableBatch *table, size_t index, size_t start)
{
	Section *section = &table->sections[index];
	uint64_t hash;
	KeyEntry *entry = rowmap_find(table, section->plan, whole_row(section, start), &hash);
	const size_t row = section_note(section, start, section->bytes.len - start - 2);

	section->live++;
	if (rowmap_is_free(entry))
		table->entry_count++;
	else if (!section->rows[entry->row].dead)
		section->rows[row].former = entry->row;
	*entry = (KeyEntry){.hash = hash, .section = (uint32_t) index, .row = (uint32_t) row};
}

/* Rows were appended that may be the same in other bytes: of other schemas, or with other texts. */
static bool
has_others(const TableBatch *table, const Plan *plan)
{
	for (size_t i = 0; i < table->section_count; i++)
	{
		const Plan *other = table->sections[i].plan;

		if (table->sections[i].live > 0 && other->way.use == PLAN_APPEND && other != plan->mate &&
			(other->value != plan->value || variant_alike(other, plan)))
			return true;
	}
	return false;
}

bool
collapse_remove(Batch *batch, TableBatch *table, size_t index, size_t start)
{
	Section *section = &table->sections[index];
	const Plan *mate = section->plan->mate;
	uint64_t hash;
	KeyEntry *entry = rowmap_find(table, mate, whole_row(section, start), &hash);
	BatchRow *row =
		rowmap_is_free(entry) ? NULL : &table->sections[entry->section].rows[entry->row];

	if (row != NULL && !row->dead)
	{
		section_drop(section, start);
		kill_former(table, entry);
		if (row->former != NO_ROW)
			entry->row = row->former;
		return true;
	}
	if (has_others(table, section->plan))
		return false;
	section->live++;
	count_bits(batch, section, start);
	return true;
}

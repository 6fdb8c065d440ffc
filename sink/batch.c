/*
 * sink/batch.c - see batch.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/batch.h"

#include "core/memory.h"
#include "sink/collapse.h"
#include "sink/rowmap.h"
#include "sink/section.h"

void
batch_init(Batch *batch, size_t max_bytes)
{
	*batch = (Batch){.max_bytes = max_bytes};
	buffer_init(&batch->scratch, (size_t) 2 << 30);
}

static void
table_done(TableBatch *table)
{
	for (size_t i = 0; i < table->section_capacity; i++)
		section_done(&table->sections[i]);
	free(table->sections);
	free(table->entries);
}

void
batch_done(Batch *batch)
{
	for (size_t i = 0; i < batch->table_capacity; i++)
		table_done(&batch->tables[i]);
	for (size_t i = 0; i < batch->advance_capacity; i++)
		free(batch->advances[i].marks);
	free(batch->tables);
	free(batch->advances);
	buffer_done(&batch->scratch);
	free(batch->fields[0]);
	free(batch->fields[1]);
	batch_init(batch, batch->max_bytes);
}

/* Many tables, each of which was large once, must not keep all of that. */
static void
release(Batch *batch)
{
	size_t kept = 0;

	for (size_t i = 0; i < batch->table_capacity; i++)
		for (size_t k = 0; k < batch->tables[i].section_capacity; k++)
			kept += batch->tables[i].sections[k].bytes.capacity;
	for (size_t i = 0; kept > 2 * batch->max_bytes && i < batch->table_capacity; i++)
	{
		table_done(&batch->tables[i]);
		batch->tables[i] = (TableBatch){0};
	}
}

static void
clear_table(TableBatch *table)
{
	for (size_t k = 0; k < table->section_count; k++)
	{
		buffer_clear(&table->sections[k].bytes);
		table->sections[k].row_count = 0;
		table->sections[k].live = 0;
	}
	table->section_count = 0;
	rowmap_clear(table);
	table->truncated = false;
}

void
batch_clear(Batch *batch)
{
	for (size_t i = 0; i < batch->table_count; i++)
		clear_table(&batch->tables[i]);
	release(batch);
	batch->table_count = 0;
	batch->advance_count = 0;
	batch->records = 0;
	batch->rows = 0;
	batch->bytes = 0;
	batch->buried = 0;
	batch->vanished = 0;
	batch->last_partition = NULL;
}

static TableBatch *
find_table(const Batch *batch, const Table *table)
{
	for (size_t i = 0; i < batch->table_count; i++)
		if (batch->tables[i].table == table)
			return &batch->tables[i];
	return NULL;
}

/* The plan of rows that are there, or NULL. */
static const Plan *
plan_of_rows(const TableBatch *table)
{
	for (size_t i = 0; table != NULL && i < table->section_count; i++)
		if (table->sections[i].bytes.len > 0)
			return table->sections[i].plan;
	return NULL;
}

/* Keys of both have the same form, in which equal ones have equal bytes. */
static bool
same_keys(const Plan *a, const Plan *b)
{
	if (!a->canonical || !b->canonical || a->key_count != b->key_count)
		return false;
	for (size_t i = 0; i < a->key_count; i++)
		if (a->columns[i].column != b->columns[i].column ||
			a->columns[i].conversion.schema != b->columns[i].conversion.schema)
			return false;
	return true;
}

bool
batch_fits(const Batch *batch, const Plan *plan)
{
	const Plan *other = plan_of_rows(find_table(batch, plan->table));

	if (other == NULL)
		return true;
	/* Only the server can tell which rows have the same key: it takes the last one of those of one
	 * statement, which would lose what a partial one lacks. */
	if (other->loose || plan->loose)
		return same_keys(other, plan) || (other == plan && !plan->way.partial);
	if (other->key_count != plan->key_count)
		return false;
	for (size_t i = 0; i < plan->key_count; i++)
		if (plan->columns[i].column != other->columns[i].column)
			return false;
	return true;
}

static TableBatch *
take_table(Batch *batch, const Table *table)
{
	TableBatch *found = find_table(batch, table);

	if (found != NULL)
		return found;
	batch->tables = section_grow(batch->tables, &batch->table_capacity, batch->table_count,
								 sizeof *batch->tables);
	found = &batch->tables[batch->table_count++];
	found->table = table;
	rowmap_clear(found);
	return found;
}

const char batch_no_room[] = "does not go with what is in the batch";

/* Encodes a row at the end of its section, uncounted. */
static const char *
append(Batch *batch, TableBatch *table, const BatchInput *input, size_t *section, PlanRow *row,
	   const char **where)
{
	*section = section_take(table, input->plan, batch->max_bytes);
	return plan_encode(input->plan, input->key, input->value, input->notes,
					   &table->sections[*section].bytes, row, where);
}

const char *
batch_add(Batch *batch, InsertMode mode, const BatchInput *input, const char **where)
{
	TableBatch *table = take_table(batch, input->plan->table);
	size_t section;
	PlanRow row;
	const char *problem = append(batch, table, input, &section, &row, where);
	Meeting meeting = MEETING_FIRST;

	if (problem != NULL)
		return problem;

	const size_t size = table->sections[section].bytes.len - row.start;

	if (mode == INSERT_MODE_INSERT)
		table->sections[section].live++;
	else
		meeting = collapse(batch, table, section, &row, mode);
	if (meeting == MEETING_NO_ROOM)
		return batch_no_room;
	batch->vanished += meeting == MEETING_NOTHING;
	batch->rows++;
	batch->bytes += meeting == MEETING_MERGES ? batch->scratch.len : size;
	return NULL;
}

const char *
batch_replace(Batch *batch, const BatchInput *removed, const BatchInput *added, const char **where)
{
	TableBatch *table = take_table(batch, (removed != NULL ? removed : added)->plan->table);
	size_t from = 0;
	size_t to = 0;
	PlanRow old = {0};
	PlanRow new = {0};
	const char *problem = NULL;

	if (removed != NULL)
		problem = append(batch, table, removed, &from, &old, where);
	if (problem != NULL)
		return problem;
	if (added != NULL)
		problem = append(batch, table, added, &to, &new, where);

	const size_t size = (removed == NULL ? 0 : table->sections[from].bytes.len - old.start) +
						(added == NULL ? 0 : table->sections[to].bytes.len - new.start);

	if (problem == NULL && removed != NULL && !collapse_remove(batch, table, from, old.start))
	{
		problem = batch_no_room;
		if (added != NULL)
			section_drop(&table->sections[to], new.start);
	}
	if (problem != NULL)
	{
		if (removed != NULL)
			section_drop(&table->sections[from], old.start);
		return problem;
	}
	if (added != NULL)
		collapse_append(table, to, new.start);
	batch->rows++;
	batch->bytes += size;
	return NULL;
}

void
batch_truncate(Batch *batch, const Table *table)
{
	TableBatch *found = take_table(batch, table);

	clear_table(found);
	found->truncated = true;
	batch->rows++;
}

void
batch_advance(Batch *batch, Partition *partition, int64_t offset)
{
	Advance *advance = batch->advance_count == 0 ? NULL : &batch->advances[0];
	const Advance *end = advance + batch->advance_count;

	while (advance != end && advance->partition != partition)
		advance++;
	if (advance == end)
	{
		batch->advances = section_grow(batch->advances, &batch->advance_capacity,
									   batch->advance_count, sizeof *batch->advances);
		advance = &batch->advances[batch->advance_count++];
		advance->partition = partition;
		advance->expected = partition->next_offset;
	}
	partition->next_offset = offset + 1;
	batch->records++;
}

static void
close_advance(Advance *advance)
{
	const Partition *partition = advance->partition;
	Positions *positions = &advance->partition->positions;

	advance->next_offset = partition->next_offset;
	advance->has_position = positions_at(positions, partition->next_offset - 1, &advance->position);
	advance->mark_count = 0;
	advance->marks = xrealloc(advance->marks, (positions->count + 1) * sizeof *advance->marks);
	for (size_t i = 0; i < positions->count; i++)
		if (positions->marks[i].changed)
			advance->marks[advance->mark_count++] = positions->marks[i];
	positions_saved(positions);
}

void
batch_close(Batch *batch)
{
	for (size_t i = 0; i < batch->advance_count; i++)
		close_advance(&batch->advances[i]);
}

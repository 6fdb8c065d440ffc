/*
 * sink/batch.c - see batch.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/batch.h"

#include "core/memory.h"

#define FREE_ENTRY UINT32_MAX

/* A record may be as large as PostgreSQL takes a row. */
#define RECORD_MAX ((size_t) 1 << 30)

void
batch_init(Batch *batch, size_t max_bytes)
{
	*batch = (Batch){.max_bytes = max_bytes};
}

static void
table_done(TableBatch *table)
{
	for (size_t i = 0; i < table->section_capacity; i++)
	{
		buffer_done(&table->sections[i].bytes);
		free(table->sections[i].rows);
	}
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
	*batch = (Batch){.max_bytes = batch->max_bytes};
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

void
batch_clear(Batch *batch)
{
	for (size_t i = 0; i < batch->table_count; i++)
	{
		TableBatch *table = &batch->tables[i];

		for (size_t k = 0; k < table->section_count; k++)
		{
			buffer_clear(&table->sections[k].bytes);
			table->sections[k].row_count = 0;
			table->sections[k].live = 0;
		}
		table->section_count = 0;
		if (table->entry_count > 0)
			for (size_t k = 0; k < table->entry_capacity; k++)
				table->entries[k].section = FREE_ENTRY;
		table->entry_count = 0;
	}
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

/* One more of an array that only grows; new ones are zeros, old ones keep their memory. */
static void *
grow(void *array, size_t *capacity, size_t count, size_t size)
{
	if (count < *capacity)
		return array;

	const size_t larger = *capacity == 0 ? 4 : *capacity * 2;
	uint8_t *moved = xrealloc(array, larger * size);

	memset(moved + *capacity * size, 0, (larger - *capacity) * size);
	*capacity = larger;
	return moved;
}

static TableBatch *
find_table(const Batch *batch, const Table *table)
{
	for (size_t i = 0; i < batch->table_count; i++)
		if (batch->tables[i].table == table)
			return &batch->tables[i];
	return NULL;
}

bool
batch_fits(const Batch *batch, const Plan *plan)
{
	const TableBatch *table = find_table(batch, plan->table);

	if (table == NULL || table->section_count == 0)
		return true;

	const Plan *other = table->sections[0].plan;

	if (other == plan)
		return true;
	/* Rows of one statement each: only the server can tell which of them have the same key. */
	if (other->loose || plan->loose || other->key_count != plan->key_count)
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
	batch->tables =
		grow(batch->tables, &batch->table_capacity, batch->table_count, sizeof *batch->tables);
	found = &batch->tables[batch->table_count++];
	found->table = table;
	return found;
}

static Section *
take_section(TableBatch *table, const Plan *plan, size_t max_bytes)
{
	for (size_t i = 0; i < table->section_count; i++)
		if (table->sections[i].plan == plan)
			return &table->sections[i];
	table->sections = grow(table->sections, &table->section_capacity, table->section_count,
						   sizeof *table->sections);

	Section *section = &table->sections[table->section_count++];

	section->plan = plan;
	section->bytes.max = max_bytes + RECORD_MAX;
	return section;
}

/* FNV-1a over words, mixed at the end: keys are short. */
static uint64_t
hash_key(Slice key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ key.len;
	uint64_t word;

	for (; key.len >= sizeof word; key.data += sizeof word, key.len -= sizeof word)
	{
		memcpy(&word, key.data, sizeof word);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ key.data[i]) * UINT64_C(0x100000001b3);
	hash ^= hash >> 32;
	hash *= UINT64_C(0xd6e8feb86659fd93);
	return hash ^ hash >> 32;
}

static Slice
key_of(const TableBatch *table, const KeyEntry *entry)
{
	const Section *section = &table->sections[entry->section];
	const BatchRow *row = &section->rows[entry->row];

	return (Slice){section->bytes.data + row->start + 2, row->key_len};
}

/* The entry of a key, or the free one where it belongs. */
static KeyEntry *
probe(const TableBatch *table, uint64_t hash, Slice key)
{
	const size_t mask = table->entry_capacity - 1;

	for (size_t i = hash & mask;; i = (i + 1) & mask)
	{
		KeyEntry *entry = &table->entries[i];

		if (entry->section == FREE_ENTRY ||
			(entry->hash == hash && slice_equal(key_of(table, entry), key)))
			return entry;
	}
}

static void
grow_entries(TableBatch *table)
{
	KeyEntry *old = table->entries;
	const size_t old_capacity = table->entry_capacity;

	if (table->entry_count * 2 < old_capacity)
		return;
	table->entry_capacity = old_capacity == 0 ? 1024 : old_capacity * 2;
	table->entries = xmalloc(table->entry_capacity * sizeof *table->entries);
	for (size_t i = 0; i < table->entry_capacity; i++)
		table->entries[i].section = FREE_ENTRY;
	for (size_t i = 0; i < old_capacity; i++)
		if (old[i].section != FREE_ENTRY)
			*probe(table, old[i].hash, key_of(table, &old[i])) = old[i];
	free(old);
}

/* The plan writes all columns that the other one writes. */
static bool
covers(const Plan *plan, const Plan *other)
{
	for (size_t i = 0; i < other->count; i++)
	{
		bool found = false;

		for (size_t k = 0; !found && k < plan->count; k++)
			found = plan->columns[k].column == other->columns[i].column;
		if (!found)
			return false;
	}
	return true;
}

/* What becomes of a row that was just added, by what is there of its key. */
typedef enum Meeting
{
	MEETING_FIRST,	  /* nothing is there */
	MEETING_REPLACES, /* the former row is dead from now on */
	MEETING_FOLLOWS,  /* the former one is a delete, which goes first: both stay */
	MEETING_NOTHING,  /* an update of what was deleted before it: it is dead itself */
	MEETING_NO_ROOM,  /* it has fewer columns: the former one has to be applied before */
} Meeting;

static Meeting
meet(const TableBatch *table, const KeyEntry *entry, const Section *section, InsertMode mode)
{
	const Plan *plan = section->plan;

	if (entry->section == FREE_ENTRY)
		return MEETING_FIRST;

	const Plan *former = table->sections[entry->section].plan;

	if (former == plan || plan->value == NULL)
		return MEETING_REPLACES;
	if (former->value == NULL)
		return mode == INSERT_MODE_UPDATE ? MEETING_NOTHING : MEETING_FOLLOWS;
	return covers(plan, former) ? MEETING_REPLACES : MEETING_NO_ROOM;
}

/* Notes a row under its key. */
static Meeting
collapse(TableBatch *table, Section *section, const PlanRow *added, InsertMode mode)
{
	section->rows =
		grow(section->rows, &section->row_capacity, section->row_count, sizeof *section->rows);
	section->rows[section->row_count] = (BatchRow){
		.start = added->start,
		.len = (uint32_t) (section->bytes.len - added->start),
		.key_len = (uint32_t) added->key_len,
	};
	grow_entries(table);

	const Slice key = {section->bytes.data + added->start + 2, added->key_len};
	const uint64_t hash = hash_key(key);
	KeyEntry *entry = probe(table, hash, key);
	const Meeting meeting = meet(table, entry, section, mode);

	if (meeting == MEETING_NO_ROOM)
		return meeting;
	if (meeting == MEETING_REPLACES)
	{
		table->sections[entry->section].rows[entry->row].dead = true;
		table->sections[entry->section].live--;
	}
	table->entry_count += meeting == MEETING_FIRST;
	if (meeting == MEETING_NOTHING)
	{
		section->rows[section->row_count].dead = true;
		section->live--;
	}
	else
		*entry = (KeyEntry){.hash = hash,
							.section = (uint32_t) (section - table->sections),
							.row = (uint32_t) section->row_count};
	section->row_count++;
	return meeting;
}

const char batch_no_room[] = "does not go with what is in the batch";

const char *
batch_add(Batch *batch, const Plan *plan, InsertMode mode, Slice key, Slice value,
		  const char **where)
{
	TableBatch *table = take_table(batch, plan->table);
	Section *section = take_section(table, plan, batch->max_bytes);
	PlanRow row;
	const char *problem = plan_encode(plan, key, value, &section->bytes, &row, where);
	Meeting meeting = MEETING_FIRST;

	if (problem != NULL)
		return problem;
	section->live++;
	if (mode != INSERT_MODE_INSERT)
		meeting = collapse(table, section, &row, mode);
	if (meeting == MEETING_NO_ROOM)
	{
		section->live--;
		section->bytes.len = row.start;
		return batch_no_room;
	}
	batch->vanished += meeting == MEETING_NOTHING;
	batch->rows++;
	batch->bytes += section->bytes.len - row.start;
	return NULL;
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
		batch->advances = grow(batch->advances, &batch->advance_capacity, batch->advance_count,
							   sizeof *batch->advances);
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

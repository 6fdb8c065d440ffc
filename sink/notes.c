/*
 * sink/notes.c - see notes.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/notes.h"

#include "core/memory.h"

void
notes_done(Notes *notes)
{
	free(notes->items);
	*notes = (Notes){0};
}

void
notes_add(Notes *notes, const Note *note)
{
	if (notes->count == notes->capacity)
	{
		notes->capacity = notes->capacity == 0 ? 8 : notes->capacity * 2;
		notes->items = xrealloc(notes->items, notes->capacity * sizeof *notes->items);
	}
	notes->items[notes->count++] = *note;
	notes->unchanged |= note->kind == NOTE_UNCHANGED;
}

const char *
notes_read(Notes *notes, Slice in)
{
	notes->count = 0;
	notes->unchanged = false;
	while (in.len > 0)
	{
		Note note;

		if (notes_next(&in, &note) != NOTES_NOTE || note.index >= NOTES_MAX)
			return "are malformed";
		if (notes->count > 0 && note.index <= notes->items[notes->count - 1].index)
			return "are not in the order of the fields";
		notes_add(notes, &note);
	}
	return NULL;
}

const Note *
notes_find(const Notes *notes, size_t index)
{
	for (size_t i = 0; i < notes->count && notes->items[i].index <= index; i++)
		if (notes->items[i].index == index)
			return &notes->items[i];
	return NULL;
}

bool
notes_fit(const Notes *notes, Slice record, const Slice *fields, size_t count)
{
	for (size_t i = 0; i < notes->count; i++)
	{
		const Note *note = &notes->items[i];

		if (note->index >= count || note->len != fields[note->index].len ||
			note->start != (size_t) (fields[note->index].data - record.data))
			return false;
	}
	return true;
}

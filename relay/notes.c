/*
 * relay/notes.c - see notes.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/notes.h"

#include "common/avro.h"

bool
notes_unchanged(Slice notes)
{
	Note note;

	while (notes_next(&notes, &note) == NOTES_NOTE)
		if (note.kind == NOTE_UNCHANGED)
			return true;
	return false;
}

static void
put_long(Buffer *out, size_t value)
{
	uint8_t bytes[AVRO_LONG_MAX];

	buffer_append(out, bytes, (size_t) (avro_put_long(bytes, (int64_t) value) - bytes));
}

static void
put_note(Buffer *out, const Note *note)
{
	char kind = (char) note->kind;

	put_long(out, note->index);
	buffer_append(out, &kind, 1);
	put_long(out, note->start);
	put_long(out, note->len);
	if (note->kind != NOTE_TEXT)
		return;
	put_long(out, note->text.len);
	buffer_append(out, note->text.data, note->text.len);
}

/* Copies the value up to a note, and then what the note's field is to hold. */
static bool
replace(Slice value, size_t *copied, Note note, const Current *current, Buffer *value_out,
		Buffer *notes_out)
{
	size_t start = CONFLUENT_HEADER + note.start;

	if (start < *copied || start > value.len || note.len > value.len - start)
		return false;
	buffer_append(value_out, value.data + *copied, start - *copied);
	*copied = start;
	note.start = value_out->len - CONFLUENT_HEADER;
	if (current != NULL)
	{
		buffer_append(value_out, current->bytes.data, current->bytes.len);
		*copied += note.len;
		note.kind = NOTE_TEXT;
		note.len = current->bytes.len;
		note.text = current->text;
	}
	if (current == NULL || current->text.data != NULL)
		put_note(notes_out, &note);
	return true;
}

bool
notes_splice(Slice value, Slice notes, const Current *current, size_t count, Buffer *value_out,
			 Buffer *notes_out)
{
	size_t copied = 0;
	size_t used = 0;
	NotesResult result;
	Note note;

	buffer_clear(value_out);
	buffer_clear(notes_out);
	while ((result = notes_next(&notes, &note)) == NOTES_NOTE)
	{
		bool marked = note.kind == NOTE_UNCHANGED;

		if ((marked && used == count) ||
			!replace(value, &copied, note, marked ? &current[used] : NULL, value_out, notes_out))
			return false;
		used += marked;
	}
	buffer_append(value_out, value.data + copied, value.len - copied);
	return result == NOTES_END && used == count;
}

/*
 * common/note.c - see note.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "common/note.h"

#include "common/avro.h"

static bool
take_size(Slice *notes, size_t *out)
{
	int64_t number;

	if (!avro_get_long(notes, &number) || number < 0)
		return false;
	*out = (size_t) number;
	return true;
}

static bool
take_note(Slice *notes, Note *out)
{
	Slice kind;

	if (!take_size(notes, &out->index) || !avro_get_fixed(notes, 1, &kind) ||
		!take_size(notes, &out->start) || !take_size(notes, &out->len))
		return false;
	out->kind = (NoteKind) kind.data[0];
	out->text = SLICE_ABSENT;
	switch (out->kind)
	{
		case NOTE_UNCHANGED:
			return true;
		case NOTE_TEXT:
			return avro_get_bytes(notes, &out->text);
	}
	return false;
}

NotesResult
notes_next(Slice *notes, Note *out)
{
	if (notes->len == 0)
		return NOTES_END;
	return take_note(notes, out) ? NOTES_NOTE : NOTES_MALFORMED;
}

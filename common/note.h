/*
 * common/note.h - one entry of the notes that stand beside a row because its Avro value cannot
 * carry it (docs/wire.md, "Notes"). Pure: no allocation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_COMMON_NOTE_H
#define WAL2AVRO_COMMON_NOTE_H

#include "common/slice.h"

typedef enum NoteKind
{
	NOTE_UNCHANGED = 'u', /* the column keeps what it has; the field holds a stand-in */
	NOTE_TEXT = 't',	  /* the field holds a stand-in, and the text is the value */
} NoteKind;

typedef struct Note
{
	size_t index; /* of the field in the row's record */
	NoteKind kind;
	size_t start; /* of the field's bytes in the record, behind the framing */
	size_t len;
	Slice text; /* NOTE_TEXT: within the bytes that were read; else absent */
} Note;

typedef enum NotesResult
{
	NOTES_NOTE,
	NOTES_END,
	NOTES_MALFORMED,
} NotesResult;

/* Takes the next note off. */
NotesResult notes_next(Slice *notes, Note *out);

#endif

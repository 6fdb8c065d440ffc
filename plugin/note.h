/*
 * plugin/note.h - writes the notes that go beside a row; docs/wire.md, "Notes", has their layout.
 *
 * Notes are a StringInfo whose data is NULL until the first entry, which allocates in the current
 * memory context.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_NOTE_H
#define WAL2AVRO_PLUGIN_NOTE_H

#include "plugin/compat.h"

#include "lib/stringinfo.h"

#include "plugin/types.h"

/* Where a field is: its index, and its bytes within the record. */
typedef struct FieldPlace
{
	int index;
	size_t start;
	size_t len;
} FieldPlace;

/* The field holds a stand-in for a TOAST value that an update left unchanged. */
void note_unchanged(StringInfo notes, FieldPlace place);

/* The field holds a stand-in for value; text: what it really is, as note_exact() gives it. */
void note_inexact(StringInfo notes, FieldPlace place, const char *text, size_t len);

/* A value in the form of its type's output function under fixed settings (settings.h), in UTF-8 and
 * the current memory context. *len: its bytes. */
const char *note_text_of(const ValueType *type, Datum value, size_t *len);

/* The same with commas between the elements of an array, whatever the delimiter of their type: the
 * table that the note comes to may have another one. */
const char *note_exact(const ValueType *type, Datum value, size_t *len);

#endif

/*
 * sink/notes.h - what stands beside a record because its Avro value cannot carry it: columns that
 * an update left unchanged, and exact texts (docs/wire.md, "Notes"). Pure.
 *
 * Nothing in notes is trusted: order, bounds and kinds are checked, and notes_fit holds them
 * against the record that they came with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_NOTES_H
#define WAL2AVRO_SINK_NOTES_H

#include "common/note.h"

/* Header of a record with notes on its row. */
#define NOTES_HEADER "wal2avro.values"

/* More columns than a table can have (MaxTupleAttributeNumber). */
#define NOTES_MAX 1664

typedef struct Notes
{
	Note *items; /* in ascending order of index */
	size_t count;
	size_t capacity;
	bool unchanged; /* some note is NOTE_UNCHANGED */
} Notes;

/* Reads notes in place of what was there; the memory is kept. NULL, or what is wrong with them. */
const char *notes_read(Notes *notes, Slice in);
void notes_done(Notes *notes);

/* Puts a note behind the others; its index is beyond theirs. */
void notes_add(Notes *notes, const Note *note);

/* The note on a field, or NULL. */
const Note *notes_find(const Notes *notes, size_t index);

/* The notes are of the record that was cut into these fields (walk_record), count of them. */
bool notes_fit(const Notes *notes, Slice record, const Slice *fields, size_t count);

#endif

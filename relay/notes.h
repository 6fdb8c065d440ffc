/*
 * relay/notes.h - reads what the plugin says beside a row that its value cannot carry
 * (docs/wire.md, "Notes"), and puts values in the place of those that were marked. Pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_NOTES_H
#define WAL2AVRO_RELAY_NOTES_H

#include "common/note.h"
#include "core/buffer.h"

/* Some field is marked as unchanged. Notes may be absent. */
bool notes_unchanged(Slice notes);

/* What a marked field is to hold, in the order of the marks. */
typedef struct Current
{
	Slice bytes; /* with the union's branch */
	Slice text;	 /* where the bytes are a stand-in; absent: they are not */
} Current;

/* value with the current bytes in the place of all marked fields, both with framing, and the notes
 * that are left (none: of no bytes). False for notes that do not belong to the value, or another
 * number of marks. */
bool notes_splice(Slice value, Slice notes, const Current *current, size_t count, Buffer *value_out,
				  Buffer *notes_out);

#endif

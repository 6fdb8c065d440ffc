/*
 * plugin/tuple.h - from a heap tuple to Avro.
 *
 * First a tuple is taken apart into one of the plan's images, then key and row are written from
 * them. Nothing but catalogs is read: a value that is not in the WAL is not looked up in the table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TUPLE_H
#define WAL2AVRO_PLUGIN_TUPLE_H

#include "plugin/compat.h"

#include "access/htup.h"
#include "lib/stringinfo.h"

#include "plugin/plan.h"

/* Takes the new tuple apart into plan->row. TOAST values that an UPDATE left unchanged are not in
 * it; they come from plan->old_row where has_old says that this is the row it was and holds them.
 */
void tuple_take(Plan *plan, HeapTuple tuple, bool has_old);

/* Takes an old tuple apart into plan->old_row. */
void tuple_take_old(Plan *plan, HeapTuple tuple);

/*
 * Appends the Avro bytes of a whole row, and to notes (note.h) what they cannot carry. ERROR for a
 * NULL in a NOT NULL column, and what the encoders of types.h raise, with table and column as
 * context.
 */
void tuple_put_row(Output *out, const Plan *plan, const Image *image, StringInfo notes);

/* Appends the Avro bytes of one field with the branch of its union; out->inexact says whether they
 * are a stand-in. */
void tuple_put_field(Output *out, const Column *column, const Image *image);

/* Appends the Avro bytes of the key of a row; the plan has one. ERROR 55000 for a value that is not
 * in the WAL, 22000 for one that Avro cannot carry: two rows would have the same key. */
void tuple_put_key(Output *out, const Plan *plan, const Image *image);

#endif

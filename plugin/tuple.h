/*
 * plugin/tuple.h - from a heap tuple to Avro.
 *
 * First a tuple is taken apart into the plan's arrays, then key and value are written from them.
 * Nothing but catalogs is read: a value that is not in the WAL is an error, not a look into the
 * table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TUPLE_H
#define WAL2AVRO_PLUGIN_TUPLE_H

#include "plugin/compat.h"

#include "access/htup.h"

#include "plugin/plan.h"

/*
 * Takes the new tuple apart into plan->values. TOAST values that an UPDATE left unchanged are not
 * in it; they come from the old tuple, when that is there (else NULL) and holds them. ERROR 55000
 * naming the column otherwise.
 */
void tuple_take(Plan *plan, HeapTuple tuple, HeapTuple old_tuple);

/* Takes an old tuple apart into plan->old_values. */
void tuple_take_old(Plan *plan, HeapTuple tuple);

/* Appends the Avro bytes of the whole row that was taken. ERROR for a NULL in a NOT NULL column,
 * and what the encoders of types.h raise, with table and column as context. */
void tuple_put_value(Output *out, const Plan *plan);

/* Appends the Avro bytes of the key, of the row or of the old one. The plan has a key. */
void tuple_put_key(Output *out, const Plan *plan);
void tuple_put_old_key(Output *out, const Plan *plan);

#endif

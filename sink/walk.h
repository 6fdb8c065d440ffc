/*
 * sink/walk.h - steps over one Avro value and checks every byte of it on the way.
 *
 * Nothing in a record is trusted: lengths, union and enum indexes, booleans, depth and the number
 * of items are checked against what is there. Nothing allocates.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_WALK_H
#define WAL2AVRO_SINK_WALK_H

#include "sink/schema.h"

/* Deepest nesting of a value: a recursive schema can ask for any. */
#define WALK_MAX_DEPTH 64

/* Most items of arrays whose items take no bytes at all. */
#define WALK_MAX_EMPTY_ITEMS 65536

/* Moves *in behind one value. Returns NULL, or what is wrong (and *in is then anywhere). */
const char *walk_value(const Schema *schema, Slice *in);

/* Takes a whole record apart: fields[i] gets the bytes of its i-th field, and nothing may follow
 * the last. NULL, or what is wrong; *bad is then the index of the field, or the count of fields for
 * bytes behind them. */
const char *walk_record(const Schema *record, Slice in, Slice *fields, size_t *bad);

#endif

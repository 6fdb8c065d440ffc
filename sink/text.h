/*
 * sink/text.h - the text form of an Avro value, as PostgreSQL's own input functions read it.
 *
 * It serves columns of text types and every column whose type has no direct binary form here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_TEXT_H
#define WAL2AVRO_SINK_TEXT_H

#include "core/buffer.h"
#include "sink/schema.h"

/* There is a text form for such values: everything but records, maps and unions of several types.
 */
bool text_possible(const Schema *schema);

/*
 * Takes one value (not null) off *in and appends its text: numbers in decimal, times in ISO form
 * with infinity and BC, bytes as \x..., arrays as {...}. NULL, or what is wrong.
 */
const char *text_of_value(const Schema *schema, Slice *in, Buffer *out);

#endif

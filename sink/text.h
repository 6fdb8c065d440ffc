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

/* There is a text form for such values: everything but records and maps. */
bool text_possible(const Schema *schema);

/*
 * Takes one value (not null) off *in and appends its text: numbers in decimal, times in ISO form
 * with infinity and BC, bytes as \x..., arrays as {...}. NULL, or what is wrong.
 */
const char *text_of_value(const Schema *schema, Slice *in, Buffer *out);

/* Goes down to the branch of a union that is there; any other schema stays. */
const char *text_enter(const Schema **schema, Slice *in, bool *null);

/* Appends a text in the quoting of some form: not more than six bytes for one, and two around. The
 * text may stand behind where the first is written to. */
typedef const char *TextQuote(Slice text, Buffer *out);

/* Appends "text" as composite types, arrays and hstore have it: backslashes before quotes and
 * backslashes. NULL, or what is wrong. */
const char *text_quote(Slice text, Buffer *out);

/* Quotes what stands behind at. */
const char *text_requote(size_t at, TextQuote *quote, Buffer *out);

/* A map, or what Connect makes of one whose keys are no strings: an array of {key, value}. */
bool text_is_map(const Schema *schema);

/* Debezium's VariableScaleDecimal, taken off *in. */
const char *text_variable_decimal(const Schema *schema, Slice *in, int *scale, Slice *unscaled);

/* Debezium's Bits: how many there are, and the i-th, as PostgreSQL counts them. */
size_t text_bit_length(const Schema *schema, Slice bytes);
bool text_bit(Slice bytes, size_t length, size_t i);

#endif

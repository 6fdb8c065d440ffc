/*
 * sink/form.h - the text of an Avro value that the input function of a column's type reads.
 *
 * Most types read the plain text of sink/text.h. What is nested has a form by the column's type:
 * JSON, hstore, a composite type's row, PostGIS' and pgvector's own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_FORM_H
#define WAL2AVRO_SINK_FORM_H

#include "sink/convert.h"

/* There is a form of such values for columns of this type. */
bool form_possible(const Schema *schema, const ColumnType *type);

/* Takes one value (not null, and walked over before) off *in and appends its text. NULL, or what is
 * wrong. */
const char *form_of_value(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out);

/* The type of an array's elements. */
ColumnType form_element(const ColumnType *type);

#endif

/*
 * sink/literal.h - a field's default as a literal of SQL, for columns that get it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_LITERAL_H
#define WAL2AVRO_SINK_LITERAL_H

#include "core/buffer.h"
#include "sink/schema.h"

/* Appends 'text', quoted, of the default that the field's schema gives. False, and nothing
 * appended: it gives none, or one that has no text form. */
bool literal_of_default(const SchemaField *field, Buffer *out);

/* Appends any text as a literal. */
bool literal_of_text(const char *text, Buffer *out);

#endif

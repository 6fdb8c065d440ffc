/*
 * common/array_text.h - the text of an array with another character between its elements: most
 * types have a comma there, box a semicolon, PostGIS' types a colon (pg_type.typdelim). Pure: no
 * allocation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_COMMON_ARRAY_TEXT_H
#define WAL2AVRO_COMMON_ARRAY_TEXT_H

#include "common/slice.h"

/* Most bytes that a text of so many may become: each element may need quotes. */
#define ARRAY_TEXT_MAX(len) (2 * (len) + 2)

/* Rewrites what array_out() gives (PostgreSQL, src/backend/utils/adt/arrayfuncs.c), with bounds or
 * without; out has room for ARRAY_TEXT_MAX bytes. Returns how many it wrote. */
size_t array_text_delimit(Slice text, char from, char to, uint8_t *out);

#endif

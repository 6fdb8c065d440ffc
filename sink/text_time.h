/*
 * sink/text_time.h - the text forms of numbers that are dates, times or intervals, for sink/text.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_TEXT_TIME_H
#define WAL2AVRO_SINK_TEXT_TIME_H

#include "core/buffer.h"
#include "sink/schema.h"

/* An int or a long by its meaning: a number, or a time in ISO form with infinity and BC. NULL, or
 * what is wrong; so do all of these. */
const char *text_of_integer(const Schema *schema, int64_t value, Buffer *out);

/* Avro's duration, 12 bytes, as an interval. */
const char *text_of_months(Slice bytes, Buffer *out);

/* What Java writes as ISO 8601 as PostgreSQL reads it: signed years become BC or lose their sign;
 * digits behind the microseconds are refused. */
const char *text_of_iso(Slice text, Buffer *out);

#endif

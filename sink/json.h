/*
 * sink/json.h - Avro values as JSON.
 *
 * Numbers stay numbers, decimals too, with all their digits; what JSON has no number for (NaN,
 * infinity) and what has a text form (dates, uuids) are strings, bytes are base64 as Connect's
 * JsonConverter writes them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_JSON_H
#define WAL2AVRO_SINK_JSON_H

#include "core/buffer.h"
#include "sink/schema.h"

/* Takes one value, which may be null, off *in and appends it. NULL, or what is wrong. */
const char *json_of_value(const Schema *schema, Slice *in, Buffer *out);

#endif

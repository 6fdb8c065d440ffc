/*
 * relay/avro_out.h - Avro values that the relay makes itself, into a buffer, and the usual fields
 * of their schemas.
 *
 * All functions give false, with part of the value appended, beyond the buffer's maximum.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_AVRO_OUT_H
#define WAL2AVRO_RELAY_AVRO_OUT_H

#include "core/buffer.h"

/* A field of a record. */
typedef struct AvroField
{
	const char *name;
	const char *type; /* JSON */
	bool maybe;		  /* in a union behind null, which is the default */
} AvroField;

#define AVRO_TEXT "\"string\""
#define AVRO_LONG "\"long\""

/* Appends a record's schema: version and name are Connect's; namespace may be empty. fields ends
 * with one that has no name. */
void avro_out_record(Buffer *schema, const char *namespace, const char *name,
					 const AvroField *fields, int version);

/* Room for a schema id: CONFLUENT_HEADER bytes of 0. */
bool avro_out_framing(Buffer *out);

bool avro_out_long(Buffer *out, int64_t value);
bool avro_out_text(Buffer *out, const char *text);

/* Of a union whose first branch is null. */
bool avro_out_null(Buffer *out);
bool avro_out_some_long(Buffer *out, int64_t value);
bool avro_out_some_text(Buffer *out, const char *text);

#endif

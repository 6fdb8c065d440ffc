/*
 * relay/shape.h - what decides about the number, the partition and the bytes of records, as a text
 * that an era keeps: a record that is sent again has to be what it was.
 *
 * "avro" or "string" (keys), then ";name=value" for each option of the table in shape.c, then,
 * where ValueToKey has chosen them, ":" and the columns as the plugin's option key.columns takes
 * them. In values %, ; and : are %25, %3B and %3A. Positions of older releases have fewer options,
 * or none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_SHAPE_H
#define WAL2AVRO_RELAY_SHAPE_H

#include "core/buffer.h"
#include "relay/options.h"

/* Of positions that were written before there was a choice. */
#define SHAPE_DEFAULT "avro"

/* Who has to know an option, as bits. */
typedef enum ShapeFor
{
	SHAPE_STREAM = 1,  /* the plugin, at START_REPLICATION */
	SHAPE_ROWS = 2,	   /* the extension's functions */
	SHAPE_RECORDS = 4, /* the relay alone, which can turn from one transaction to the next */
} ShapeFor;

/* What the options ask for; for the caller to free. */
char *shape_of(const RelayOptions *options);

/* A stored shape with all that it does not say: what the release that wrote it did, or, where that
 * had the option, what is asked for now. For the caller to free. */
char *shape_complete(const char *stored, const RelayOptions *options);

ConverterKind shape_keys(const char *shape);

/* Within the shape; NULL: the tables' own keys. */
const char *shape_columns(const char *shape);

/* The value of an option; empty where the shape does not say it. Valid until the buffer changes. */
const char *shape_value(const char *shape, const char *name, Buffer *buffer);

/* Operations that are not sent, as bits. */
unsigned shape_skipped(const char *shape);

/* Records are Debezium's envelopes. */
bool shape_enveloped(const char *shape);

/* The options that one of these parts has to be told, which are those that differ from its own
 * defaults. */
typedef void ShapeTell(void *context, const char *name, const char *value);
void shape_tell(const char *shape, ShapeFor part, ShapeTell *tell, void *context);

/* The same of SHAPE_ROWS with key.columns, as the functions take them; for the caller to free. */
char *shape_row_options(const char *shape);

/* Both can be served by one session. */
bool shape_same_stream(const char *a, const char *b);

#endif

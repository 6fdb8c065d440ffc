/*
 * relay/key_shape.h - how keys are made, as a text that an era keeps: the partition of a record
 * follows from its key, so that a record that is sent again needs the key it had.
 *
 * "avro" or "string", then, where ValueToKey has chosen them, ":" and the columns as the plugin's
 * option key.columns takes them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_KEY_SHAPE_H
#define WAL2AVRO_RELAY_KEY_SHAPE_H

#include "relay/options.h"

/* Of positions that were written before there was a choice. */
#define KEY_SHAPE_DEFAULT "avro"

/* What the options ask for; for the caller to free. */
char *key_shape(const RelayOptions *options);

ConverterKind key_shape_kind(const char *shape);

/* Within the shape; NULL: the tables' own keys. */
const char *key_shape_columns(const char *shape);

#endif

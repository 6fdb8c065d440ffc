/*
 * sink/rowkey.h - the key of a batch's only row, as text for a message.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_ROWKEY_H
#define WAL2AVRO_SINK_ROWKEY_H

#include "sink/batch.h"

/* Appends " key id=5, name=x": the key columns that are integers or short printable text. Nothing
 * where rows have no key, or more than one row is there. */
void rowkey_describe(const Batch *batch, Buffer *out);

#endif

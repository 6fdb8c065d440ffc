/*
 * sink/recordkey.h - keys that are no Avro of the registry, as the Avro that they could have been:
 * a text (StringConverter), or topic, partition and offset (pk.mode=kafka).
 *
 * So plans know one kind of key only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_RECORDKEY_H
#define WAL2AVRO_SINK_RECORDKEY_H

#include "core/buffer.h"
#include "sink/schema.h"
#include "sink/settings.h"

/* The schema of such keys, for the caller to free; NULL when keys are Avro, or not read. */
Schema *recordkey_schema(const Settings *settings);

/* Writes a key into an emptied buffer. False: it is larger than the buffer may be. */
bool recordkey_text(Buffer *out, Slice text);
bool recordkey_kafka(Buffer *out, const char *topic, int32_t partition, int64_t offset);

#endif

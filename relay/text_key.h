/*
 * relay/text_key.h - keys as texts, as Kafka Connect writes them: its StringConverter the text of a
 * struct, such as Struct{id=1,name=x} (org.apache.kafka.connect.data.Struct, toString), its
 * SimpleHeaderConverter JSON, such as {"id":1,"name":"x"}.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_TEXT_KEY_H
#define WAL2AVRO_RELAY_TEXT_KEY_H

#include "common/slice.h"
#include "core/buffer.h"
#include "core/error.h"

typedef struct TextKey TextKey;

typedef enum TextKeyStyle
{
	TEXT_KEY_STRUCT,
	TEXT_KEY_JSON,
} TextKeyStyle;

/*
 * From the schema of the key. In JSON everything but arrays has a text. In the text of a struct
 * only whole numbers, booleans, texts and decimals have one text in Java; ERROR_CONFIG names a
 * column of another type: times have that of the worker's time zone, and lose their fractions;
 * bytes that of an address in memory; floating point numbers that of a version of Java.
 */
bool text_key_new(Slice schema, TextKeyStyle style, TextKey **out, Error *err);
void text_key_free(TextKey *key);

/* Replaces what is in out by the text of a key, which is framed, in Avro. ERROR_DATA for bytes that
 * are not of the schema. */
bool text_key_write(const TextKey *key, Slice framed, Buffer *out, Error *err);

#endif

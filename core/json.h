/*
 * core/json.h - the little that jansson does not say by itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_JSON_H
#define WAL2AVRO_CORE_JSON_H

#include "common/slice.h"
#include "core/error.h"
#include "core/memory.h"
#include "core/properties.h"

#include <jansson.h>

AUTO_DEFINE(json_t, json_decref)

/* A text from anywhere, for JSON: what is not UTF-8 in it (a server's words, a message that was cut
 * off) becomes '?'. NULL is null. A new reference. */
json_t *json_text(const char *text);

/* An Avro schema, in which a default may have the character U+0000; NULL when it is no JSON. */
json_t *json_schema(Slice text);

/* A text, number or boolean as text, for the caller to free; NULL for what has none. */
char *json_scalar(const json_t *value);

/* Sets the members of an object as properties: texts, and numbers and booleans as their text; nulls
 * are left out. what names the object in errors (ERROR_CONFIG), which show no value. */
bool json_to_properties(json_t *object, const char *what, Properties *out, Error *err);

#endif

/*
 * connect/body.h - bodies of requests: JSON as Kafka Connect takes it, but strictly.
 *
 * Kafka Connect answers 500 to most of what is refused here, with what its JSON library says; here
 * it is 400.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_BODY_H
#define WAL2AVRO_CONNECT_BODY_H

#include "common/slice.h"
#include "core/error.h"

#include <jansson.h>

/* ERROR_CONFIG: empty, null, not JSON, a name twice in one object. *out is the caller's. */
bool body_parse(Slice text, json_t **out, Error *err);

/* A flat object: texts stay, numbers and booleans become texts, null stays null; everything else is
 * refused. *out is a new object in the same order. */
bool body_config(const json_t *body, json_t **out, Error *err);

/* A property that is null is not set: takes it out. */
void body_drop_nulls(json_t *config);

/* A text, also of a number or a boolean; false for others. *out is the caller's to free. */
bool body_text(const json_t *value, char **out);

/* A configuration as Java shows a map, {a=1, b=null}, for the caller to free. What may be a secret,
 * by its property's name or because it has a user and a password in it, is "[hidden]". */
char *body_show(const json_t *config);

/* Refuses members of an object that are not in known, which ends with NULL. */
bool body_members(const json_t *object, const char *const *known, Error *err);

#endif

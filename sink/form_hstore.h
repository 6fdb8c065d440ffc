/*
 * sink/form_hstore.h - maps as hstore, for sink/form.c (PostgreSQL documentation, "hstore",
 * "External Representation").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_FORM_HSTORE_H
#define WAL2AVRO_SINK_FORM_HSTORE_H

#include "sink/convert.h"

/* Takes a map (or Connect's array of entries) off *in and appends "k"=>"v", "n"=>NULL. */
const char *form_put_hstore(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out);

/* The same of a string with a JSON object: hstore.handling.mode=json, Debezium's and ours. */
const char *form_put_hstore_of_json(const Schema *schema, const ColumnType *type, Slice *in,
									Buffer *out);

#endif

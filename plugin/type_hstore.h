/*
 * plugin/type_hstore.h - the contrib type hstore as JSON or as an Avro map.
 *
 * The value is taken from its text form, which says everything and is the same in all versions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TYPE_HSTORE_H
#define WAL2AVRO_PLUGIN_TYPE_HSTORE_H

#include "plugin/type_row.h"

bool hstore_wants_json(const TypeRequest *request);
bool hstore_wants_map(const TypeRequest *request);

/* An object of strings and nulls. */
void encode_hstore_json(Output *out, const ValueType *type, Datum value);
void encode_hstore_map(Output *out, const ValueType *type, Datum value);

#endif

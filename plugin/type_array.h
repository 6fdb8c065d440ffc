/*
 * plugin/type_array.h - arrays: as many Avro arrays one within the other as the column declares
 * dimensions, the innermost of ["null", element].
 *
 * A value of other dimensions, or with lower bounds that are not 1, gives all its elements in one
 * array, within arrays of one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TYPE_ARRAY_H
#define WAL2AVRO_PLUGIN_TYPE_ARRAY_H

#include "plugin/type_row.h"

bool array_is_wanted(const TypeRequest *request);
void array_setup(ValueType *type, const TypeRequest *request);
void encode_array(Output *out, const ValueType *type, Datum value);

#endif

/*
 * plugin/type_enum.h - the schema that Debezium gives to an enum.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TYPE_ENUM_H
#define WAL2AVRO_PLUGIN_TYPE_ENUM_H

#include "plugin/type_row.h"

/* A string with the type's values, in their order, as the parameter "allowed". */
void enum_setup_debezium(ValueType *type, const TypeRequest *request);

#endif

/*
 * plugin/type_default.h - values as defaults in an Avro schema, which are JSON.
 *
 * A default is made from the value's Avro bytes, so that it says what a row would.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TYPE_DEFAULT_H
#define WAL2AVRO_PLUGIN_TYPE_DEFAULT_H

#include "plugin/types.h"

/* The writer for values of an Avro schema, by its primitive type; NULL where there is none: arrays,
 * maps and records. */
DefaultWriter type_default_writer(const char *schema);

#endif

/*
 * plugin/name.h - names of tables and columns as names of Avro.
 *
 * Avro names are [A-Za-z_][A-Za-z0-9_]* (Apache Avro specification, "Names"); every other character
 * becomes _uXXXX, its UTF-16 code units in upper-case hexadecimal. Whoever writes a changed name
 * puts the original beside it, in the property "wal2avro.name": so names can be told back also
 * where one looks as if it had been changed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_NAME_H
#define WAL2AVRO_PLUGIN_NAME_H

#include "plugin/compat.h"

/* Both take a name in UTF-8 and give the name itself where it will do, else a copy in the current
 * memory context. */
const char *name_to_avro(const char *name);

/* As name_to_avro(), for a record without a namespace: Avro's own words for types, such as "int",
 * have their first character changed. */
const char *name_to_record(const char *name);

/* Names joined by dots, each made an Avro name. */
const char *name_to_namespace(const char *names);

#endif

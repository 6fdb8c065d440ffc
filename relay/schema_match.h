/*
 * relay/schema_match.h - whether what was written with one Avro schema can be named as written with
 * another, without touching a byte.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_SCHEMA_MATCH_H
#define WAL2AVRO_RELAY_SCHEMA_MATCH_H

#include <stdbool.h>

/*
 * The same types in the same order, and the same logical types; documentation, defaults, aliases
 * and properties of their own mean nothing to the bytes. names: fields must have the same names,
 * too, and records the same name (without namespace, as Avro's resolution has it), so that every
 * reader finds the same. Texts that are no schema never match.
 */
bool schema_match(const char *a, const char *b, bool names);

#endif

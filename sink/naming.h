/*
 * sink/naming.h - names for columns whose own name another one has. Pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_NAMING_H
#define WAL2AVRO_SINK_NAMING_H

#include "sink/table.h"

/* Longest name that PostgreSQL keeps (NAMEDATALEN - 1). */
#define NAME_MAX_BYTES 63

typedef enum NamingKind
{
	NAMING_NUMBERED, /* name_4 */
	NAMING_DROPPED,	 /* name_dropped_4 */
} NamingKind;

/* The name with the number of the source's column behind it, cut to what a name may have, and with
 * one more number where the table or the record has such a name. For the caller to free. */
char *naming_free(const Table *table, const Schema *record, const char *name, NamingKind kind,
				  int attnum);

#endif

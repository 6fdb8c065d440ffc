/*
 * plugin/fields.h - single columns of a row as Avro: what the SQL function fields() gives.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_FIELDS_H
#define WAL2AVRO_PLUGIN_FIELDS_H

#include "plugin/compat.h"

#include "access/htup.h"
#include "utils/array.h"

#include "plugin/plan.h"

/* One entry per name, in the current memory context. */
typedef struct Fields
{
	int len;
	Datum *fields; /* bytea: with the branch of the union */
	Datum *texts;  /* text: the value where the field cannot carry it */
	bool *exact;   /* the field does, and there is no text */
} Fields;

/* names: text[], as the table has them; ERROR 42703 for one that is not in its rows. */
Fields fields_write(Output *out, Plan *plan, HeapTuple tuple, ArrayType *names);

/* Bytes, and text in UTF-8, as values of SQL. */
bytea *fields_copy(const uint8_t *data, size_t len);
Datum fields_text(const char *utf8, size_t len);

#endif

/*
 * sink/ddl_parts.h - what sink/ddl_create.c and sink/ddl_evolve.c share; see ddl.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_DDL_PARTS_H
#define WAL2AVRO_SINK_DDL_PARTS_H

#include "core/buffer.h"
#include "sink/ddl.h"

/* Most bytes of the statements of one change. */
#define DDL_MAX ((size_t) 4 << 20)

/* Runs the statements of a change in one transaction; shown are those that a person would run. */
bool ddl_run(PGconn *conn, const char *table, const char *statements, const char *shown,
			 Error *err);

/* The best type for a field that the destination has, for the caller to free; conn NULL: the best
 * of all. Another than the first is said in the log. */
bool ddl_resolve(PGconn *conn, const char *space, const SchemaField *field, char **type,
				 Error *err);

/* What PostgreSQL would cut is refused; what: "column" or "table". */
bool ddl_check_name(const char *name, const char *what, Error *err);

/* Appends: "name" type default 'x' not null. */
bool ddl_append_column(Buffer *sql, const SchemaField *field, const char *type, bool not_null);

#endif

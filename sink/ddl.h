/*
 * sink/ddl.h - tables and columns made at the destination: auto.create and auto.evolve. Blocking.
 *
 * Each change is one transaction, behind an advisory lock on the table's name; what another task
 * has done meanwhile is no error, the table is only read anew.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_DDL_H
#define WAL2AVRO_SINK_DDL_H

#include "core/pg.h"
#include "sink/changes.h"

/* Records for a table; what the pointers lead to is borrowed. */
typedef struct DdlRequest
{
	const char *topic;
	const char *table;	 /* table, or schema.table */
	const Schema *key;	 /* NULL: not read */
	const Schema *value; /* NULL: a delete */
	bool has_position;
	Position position; /* of the record that asks */
} DdlRequest;

/* The table (which is there) lacks something for these records that auto.evolve can give it. */
bool ddl_wants_change(const Settings *settings, const Table *table, const DdlRequest *request);

/* Makes the table, with NOT NULL, DEFAULT and PRIMARY KEY as the schemas and pk.mode have them;
 * space is the schema of a name without one. ERROR_CONFIG with the statement where the server
 * refuses it. */
bool ddl_create(PGconn *conn, const Settings *settings, const char *space,
				const DdlRequest *request, Error *err);

/* A lock on the table's name (schema.table), which every change takes too: what the table lacks is
 * to be looked for and changed under one. Waits 30 s at most. */
bool ddl_lock(PGconn *conn, const char *table, Error *err);
void ddl_unlock(PGconn *conn, const char *table);

/* Gives the table what it lacks. ERROR_CONFIG with the statement to run, where the server refuses
 * it or where no type holds both what is there and what comes. */
bool ddl_evolve(PGconn *conn, const Settings *settings, const Table *table,
				const DdlRequest *request, Error *err);

/* The statement of ddl_create with the types that are wanted, for messages; for the caller to free.
 */
char *ddl_propose(const Settings *settings, const DdlRequest *request);

#endif

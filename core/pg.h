/*
 * core/pg.h - connecting to PostgreSQL, and what its errors mean.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_PG_H
#define WAL2AVRO_CORE_PG_H

#include "core/error.h"
#include "core/memory.h"

#include <libpq-fe.h>

AUTO_DEFINE(PGresult, PQclear)
AUTO_DEFINE(PGconn, PQfinish)

typedef struct PgTarget
{
	const char *url;	  /* connection.url: JDBC, URI or keywords */
	const char *user;	  /* NULL: from the URL */
	const char *password; /* NULL: from the URL */
	const char *application_name;
	bool replication; /* replication=database */
} PgTarget;

/*
 * Connects (blocking, at most 10 s unless the URL says otherwise), with TCP keepalives on,
 * client_encoding UTF8, an empty search_path, and every other setting that shapes text (DateStyle
 * ISO, IntervalStyle, TimeZone UTC, extra_float_digits, bytea_output, lc_monetary C) or is read
 * from it (array_nulls, xmloption) fixed. The search_path of the URL or the role is still
 * pg_settings.reset_val. ERROR_RETRY where the server may come (back), ERROR_CONFIG for a refused
 * role, a missing database, a broken URL. Messages name host, port, database and user, never the
 * password.
 */
bool pg_connect(const PgTarget *target, PGconn **conn, Error *err);

/* Begins to connect, for PQconnectPoll; without the settings of the session. ERROR_CONFIG for a
 * broken URL, ERROR_RETRY where nothing can even be begun. *conn is the caller's. */
bool pg_connect_start(const PgTarget *target, PGconn **conn, Error *err);

/* The kind of an SQLSTATE (PostgreSQL documentation, Appendix A): connection trouble, resources,
 * deadlocks, shutdown, a slot in use, a server that became a standby are ERROR_RETRY; data
 * exceptions, integrity violations and what a trigger raises (22, 23, 44, P0001) ERROR_DATA; the
 * rest ERROR_CONFIG. NULL is ERROR_RETRY. */
ErrorKind pg_kind(const char *sqlstate);

/* Puts what a failed result or connection says into err: message, detail, hint, SQLSTATE. result
 * may be NULL. Returns false. */
bool pg_error(PGconn *conn, const PGresult *result, Error *err);

/* Runs one statement and checks that it ended with the expected status. *result (may be NULL) is
 * the caller's to clear. */
bool pg_exec(PGconn *conn, const char *sql, ExecStatusType expected, PGresult **result, Error *err);

/* As pg_exec with text parameters. */
bool pg_exec_params(PGconn *conn, const char *sql, int count, const char *const *values,
					ExecStatusType expected, PGresult **result, Error *err);

/* "name" quoted for SQL, for the caller to free. */
char *pg_quote(const char *name);

#endif

/*
 * sink/destination.c - see destination.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/destination.h"

#include "sink/offsets.h"

/* A process that hangs in a transaction must not keep its locks for ever. Compiling a statement
 * takes longer than any of ours runs. */
static const char session_sql[] = "set idle_in_transaction_session_timeout = '60s'; set jit = off";

/* The search path is empty in our sessions; only here it is looked at as the role has it. */
static bool
find_space(PGconn *conn, char **space, Error *err)
{
	PGresult *found;

	if (!pg_exec(conn, "reset search_path", PGRES_COMMAND_OK, NULL, err) ||
		!pg_exec(conn, "select pg_catalog.current_schema()", PGRES_TUPLES_OK, &found, err))
		return false;
	*space = xstrdup(PQgetisnull(found, 0, 0) ? "public" : PQgetvalue(found, 0, 0));
	PQclear(found);
	if (pg_exec(conn, "set search_path = ''", PGRES_COMMAND_OK, NULL, err))
		return true;
	free(*space);
	return false;
}

bool
destination_open(const Settings *settings, PGconn **conn, Error *err)
{
	const PgTarget target = {.url = settings->url,
							 .user = settings->user,
							 .password = settings->password,
							 .application_name = "wal2avro-sink"};
	PGconn *fresh;

	if (!pg_connect(&target, &fresh, err))
		return false;
	if (pg_exec(fresh, session_sql, PGRES_COMMAND_OK, NULL, err))
	{
		*conn = fresh;
		return true;
	}
	PQfinish(fresh);
	return false;
}

bool
destination_connect(const Settings *settings, PGconn **conn, char **space, Error *err)
{
	PGconn *fresh;

	if (!destination_open(settings, &fresh, err))
		return false;
	if (offsets_prepare(fresh, err) && find_space(fresh, space, err))
	{
		*conn = fresh;
		return true;
	}
	PQfinish(fresh);
	return false;
}

bool
destination_usable(PGconn *conn)
{
	return conn != NULL && PQstatus(conn) == CONNECTION_OK &&
		   PQtransactionStatus(conn) == PQTRANS_IDLE;
}

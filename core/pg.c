/*
 * core/pg.c - see pg.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE /* memmem */
#include "core/pg.h"

#include "core/jdbc.h"
#include "core/log.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SQLSTATE_LEN 5

/* By the beginning of the SQLSTATE; the first row that matches holds. The rest is ERROR_CONFIG. */
static const struct
{
	const char *prefix;
	ErrorKind kind;
} kinds[] = {
	{"08", ERROR_RETRY},	/* connection exception */
	{"22", ERROR_DATA},		/* data exception */
	{"23", ERROR_DATA},		/* integrity constraint violation */
	{"25006", ERROR_RETRY}, /* read-only transaction: the server became a standby */
	{"25P03", ERROR_RETRY}, /* idle in transaction for too long */
	{"40", ERROR_RETRY},	/* transaction rollback: deadlock, serialization failure */
	{"44", ERROR_DATA},		/* with check option violation */
	{"53", ERROR_RETRY},	/* insufficient resources */
	{"55006", ERROR_RETRY}, /* object in use: a slot active elsewhere */
	{"55P03", ERROR_RETRY}, /* lock not available */
	{"57", ERROR_RETRY},	/* operator intervention: shutdown, cancel */
	{"58000", ERROR_RETRY}, /* system error */
	{"58030", ERROR_RETRY}, /* I/O error */
	{"P0001", ERROR_DATA},	/* raised by a trigger */
};

/* What libpq itself says, without an SQLSTATE, that only a person can mend. */
static const char *const client_refusals[] = {
	"no password supplied",
	"server does not support SSL",
	"certificate verify failed",
	"does not match host name",
	"root certificate file",
	"could not read certificate file",
	"could not load private key",
	"private key file",
	"invalid sslmode value",
	"invalid channel_binding value",
	"invalid target_session_attrs value",
	"invalid gssencmode value",
	"invalid port number",
	"invalid integer value",
	"definition of service",
	"channel binding required",
};

static const char session_settings[] =
	"SET search_path = ''; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; "
	"SET TimeZone = 'UTC'; SET extra_float_digits = 1; SET bytea_output = 'hex'; "
	"SET lc_monetary = 'C'; SET lc_numeric = 'C'; SET standard_conforming_strings = on; "
	"SET array_nulls = on; SET xmloption = content";

ErrorKind
pg_kind(const char *sqlstate)
{
	if (sqlstate == NULL)
		return ERROR_RETRY;
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (strncmp(sqlstate, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return kinds[i].kind;
	return ERROR_CONFIG;
}

static void
notice(void *context, const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	(void) context;
	if (severity != NULL && strcmp(severity, "WARNING") == 0)
		log_warn("server warns: %s", text);
	else
		log_debug("server says: %s", text);
}

/* The SQLSTATE in "FATAL:  28P01: password ...", as libpq writes it when verbose; NULL when there
 * is none up to end. The word before may be in any language. */
static const char *
find_sqlstate(const char *text, const char *end)
{
	while ((text = strstr(text, ":  ")) != NULL && text < end)
	{
		text += strlen(":  ");
		if (strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == SQLSTATE_LEN &&
			text[SQLSTATE_LEN] == ':')
			return text;
	}
	return NULL;
}

static ErrorKind
attempt_kind(const char *text, size_t len)
{
	const char *sqlstate = find_sqlstate(text, text + len);

	if (sqlstate != NULL)
		return pg_kind(sqlstate);
	for (size_t i = 0; i < COUNT(client_refusals); i++)
		if (memmem(text, len, client_refusals[i], strlen(client_refusals[i])) != NULL)
			return ERROR_CONFIG;
	return ERROR_RETRY;
}

/* Whether two attempts, "connection to server at "name" (address), port n failed: ...", were at the
 * same name and port: libpq tries each of its addresses. */
static bool
same_server(const char *a, const char *b)
{
	static const char *const parts[] = {"\"", ", port "};

	for (size_t i = 0; i < COUNT(parts); i++)
	{
		const char *left = strstr(a, parts[i]);
		const char *right = strstr(b, parts[i]);
		size_t len;

		if (left == NULL || right == NULL)
			return false;
		left += strlen(parts[i]);
		right += strlen(parts[i]);
		len = strcspn(left, "\" ");
		if (len != strcspn(right, "\" ") || strncmp(left, right, len) != 0)
			return false;
	}
	return true;
}

/* It is hopeless where every server is; a server is where one of its addresses says so. */
static ErrorKind
connect_kind(const char *text)
{
	static const char start[] = "\nconnection to server ";
	bool hopeless = false;

	for (;;)
	{
		const char *next = strstr(text, start);
		size_t len = next == NULL ? strlen(text) : (size_t) (next - text);

		hopeless = hopeless || attempt_kind(text, len) != ERROR_RETRY;
		if (next == NULL)
			return hopeless ? ERROR_CONFIG : ERROR_RETRY;
		if (!same_server(text, next))
		{
			if (!hopeless)
				return ERROR_RETRY;
			hopeless = false;
		}
		text = next + 1;
	}
}

/* The text on one line, without the place in the server's source; for the caller to free. */
static char *
one_line(const char *text)
{
	static const char location[] = "LOCATION:  ";
	char *out = xmalloc(2 * strlen(text) + 1);
	size_t used = 0;

	while (*text != '\0')
	{
		size_t len = strcspn(text += strspn(text, " \t"), "\n");

		if (len > 0 && strncmp(text, location, strlen(location)) != 0)
		{
			if (used > 0)
				used += (size_t) sprintf(out + used, "; ");
			memcpy(out + used, text, len);
			used += len;
		}
		text += len + (text[len] == '\n');
	}
	out[used] = '\0';
	return out;
}

static bool
connect_failed(PGconn *conn, Error *err)
{
	const char *host = PQhost(conn);
	const char *port = PQport(conn);
	const char *database = PQdb(conn);
	const char *user = PQuser(conn);
	AUTO_TEXT char *text = one_line(PQerrorMessage(conn));

	return error_set(err, connect_kind(PQerrorMessage(conn)),
					 "cannot connect to database \"%s\" at %s:%s as user \"%s\": %s",
					 database == NULL ? "" : database, host == NULL ? "" : host,
					 port == NULL ? "" : port, user == NULL ? "" : user, text);
}

/* The later of two names wins: what stands before dbname are defaults, what stands behind it wins
 * over the URL. */
static PGconn *
begin(const PgTarget *target, const char *conninfo)
{
	const char *const names[] = {
		"connect_timeout",
		"keepalives",
		"keepalives_idle",
		"keepalives_interval",
		"keepalives_count",
		"tcp_user_timeout",
		"fallback_application_name",
		"dbname",
		"user",
		"password",
		"client_encoding",
		"replication",
		NULL,
	};
	const char *const values[] = {
		"10",
		"1",
		"30",
		"10",
		"3",
		"60000",
		target->application_name,
		conninfo,
		target->user,
		target->password,
		"UTF8",
		target->replication ? "database" : NULL,
		NULL,
	};
	PGconn *conn = PQconnectStartParams(names, values, 1);

	PQsetNoticeReceiver(conn, notice, NULL);
	return conn;
}

static PGconn *
start(const PgTarget *target, const char *conninfo)
{
	PGconn *conn = begin(target, conninfo);

	if (PQstatus(conn) == CONNECTION_BAD)
		return conn; /* no server came into it */

	/* libpq gives no SQLSTATE of a failed connection, but a verbose message has it, in whatever
	 * language the server speaks. It can only be asked for on a connection that was begun, so begin
	 * again: PQreset keeps the verbosity, and waits with the timeout for each host. */
	PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
	PQreset(conn);
	PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
	return conn;
}

bool
pg_connect_start(const PgTarget *target, PGconn **conn, Error *err)
{
	AUTO_TEXT char *conninfo = NULL;

	if (!jdbc_to_conninfo(target->url, &conninfo, err))
		return error_add(err, "connection.url");
	AUTO(PGconn) *fresh = begin(target, conninfo);

	if (PQstatus(fresh) == CONNECTION_BAD)
		return connect_failed(fresh, err);
	*conn = fresh;
	fresh = NULL;
	return true;
}

bool
pg_connect(const PgTarget *target, PGconn **conn, Error *err)
{
	AUTO_TEXT char *conninfo = NULL;

	if (!jdbc_to_conninfo(target->url, &conninfo, err))
		return error_add(err, "connection.url");
	AUTO(PGconn) *fresh = start(target, conninfo);

	if (PQstatus(fresh) != CONNECTION_OK)
		return connect_failed(fresh, err);
	if (!pg_exec(fresh, session_settings, PGRES_COMMAND_OK, NULL, err))
		return error_add(err, "settings of the session with database \"%s\"", PQdb(fresh));
	*conn = fresh;
	fresh = NULL;
	return true;
}

bool
pg_error(PGconn *conn, const PGresult *result, Error *err)
{
	static const struct
	{
		int field;
		const char *title;
	} parts[] = {
		{PG_DIAG_MESSAGE_DETAIL, "detail"},
		{PG_DIAG_MESSAGE_HINT, "hint"},
		{PG_DIAG_CONTEXT, "context"},
	};
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (primary == NULL)
	{
		AUTO_TEXT char *text =
			one_line(result == NULL ? PQerrorMessage(conn) : PQresultErrorMessage(result));

		return error_set(err, pg_kind(sqlstate), "%s",
						 *text == '\0' ? "the server gave no answer" : text);
	}
	AUTO_TEXT char *text =
		xasprintf("%s (SQLSTATE %s)", primary, sqlstate == NULL ? "-" : sqlstate);

	for (size_t i = 0; i < COUNT(parts); i++)
	{
		const char *part = PQresultErrorField(result, parts[i].field);
		char *longer;

		if (part == NULL)
			continue;
		longer = xasprintf("%s; %s: %s", text, parts[i].title, part);
		free(text);
		text = longer;
	}
	AUTO_TEXT char *line = one_line(text);

	return error_set(err, pg_kind(sqlstate), "%s", line);
}

/* Takes the result over. */
static bool
finish(PGconn *conn, PGresult *got, ExecStatusType expected, PGresult **result, Error *err)
{
	AUTO(PGresult) *answer = got;
	ExecStatusType status = PQresultStatus(answer);

	if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE)
		return pg_error(conn, answer, err);
	if (status != expected)
		return error_set(err, ERROR_CONFIG, "the server answered with %s where %s was expected",
						 PQresStatus(status), PQresStatus(expected));
	if (result != NULL)
	{
		*result = answer;
		answer = NULL;
	}
	return true;
}

bool
pg_exec(PGconn *conn, const char *sql, ExecStatusType expected, PGresult **result, Error *err)
{
	return finish(conn, PQexec(conn, sql), expected, result, err);
}

bool
pg_exec_params(PGconn *conn, const char *sql, int count, const char *const *values,
			   ExecStatusType expected, PGresult **result, Error *err)
{
	return finish(conn, PQexecParams(conn, sql, count, NULL, values, NULL, NULL, 0), expected,
				  result, err);
}

char *
pg_quote(const char *name)
{
	char *quoted = xmalloc(2 * strlen(name) + 3);
	char *p = quoted;

	*p++ = '"';
	for (; *name != '\0'; name++)
	{
		if (*name == '"')
			*p++ = '"';
		*p++ = *name;
	}
	*p++ = '"';
	*p = '\0';
	return quoted;
}

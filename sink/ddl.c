/*
 * sink/ddl.c - what making and changing tables have in common; see ddl.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/ddl_parts.h"

#include "core/log.h"
#include "sink/literal.h"
#include "sink/naming.h"
#include "sink/sqltype.h"

#include <inttypes.h>
#include <stdio.h>

/* $1 the type as SQL, $2 its bare name, $3 what stands behind that, $4 the table's schema, $5
 * whether it has a schema. A name without one is looked for in all, and one that only one extension
 * has: extensions are anywhere. */
static const char type_sql[] =
	"select coalesce((select $1::pg_catalog.text where pg_catalog.to_regtype($1) is not null),"
	" (select pg_catalog.format_type(t.oid, -1) || $3 from pg_catalog.pg_type t"
	" join pg_catalog.pg_namespace n on n.oid = t.typnamespace where not $5::pg_catalog.bool"
	" and t.typname = $2 and n.nspname !~ '^pg_(toast|temp)'"
	" order by n.nspname = $4 desc, n.nspname = 'public' desc, n.nspname limit 1),"
	" (select f.name from (select pg_catalog.min(pg_catalog.format_type(t.oid, -1)) || $3 as name"
	" from pg_catalog.pg_type t join pg_catalog.pg_depend d on d.objid = t.oid"
	" and d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and d.deptype = 'e'"
	" where $5::pg_catalog.bool and t.typname = $2 having pg_catalog.count(*) = 1) f"
	" where pg_catalog.to_regtype(f.name) is not null))";

/* What another task has done first: the table is read anew. */
static const char *const overtaken[] = {"42P07", "42701", "42703", "42710", "23505", "42704"};

/* What is done with a lock of our kind ("w2av") and of the table's name. */
static bool
append_lock(Buffer *sql, const char *function, const char *table)
{
	return buffer_printf(sql, "select pg_catalog.%s(1999790454, pg_catalog.hashtext(", function) &&
		   literal_of_text(table, sql) && buffer_append_text(sql, "));\n");
}

/* Begins a transaction that does not wait for ever; the lock's function says how long it is held.
 */
static bool
append_begin(Buffer *sql, const char *function, const char *table)
{
	return buffer_append_text(sql, "begin; set local lock_timeout = '30s';\n") &&
		   append_lock(sql, function, table);
}

static bool
is_overtaken(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	for (size_t i = 0; state != NULL && i < sizeof overtaken / sizeof *overtaken; i++)
		if (strcmp(state, overtaken[i]) == 0)
			return true;
	return false;
}

/* Runs the statements of a change in their transaction; shown are those that a person would run. */
bool
ddl_run(PGconn *conn, const char *table, const char *statements, const char *shown, Error *err)
{
	Buffer sql;
	bool done;

	buffer_init(&sql, DDL_MAX);
	if (!append_begin(&sql, "pg_advisory_xact_lock", table) ||
		!buffer_append_text(&sql, statements) || !buffer_append_text(&sql, "commit"))
	{
		buffer_done(&sql);
		return error_set(err, ERROR_CONFIG, "table \"%s\": the statements are too long", table);
	}

	PGresult *result = PQexec(conn, buffer_text(&sql));

	buffer_done(&sql);
	done = PQresultStatus(result) == PGRES_COMMAND_OK;
	if (done)
		log_info("table \"%s\" was changed at the destination: %s", table, shown);
	else if (is_overtaken(result))
		error_set(err, ERROR_RETRY, "the destination was changed by somebody else meanwhile");
	else
	{
		pg_error(conn, result, err);
		/* A value that stands in the way is not of this record. */
		if (err->kind == ERROR_DATA)
			err->kind = ERROR_CONFIG;
		if (err->kind == ERROR_CONFIG)
			error_add(err,
					  "cannot change the destination for what comes; let somebody who may run: %s",
					  shown);
	}
	PQclear(result);
	if (PQtransactionStatus(conn) != PQTRANS_IDLE && PQstatus(conn) == CONNECTION_OK)
		PQclear(PQexec(conn, "rollback"));
	return done;
}

bool
ddl_lock(PGconn *conn, const char *table, Error *err)
{
	Buffer sql;
	bool done;

	buffer_init(&sql, DDL_MAX);
	append_begin(&sql, "pg_advisory_lock", table);
	buffer_append_text(&sql, "commit");
	done = pg_exec(conn, buffer_text(&sql), PGRES_COMMAND_OK, NULL, err);
	buffer_done(&sql);
	if (!done && PQtransactionStatus(conn) == PQTRANS_INERROR)
		PQclear(PQexec(conn, "rollback"));
	return done || error_add(err, "table \"%s\"", table);
}

void
ddl_unlock(PGconn *conn, const char *table)
{
	Buffer sql;

	buffer_init(&sql, DDL_MAX);
	append_lock(&sql, "pg_advisory_unlock", table);
	PQclear(PQexec(conn, buffer_text(&sql)));
	buffer_done(&sql);
}

/* The name itself of "a schema"."a type"(1)[], without quotes; for the caller to free. */
static char *
bare_name(const char *name, bool *has_space, const char **rest)
{
	const char *start = name;
	const char *end;
	bool quoted = false;
	char *bare;
	size_t len = 0;

	for (end = name; *end != '\0' && (quoted || strchr("([", *end) == NULL); end++)
	{
		if (*end == '"')
			quoted = !quoted;
		else if (*end == '.' && !quoted)
			start = end + 1;
	}
	bare = xmalloc((size_t) (end - start) + 1);
	for (const char *p = start; p < end; p++)
	{
		/* The first of two quotes within the name is one of it. */
		if (*p != '"' || (p > start && p + 1 < end && *++p == '"'))
			bare[len++] = *p;
	}
	bare[len] = '\0';
	*has_space = start != name;
	*rest = end;
	return bare;
}

/* The type as the destination has it; *found NULL: it has none such. */
static bool
look_up(PGconn *conn, const char *name, const char *space, char **found, Error *err)
{
	bool has_space;
	const char *rest;
	AUTO_TEXT char *bare = bare_name(name, &has_space, &rest);
	const char *const values[] = {name, bare, rest, space, has_space ? "t" : "f"};
	PGresult *result;
	Error problem = {0};

	*found = NULL;
	if (!pg_exec_params(conn, type_sql, 5, values, PGRES_TUPLES_OK, &result, &problem))
		/* Not even the name of a type here. */
		return problem.kind != ERROR_RETRY || error_set(err, ERROR_RETRY, "%s", problem.message);
	if (!PQgetisnull(result, 0, 0))
		*found = xstrdup(PQgetvalue(result, 0, 0));
	PQclear(result);
	return true;
}

/* The best type for a field that the destination has; conn NULL: the best. */
bool
ddl_resolve(PGconn *conn, const char *space, const SchemaField *field, char **type, Error *err)
{
	SqlTypes types;
	bool done = true;

	*type = NULL;
	sqltype_find(field, &types);
	for (size_t i = 0; done && *type == NULL && i < types.count; i++)
	{
		if (conn == NULL)
			*type = xstrdup(types.names[i]);
		else
			done = look_up(conn, types.names[i], space, type, err);
		if (*type != NULL && i > 0 && conn != NULL)
			log_info("column \"%s\": the destination has no type %s, it gets %s", field->column,
					 types.names[0], *type);
	}
	if (done && conn != NULL && sqltype_guesses_bits(field))
		log_warn("column \"%s\": the schema does not say whether it is bit or bit varying, it gets "
				 "%s, in which shorter values are filled up with zeros in front; at Debezium's "
				 "source column.propagate.source.type tells",
				 field->column, types.names[0]);
	sqltype_done(&types);
	if (done && *type == NULL)
		*type = xstrdup("text");
	return done;
}

bool
ddl_check_name(const char *name, const char *what, Error *err)
{
	return strlen(name) <= NAME_MAX_BYTES ||
		   error_set(err, ERROR_CONFIG,
					 "the name of %s \"%s\" has %zu bytes, more than the %d that PostgreSQL keeps; "
					 "leave it out or rename it",
					 what, name, strlen(name), NAME_MAX_BYTES);
}

/* "name" type default 'x' not null */
bool
ddl_append_column(Buffer *sql, const SchemaField *field, const char *type, bool not_null)
{
	AUTO_TEXT char *quoted = pg_quote(field->column);
	bool done = buffer_printf(sql, "%s %s", quoted, type);
	const size_t before = sql->len;

	if (done && (field->value_if_missing != NULL || field->text_if_missing != NULL))
	{
		done = buffer_append_text(sql, " default ");
		if (done && !literal_of_default(field, sql))
			sql->len = before;
	}
	return done && (!not_null || buffer_append_text(sql, " not null"));
}

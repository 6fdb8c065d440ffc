/*
 * relay/snapshot.c - its opening: which tables there are, as of when; see snapshot.h. Their rows
 * are read in relay/snapshot_rows.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/snapshot_parts.h"

#include "core/buffer.h"
#include "relay/shape.h"
#include "relay/slot.h"

#include <string.h>

void
snapshot_free(Snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	PQfreemem(snapshot->buffer);
	PQfreemem(snapshot->given);
	PQfreemem(snapshot->ahead);
	if (snapshot->conn != NULL)
		PQfinish(snapshot->conn);
	for (size_t i = 0; i < snapshot->count; i++)
	{
		free(snapshot->tables[i].oid);
		free(snapshot->tables[i].name);
	}
	free(snapshot->tables);
	free(snapshot->row_options);
	free(snapshot);
}

static bool
take_snapshot(Snapshot *snapshot, const char *exported, Error *err)
{
	AUTO(PGresult) *time = NULL;
	AUTO_TEXT char *import = NULL;
	char *literal = PQescapeLiteral(snapshot->conn, exported, strlen(exported));

	if (literal == NULL)
		return pg_error(snapshot->conn, NULL, err);
	import = xasprintf("SET TRANSACTION SNAPSHOT %s", literal);
	PQfreemem(literal);
	/* row_security off: a policy that would hide rows is an error instead. */
	if (!pg_exec(snapshot->conn,
				 "SET row_security = off; SET statement_timeout = 0; SET lock_timeout = 0; "
				 "SET idle_in_transaction_session_timeout = 0",
				 PGRES_COMMAND_OK, NULL, err) ||
		!pg_exec(snapshot->conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
				 PGRES_COMMAND_OK, NULL, err) ||
		!pg_exec(snapshot->conn, import, PGRES_COMMAND_OK, NULL, err) ||
		!pg_exec(snapshot->conn, "select (extract(epoch from clock_timestamp()) * 1000000)::int8",
				 PGRES_TUPLES_OK, &time, err))
		return false;
	snapshot->time = atoll(PQgetvalue(time, 0, 0));
	return true;
}

/* Logged tables of users; partitions are such tables, or none of them are, but what they are parts
 * of. */
static bool
find_tables(Snapshot *snapshot, const Tables *selection, bool via_root, Error *err)
{
	AUTO(PGresult) *found = NULL;
	AUTO_TEXT char *selected = tables_to_sql(selection);
	AUTO_TEXT char *sql = xasprintf("select c.oid, n.nspname, c.relname, c.relkind from pg_class c "
									"join pg_namespace n on n.oid = c.relnamespace "
									"where %s and c.relpersistence = 'p' and c.oid >= 16384 "
									"and %s order by n.nspname, c.relname",
									server_table_kinds(via_root), selected);

	if (!pg_exec(snapshot->conn, sql, PGRES_TUPLES_OK, &found, err))
		return false;
	snapshot->tables = xcalloc((size_t) PQntuples(found) + 1, sizeof *snapshot->tables);
	for (int i = 0; i < PQntuples(found); i++)
	{
		const char *schema = PQgetvalue(found, i, 1);
		const char *table = PQgetvalue(found, i, 2);
		AUTO_TEXT char *quoted_schema = pg_quote(schema);
		AUTO_TEXT char *quoted_table = pg_quote(table);

		snapshot->tables[snapshot->count++] =
			(SnapshotTable){.oid = xstrdup(PQgetvalue(found, i, 0)),
							.name = xasprintf("%s.%s", quoted_schema, quoted_table),
							.partitioned = PQgetvalue(found, i, 3)[0] == 'p'};
	}
	return true;
}

/* The options of rows within a literal of SQL, without its quotes; for the caller to free. */
static char *
row_options(const char *shape)
{
	AUTO_TEXT char *plain = shape_row_options(shape);
	AUTO(Buffer) *text = &(Buffer){.max = SIZE_MAX};

	for (const char *p = plain; *p != '\0'; p++)
		buffer_append(text, *p == '\'' ? "''" : p, *p == '\'' ? 2 : 1);
	return xstrdup(buffer_text(text));
}

bool
snapshot_open(const PgTarget *target, const RelayOptions *options, const char *shape,
			  const char *exported, Snapshot **out, Error *err)
{
	Snapshot *snapshot = xcalloc(1, sizeof *snapshot);

	snapshot->row_options = row_options(shape);
	if (!pg_connect(target, &snapshot->conn, err) || !take_snapshot(snapshot, exported, err) ||
		!find_tables(snapshot, &options->tables, options->via_partition_root, err))
	{
		snapshot_free(snapshot);
		return error_add(err, "first copy");
	}
	*out = snapshot;
	return true;
}

size_t
snapshot_tables(const Snapshot *snapshot)
{
	return snapshot->count;
}

const char *
snapshot_table_name(const Snapshot *snapshot, size_t table)
{
	return snapshot->tables[table].name;
}

int64_t
snapshot_time(const Snapshot *snapshot)
{
	return snapshot->time;
}

int
snapshot_socket(const Snapshot *snapshot)
{
	return PQsocket(snapshot->conn);
}

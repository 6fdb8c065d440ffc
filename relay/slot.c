/*
 * relay/slot.c - see slot.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/slot.h"

#include "common/lsn.h"
#include "core/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OLDEST_VERSION 150000

static bool
is_true(const PGresult *result, int column)
{
	return PQgetvalue(result, 0, column)[0] == 't';
}

static bool
check_facts(PGconn *conn, const PGresult *facts, Error *err)
{
	const char *wal_level = PQgetvalue(facts, 0, 1);

	if (atoi(PQgetvalue(facts, 0, 0)) < OLDEST_VERSION)
		return error_set(err, ERROR_CONFIG,
						 "the source is PostgreSQL %s; version 15 or newer is needed",
						 PQparameterStatus(conn, "server_version"));
	if (strcmp(wal_level, "logical") != 0)
		return error_set(
			err, ERROR_CONFIG,
			"the source has wal_level = %s; set wal_level = logical there (ALTER SYSTEM "
			"SET wal_level = logical, or in postgresql.conf) and restart the server",
			wal_level);
	if (!is_true(facts, 2))
	{
		AUTO_TEXT char *role = pg_quote(PQuser(conn));

		return error_set(err, ERROR_CONFIG,
						 "role \"%s\" may not replicate; a superuser must run: ALTER ROLE %s "
						 "REPLICATION",
						 PQuser(conn), role);
	}
	return true;
}

bool
server_check(PGconn *conn, Server *out, Error *err)
{
	AUTO(PGresult) *facts = NULL;
	Server server = {0};

	if (!pg_exec(conn,
				 "select current_setting('server_version_num'), current_setting('wal_level'), "
				 "(select rolsuper or rolreplication from pg_roles where rolname = current_user), "
				 "(select setting from pg_settings where name = 'wal_sender_timeout')",
				 PGRES_TUPLES_OK, &facts, err) ||
		!check_facts(conn, facts, err))
		return false;
	server.version = atoi(PQgetvalue(facts, 0, 0));
	server.wal_sender_timeout_ms = atoll(PQgetvalue(facts, 0, 3));
	*out = server;
	return true;
}

bool
server_log_end(PGconn *conn, uint64_t *lsn, Error *err)
{
	AUTO(PGresult) *result = NULL;

	if (!pg_exec(conn,
				 "select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() "
				 "else pg_current_wal_flush_lsn() end",
				 PGRES_TUPLES_OK, &result, err))
		return false;
	return lsn_parse(PQgetvalue(result, 0, 0), lsn) ||
		   error_set(err, ERROR_RETRY, "the source does not say where its log ends");
}

bool
server_system_identifier(PGconn *conn, uint64_t *out, Error *err)
{
	AUTO(PGresult) *result = NULL;

	if (!pg_exec(conn, "select system_identifier from pg_control_system()", PGRES_TUPLES_OK,
				 &result, err))
		return false;
	/* The function's type is bigint, the number is unsigned. */
	*out = (uint64_t) strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	return true;
}

const char *
server_table_kinds(bool via_root)
{
	return via_root ? "c.relkind in ('r', 'p') and not c.relispartition" : "c.relkind = 'r'";
}

/* A listed table, as the catalog has it. */
typedef struct Listed
{
	const char *schema;
	const char *name;
	char kind;
	char persistence;
	bool has_key;
	bool full;		  /* its identity is the whole row */
	const char *root; /* empty: it is no partition */
} Listed;

static bool
refuse_partitioning(const Listed *table, bool via_root, Error *err)
{
	if (table->kind == 'p' && !via_root)
		return error_set(
			err, ERROR_CONFIG,
			"table \"%s.%s\" is partitioned, and its rows are those of its partitions; "
			"list these instead, or set publish.via.partition.root=true",
			table->schema, table->name);
	if (table->root[0] != '\0' && via_root)
		return error_set(err, ERROR_CONFIG,
						 "table \"%s.%s\" is a partition, and its rows are sent as those of %s "
						 "(publish.via.partition.root); list this instead",
						 table->schema, table->name, table->root);
	return true;
}

static bool
check_table(const Listed *table, TableWishes wishes, Error *err)
{
	if (!refuse_partitioning(table, wishes.via_root, err))
		return false;
	if (table->kind != 'r' && table->kind != 'p')
		return error_set(
			err, ERROR_CONFIG,
			"\"%s.%s\" is no ordinary table, and the log has none of its rows; take it "
			"off the list",
			table->schema, table->name);
	if (table->persistence != 'p')
		return error_set(err, ERROR_CONFIG,
						 "table \"%s.%s\" is not logged; its owner must run: ALTER TABLE ... SET "
						 "LOGGED",
						 table->schema, table->name);
	if (wishes.deletes && !table->has_key && !table->full)
		log_warn("table \"%s.%s\" has neither a primary key nor a replica identity (an index, or "
				 "FULL): the first delete will stop the relay (tombstones.on.delete=false leaves "
				 "deletes out)",
				 table->schema, table->name);
	return true;
}

/* Expressions that select nothing are likely mistyped, or early. */
static bool
check_patterns(PGconn *conn, const Tables *tables, bool via_root, Error *err)
{
	AUTO_TEXT char *selected = tables_to_sql(tables);
	AUTO_TEXT char *sql =
		xasprintf("select from pg_class c join pg_namespace n on n.oid = c.relnamespace "
				  "where %s and c.oid >= 16384 and %s limit 1",
				  server_table_kinds(via_root), selected);
	AUTO(PGresult) *found = NULL;

	if (!pg_exec(conn, sql, PGRES_TUPLES_OK, &found, err))
		return false;
	if (PQntuples(found) == 0)
		log_warn("no table is selected by table.include.list or schema.pattern yet; rows of those "
				 "that come later are sent");
	return true;
}

/* All of a name, in whichever schema, what has rows first. */
static bool
find_listed(PGconn *conn, const TableName *name, PGresult **found, Error *err)
{
	const char *values[] = {name->table, name->schema};

	return pg_exec_params(conn,
						  "select n.nspname, c.relname, c.relkind, c.relpersistence, "
						  "exists (select from pg_index i where i.indrelid = c.oid and "
						  "(i.indisreplident or i.indisprimary and c.relreplident <> 'n')), "
						  "c.relreplident = 'f', "
						  "case when c.relispartition then pg_partition_root(c.oid)::regclass end "
						  "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
						  "where c.relname = $1 and ($2::text is null or n.nspname = $2) "
						  "and c.relkind not in ('i', 'I', 'S', 'c', 't') and c.oid >= 16384 "
						  "order by c.relkind not in ('r', 'p')",
						  2, values, PGRES_TUPLES_OK, found, err);
}

static Listed
listed_of(const PGresult *found, int row)
{
	return (Listed){.schema = PQgetvalue(found, row, 0),
					.name = PQgetvalue(found, row, 1),
					.kind = PQgetvalue(found, row, 2)[0],
					.persistence = PQgetvalue(found, row, 3)[0],
					.has_key = PQgetvalue(found, row, 4)[0] == 't',
					.full = PQgetvalue(found, row, 5)[0] == 't',
					.root = PQgetvalue(found, row, 6)};
}

bool
server_check_tables(PGconn *conn, const Tables *tables, TableWishes wishes, Error *err)
{
	for (size_t i = 0; i < tables->count && !tables->exclude; i++)
	{
		const TableName *name = &tables->items[i];
		AUTO(PGresult) *found = NULL;

		if (!find_listed(conn, name, &found, err))
			return false;
		/* Beside a table, a view of the same name in another schema is not meant. */
		for (int row = 0; row < PQntuples(found); row++)
		{
			const Listed table = listed_of(found, row);

			if (row > 0 && table.kind != 'r' && table.kind != 'p')
				break;
			if (!check_table(&table, wishes, err))
				return false;
		}
		if (PQntuples(found) == 0)
			log_warn("table \"%s%s%s\" does not exist yet; its rows are sent from its creation on",
					 name->schema == NULL ? "" : name->schema, name->schema == NULL ? "" : ".",
					 name->table);
	}
	return (tables->patterns_count == 0 && tables->only == NULL) ||
		   check_patterns(conn, tables, wishes.via_root, err);
}

/* Why the extension could not be created, by SQLSTATE. */
static const struct
{
	const char *sqlstate;
	const char *why;
} extension_problems[] = {
	{"42501", "the role may not create it; the owner of the database must run: CREATE EXTENSION "
			  "wal2avro"},
	{"0A000", "the server does not have it; install wal2avro on the source's machine, then run: "
			  "CREATE EXTENSION wal2avro"},
	{"58P01",
	 "the server does not have its library; install wal2avro on the source's machine, then "
	 "run: CREATE EXTENSION wal2avro"},
	{"25006", "the server is a read-only standby; run on its primary: CREATE EXTENSION wal2avro"},
};

bool
server_ensure_extension(PGconn *conn, Error *err)
{
	AUTO(PGresult) *found = NULL;
	AUTO(PGresult) *created = NULL;
	const char *sqlstate;

	if (!pg_exec(conn, "select from pg_extension where extname = '" PLUGIN_NAME "'",
				 PGRES_TUPLES_OK, &found, err))
		return false;
	if (PQntuples(found) > 0)
		return true;
	created = PQexec(conn, "CREATE EXTENSION IF NOT EXISTS " PLUGIN_NAME);
	if (PQresultStatus(created) == PGRES_COMMAND_OK)
	{
		log_info("created extension \"" PLUGIN_NAME "\"");
		return true;
	}
	sqlstate = PQresultErrorField(created, PG_DIAG_SQLSTATE);
	for (size_t i = 0; i < sizeof extension_problems / sizeof *extension_problems; i++)
		if (sqlstate != NULL && strcmp(sqlstate, extension_problems[i].sqlstate) == 0)
			return error_set(err, ERROR_CONFIG,
							 "the first copy needs the extension \"" PLUGIN_NAME "\", and %s "
							 "(or set snapshot.mode=no_data)",
							 extension_problems[i].why);
	return pg_error(conn, created, err);
}

static void
copy_name(char out[64], const char *text)
{
	snprintf(out, 64, "%s", text);
}

bool
slot_look(PGconn *conn, const char *name, Slot *out, Error *err)
{
	AUTO(PGresult) *found = NULL;
	Slot slot = {0};

	if (!pg_exec_params(conn,
						"select coalesce(plugin, ''), coalesce(database, ''), "
						"coalesce(database = current_database(), false), "
						"coalesce(wal_status = 'lost', false), coalesce(active_pid, 0), "
						"coalesce(confirmed_flush_lsn, '0/0') "
						"from pg_replication_slots where slot_name = $1",
						1, &name, PGRES_TUPLES_OK, &found, err))
		return error_add(err, "slot \"%s\"", name);
	if (PQntuples(found) > 0)
	{
		slot.exists = true;
		copy_name(slot.plugin, PQgetvalue(found, 0, 0));
		copy_name(slot.database, PQgetvalue(found, 0, 1));
		slot.foreign_plugin = strcmp(slot.plugin, PLUGIN_NAME) != 0;
		slot.this_database = is_true(found, 2);
		slot.lost = is_true(found, 3);
		slot.active_pid = atoi(PQgetvalue(found, 0, 4));
		if (!lsn_parse(PQgetvalue(found, 0, 5), &slot.confirmed_lsn))
			return error_set(err, ERROR_RETRY, "slot \"%s\" has no position", name);
	}
	*out = slot;
	return true;
}

bool
slot_drop(PGconn *conn, const char *name, Error *err)
{
	return pg_exec_params(conn, "select pg_drop_replication_slot($1)", 1, &name, PGRES_TUPLES_OK,
						  NULL, err) ||
		   error_add(err, "slot \"%s\"", name);
}

bool
slot_lock(PGconn *conn, const char *name, bool *taken, Error *err)
{
	AUTO(PGresult) *result = NULL;

	if (!pg_exec_params(conn, "select pg_try_advisory_lock(hashtextextended('wal2avro ' || $1, 0))",
						1, &name, PGRES_TUPLES_OK, &result, err))
		return false;
	*taken = is_true(result, 0);
	return true;
}

static bool
plugin_not_allowed(PGconn *conn, Error *err)
{
	AUTO_TEXT char *role = pg_quote(PQuser(conn));

	return error_set(
		err, ERROR_CONFIG,
		"the server does not allow the output plugin \"" PLUGIN_NAME "\"; a superuser must run: "
		"ALTER ROLE %s SET output_plugin_libraries = 'pgoutput', 'test_decoding', '" PLUGIN_NAME
		"' (each name in quotes of its own), or set for all roles in postgresql.conf: "
		"output_plugin_libraries = 'pgoutput, test_decoding, " PLUGIN_NAME "', and reload",
		role);
}

static bool
plugin_missing(PGconn *conn, Error *err)
{
	(void) conn;
	return error_set(
		err, ERROR_CONFIG,
		"the server has no output plugin \"" PLUGIN_NAME
		"\"; install wal2avro on the source's machine, into the directory that pg_config "
		"--pkglibdir names there");
}

static bool
no_slot_left(PGconn *conn, Error *err)
{
	(void) conn;
	return error_set(err, ERROR_RETRY,
					 "all replication slots of the server are in use; drop one or raise "
					 "max_replication_slots there");
}

static const struct
{
	const char *sqlstate;
	const char *part; /* of the message; NULL: any */
	bool (*explain)(PGconn *conn, Error *err);
} plugin_problems[] = {
	{"42501", "output plugin", plugin_not_allowed},
	{"58P01", PLUGIN_NAME, plugin_missing},
	{"53400", "replication slots", no_slot_left},
};

bool
slot_error(PGconn *conn, const PGresult *result, bool *busy, Error *err)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (sqlstate == NULL || message == NULL)
		return pg_error(conn, result, err);
	if (busy != NULL && strcmp(sqlstate, "55006") == 0)
		*busy = true;
	for (size_t i = 0; i < sizeof plugin_problems / sizeof *plugin_problems; i++)
		if (strcmp(sqlstate, plugin_problems[i].sqlstate) == 0 &&
			(plugin_problems[i].part == NULL || strstr(message, plugin_problems[i].part) != NULL))
			return plugin_problems[i].explain(conn, err);
	return pg_error(conn, result, err);
}

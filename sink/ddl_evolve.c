/*
 * sink/ddl_evolve.c - tables that are changed; see ddl.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/ddl_parts.h"

#include "core/log.h"
#include "sink/origins.h"
#include "sink/sqltype.h"

bool
ddl_wants_change(const Settings *settings, const Table *table, const DdlRequest *request)
{
	Changes changes;
	bool any;

	if (!settings->auto_evolve)
		return false;
	changes_find(settings, request->topic, table, request->key, request->value,
				 request->has_position ? &request->position : NULL, &changes);
	any = changes.count > 0;
	changes_done(&changes);
	return any;
}

/* What ddl_evolve works on. */
typedef struct Evolution
{
	PGconn *conn;
	const Table *table;
	const Position *at;
	Buffer sql;	  /* all statements */
	Buffer shown; /* without those on our own tables */
	Error *err;
} Evolution;

static bool
alter(Evolution *evolution, const char *clause)
{
	return buffer_printf(&evolution->sql, "alter table %s %s;\n", evolution->table->sql, clause) &&
		   buffer_printf(&evolution->shown, "%salter table %s %s",
						 evolution->shown.len > 0 ? "; " : "", evolution->table->sql, clause);
}

static bool
learn(Evolution *evolution, const Change *change, const char *column)
{
	if (change->field == NULL || change->record == NULL || change->record->relation == 0 ||
		change->field->attnum == 0)
		return true;
	return origins_append(&evolution->sql, evolution->table, change->record, change->field, column,
						  evolution->at);
}

static bool
add_column(Evolution *evolution, const Change *change)
{
	SchemaField field = *change->field;
	const char *dot = strchr(evolution->table->name, '.');
	AUTO_TEXT char *space =
		xstrndup(evolution->table->name, (size_t) (dot - evolution->table->name));
	AUTO_TEXT char *type = NULL;
	Buffer clause;
	bool done;

	if (!ddl_check_name(field.column, "column", evolution->err) ||
		!ddl_resolve(evolution->conn, space, &field, &type, evolution->err))
		return false;
	if (change->name != NULL)
		field.column = change->name;
	buffer_init(&clause, DDL_MAX);
	/* Without a default the rows that are there would violate a NOT NULL. */
	done = buffer_append_text(&clause, "add column if not exists ") &&
		   ddl_append_column(&clause, &field, type,
							 (field.value_if_missing != NULL || field.text_if_missing != NULL) &&
								 schema_null_branch(field.schema) < 0) &&
		   alter(evolution, buffer_text(&clause));
	buffer_done(&clause);
	return done && learn(evolution, change, field.column);
}

static bool
rename_to(Evolution *evolution, const Column *column, const char *name)
{
	AUTO_TEXT char *quoted = pg_quote(name);
	AUTO_TEXT char *clause = xasprintf("rename column %s to %s", column->quoted, quoted);

	return alter(evolution, clause);
}

static bool
rename_column(Evolution *evolution, const Change *change)
{
	const char *name = change->field->column;

	return ddl_check_name(name, "column", evolution->err) &&
		   rename_to(evolution, change->column, name) && learn(evolution, change, name) &&
		   origins_append_former(&evolution->sql, evolution->table, change->column->name, name);
}

/* What to begin with, for values of the column as those of another type. */
static char *
propose_values(const Column *column, const char *type)
{
	const bool was_array = sqltype_is_array(column->stored_sql);
	const bool is_array = sqltype_is_array(type);

	if (was_array == is_array)
		return xasprintf("%s::text::%s", column->quoted, type);
	return is_array ? xasprintf("array[%s]::text[]::%s", column->quoted, type)
					: xasprintf("%s[1]::text::%s", column->quoted, type);
}

static bool
conflict(const Evolution *evolution, const Change *change)
{
	const Column *column = change->column;
	AUTO_TEXT char *values = propose_values(column, change->type);

	return error_set(evolution->err, ERROR_CONFIG,
					 "column \"%s\" of table \"%s\" is %s, but its source has become %s, and "
					 "neither holds all values of the other; decide what becomes of the rows that "
					 "are there, for example: alter table %s alter column %s type %s using %s",
					 column->name, evolution->table->name, column->stored_sql, change->type,
					 evolution->table->sql, column->quoted, change->type, values);
}

/* The keys that the rows have at the source now are in no record. */
static bool
replaced(const Evolution *evolution, const Change *change)
{
	const Column *column = change->column;

	return error_set(evolution->err, ERROR_CONFIG,
					 "the source of key column \"%s\" of table \"%s\" was dropped and added "
					 "again, so its rows have other keys, which were not sent; drop table %s, let "
					 "it be made anew, and have all rows sent at the source by an update with set "
					 "%s = %s",
					 column->name, evolution->table->name, evolution->table->sql, column->quoted,
					 column->quoted);
}

static bool
is_rename(const Change *change)
{
	return change->kind == CHANGE_RENAME || change->kind == CHANGE_SET_ASIDE;
}

/* The column's name once the renames, which come first, are done. */
static const char *
name_then(const Changes *changes, const Column *column)
{
	for (size_t i = 0; i < changes->count; i++)
	{
		const Change *change = &changes->items[i];

		if (is_rename(change) && change->column == column)
			return change->kind == CHANGE_RENAME ? change->field->column : change->name;
	}
	return column->name;
}

static void
warn_of_name(const Evolution *evolution, const Change *change, const char *name)
{
	if (strcasecmp(name, change->field->column) != 0)
		log_warn("column \"%s\" of table \"%s\" keeps its name, as another column has that of its "
				 "source, which is \"%s\" now; the values go by the source's column",
				 name, evolution->table->name, change->field->column);
}

static bool
apply(Evolution *evolution, const Changes *changes, const Change *change)
{
	const char *name = change->column ? name_then(changes, change->column) : "";
	AUTO_TEXT char *quoted = pg_quote(name);
	AUTO_TEXT char *clause = NULL;

	switch (change->kind)
	{
		case CHANGE_ADD:
			return add_column(evolution, change);
		case CHANGE_SET_ASIDE:
			return rename_to(evolution, change->column, change->name);
		case CHANGE_RENAME:
			return rename_column(evolution, change);
		case CHANGE_WIDEN:
			clause = xasprintf("alter column %s type %s using %s::%s", quoted, change->type, quoted,
							   change->type);
			return alter(evolution, clause) && learn(evolution, change, name);
		case CHANGE_NULLABLE:
			clause = xasprintf("alter column %s drop not null", quoted);
			return alter(evolution, clause);
		case CHANGE_LEARN:
			warn_of_name(evolution, change, name);
			return learn(evolution, change, name);
		case CHANGE_CONFLICT:
			return conflict(evolution, change);
		case CHANGE_REPLACED:
			return replaced(evolution, change);
	}
	return false;
}

/* All of one rank; what frees a name comes before what takes it. */
static bool
apply_rank(Evolution *evolution, const Changes *changes, int rank)
{
	bool done = true;

	for (size_t i = 0; done && i < changes->count; i++)
	{
		const ChangeKind kind = changes->items[i].kind;

		if ((kind == CHANGE_SET_ASIDE ? 0 : kind == CHANGE_RENAME ? 1 : 2) == rank)
			done = apply(evolution, changes, &changes->items[i]);
	}
	return done;
}

bool
ddl_evolve(PGconn *conn, const Settings *settings, const Table *table, const DdlRequest *request,
		   Error *err)
{
	Evolution evolution = {.conn = conn,
						   .table = table,
						   .at = request->has_position ? &request->position : NULL,
						   .err = err};
	Changes changes;
	bool done = true;

	changes_find(settings, request->topic, table, request->key, request->value, evolution.at,
				 &changes);
	buffer_init(&evolution.sql, DDL_MAX);
	buffer_init(&evolution.shown, DDL_MAX);
	for (int rank = 0; done && rank < 3; rank++)
		done = apply_rank(&evolution, &changes, rank);
	if (done && evolution.sql.len > 0)
		done = ddl_run(conn, table->name, buffer_text(&evolution.sql),
					   evolution.shown.len > 0 ? buffer_text(&evolution.shown)
											   : "(its columns' origins were stored)",
					   err);
	changes_done(&changes);
	buffer_done(&evolution.sql);
	buffer_done(&evolution.shown);
	return done || error_add(err, "table \"%s\"", table->name);
}

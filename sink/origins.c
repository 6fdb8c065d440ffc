/*
 * sink/origins.c - see origins.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/origins.h"

#include "sink/literal.h"
#include "sink/offsets.h"

#include <inttypes.h>

static const char exists_sql[] = "select pg_catalog.to_regclass('wal2avro.columns') is not null";

static const char load_sql[] = "select relation, attnum, former, number, name, type,"
							   " (commit_lsn - '0/0'::pg_catalog.pg_lsn)::pg_catalog.text, n"
							   " from wal2avro.columns where tab = $1::pg_catalog.oid";

static bool
exists(PGconn *conn, bool *there, Error *err)
{
	PGresult *found;

	if (!pg_exec(conn, exists_sql, PGRES_TUPLES_OK, &found, err))
		return false;
	*there = PQgetvalue(found, 0, 0)[0] == 't';
	PQclear(found);
	return true;
}

static bool
prepare(PGconn *conn, Error *err)
{
	Error problem;
	bool there;

	if (!exists(conn, &there, err))
		return false;
	if (there || pg_exec(conn, offsets_ddl, PGRES_COMMAND_OK, NULL, &problem))
		return true;
	if (problem.kind == ERROR_RETRY)
		return error_set(err, ERROR_RETRY, "%s", problem.message);
	/* Another task may have made it at the same time. */
	if (!exists(conn, &there, err) || there)
		return there;
	return error_set(err, ERROR_CONFIG,
					 "cannot create the table wal2avro.columns, which auto.evolve needs: %s; let "
					 "somebody who may run this, and grant our role select, insert, update and "
					 "delete on it:\n%s",
					 problem.message, offsets_ddl);
}

bool
origins_load(PGconn *conn, Table *table, Error *err)
{
	AUTO_TEXT char *oid = xasprintf("%" PRIu32, table->oid);
	const char *const values[] = {oid};
	PGresult *loaded;

	if (!prepare(conn, err) ||
		!pg_exec_params(conn, load_sql, 1, values, PGRES_TUPLES_OK, &loaded, err))
		return error_add(err, "table \"wal2avro.columns\"");

	AUTO(PGresult) *res = loaded;

	table->origins = xcalloc((size_t) PQntuples(res) + 1, sizeof *table->origins);
	table->origin_count = (size_t) PQntuples(res);
	for (int i = 0; i < PQntuples(res); i++)
		table->origins[i] = (Origin){
			.relation = (uint32_t) strtoul(PQgetvalue(res, i, 0), NULL, 10),
			.attnum = atoi(PQgetvalue(res, i, 1)),
			.former = xstrdup(PQgetvalue(res, i, 2)),
			.number = atoi(PQgetvalue(res, i, 3)),
			.name = xstrdup(PQgetvalue(res, i, 4)),
			.type = xstrdup(PQgetvalue(res, i, 5)),
			.commit_lsn = strtoull(PQgetvalue(res, i, 6), NULL, 10),
			.n = strtoull(PQgetvalue(res, i, 7), NULL, 10),
		};
	return true;
}

static bool
is_known_by_number(const Schema *record, const SchemaField *field)
{
	return record != NULL && record->relation != 0 && field->attnum != 0;
}

const Origin *
origins_find(const Table *table, const Schema *record, const SchemaField *field)
{
	if (!is_known_by_number(record, field))
		return NULL;
	for (size_t i = 0; i < table->origin_count; i++)
		if (table->origins[i].relation == record->relation &&
			table->origins[i].attnum == field->attnum)
			return &table->origins[i];
	return NULL;
}

static const Column *
by_number(const Table *table, int number)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->columns[i].number == number)
			return &table->columns[i];
	return NULL;
}

/* From which other column of the same source table this one is filled, or NULL. */
static const Origin *
of_another(const Table *table, const Schema *record, const SchemaField *field, const Column *column)
{
	if (!is_known_by_number(record, field))
		return NULL;
	for (size_t i = 0; i < table->origin_count; i++)
		if (table->origins[i].relation == record->relation &&
			table->origins[i].number == column->number && table->origins[i].attnum != field->attnum)
			return &table->origins[i];
	return NULL;
}

const Origin *
origins_holder(const Table *table, const Schema *record, const SchemaField *field,
			   const Column **column)
{
	const Column *named = table_column(table, field->column);

	*column = named;
	/* One that differs in case is none: there is room for both. */
	if (named == NULL || strcmp(named->name, field->column) != 0)
		return NULL;
	return of_another(table, record, field, named);
}

const Origin *
origins_before(const Table *table, const Schema *record, const Column *column)
{
	const Origin *last = NULL;

	for (size_t i = 0; i < table->origin_count; i++)
	{
		const Origin *origin = &table->origins[i];
		const Position at = {.commit_lsn = origin->commit_lsn, .n = origin->n};

		if (origin->relation != 0 && origin->relation != record->relation &&
			origin->number == column->number && (last == NULL || origins_is_news(last, &at)))
			last = origin;
	}
	return last;
}

/* The column that once had the field's name, unless the record has another field for it. */
static const Column *
by_former_name(const Table *table, const Schema *record, const SchemaField *field)
{
	const Column *column = NULL;

	for (size_t i = 0; column == NULL && i < table->origin_count; i++)
		if (table->origins[i].relation == 0 && strcmp(table->origins[i].former, field->column) == 0)
			column = by_number(table, table->origins[i].number);
	for (size_t i = 0;
		 column != NULL && record != NULL && record->type == SCHEMA_RECORD && i < record->count;
		 i++)
		if (strcmp(record->fields[i].column, column->name) == 0)
			return NULL;
	return column;
}

const Column *
origins_column(const Table *table, const Schema *record, const SchemaField *field)
{
	const Origin *origin = origins_find(table, record, field);
	const Column *column = origin ? by_number(table, origin->number) : NULL;

	if (column != NULL)
		return column;
	column = table_column(table, field->column);
	if (column != NULL && of_another(table, record, field, column) != NULL)
		column = NULL;
	if (column == NULL && !is_known_by_number(record, field))
		column = by_former_name(table, record, field);
	return column;
}

bool
origins_is_news(const Origin *origin, const Position *at)
{
	return at != NULL && (at->commit_lsn > origin->commit_lsn ||
						  (at->commit_lsn == origin->commit_lsn && at->n > origin->n));
}

static bool
append_row(Buffer *sql, uint32_t relation, int attnum, const char *former, const char *column)
{
	return buffer_printf(sql,
						 "insert into wal2avro.columns (tab, relation, attnum, former, number, "
						 "name, type, commit_lsn, n) select attrelid, %" PRIu32 ", %d, ",
						 relation, attnum) &&
		   literal_of_text(former, sql) && buffer_append_text(sql, ", attnum, ") &&
		   literal_of_text(column, sql);
}

static bool
append_from(Buffer *sql, const Table *table, const char *column)
{
	return buffer_printf(
			   sql, " from pg_catalog.pg_attribute where attrelid = %" PRIu32 " and attname = ",
			   table->oid) &&
		   literal_of_text(column, sql) &&
		   buffer_append_text(sql,
							  " and not attisdropped on conflict (tab, relation, attnum, former) "
							  "do update set number = excluded.number, name = excluded.name, "
							  "type = excluded.type, commit_lsn = excluded.commit_lsn, "
							  "n = excluded.n;\n");
}

bool
origins_append(Buffer *sql, const Table *table, const Schema *record, const SchemaField *field,
			   const char *column, const Position *at)
{
	const Position nowhere = {0};
	const Position *place = at ? at : &nowhere;

	return append_row(sql, record->relation, field->attnum, "", field->column) &&
		   buffer_append_text(sql, ", ") &&
		   literal_of_text(field->sql_type ? field->sql_type : "", sql) &&
		   buffer_printf(sql, ", '%X/%X'::pg_catalog.pg_lsn, %" PRIu64,
						 (unsigned) (place->commit_lsn >> 32), (unsigned) place->commit_lsn,
						 place->n) &&
		   append_from(sql, table, column);
}

bool
origins_append_former(Buffer *sql, const Table *table, const char *former, const char *column)
{
	return append_row(sql, 0, 0, former, column) &&
		   buffer_append_text(sql, ", '', '0/0'::pg_catalog.pg_lsn, 0") &&
		   append_from(sql, table, column);
}

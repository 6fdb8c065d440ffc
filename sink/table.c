/*
 * sink/table.c - see table.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/table.h"

#include "sink/pgtypes.h"

#include <stdio.h>
#include <strings.h>

/* Deepest nesting of composite types that is looked at. */
#define MAX_DEPTH 16

static const char relation_sql[] =
	"select c.oid::pg_catalog.text, c.relkind,"
	" pg_catalog.pg_has_role(c.relowner, 'usage')"
	" from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
	" where n.nspname = $1 and c.relname = $2";

/* Domains are followed to their base types, whose binary form is theirs; where a domain has a
 * modifier, it is the column's. $1 is a table, or the relation of a composite type. */
static const char columns_sql[] =
	"with recursive base(attnum, oid, modifier) as ("
	" select attnum, atttypid, atttypmod from pg_catalog.pg_attribute"
	" where attrelid = $1::pg_catalog.oid and attnum > 0 and not attisdropped"
	" union all"
	" select b.attnum, t.typbasetype, case when b.modifier < 0 then t.typtypmod else b.modifier end"
	" from base b join pg_catalog.pg_type t on t.oid = b.oid where t.typtype = 'd')"
	" select a.attnum, a.attname, pg_catalog.format_type(a.atttypid, -1), t.oid::pg_catalog.int8,"
	" t.typtype = 'e', case when t.typcategory = 'A' then t.typelem else 0 end::pg_catalog.int8,"
	" coalesce(e.typtype = 'e', false), a.attgenerated <> '', a.attidentity = 'a',"
	" a.attidentity <> '', coalesce(not c.collisdeterministic, false),"
	" pg_catalog.format_type(a.atttypid, a.atttypmod), b.modifier,"
	" case when t.typcategory = 'A' then e.typname else t.typname end,"
	" case when t.typtype = 'c' then t.typrelid when t.typcategory = 'A' and e.typtype = 'c'"
	" then e.typrelid else 0 end, a.attnotnull, a.atthasdef or a.attidentity <> '',"
	" coalesce((select pg_catalog.format('operator(%I.=)', n.nspname) from pg_catalog.pg_operator o"
	" join pg_catalog.pg_namespace n on n.oid = o.oprnamespace where o.oprname = '='"
	" and o.oprleft = t.oid and o.oprright = t.oid and n.nspname <> 'pg_catalog' limit 1), '='),"
	" coalesce(e.typdelim, ','), (select t.typinput::pg_catalog.text from pg_catalog.pg_cast k"
	" join pg_catalog.pg_proc p on p.oid = t.typinput where k.castsource = "
	"'text'::pg_catalog.regtype"
	" and k.casttarget = t.oid and k.castfunc <> 0 and p.pronargs = 1),"
	" (select o.typreceive = 0 from pg_catalog.pg_type o where o.oid = a.atttypid)"
	" from pg_catalog.pg_attribute a join base b using (attnum)"
	" join pg_catalog.pg_type t on t.oid = b.oid and t.typtype <> 'd'"
	" left join pg_catalog.pg_type e on e.oid = t.typelem"
	" left join pg_catalog.pg_collation c on c.oid = a.attcollation"
	" where a.attrelid = $1::pg_catalog.oid order by a.attnum";

static const char indexes_sql[] =
	"select i.indkey::pg_catalog.text, i.indnkeyatts,"
	" i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null"
	" and i.indexprs is null, i.indisvalid and i.indpred is null and m.amname = 'btree'"
	" from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid"
	" join pg_catalog.pg_am m on m.oid = c.relam where i.indrelid = $1::pg_catalog.oid"
	" order by i.indexrelid";

static bool
flag(const PGresult *res, int row, int column)
{
	return PQgetvalue(res, row, column)[0] == 't';
}

static uint32_t
oid_value(const PGresult *res, int row, int column)
{
	return (uint32_t) strtoul(PQgetvalue(res, row, column), NULL, 10);
}

static void
free_fields(ColumnType *type)
{
	for (size_t i = 0; i < type->field_count; i++)
	{
		free_fields(&type->fields[i].type);
		free(type->fields[i].type_name);
		free(type->fields[i].name);
	}
	free(type->fields);
}

static bool load_fields(PGconn *conn, const char *relation, int depth, ColumnType *type,
						Error *err);

/* numeric(p,s) has p and s in its modifier (PostgreSQL, numeric.c, make_numeric_typmod), a type of
 * time its number of digits. */
static void
set_digits(ColumnType *type, int modifier)
{
	const uint32_t oid = type->element != 0 ? type->element : type->oid;

	type->rounds = modifier >= (oid == PG_NUMERIC ? 4 : 0);
	if (type->rounds && oid == PG_NUMERIC)
		type->digits = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
	else if (type->rounds)
		type->digits = modifier > 6 ? 6 : modifier;
}

/* The type of a row of columns_sql, and what it consists of; *name is its, to be freed. */
static bool
load_type(PGconn *conn, const PGresult *res, int row, int depth, ColumnType *type, char **name,
		  Error *err)
{
	const char *relation = PQgetvalue(res, row, 14);

	*name = xstrdup(PQgetvalue(res, row, 13));
	*type = (ColumnType){.oid = oid_value(res, row, 3),
						 .is_enum = flag(res, row, 4),
						 .element = oid_value(res, row, 5),
						 .element_is_enum = flag(res, row, 6),
						 .delimiter = PQgetvalue(res, row, 18)[0],
						 .name = *name};
	set_digits(type, atoi(PQgetvalue(res, row, 12)));
	return strcmp(relation, "0") == 0 || depth > MAX_DEPTH ||
		   load_fields(conn, relation, depth + 1, type, err);
}

static bool
load_fields(PGconn *conn, const char *relation, int depth, ColumnType *type, Error *err)
{
	PGresult *loaded;

	if (!pg_exec_params(conn, columns_sql, 1, &relation, PGRES_TUPLES_OK, &loaded, err))
		return false;

	AUTO(PGresult) *res = loaded;

	type->fields = xcalloc((size_t) PQntuples(res) + 1, sizeof *type->fields);
	for (int row = 0; row < PQntuples(res); row++)
	{
		ColumnField *field = &type->fields[type->field_count++];

		field->name = xstrdup(PQgetvalue(res, row, 1));
		if (!load_type(conn, res, row, depth, &field->type, &field->type_name, err))
			return false;
	}
	return true;
}

static bool
load_columns(Table *table, PGconn *conn, const char *oid, Error *err)
{
	PGresult *loaded;

	if (!pg_exec_params(conn, columns_sql, 1, &oid, PGRES_TUPLES_OK, &loaded, err))
		return false;

	AUTO(PGresult) *res = loaded;

	table->columns = xcalloc((size_t) PQntuples(res) + 1, sizeof *table->columns);
	for (int row = 0; row < PQntuples(res); row++)
	{
		Column *column = &table->columns[table->count++];
		const char *name = PQgetvalue(res, row, 1);

		*column = (Column){
			.number = atoi(PQgetvalue(res, row, 0)),
			.name = xstrdup(name),
			.quoted = pg_quote(name),
			.type_sql = xstrdup(PQgetvalue(res, row, 2)),
			.generated = flag(res, row, 7),
			.identity_always = flag(res, row, 8),
			.identity = flag(res, row, 9),
			.folding = flag(res, row, 10),
			.stored_sql = xstrdup(PQgetvalue(res, row, 11)),
			.equals = xstrdup(PQgetvalue(res, row, 17)),
			.reader = PQgetisnull(res, row, 19) ? NULL : xstrdup(PQgetvalue(res, row, 19)),
			.not_null = flag(res, row, 15),
			.has_default = flag(res, row, 16),
		};
		if (!load_type(conn, res, row, 0, &column->type, &column->type_name, err))
			return false;
		table->takes_no_binary = table->takes_no_binary || flag(res, row, 20);
	}
	return true;
}

static bool
load_indexes(Table *table, PGconn *conn, const char *oid, Error *err)
{
	PGresult *loaded;

	if (!pg_exec_params(conn, indexes_sql, 1, &oid, PGRES_TUPLES_OK, &loaded, err))
		return false;

	AUTO(PGresult) *res = loaded;

	table->index_count = (size_t) PQntuples(res);
	table->indexes = xcalloc(table->index_count + 1, sizeof *table->indexes);
	for (size_t i = 0; i < table->index_count; i++)
	{
		Index *index = &table->indexes[i];
		char *p = PQgetvalue(res, (int) i, 0);

		index->count = (size_t) atoi(PQgetvalue(res, (int) i, 1));
		index->arbiter = flag(res, (int) i, 2);
		index->ordered = flag(res, (int) i, 3);
		if (index->count > sizeof index->columns / sizeof *index->columns)
			index->count = sizeof index->columns / sizeof *index->columns;
		for (size_t k = 0; k < index->count; k++)
			index->columns[k] = (int) strtol(p, &p, 10);
	}
	return true;
}

static void
set_names(Table *table, const char *space, const char *bare, bool partitioned)
{
	AUTO_TEXT char *quoted_space = pg_quote(space);
	AUTO_TEXT char *quoted = pg_quote(bare);

	table->bare = xstrdup(bare);
	table->name = xasprintf("%s.%s", space, bare);
	table->sql = xasprintf("%s.%s", quoted_space, quoted);
	table->only = xasprintf("%s%s", partitioned ? "" : "only ", table->sql);
}

bool
table_load(PGconn *conn, const char *space, const char *name, Table **out, Error *err)
{
	const char *dot = strchr(name, '.');
	AUTO_TEXT char *own = dot ? xstrndup(name, (size_t) (dot - name)) : xstrdup(space);
	const char *bare = dot ? dot + 1 : name;
	const char *const values[] = {own, bare};
	PGresult *loaded;

	if (!pg_exec_params(conn, relation_sql, 2, values, PGRES_TUPLES_OK, &loaded, err))
		return false;

	AUTO(PGresult) *res = loaded;

	*out = NULL;
	if (PQntuples(res) == 0)
		return true;

	const char kind = PQgetvalue(res, 0, 1)[0];
	const char *oid = PQgetvalue(res, 0, 0);

	if (kind != 'r' && kind != 'p')
		return error_set(err, ERROR_CONFIG,
						 "relation \"%s\" is not a table; table.name.format must lead to one",
						 name);

	Table *table = xcalloc(1, sizeof *table);

	set_names(table, own, bare, kind == 'p');
	table->oid = oid_value(res, 0, 0);
	table->owned = flag(res, 0, 2);
	if (!load_columns(table, conn, oid, err) || !load_indexes(table, conn, oid, err))
	{
		table_free(table);
		return error_add(err, "table \"%s\"", name);
	}
	*out = table;
	return true;
}

void
table_free(Table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; table->columns != NULL && i < table->count; i++)
	{
		free(table->columns[i].name);
		free(table->columns[i].quoted);
		free(table->columns[i].type_sql);
		free(table->columns[i].stored_sql);
		free(table->columns[i].equals);
		free(table->columns[i].reader);
		free_fields(&table->columns[i].type);
		free(table->columns[i].type_name);
	}
	for (size_t i = 0; i < table->origin_count; i++)
	{
		free(table->origins[i].former);
		free(table->origins[i].name);
		free(table->origins[i].type);
	}
	free(table->origins);
	free(table->columns);
	free(table->indexes);
	free(table->name);
	free(table->sql);
	free(table->only);
	free(table->bare);
	free(table);
}

const Column *
table_column(const Table *table, const char *name)
{
	const Column *found = NULL;

	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return &table->columns[i];
	for (size_t i = 0; i < table->count; i++)
	{
		if (strcasecmp(table->columns[i].name, name) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = &table->columns[i];
	}
	return found;
}

static bool
has_column(const Column *const *columns, size_t count, int number)
{
	for (size_t i = 0; i < count; i++)
		if (columns[i]->number == number)
			return true;
	return false;
}

bool
table_has_arbiter(const Table *table, const Column *const *columns, size_t count)
{
	for (size_t i = 0; i < table->index_count; i++)
	{
		const Index *index = &table->indexes[i];
		bool all = index->arbiter && index->count == count;

		for (size_t k = 0; all && k < index->count; k++)
			all = has_column(columns, count, index->columns[k]);
		if (all)
			return true;
	}
	return false;
}

int
table_indexed_column(const Table *table, const Column *const *columns, size_t count)
{
	for (size_t i = 0; i < table->index_count; i++)
		for (size_t k = 0; table->indexes[i].ordered && k < count; k++)
			if (columns[k]->number == table->indexes[i].columns[0])
				return (int) k;
	return -1;
}

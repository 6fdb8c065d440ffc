/*
 * sink/ddl_create.c - tables that are made; see ddl.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/ddl_parts.h"

/* The columns of a new table. */
static bool
append_columns(PGconn *conn, const char *space, const WrittenField *fields, size_t count,
			   Buffer *sql, Error *err)
{
	bool first = true;

	for (size_t i = 0; i < count; i++)
	{
		const WrittenField *written = &fields[i];
		const bool not_null = written->is_key || schema_null_branch(written->field.schema) < 0;
		AUTO_TEXT char *type = NULL;

		if (!ddl_check_name(written->field.column, "column", err) ||
			!ddl_resolve(conn, space, &written->field, &type, err))
			return false;
		if (!buffer_append_text(sql, first ? "" : ", ") ||
			!ddl_append_column(sql, &written->field, type, not_null))
			return error_set(err, ERROR_CONFIG, "the statement is too long");
		first = false;
	}
	return true;
}

static bool
append_key(const WrittenField *fields, size_t count, Buffer *sql)
{
	bool any = false;
	bool done = true;

	for (size_t i = 0; done && i < count; i++)
	{
		AUTO_TEXT char *quoted = pg_quote(fields[i].field.column);

		if (!fields[i].is_key)
			continue;
		done = buffer_printf(sql, "%s%s", any ? ", " : ", primary key (", quoted);
		any = true;
	}
	return done && buffer_append_text(sql, any ? "))" : ")");
}

/* The place of a key's field: in pk.fields, or in the record's key. */
static size_t
place_of(const Settings *settings, const Schema *key, const SchemaField *field)
{
	const OptionList *names = &settings->pk_fields;

	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], field->name) == 0)
			return i;
	for (size_t i = 0; names->count == 0 && key != NULL && i < key->count; i++)
		if (key->type == SCHEMA_RECORD && strcmp(key->fields[i].column, field->column) == 0)
			return i;
	return SIZE_MAX;
}

/* The key's columns in the order of pk.fields, or of the record's key. */
static void
sort_keys(const Settings *settings, const Schema *key, const WrittenField *fields, size_t count,
		  WrittenField *keys)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
	{
		const size_t place = place_of(settings, key, &fields[i].field);
		size_t at = used;

		if (!fields[i].is_key)
			continue;
		while (at > 0 && place < place_of(settings, key, &keys[at - 1].field))
		{
			keys[at] = keys[at - 1];
			at--;
		}
		keys[at] = fields[i];
		used++;
	}
}

static bool
append_create(PGconn *conn, const Settings *settings, const char *space, const DdlRequest *request,
			  Buffer *sql, Error *err)
{
	const char *dot = strchr(request->table, '.');
	AUTO_TEXT char *own = dot ? xstrndup(request->table, (size_t) (dot - request->table))
							  : xstrdup(space ? space : "");
	AUTO_TEXT char *quoted_space = pg_quote(own);
	AUTO_TEXT char *quoted = pg_quote(dot ? dot + 1 : request->table);
	const Schema *key = request->key;
	const Schema *value = request->value;
	const size_t room = (key ? key->count : 0) + (value ? value->count : 0) + 1;
	WrittenField *fields = xcalloc(room, sizeof *fields);
	WrittenField *keys = xcalloc(room, sizeof *keys);
	const size_t count = changes_fields(settings, request->topic, key, value, fields);
	size_t key_count = 0;
	bool done;

	sort_keys(settings, key, fields, count, keys);
	for (size_t i = 0; i < count; i++)
		key_count += fields[i].is_key;
	done = ddl_check_name(dot ? dot + 1 : request->table, "table", err) &&
		   buffer_printf(sql, "create table if not exists %s%s%s (", *own ? quoted_space : "",
						 *own ? "." : "", quoted) &&
		   append_columns(conn, own, fields, count, sql, err) && append_key(keys, key_count, sql);
	free(fields);
	free(keys);
	return done;
}

bool
ddl_create(PGconn *conn, const Settings *settings, const char *space, const DdlRequest *request,
		   Error *err)
{
	Buffer sql;
	bool done;

	buffer_init(&sql, DDL_MAX);
	done = append_create(conn, settings, space, request, &sql, err);
	if (done)
	{
		AUTO_TEXT char *shown = xstrdup(buffer_text(&sql));

		buffer_append_text(&sql, ";\n");
		done = ddl_run(conn, request->table, buffer_text(&sql), shown, err);
	}
	buffer_done(&sql);
	return done || error_add(err, "table \"%s\"", request->table);
}

char *
ddl_propose(const Settings *settings, const DdlRequest *request)
{
	Buffer sql;
	Error problem = {0};
	char *text;

	buffer_init(&sql, DDL_MAX);
	text = append_create(NULL, settings, NULL, request, &sql, &problem) ? xstrdup(buffer_text(&sql))
																		: xstrdup(problem.message);
	buffer_done(&sql);
	return text;
}

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

/* Record values have their order in the value's fields, the key's own in pk.fields. */
static int
compare_key(const Settings *settings, const WrittenField *a, const WrittenField *b)
{
	size_t place[2] = {SIZE_MAX, SIZE_MAX};

	for (size_t i = 0; i < settings->pk_fields.count; i++)
	{
		if (strcmp(settings->pk_fields.items[i], a->field.name) == 0)
			place[0] = i;
		if (strcmp(settings->pk_fields.items[i], b->field.name) == 0)
			place[1] = i;
	}
	return place[0] < place[1] ? -1 : place[0] > place[1];
}

/* The key's columns in the order of pk.fields. */
static void
sort_keys(const Settings *settings, const WrittenField *fields, size_t count, WrittenField *keys)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
	{
		size_t at = used;

		if (!fields[i].is_key)
			continue;
		while (at > 0 && compare_key(settings, &fields[i], &keys[at - 1]) < 0)
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

	sort_keys(settings, fields, count, keys);
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

/*
 * sink/asking.c - see asking.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/asking.h"

#include "core/log.h"
#include "core/loop.h"
#include "sink/origins.h"
#include "sink/writer.h"

bool
asking_create(Asking *asking, const Settings *settings, Topic *topic, const DdlRequest *request)
{
	if (!settings->auto_create || request->value == NULL)
		return false;
	*asking = (Asking){.topic = topic, .ddl = ASK_CREATE, .request = *request};
	return true;
}

bool
asking_change(Asking *asking, const Settings *settings, Topic *topic, int32_t value_id,
			  const DdlRequest *request)
{
	Target *target = topic->target;

	/* What is still lacking right after a change, the plan has words for. */
	if ((target->fresh && target->changed && target->changed_for == value_id) ||
		!ddl_wants_change(settings, target->table, request))
		return false;
	target->changed = true;
	target->changed_for = value_id;
	*asking = (Asking){.topic = topic, .ddl = ASK_CHANGE, .request = *request};
	return true;
}

/* A table of at most so many bytes can be read faster than an index be kept up. */
#define SMALL_BYTES ((uint64_t) 1 << 20)

/* Whether a table that has no index on its key is to have one now. One that is nearly empty is
 * filled in half the time without. */
static bool
wants_index(const Settings *settings, Target *target, PGconn *conn, bool *wanted, Error *err)
{
	static const char size_sql[] =
		"select coalesce(sum(pg_catalog.pg_relation_size(p.relid)),"
		" pg_catalog.pg_relation_size($1::pg_catalog.oid), 0)"
		" from pg_catalog.pg_partition_tree($1::pg_catalog.oid::pg_catalog.regclass) p";
	char oid[16];
	const char *const values[] = {oid};
	PGresult *loaded;

	*wanted = true;
	if (!settings->auto_index || settings->insert_mode != INSERT_MODE_UPSERT)
		return true;
	snprintf(oid, sizeof oid, "%u", target->table->oid);
	if (!pg_exec_params(conn, size_sql, 1, values, PGRES_TUPLES_OK, &loaded, err))
		return error_add(err, "table \"%s\"", target->name);

	AUTO(PGresult) *res = loaded;

	target->size = strtoull(PQgetvalue(res, 0, 0), NULL, 10);
	target->read = 0;
	*wanted = target->size > SMALL_BYTES;
	return true;
}

/* Whether an index that was put off is still not there: what is known of the table is old. */
static bool
is_missing(const Topic *topic, PGconn *conn, const char *space, bool *missing, Error *err)
{
	const Column *keys[PLAN_INDEX_COLUMNS];
	size_t count;
	Table *table;

	if (!table_load(conn, space, topic->target->name, &table, err))
		return error_add(err, "table \"%s\"", topic->target->name);
	count = table == NULL ? 0 : plan_key_columns(topic->plans[topic->last].plan, table, keys);
	*missing = count > 0 && table_indexed_column(table, keys, count) < 0;
	table_free(table);
	return true;
}

/* Of several tasks one makes it, and the others find it there. */
static bool
create_index(PGconn *conn, const char *table, const char *sql, Error *err)
{
	AUTO_TEXT char *all = xasprintf("begin; set local lock_timeout = '30s'; %s commit", sql);
	bool done;

	if (!ddl_lock(conn, table, err))
		return false;
	done = pg_exec(conn, all, PGRES_COMMAND_OK, NULL, err);
	if (!done && PQtransactionStatus(conn) == PQTRANS_INERROR)
		PQclear(PQexec(conn, "rollback"));
	ddl_unlock(conn, table);
	return done;
}

/* Makes the index of the first plan's key, or says why each batch will read the whole table. */
static bool
make_index(const Settings *settings, const Topic *topic, PGconn *conn, Error *err)
{
	static const char slow[] = "each batch reads the whole table, for lack of an index on its key";
	Buffer sql;
	Error problem;
	bool done = true;

	buffer_init(&sql, 1 << 20);
	writer_create_index(&sql, topic->plans[topic->last].plan);
	if (!settings->auto_index)
		log_warn("table \"%s\": %s; auto.index is false, so make it yourself: %s",
				 topic->target->name, slow, buffer_text(&sql));
	else if (create_index(conn, topic->target->table->name, buffer_text(&sql), &problem))
		log_info("table \"%s\" had no index on its key; made one: %s", topic->target->name,
				 buffer_text(&sql));
	else if (problem.kind == ERROR_RETRY)
		done = error_set(err, ERROR_RETRY, "%s", problem.message);
	else
		log_warn("table \"%s\": %s; let its owner run: %s (%s)", topic->target->name, slow,
				 buffer_text(&sql), problem.message);
	buffer_done(&sql);
	return done || error_add(err, "table \"%s\"", topic->target->name);
}

/* Sees to an index for the key of the topic's last plan. */
static bool
see_to_index(const Settings *settings, const Topic *topic, PGconn *conn, const char *space,
			 Error *err)
{
	Target *target = topic->target;
	bool wanted;

	if (target->index_due ? !is_missing(topic, conn, space, &wanted, err)
						  : !wants_index(settings, target, conn, &wanted, err))
		return false;
	if (wanted && !make_index(settings, topic, conn, err))
		return false;
	target->index_put_off = !target->index_due && !wanted;
	target->index_due = false;
	target->index_checked = true;
	return true;
}

static bool
read_table(const Settings *settings, Target *target, PGconn *conn, const char *space, Error *err)
{
	log_debug("reading table \"%s\"", target->name);
	table_free(target->table);
	target->table = NULL;
	if (!table_load(conn, space, target->name, &target->table, err))
		return error_add(err, "table \"%s\"", target->name);
	target->missing = target->table == NULL;
	target->read_ms = loop_now_ms();
	target->fresh = !target->missing;
	return target->missing || !settings->auto_evolve || origins_load(conn, target->table, err);
}

/* What is lacking is looked for and made under one lock: another task may widen further meanwhile,
 * and our change would then make the column narrower. */
static bool
change_table(const Asking *asking, const Settings *settings, Target *target, PGconn *conn,
			 const char *space, Error *err)
{
	AUTO_TEXT char *name = xstrdup(target->table->name);
	bool done;

	if (!ddl_lock(conn, name, err))
		return false;
	done =
		read_table(settings, target, conn, space, err) &&
		(target->table == NULL || ddl_evolve(conn, settings, target->table, &asking->request, err));
	ddl_unlock(conn, name);
	target->changed = done && target->table != NULL;
	return done;
}

bool
asking_answer(Asking *asking, Targets *targets, PGconn *conn, const char *space, Error *err)
{
	const Settings *settings = targets->settings;
	Target *target = asking->topic->target;
	const AskDdl ddl = asking->ddl;

	if (asking->index && !see_to_index(settings, asking->topic, conn, space, err))
		return false;
	asking->index = false;
	/* Plans hold the table as it was. */
	targets_forget(targets, target);
	asking->ddl = ASK_NO_DDL;
	/* It is gone where it was to be changed: what is made in its place is to be changed yet. */
	target->changed = false;
	if (ddl == ASK_CREATE && !ddl_create(conn, settings, space, &asking->request, err))
		return false;
	if (!read_table(settings, target, conn, space, err))
		return false;
	if (ddl == ASK_CHANGE && target->table != NULL &&
		(!change_table(asking, settings, target, conn, space, err) ||
		 !read_table(settings, target, conn, space, err)))
		return false;
	asking->topic = NULL;
	return true;
}

/*
 * plugin/key.c - see key.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/key.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "utils/relcache.h"
#include "utils/syscache.h"

static Oid
key_index(Relation relation)
{
	Oid index = InvalidOid;

	if (relation->rd_rel->relreplident == REPLICA_IDENTITY_INDEX)
		index = RelationGetReplicaIndex(relation);
	return OidIsValid(index) ? index : primary_key_index(relation);
}

static const Column *
find_column(const Plan *plan, AttrNumber attnum)
{
	for (int i = 0; i < plan->columns_len; i++)
		if (plan->columns[i].attnum == attnum)
			return &plan->columns[i];
	elog(ERROR, "column %d of table \"%s\" is in its key, but not in its rows", attnum,
		 plan->label);
}

/* A column as the table's own key has it: without a form that would give two values one key. */
static Column
key_column(const Column *column, TupleDesc tupdesc, const Options *options)
{
	Column result = *column;

	result.type = types_resolve_key(TupleDescAttr(tupdesc, AttrNumberGetAttrOffset(column->attnum)),
									options, column->label);
	return result;
}

static HeapTuple
read_index(Oid index)
{
	HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for index %u", index);
	return tuple;
}

static void
build_from_index(Plan *plan, Relation shown, const Options *options)
{
	Oid index = key_index(shown);
	TupleDesc tupdesc = RelationGetDescr(shown);
	HeapTuple tuple;
	Form_pg_index form;

	if (!OidIsValid(index))
		return;
	tuple = read_index(index);
	form = (Form_pg_index) GETSTRUCT(tuple);
	plan->key_len = form->indnkeyatts;
	plan->key = palloc(sizeof(Column) * plan->key_len);
	for (int i = 0; i < plan->key_len; i++)
	{
		plan->key[i] = key_column(find_column(plan, form->indkey.values[i]), tupdesc, options);
		plan->needs_settings |= plan->key[i].type->needs_settings;
	}
	ReleaseSysCache(tuple);
}

static const Column *
find_named_column(const Plan *plan, const char *name)
{
	const Column *column = plan_find_column(plan, name);

	if (column == NULL)
		ereport(ERROR, errcode(ERRCODE_UNDEFINED_COLUMN),
				errmsg("table \"%s\" has no column \"%s\" for its key (option \"key.columns\"); "
					   "name columns that all its tables have, or take the table out of the list "
					   "of tables",
					   plan->label, name));
	return column;
}

static bool
is_in_index(const FormData_pg_index *form, const Column *column)
{
	for (int i = 0; i < form->indnkeyatts; i++)
		if (AttrNumberGetAttrOffset(form->indkey.values[i]) == column->index)
			return true;
	return false;
}

/* By the catalog: RelationGetIdentityKeyBitmap is for decoding alone, and plans are made in SQL
 * functions as well. */
static OldKey
what_is_logged(const Plan *plan, Relation relation)
{
	OldKey logged = OLD_KEY_IF_CHANGED;
	Oid identity;
	HeapTuple tuple;

	if (relation->rd_rel->relreplident == REPLICA_IDENTITY_FULL)
		return OLD_KEY_ALWAYS;
	identity = RelationGetReplicaIndex(relation);
	if (!OidIsValid(identity))
		return OLD_KEY_UNKNOWN;
	tuple = read_index(identity);
	for (int i = 0; i < plan->key_len; i++)
		if (!is_in_index((Form_pg_index) GETSTRUCT(tuple), &plan->key[i]))
			logged = OLD_KEY_UNKNOWN;
	ReleaseSysCache(tuple);
	return logged;
}

static void
build_from_columns(Plan *plan, const List *columns)
{
	ListCell *cell;

	plan->key_is_chosen = true;
	plan->key = palloc(sizeof(Column) * list_length(columns));
	foreach (cell, columns)
		plan->key[plan->key_len++] = *find_named_column(plan, lfirst(cell));
}

void
key_build(Plan *plan, Relation relation, Relation shown, const Options *options)
{
	if (options->key_columns != NIL)
		build_from_columns(plan, options->key_columns);
	else
		build_from_index(plan, shown, options);
	plan->old_key = what_is_logged(plan, relation);
	plan->old_is_full = relation->rd_rel->relreplident == REPLICA_IDENTITY_FULL;
}

/*
 * plugin/plan.c - see plan.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/plan.h"

#include "access/transam.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "plugin/key.h"
#include "plugin/name.h"
#include "plugin/schema.h"
#include "plugin/standin.h"
#include "plugin/utf8.h"

static const char *
copy_as_utf8(const char *text)
{
	size_t len = strlen(text);

	return pstrdup(utf8_from_server(text, &len));
}

/* Where the rows have a column of the table that they are shown as. Partitions have all its
 * columns, maybe in other places. */
static int
find_index(const Plan *plan, TupleDesc shown, int shown_index)
{
	const char *name = NameStr(TupleDescAttr(shown, shown_index)->attname);
	int natts = plan->tupdesc->natts;

	for (int i = 0; i < natts; i++)
	{
		int index = (shown_index + i) % natts; /* mostly the first one */
		const FormData_pg_attribute *attribute = TupleDescAttr(plan->tupdesc, index);

		if (!attribute->attisdropped && strcmp(NameStr(attribute->attname), name) == 0)
			return index;
	}
	elog(ERROR, "a partition of table \"%s\" has no column \"%s\"", plan->label, name);
}

/* What a plan is made from. */
typedef struct Source
{
	Relation shown; /* the table that the rows are sent as */
	TupleDesc tupdesc;
	const Plan *shown_plan; /* its own, where it is not the table of the rows; else NULL */
	const Options *options;
} Source;

static Missing
find_missing(const Source *source, int index, const ValueType *type)
{
	AttrNumber attnum = TupleDescAttr(source->tupdesc, index)->attnum;
	Missing missing = {0};

	if (source->shown_plan == NULL)
		return missing_value(source->shown, source->tupdesc, index, type);
	for (int i = 0; i < source->shown_plan->columns_len; i++)
		if (source->shown_plan->columns[i].attnum == attnum)
			missing = source->shown_plan->columns[i].missing;
	if (missing.json != NULL)
		missing.json = pstrdup(missing.json);
	if (missing.text != NULL)
		missing.text = pstrdup(missing.text);
	return missing;
}

static Column
build_column(const Plan *plan, const Source *source, int shown_index)
{
	TupleDesc shown = source->tupdesc;
	const FormData_pg_attribute *attribute = TupleDescAttr(shown, shown_index);
	const char *attribute_name = NameStr(attribute->attname);
	Column column = {
		.index = find_index(plan, shown, shown_index),
		.attnum = attribute->attnum,
		.nullable = !column_is_not_null(shown, shown_index),
		.may_be_external = attribute->attlen == -1,
		.original = copy_as_utf8(attribute_name),
	};

	column.name = name_to_avro(column.original);
	column.label = psprintf("%s.%s", plan->label, attribute_name);
	column.type = types_resolve(attribute, source->options, column.label);
	column.missing = find_missing(source, shown_index, column.type);
	column.unavailable = standin_unavailable(column.type->schema, column.nullable);
	column.empty = standin_empty(column.type->schema);
	return column;
}

static void
add_type(Plan *plan, Oid oid)
{
	if (oid < FirstNormalObjectId)
		return;
	plan->types = plan->types == NULL
					  ? palloc(sizeof(uint32))
					  : repalloc(plan->types, sizeof(uint32) * (plan->types_len + 1));
	plan->types[plan->types_len++] = GetSysCacheHashValue1(TYPEOID, ObjectIdGetDatum(oid));
}

/* A type's name and values may change while the table stays as it is. */
static void
add_types(Plan *plan, Oid oid)
{
	Oid base = getBaseType(oid);
	Oid element = get_element_type(base);

	add_type(plan, base);
	if (OidIsValid(element))
		add_type(plan, getBaseType(element));
}

static Image
new_image(int natts)
{
	return (Image){.values = palloc(sizeof(Datum) * natts), .nulls = palloc(sizeof(bool) * natts)};
}

static void
build_columns(Plan *plan, const Source *source)
{
	TupleDesc shown = source->tupdesc;

	plan->columns = palloc(sizeof(Column) * shown->natts);
	for (int i = 0; i < shown->natts; i++)
	{
		const FormData_pg_attribute *attribute = TupleDescAttr(shown, i);

		if (attribute->attisdropped || column_is_virtual(attribute))
			continue;
		plan->columns[plan->columns_len] = build_column(plan, source, i);
		plan->needs_settings |= plan->columns[plan->columns_len].type->needs_settings;
		add_types(plan, attribute->atttypid);
		plan->columns_len++;
	}
	plan->row = new_image(plan->tupdesc->natts);
	plan->old_row = new_image(plan->tupdesc->natts);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp((*(const Column *const *) a)->name, (*(const Column *const *) b)->name);
}

/* Only names that had to be changed can meet another. */
static void
refuse_equal_names(const Plan *plan)
{
	const Column **sorted = palloc(sizeof(Column *) * plan->columns_len);

	for (int i = 0; i < plan->columns_len; i++)
		sorted[i] = &plan->columns[i];
	qsort(sorted, plan->columns_len, sizeof *sorted, compare_names);
	for (int i = 1; i < plan->columns_len; i++)
		if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
			ereport(ERROR, errcode(ERRCODE_DUPLICATE_COLUMN),
					errmsg("columns \"%s\" and \"%s\" of table \"%s\" have the same Avro name "
						   "\"%s\"; rename one of them, and take the table out of the list of "
						   "tables to pass the rows from before",
						   NameStr(TupleDescAttr(plan->tupdesc, sorted[i - 1]->index)->attname),
						   NameStr(TupleDescAttr(plan->tupdesc, sorted[i]->index)->attname),
						   plan->label, sorted[i]->name));
	pfree(sorted);
}

char *
plan_namespace_name(Relation relation)
{
	char *name = get_namespace_name(RelationGetNamespace(relation));

	if (name == NULL)
		elog(ERROR, "cache lookup failed for schema %u", RelationGetNamespace(relation));
	return name;
}

bool
plan_depends_on_type(const Plan *plan, uint32 hash)
{
	for (int i = 0; i < plan->types_len; i++)
		if (hash == 0 || plan->types[i] == hash)
			return true;
	return false;
}

const Column *
plan_find_column(const Plan *plan, const char *name)
{
	size_t len = strlen(name);
	const char *wanted = utf8_from_server(name, &len);

	for (int i = 0; i < plan->columns_len; i++)
		if (strcmp(plan->columns[i].original, wanted) == 0)
			return &plan->columns[i];
	return NULL;
}

Plan *
plan_build(Relation relation, Relation shown, const Plan *shown_plan, const Options *options)
{
	Plan *plan = palloc0(sizeof *plan);
	Source source = {.shown = shown,
					 .tupdesc = CreateTupleDescCopyConstr(RelationGetDescr(shown)),
					 .shown_plan = shown_plan,
					 .options = options};

	plan->relid = RelationGetRelid(shown);
	plan->namespace_name = plan_namespace_name(shown);
	plan->table_name = pstrdup(RelationGetRelationName(shown));
	plan->label = psprintf("%s.%s", plan->namespace_name, plan->table_name);
	plan->namespace_utf8 = copy_as_utf8(plan->namespace_name);
	plan->table_utf8 = copy_as_utf8(plan->table_name);
	plan->tupdesc = CreateTupleDescCopyConstr(RelationGetDescr(relation));
	build_columns(plan, &source);
	refuse_equal_names(plan);
	key_build(plan, relation, shown, options);
	plan->is_multiset = options->old_rows != OLD_ROWS_OFF && plan->key == NULL && plan->old_is_full;
	plan->sends_old_rows = options->old_rows == OLD_ROWS_ALL || plan->is_multiset;
	plan->value_schema = schema_value(plan, options);
	if (plan->key != NULL)
		plan->key_schema = schema_key(plan, options);
	return plan;
}

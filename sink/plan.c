/*
 * sink/plan.c - see plan.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/plan.h"

#include "sink/form.h"
#include "sink/origins.h"
#include "sink/pgtypes.h"
#include "sink/sqltype.h"

#include <stdio.h>

/* What plan_new works on. */
typedef struct Maker
{
	const Settings *settings;
	const char *topic;
	Plan *plan;
	Error *err;
} Maker;

/* The record of a value or key schema: ["null", record] is what Connect writes for an optional
 * one. */
static const Schema *
record_of(const Schema *schema)
{
	return schema != NULL && schema->type == SCHEMA_RECORD ? schema : NULL;
}

static bool
has_column(const Plan *plan, const Column *column)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->columns[i].column == column)
			return true;
	return false;
}

static bool
no_column(Maker *maker, const SchemaField *field)
{
	const Table *table = maker->plan->table;
	AUTO_TEXT char *quoted = pg_quote(field->column);
	SqlTypes types;

	sqltype_find(field, &types);
	error_set(maker->err, ERROR_CONFIG,
			  "table \"%s\" has no column \"%s\"; add it with: alter table %s add column "
			  "%s %s; or leave the field out with fields.whitelist",
			  table->name, field->column, table->sql, quoted, types.names[0]);
	sqltype_done(&types);
	return false;
}

/* The field's text stands in the record's notes. */
static bool
is_noted(const PlanWay *way, size_t index)
{
	for (size_t i = 0; i < way->noted_count; i++)
		if (way->noted[i] == index)
			return true;
	return false;
}

/* Notes on most times and timestamps are there only for their digits: they have to be fast. */
static bool
is_moment(const Schema *schema, const Column *column)
{
	const uint32_t oid = column->type.oid;

	if (schema->logical >= LOGICAL_TIMESTAMP_MILLIS && schema->logical <= LOGICAL_TIMESTAMP_NANOS)
		return oid == PG_TIMESTAMP || oid == PG_TIMESTAMPTZ;
	return schema->logical >= LOGICAL_TIME_MILLIS && schema->logical <= LOGICAL_TIME_NANOS &&
		   oid == PG_TIME;
}

/* Puts a field behind the columns so far; schema is its own, or that of a key that is no record. */
static bool
add_column(Maker *maker, const SchemaField *field, size_t index, bool from_key)
{
	Plan *plan = maker->plan;
	const Schema *record = from_key && plan->value == NULL ? plan->key : plan->value;
	const Column *column = origins_column(plan->table, record, field);

	if (column == NULL)
		return no_column(maker, field);
	if (has_column(plan, column) || column->generated)
		return true;

	PlanColumn *to = &plan->columns[plan->count];

	*to =
		(PlanColumn){.column = column, .field = field->name, .from_key = from_key, .index = index};

	const Schema *schema = schema_nullable(field->schema, &to->null_branch);

	to->null_branch = schema_null_branch(field->schema);
	to->several = schema->type == SCHEMA_UNION;
	if (schema->type == SCHEMA_NULL)
		return true;
	to->is_moment = is_moment(schema, column);
	if (!from_key)
		plan->casts[index] = !to->is_moment;
	if (!from_key && is_noted(&plan->way, index))
	{
		to->conversion.schema = schema;
		to->as_text = true;
		to->noted = true;
		plan->staged = true;
		plan->count++;
		return true;
	}
	switch (convert_find(schema, &column->type, &to->conversion))
	{
		case CONVERT_BINARY:
			break;
		case CONVERT_TEXT:
			to->as_text = true;
			plan->staged = true;
			break;
		case CONVERT_IMPOSSIBLE:
			return error_set(maker->err, ERROR_CONFIG,
							 "field \"%s\" is a %s, which cannot be written into column \"%s\" of "
							 "table \"%s\"; leave it out with fields.whitelist",
							 field->name, schema_type_name(schema->type), column->name,
							 plan->table->name);
	}
	plan->count++;
	return true;
}

static const SchemaField *
find_field(const Schema *record, const char *name, size_t *index)
{
	for (size_t i = 0; record != NULL && i < record->count; i++)
		if (strcmp(record->fields[i].name, name) == 0 ||
			strcmp(record->fields[i].column, name) == 0)
		{
			*index = i;
			return &record->fields[i];
		}
	return NULL;
}

static bool
add_named_keys(Maker *maker, const Schema *record, bool from_key)
{
	const OptionList *names = &maker->settings->pk_fields;

	for (size_t i = 0; i < names->count; i++)
	{
		size_t index;
		const SchemaField *field = find_field(record, names->items[i], &index);

		if (field == NULL)
			return error_set(maker->err, ERROR_CONFIG,
							 "the record's %s has no field \"%s\", which pk.fields names",
							 from_key ? "key" : "value", names->items[i]);
		if (!add_column(maker, field, index, from_key))
			return false;
	}
	return true;
}

static bool
add_record_key(Maker *maker)
{
	const Schema *key = maker->plan->key;
	const Schema *record = record_of(key);
	const OptionList *names = &maker->settings->pk_fields;
	const bool named = names->count > 0 && maker->settings->key_form != KEYS_KAFKA;

	if (key == NULL)
		return error_set(maker->err, ERROR_DATA,
						 "the record has no key, but pk.mode=record_key needs one");
	if (record == NULL && names->count != 1)
		return error_set(maker->err, ERROR_CONFIG,
						 "the record's key is a %s and not a record; name its one column in "
						 "pk.fields",
						 schema_type_name(key->type));
	if (record == NULL)
		return add_column(
			maker,
			&(SchemaField){.name = names->items[0], .column = names->items[0], .schema = key}, 0,
			true);
	if (named)
		return add_named_keys(maker, record, true);
	for (size_t i = 0; i < record->count; i++)
		if (!add_column(maker, &record->fields[i], i, true))
			return false;
	return true;
}

static bool
add_keys(Maker *maker)
{
	Plan *plan = maker->plan;

	if (plan->way.use != PLAN_BY_MODE)
		return true;
	switch ((PkMode) maker->settings->pk_mode)
	{
		case PK_MODE_NONE:
			return true;
		case PK_MODE_RECORD_KEY:
		case PK_MODE_KAFKA:
			if (!add_record_key(maker))
				return false;
			break;
		case PK_MODE_RECORD_VALUE:
			if (!add_named_keys(maker, plan->value, false))
				return false;
			break;
	}
	plan->key_count = plan->count;
	if (plan->key_count > 0 || maker->settings->insert_mode == INSERT_MODE_INSERT)
		return true;
	return error_set(maker->err, ERROR_CONFIG,
					 "no key column of table \"%s\" can be written; check pk.fields",
					 plan->table->name);
}

static bool
add_values(Maker *maker)
{
	const Schema *value = maker->plan->value;

	for (size_t i = 0; value != NULL && i < value->count; i++)
	{
		const SchemaField *field = &value->fields[i];

		if (settings_takes(maker->settings, maker->topic, field->name, field->column) &&
			!add_column(maker, field, i, false))
			return false;
	}
	return true;
}

/* Equal values of this column have equal bytes, and only they. */
static bool
is_exact(const PlanColumn *key)
{
	static const uint32_t exact[] = {PG_BOOL, PG_BYTEA,		PG_NAME,		PG_INT8,	PG_INT2,
									 PG_INT4, PG_OID,		PG_TEXT,		PG_VARCHAR, PG_DATE,
									 PG_TIME, PG_TIMESTAMP, PG_TIMESTAMPTZ, PG_UUID};

	for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
		if (key->column->type.oid == exact[i])
			return !key->as_text && !key->column->folding;
	return key->column->type.is_enum && !key->as_text;
}

/* Numbers of one scale: equal ones have equal bytes. */
static bool
is_canonical(const PlanColumn *key)
{
	const Schema *schema = key->conversion.schema;

	return is_exact(key) ||
		   (key->column->type.oid == PG_NUMERIC && !key->as_text &&
			(schema->type == SCHEMA_INT || schema->type == SCHEMA_LONG ||
			 (schema->type == SCHEMA_BYTES && schema->logical == LOGICAL_DECIMAL)));
}

static void
look_at_keys(Plan *plan)
{
	plan->canonical = true;
	if (plan->settings->insert_mode == INSERT_MODE_INSERT)
		return;
	for (size_t i = 0; i < plan->key_count; i++)
	{
		plan->loose |= !is_exact(&plan->columns[i]);
		plan->canonical &= is_canonical(&plan->columns[i]);
	}
}

bool
plan_has_form(const Plan *plan, size_t field)
{
	for (size_t i = 0; i < plan->count; i++)
		if (!plan->columns[i].from_key && plan->columns[i].index == field)
			return form_possible(plan->columns[i].conversion.schema,
								 &plan->columns[i].column->type);
	return true;
}

size_t
plan_key_columns(const Plan *plan, const Table *table, const Column **keys)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->key_count && count < PLAN_INDEX_COLUMNS; i++)
		if ((keys[count] = table_column(table, plan->columns[i].column->name)) != NULL)
			count++;
	return count;
}

bool
plan_can_update(const Plan *plan, size_t i)
{
	return i >= plan->key_count && !plan->columns[i].column->identity_always;
}

static bool
updates_nothing(const Settings *settings, const Plan *plan)
{
	if (settings->insert_mode != INSERT_MODE_UPDATE || plan->value == NULL ||
		plan->way.use != PLAN_BY_MODE)
		return false;
	for (size_t i = 0; i < plan->count; i++)
		if (plan_can_update(plan, i))
			return false;
	return true;
}

/* None of the fields that there are has a column. A table without columns has rows all the same. */
static bool
has_no_place(const Plan *plan)
{
	return plan->count == 0 && (plan->value == NULL || plan->value->count > 0);
}

bool
plan_new(const Settings *settings, const char *topic, const Table *table, const Schema *key,
		 const Schema *value, Plan **out, Error *err)
{
	return plan_new_way(settings, topic, table, key, value, &(PlanWay){0}, out, err);
}

static size_t *
copy_noted(const PlanWay *way)
{
	size_t *noted = xcalloc(way->noted_count + 1, sizeof *noted);

	for (size_t i = 0; i < way->noted_count; i++)
		noted[i] = way->noted[i];
	return noted;
}

bool
plan_new_way(const Settings *settings, const char *topic, const Table *table, const Schema *key,
			 const Schema *value, const PlanWay *way, Plan **out, Error *err)
{
	if (value != NULL && value->type != SCHEMA_RECORD)
		return error_set(err, ERROR_DATA, "the value is a %s and not a record",
						 schema_type_name(value->type));

	const size_t key_fields = key == NULL ? 0 : key->count + 1;
	const size_t value_fields = value == NULL ? 0 : value->count;
	Plan *plan = xcalloc(1, sizeof *plan);
	Maker maker = {.settings = settings, .topic = topic, .plan = plan, .err = err};

	*plan = (Plan){.settings = settings,
				   .topic = topic,
				   .table = table,
				   .key = key,
				   .value = value,
				   .way = *way,
				   .staged = table->takes_no_binary,
				   .columns = xcalloc(key_fields + value_fields + 1, sizeof *plan->columns),
				   .casts = xcalloc(value_fields + 1, sizeof *plan->casts),
				   .key_fields = xcalloc(key_fields + 1, sizeof *plan->key_fields),
				   .value_fields = xcalloc(value_fields + 1, sizeof *plan->value_fields)};
	plan->way.noted = copy_noted(way);
	if (!add_keys(&maker) || !add_values(&maker))
	{
		plan_free(plan);
		return false;
	}
	if (has_no_place(plan) || updates_nothing(settings, plan))
	{
		const bool key_only = plan->count > 0;

		plan_free(plan);
		return error_set(err, ERROR_CONFIG,
						 "no field of the record%s goes into table \"%s\"; check fields.whitelist",
						 key_only ? " but its key" : "", table->name);
	}
	look_at_keys(plan);
	*out = plan;
	return true;
}

void
plan_free(Plan *plan)
{
	if (plan == NULL)
		return;
	for (size_t i = 0; i < plan->variant_count; i++)
		plan_free(plan->variants[i]);
	free(plan->variants);
	free((void *) plan->way.noted);
	free(plan->columns);
	free(plan->casts);
	free(plan->key_fields);
	free(plan->value_fields);
	free(plan);
}

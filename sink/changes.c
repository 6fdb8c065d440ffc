/*
 * sink/changes.c - see changes.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/changes.h"

#include "sink/naming.h"
#include "sink/origins.h"
#include "sink/sqltype.h"

/* What changes_find works on. */
typedef struct Finder
{
	const Table *table;
	const Schema *value;
	const WrittenField *fields; /* all that are written */
	size_t count;
	const Position *at;
	Changes *changes;
} Finder;

static bool
listed(const OptionList *list, const SchemaField *field)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], field->name) == 0 || strcmp(list->items[i], field->column) == 0)
			return true;
	return false;
}

static WrittenField *
find_written(const WrittenField *fields, size_t count, const char *column)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].field.column, column) == 0)
			return (WrittenField *) &fields[i];
	return NULL;
}

/* The fields of a record's key that are written as such. */
static size_t
key_fields(const Settings *settings, const Schema *key, WrittenField *fields)
{
	const OptionList *names = &settings->pk_fields;
	size_t count = 0;

	if (key == NULL || settings->pk_mode == PK_MODE_NONE ||
		settings->pk_mode == PK_MODE_RECORD_VALUE)
		return 0;
	if (key->type != SCHEMA_RECORD)
	{
		if (names->count != 1)
			return 0;
		fields[0] = (WrittenField){
			.field = {.name = names->items[0], .column = names->items[0], .schema = key},
			.is_key = true};
		return 1;
	}
	for (size_t i = 0; i < key->count; i++)
		if (names->count == 0 || settings->key_form == KEYS_KAFKA || listed(names, &key->fields[i]))
			fields[count++] =
				(WrittenField){.field = key->fields[i], .record = key, .is_key = true};
	return count;
}

/* Takes a key field out that the value has, too: that one says more of the column. */
static bool
take_out(WrittenField *fields, size_t *count, const char *column)
{
	WrittenField *known = find_written(fields, *count, column);

	if (known == NULL)
		return false;
	(*count)--;
	memmove(known, known + 1, (size_t) (fields + *count - known) * sizeof *known);
	return true;
}

size_t
changes_fields(const Settings *settings, const char *topic, const Schema *key, const Schema *value,
			   WrittenField *fields)
{
	size_t count = key_fields(settings, key, fields);

	for (size_t i = 0; value != NULL && i < value->count; i++)
	{
		const SchemaField *field = &value->fields[i];
		const bool is_key =
			take_out(fields, &count, field->column) ||
			(settings->pk_mode == PK_MODE_RECORD_VALUE && listed(&settings->pk_fields, field));

		if (is_key || settings_takes(settings, topic, field->name, field->column))
			fields[count++] = (WrittenField){.field = *field, .record = value, .is_key = is_key};
	}
	return count;
}

static Change *
add(Finder *finder, ChangeKind kind, const WrittenField *written, const Column *column)
{
	Changes *changes = finder->changes;
	Change *change;

	changes->items = xrealloc(changes->items, (changes->count + 1) * sizeof *changes->items);
	change = &changes->items[changes->count++];
	*change = (Change){.kind = kind, .column = column};
	if (written != NULL)
	{
		SchemaField *copy = xmalloc(sizeof *copy);

		*copy = written->field;
		change->field = copy;
		change->record = written->record;
		change->is_key = written->is_key;
	}
	return change;
}

/* A column that the table has under a former name of the field, which no other field has. */
static const Column *
former_column(const Finder *finder, const SchemaField *field)
{
	for (size_t i = 0; i < field->alias_count; i++)
	{
		const Column *column = table_column(finder->table, field->aliases[i]);

		if (column != NULL && find_written(finder->fields, finder->count, column->name) == NULL)
			return column;
	}
	return NULL;
}

/* The source's column has another type than when it, or the one of the table that the source had
 * before, was last heard of. */
static bool
is_retyped(const Finder *finder, const WrittenField *written, const Column *column,
		   const Origin *origin)
{
	if (written->field.sql_type == NULL || written->record == NULL ||
		written->record->relation == 0)
		return false;
	if (origin == NULL)
		origin = origins_before(finder->table, written->record, column);
	return origin != NULL && strcmp(origin->type, written->field.sql_type) != 0 &&
		   origins_is_news(origin, finder->at);
}

/* The column's type against the one that the schema demands. */
static void
find_type(Finder *finder, const WrittenField *written, const Column *column, const Origin *origin)
{
	AUTO_TEXT char *wanted = sqltype_demanded(&written->field);
	const bool changed = is_retyped(finder, written, column, origin);
	char *wider;

	if (wanted == NULL || column->generated)
		return;

	const bool becomes_text = sqltype_becomes_text(column->stored_sql, wanted);

	switch (sqltype_fit(column->stored_sql, wanted, &wider))
	{
		case SQLTYPE_WIDER:
			add(finder, CHANGE_WIDEN, written, column)->type = wider;
			return;
		case SQLTYPE_HOLDS:
			break;
		case SQLTYPE_OTHER:
			if (changed)
				add(finder, becomes_text ? CHANGE_WIDEN : CHANGE_CONFLICT, written, column)->type =
					xstrdup(wanted);
			return;
		case SQLTYPE_UNKNOWN:
			if (changed && becomes_text)
			{
				add(finder, CHANGE_WIDEN, written, column)->type = xstrdup(wanted);
				return;
			}
			break;
	}
	if (changed)
		add(finder, CHANGE_LEARN, written, column);
}

/* The source has given its column another name since. */
static bool
is_renamed(const Finder *finder, const WrittenField *written, const Origin *origin)
{
	return origin != NULL && strcmp(origin->name, written->field.column) != 0 &&
		   origins_is_news(origin, finder->at);
}

/* The field of the records' whole rows, also one that is not written. */
static const SchemaField *
field_of(const Finder *finder, const Origin *origin)
{
	for (size_t i = 0; i < finder->value->count; i++)
		if (finder->value->fields[i].attnum == origin->attnum)
			return &finder->value->fields[i];
	return NULL;
}

/* The column that a field has may get its name: it is free, or has it but for the case, or one has
 * it whose source is gone. */
static bool
gets_name(const Finder *finder, const WrittenField *written)
{
	const SchemaField *field = &written->field;
	const Column *named;
	const Origin *holder = origins_holder(finder->table, written->record, field, &named);

	if (named != NULL && named == origins_column(finder->table, written->record, field))
		return strcmp(named->name, field->column) != 0;
	return named == NULL || (holder != NULL && field_of(finder, holder) == NULL);
}

/* The column that an origin is of has another name once these changes are made. */
static bool
gives_name(const Finder *finder, const Origin *origin)
{
	const SchemaField *field = field_of(finder, origin);
	const WrittenField *written =
		field == NULL ? NULL : find_written(finder->fields, finder->count, field->column);

	return written != NULL && is_renamed(finder, written, origin) && gets_name(finder, written);
}

/* The name is wanted for another column: that which has it, and whose source is gone, gets one that
 * says so. */
static void
set_aside(Finder *finder, const WrittenField *written)
{
	const Column *column;
	const Origin *origin = origins_holder(finder->table, written->record, &written->field, &column);

	if (origin != NULL && field_of(finder, origin) == NULL)
		add(finder, CHANGE_SET_ASIDE, NULL, column)->name =
			naming_free(finder->table, finder->value, column->name, NAMING_DROPPED, origin->attnum);
}

/* A field that has no column yet; another field's column may have its name. */
static void
find_new(Finder *finder, const WrittenField *written)
{
	const SchemaField *field = &written->field;
	const Column *column;
	const Origin *holder = origins_holder(finder->table, written->record, field, &column);
	const bool is_gone = holder != NULL && field_of(finder, holder) == NULL;

	if (holder == NULL || gives_name(finder, holder))
		add(finder, CHANGE_ADD, written, NULL);
	else if (column->generated)
		add(finder, CHANGE_LEARN, written, column);
	else if (written->is_key && is_gone)
		add(finder, CHANGE_REPLACED, written, column);
	else if (is_gone && (field->attnum > holder->attnum || origins_is_news(holder, finder->at)))
	{
		set_aside(finder, written);
		add(finder, CHANGE_ADD, written, NULL);
	}
	else
		/* Of a record from before, which comes late, or beside one that keeps its name. */
		add(finder, CHANGE_ADD, written, NULL)->name =
			naming_free(finder->table, finder->value, field->column,
						is_gone ? NAMING_DROPPED : NAMING_NUMBERED, field->attnum);
}

static void
find_field(Finder *finder, const WrittenField *written)
{
	const Table *table = finder->table;
	const SchemaField *field = &written->field;
	const Origin *origin = origins_find(table, written->record, field);
	const Column *column = origins_column(table, written->record, field);
	const bool nullable = schema_null_branch(field->schema) >= 0;
	const bool has_origin =
		written->record != NULL && written->record->relation != 0 && field->attnum != 0;

	if (column == NULL)
		column = former_column(finder, field);
	if (column == NULL)
	{
		find_new(finder, written);
		return;
	}
	/* The table may have a column of the new name, or of the old one for good reason. */
	if (((origin == NULL && strcasecmp(column->name, field->column) != 0 &&
		  field->alias_count > 0 && former_column(finder, field) == column) ||
		 is_renamed(finder, written, origin)) &&
		gets_name(finder, written))
	{
		set_aside(finder, written);
		add(finder, CHANGE_RENAME, written, column);
	}
	else if ((origin == NULL && has_origin) || is_renamed(finder, written, origin))
		add(finder, CHANGE_LEARN, written, column);
	find_type(finder, written, column, origin);
	if (column->not_null && nullable && !written->is_key && !column->generated && !column->identity)
		add(finder, CHANGE_NULLABLE, written, column);
}

/* Columns that have to have a value and get none from these records. */
static void
find_lost(Finder *finder)
{
	const Table *table = finder->table;
	bool *filled = xcalloc(table->count + 1, sizeof *filled);

	for (size_t i = 0; i < finder->count; i++)
	{
		const WrittenField *written = &finder->fields[i];
		const Column *column = origins_column(table, written->record, &written->field);

		if (column == NULL)
			column = former_column(finder, &written->field);
		if (column != NULL)
			filled[column - table->columns] = true;
	}
	for (size_t i = 0; i < table->count; i++)
	{
		const Column *column = &table->columns[i];

		if (column->not_null && !column->has_default && !column->generated && !filled[i])
			add(finder, CHANGE_NULLABLE, NULL, column);
	}
	free(filled);
}

void
changes_find(const Settings *settings, const char *topic, const Table *table, const Schema *key,
			 const Schema *value, const Position *at, Changes *changes)
{
	Finder finder = {.table = table, .value = value, .at = at, .changes = changes};
	const size_t room = (key ? key->count : 0) + (value ? value->count : 0) + 1;
	WrittenField *fields = xcalloc(room, sizeof *fields);

	*changes = (Changes){.count = 0};
	if (value != NULL && value->type == SCHEMA_RECORD)
	{
		finder.count = changes_fields(settings, topic, key, value, fields);
		finder.fields = fields;
		for (size_t i = 0; i < finder.count; i++)
			find_field(&finder, &fields[i]);
		if (settings->insert_mode != INSERT_MODE_UPDATE)
			find_lost(&finder);
	}
	free(fields);
}

void
changes_done(Changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
	{
		free((void *) changes->items[i].field);
		free(changes->items[i].type);
		free(changes->items[i].name);
	}
	free(changes->items);
	*changes = (Changes){.count = 0};
}

/*
 * plugin/schema.c - see schema.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/schema.h"

#include "lib/stringinfo.h"
#include "utils/json.h"

#include "plugin/name.h"

/* AvroData of Confluent's AvroConverter makes it of a struct without a name, such as ValueToKey's.
 */
#define NAMELESS_NAME	   "ConnectDefault"
#define NAMELESS_NAMESPACE "io.confluent.connect.avro"

/* A schema as it is written. */
typedef struct Writer
{
	StringInfoData out;
	const Options *options;
	List *defined;	   /* names (const char *) of the records that fields have defined so far */
	const char *space; /* namespace of the record; NULL: none */
	const char *name;
	int fields;
} Writer;

/* ---- fields ---- */

static void
append_property(StringInfo out, const char *name, const char *value)
{
	appendStringInfo(out, ",\"%s\":", name);
	escape_json(out, value);
}

/* A type that defines a record; by its name alone once the schema has it. */
static const char *
define_once(Writer *writer, const ValueType *type)
{
	const char *definition = strstr(type->schema, type->named_schema);
	ListCell *cell;

	foreach (cell, writer->defined)
		if (strcmp(lfirst(cell), type->named) == 0)
			return psprintf("%.*s\"%s\"%s", (int) (definition - type->schema), type->schema,
							type->named, definition + strlen(type->named_schema));
	writer->defined = lappend(writer->defined, unconstify(char *, type->named));
	return type->schema;
}

/* Where AvroData writes connect.default: in front of connect.name, connect.type and logicalType. */
static size_t
place_of_default(const char *object)
{
	int depth = 0;
	bool in_string = false;

	for (const char *p = object; *p != '\0'; p++)
	{
		if (in_string)
		{
			p += *p == '\\';
			in_string = *p != '"';
		}
		else if (*p == '"')
			in_string = true;
		else if (*p == '{' || *p == '[')
			depth++;
		else if (*p == '}' || *p == ']')
			depth--;
		if ((depth == 1 && !in_string &&
			 (strncmp(p, ",\"connect.name\"", 15) == 0 ||
			  strncmp(p, ",\"connect.type\"", 15) == 0 ||
			  strncmp(p, ",\"logicalType\"", 14) == 0)) ||
			depth == 0)
			return (size_t) (p - object);
	}
	elog(ERROR, "unbalanced schema: %s", object);
}

/* The type of a column that older rows have a value for. */
static void
append_type_with_default(StringInfo out, const char *type, const char *value)
{
	size_t place;

	if (type[0] != '{')
	{
		appendStringInfo(out, "{\"type\":%s,\"connect.default\":%s}", type, value);
		return;
	}
	place = place_of_default(type);
	appendStringInfo(out, "%.*s,\"connect.default\":%s%s", (int) place, type, value, type + place);
}

static void
append_type(Writer *writer, const Column *column)
{
	const char *type =
		column->type->named != NULL ? define_once(writer, column->type) : column->type->schema;
	StringInfo out = &writer->out;

	appendStringInfoString(out, ",\"type\":");
	if (column->nullable)
		appendStringInfo(out, "[\"null\",%s],\"default\":null", type);
	else if (column->missing.json != NULL)
	{
		append_type_with_default(out, type, column->missing.json);
		appendStringInfo(out, ",\"default\":%s", column->missing.json);
	}
	else
		appendStringInfoString(out, type);
}

static void
append_column_type(Writer *writer, const Column *column)
{
	StringInfo out = &writer->out;
	const ValueType *type = column->type;
	ColumnTypes which = writer->options->column_types;

	if (which == COLUMN_TYPES_NONE ? !type->ambiguous : which == COLUMN_TYPES_EXTRA && !type->extra)
		return;
	append_property(out, "wal2avro.type", type->name);
	if (type->encoding != NULL)
		append_property(out, "wal2avro.encoding", type->encoding);
	if (column->missing.text != NULL)
		append_property(out, "wal2avro.default", column->missing.text);
	if (which == COLUMN_TYPES_ALL)
		appendStringInfo(out, ",\"wal2avro.attnum\":%d", column->attnum);
}

static void
append_field(Writer *writer, const Column *column)
{
	StringInfo out = &writer->out;

	if (writer->fields++ > 0)
		appendStringInfoChar(out, ',');
	appendStringInfo(out, "{\"name\":\"%s\"", column->name);
	append_type(writer, column);
	if (column->original != column->name)
		append_property(out, "wal2avro.name", column->original);
	append_column_type(writer, column);
	appendStringInfoChar(out, '}');
}

/* ---- records ---- */

static void
begin_record(Writer *writer, const char *space, const char *name)
{
	initStringInfo(&writer->out);
	writer->space = space;
	writer->name = name;
	appendStringInfo(&writer->out, "{\"type\":\"record\",\"name\":\"%s\"", name);
	if (space != NULL)
		append_property(&writer->out, "namespace", space);
	appendStringInfoString(&writer->out, ",\"fields\":[");
}

/* Begins a record of a table: of its own name and suffix, or in the namespace of schema.namespace.
 */
static void
begin_table_record(Writer *writer, const Plan *plan, const char *suffix, const char *name_in_space)
{
	const char *given = writer->options->schema_namespace;

	if (given == NULL)
		begin_record(writer, NULL, name_to_record(psprintf("%s%s", plan->table_utf8, suffix)));
	else
		begin_record(writer,
					 psprintf("%s.%s.%s", name_to_namespace(given),
							  name_to_avro(plan->namespace_utf8), name_to_avro(plan->table_utf8)),
					 name_in_space);
}

static void
end_table_record(Writer *writer, const Plan *plan)
{
	StringInfo out = &writer->out;

	appendStringInfo(out, "],\"connect.name\":\"%s%s%s\"",
					 writer->space != NULL ? writer->space : "", writer->space != NULL ? "." : "",
					 writer->name);
	if (name_to_record(plan->table_utf8) != plan->table_utf8)
		append_property(out, "wal2avro.name", plan->table_utf8);
}

const char *
schema_value(const Plan *plan, const Options *options)
{
	Writer writer = {.options = options};

	begin_table_record(&writer, plan, "", "Value");
	for (int i = 0; i < plan->columns_len; i++)
		append_field(&writer, &plan->columns[i]);
	end_table_record(&writer, plan);
	if (plan->is_multiset)
		append_property(&writer.out, "wal2avro.identity", "full");
	if (options->column_types == COLUMN_TYPES_ALL)
		appendStringInfo(&writer.out, ",\"wal2avro.relation\":%u", plan->relid);
	appendStringInfoChar(&writer.out, '}');
	return writer.out.data;
}

const char *
schema_key(const Plan *plan, const Options *options)
{
	Writer writer = {.options = options};
	bool nameless = plan->key_is_chosen && options->schema_namespace == NULL;

	if (nameless)
		begin_record(&writer, NAMELESS_NAMESPACE, NAMELESS_NAME);
	else
		begin_table_record(&writer, plan, "_key", "Key");
	for (int i = 0; i < plan->key_len; i++)
		append_field(&writer, &plan->key[i]);
	if (nameless)
		appendStringInfoChar(&writer.out, ']');
	else
		end_table_record(&writer, plan);
	appendStringInfoChar(&writer.out, '}');
	return writer.out.data;
}

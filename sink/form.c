/*
 * sink/form.c - see form.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/form.h"

#include "common/avro.h"
#include "sink/form_hstore.h"
#include "sink/form_shape.h"
#include "sink/json.h"
#include "sink/pgtypes.h"
#include "sink/text.h"

#include <strings.h>

static const char malformed[] = "is malformed";
static const char no_room[] = "is larger than a batch may be";

static const char *
put(Buffer *out, const char *text)
{
	return buffer_append_text(out, text) ? NULL : no_room;
}

ColumnType
form_element(const ColumnType *type)
{
	ColumnType element = *type;

	element.oid = type->element;
	element.is_enum = type->element_is_enum;
	element.element = 0;
	return element;
}

/* The field of a record by its name or column; the record's bytes begin at in. */
static const Schema *
find_field(const Schema *record, const char *name, Slice *in)
{
	for (size_t i = 0; i < record->count; i++)
	{
		if (strcmp(record->fields[i].column, name) == 0 ||
			strcasecmp(record->fields[i].name, name) == 0)
			return record->fields[i].schema;
		if (walk_value(record->fields[i].schema, in) != NULL)
			return NULL;
	}
	return NULL;
}

static bool
has_place(const ColumnType *type, const SchemaField *field)
{
	for (size_t i = 0; i < type->field_count; i++)
		if (strcmp(field->column, type->fields[i].name) == 0 ||
			strcasecmp(field->name, type->fields[i].name) == 0)
			return true;
	return false;
}

/* (a,"b c",): one field per attribute, nothing at all for null. Attributes without a field are
 * null. */
static const char *
put_composite(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	const char *problem = put(out, "(");

	for (size_t i = 0; problem == NULL && i < type->field_count; i++)
	{
		Slice value = *in;
		const Schema *field = find_field(schema, type->fields[i].name, &value);
		bool null = field == NULL;
		size_t at;

		if (i > 0)
			problem = put(out, ",");
		if (problem == NULL && field != NULL)
			problem = text_enter(&field, &value, &null);
		at = out->len;
		if (problem != NULL || null)
			continue;
		problem = form_of_value(field, &type->fields[i].type, &value, out);
		if (problem == NULL)
			problem = text_requote(at, text_quote, out);
	}
	if (problem == NULL)
		problem = walk_value(schema, in);
	return problem ? problem : put(out, ")");
}

static const char *
put_json(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	(void) type;
	return json_of_value(schema, in, out);
}

static const char *
put_element(const Schema *items, const ColumnType *type, Slice *in, Buffer *out)
{
	const size_t at = out->len;
	const ColumnType element = form_element(type);
	bool null;
	const char *problem = text_enter(&items, in, &null);

	if (problem != NULL || null)
		return problem ? problem : put(out, "NULL");
	if (items->type == SCHEMA_ARRAY && items->logical == LOGICAL_NONE)
		return form_of_value(items, type, in, out);
	problem = form_of_value(items, &element, in, out);
	return problem ? problem : text_requote(at, text_quote, out);
}

/* {"a",{...}} with each element in the form of the elements' type. */
static const char *
put_array(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	const char *problem = put(out, "{");
	bool first = true;
	int64_t count;
	int64_t size;

	while (problem == NULL)
	{
		if (!avro_get_long(in, &count) || (count < 0 && !avro_get_long(in, &size)))
			return malformed;
		if (count == 0)
			return put(out, "}");
		for (int64_t i = count < 0 ? -count : count; problem == NULL && i > 0; i--)
		{
			problem = first ? NULL : put(out, type->delimiter ? (char[]){type->delimiter, 0} : ",");
			first = false;
			if (problem == NULL)
				problem = put_element(schema->items, type, in, out);
		}
	}
	return problem;
}

/* a,b as the array {a,b}. */
static const char *
put_set(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	const size_t at = out->len;
	Slice text;

	(void) schema;
	(void) type;
	if (!avro_get_bytes(in, &text))
		return malformed;
	if (!buffer_append_text(out, "{") || !buffer_append(out, text.data, text.len) ||
		!buffer_append_text(out, "}"))
		return no_room;
	for (size_t i = at + 1; i + 1 < out->len; i++)
		if (strchr("\"\\{}", out->data[i]) != NULL)
			return "has a label that an array of labels cannot hold";
	return NULL;
}

static const char *
put_text(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	(void) type;
	return text_of_value(schema, in, out);
}

static const char *
put_bit(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	bool value;

	(void) schema;
	(void) type;
	return avro_get_boolean(in, &value) ? put(out, value ? "1" : "0") : malformed;
}

/* Bytes for another type than bytea are its text: Debezium's include.unknown.datatypes. */
static const char *
put_raw(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	Slice text;

	(void) schema;
	(void) type;
	if (!avro_get_bytes(in, &text))
		return malformed;
	return buffer_append(out, text.data, text.len) ? NULL : no_room;
}

/* What a value is, as far as its form goes. */
typedef enum Kind
{
	KIND_ANY,
	KIND_BOOLEAN,
	KIND_STRING,
	KIND_BYTES, /* of no known meaning */
	KIND_JSON,	/* a string that Debezium calls so */
	KIND_SET,	/* a string of labels */
	KIND_ARRAY,
	KIND_MAP,
	KIND_RECORD,
	KIND_POINT,
	KIND_SHAPE, /* a point, a geometry or a geography */
	KIND_SPARSE,
	KIND_TEXT, /* all that sink/text.h knows */
} Kind;

static bool
is_of(const Schema *schema, Kind kind)
{
	switch (kind)
	{
		case KIND_ANY:
			return true;
		case KIND_BOOLEAN:
			return schema->type == SCHEMA_BOOLEAN;
		case KIND_STRING:
			return schema->type == SCHEMA_STRING;
		case KIND_BYTES:
			return schema->type == SCHEMA_BYTES && schema->logical == LOGICAL_NONE;
		case KIND_JSON:
			return schema->logical == LOGICAL_JSON;
		case KIND_SET:
			return schema->logical == LOGICAL_ENUM_SET;
		case KIND_ARRAY:
			return schema->type == SCHEMA_ARRAY;
		case KIND_MAP:
			return text_is_map(schema);
		case KIND_RECORD:
			return schema->type == SCHEMA_RECORD;
		case KIND_POINT:
			return schema->logical == LOGICAL_POINT;
		case KIND_SHAPE:
			return schema->logical >= LOGICAL_POINT && schema->logical <= LOGICAL_GEOGRAPHY;
		case KIND_SPARSE:
			return schema->logical == LOGICAL_SPARSE_VECTOR;
		case KIND_TEXT:
			return text_possible(schema);
	}
	return false;
}

typedef const char *PutForm(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out);

/* Which form by the type's name and the kind of the value; the first row that fits holds. NULL: any
 * type that has no row of its own name; "[]" any array, "()" any composite type, "text" all types
 * that hold any text. */
static const struct
{
	const char *type;
	Kind kind;
	PutForm *put;
} forms[] = {
	{"json", KIND_STRING, put_text},
	{"json", KIND_ANY, put_json},
	{"jsonb", KIND_STRING, put_text},
	{"jsonb", KIND_ANY, put_json},
	{"hstore", KIND_JSON, form_put_hstore_of_json},
	{"hstore", KIND_MAP, form_put_hstore},
	{"bit", KIND_BOOLEAN, put_bit},
	{"varbit", KIND_BOOLEAN, put_bit},
	{"vector", KIND_ARRAY, put_json},
	{"halfvec", KIND_ARRAY, put_json},
	{"sparsevec", KIND_SPARSE, form_put_sparse},
	{"geometry", KIND_SHAPE, form_put_ewkb},
	{"geography", KIND_SHAPE, form_put_ewkb},
	{"point", KIND_POINT, form_put_point},
	{"line", KIND_RECORD, form_put_line},
	{"circle", KIND_RECORD, form_put_circle},
	{"lseg", KIND_SHAPE, form_put_shape},
	{"path", KIND_SHAPE, form_put_shape},
	{"polygon", KIND_SHAPE, form_put_shape},
	{"box", KIND_SHAPE, form_put_shape},
	{"()", KIND_RECORD, put_composite},
	{"[]", KIND_SET, put_set},
	{"[]", KIND_ARRAY, put_array},
	{"text", KIND_TEXT, put_text},
	{"text", KIND_ANY, put_json},
	{"bytea", KIND_TEXT, put_text},
	{NULL, KIND_BYTES, put_raw},
	{NULL, KIND_TEXT, put_text},
};

static bool
is_named(const ColumnType *type, const char *name)
{
	static const uint32_t texts[] = {PG_TEXT, PG_VARCHAR, PG_BPCHAR, PG_XML};

	if (name == NULL)
		return true;
	if (strcmp(name, "[]") == 0 || type->element != 0)
		return type->element != 0 && strcmp(name, "[]") == 0;
	if (strcmp(name, "()") == 0)
		return type->fields != NULL;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (type->oid == texts[i])
			return strcmp(name, "text") == 0;
	if (type->oid == PG_JSON || type->oid == PG_JSONB || type->oid == PG_BYTEA)
		return strcmp(name, type->oid == PG_JSON	? "json"
							: type->oid == PG_JSONB ? "jsonb"
													: "bytea") == 0;
	return type->name != NULL && strcmp(type->name, name) == 0;
}

static PutForm *
find(const Schema *schema, const ColumnType *type)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (is_named(type, forms[i].type) && is_of(schema, forms[i].kind))
			return forms[i].put;
	return NULL;
}

bool
form_possible(const Schema *schema, const ColumnType *type)
{
	int null_branch;
	const ColumnType element = form_element(type);

	if (schema->type == SCHEMA_ARRAY && type->element != 0)
	{
		schema = schema_nullable(schema->items, &null_branch);
		return schema->type == SCHEMA_ARRAY && schema->logical == LOGICAL_NONE
				   ? form_possible(schema, type)
				   : form_possible(schema, &element);
	}
	/* A field that the composite type lacks would be lost. */
	for (size_t i = 0; schema->type == SCHEMA_RECORD && type->fields && i < schema->count; i++)
		if (!has_place(type, &schema->fields[i]))
			return false;
	return find(schema, type) != NULL;
}

const char *
form_of_value(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out)
{
	PutForm *form = find(schema, type);

	return form ? form(schema, type, in, out) : "has no form for its column";
}

/*
 * sink/schema.c - see schema.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/schema.h"

#include "core/map.h"
#include "core/memory.h"

#include <jansson.h>
#include <stdio.h>

typedef struct Parser
{
	Schema *root; /* the first node; the others follow it */
	size_t nodes;
	int depth;
	Map *names; /* full name -> Schema */
	Error *err;
} Parser;

static const Schema *parse_any(Parser *parser, json_t *json, const char *space);

static const struct
{
	const char *name;
	SchemaType type;
} types[] = {
	{"null", SCHEMA_NULL},	   {"boolean", SCHEMA_BOOLEAN}, {"int", SCHEMA_INT},
	{"long", SCHEMA_LONG},	   {"float", SCHEMA_FLOAT},		{"double", SCHEMA_DOUBLE},
	{"bytes", SCHEMA_BYTES},   {"string", SCHEMA_STRING},	{"fixed", SCHEMA_FIXED},
	{"enum", SCHEMA_ENUM},	   {"array", SCHEMA_ARRAY},		{"map", SCHEMA_MAP},
	{"record", SCHEMA_RECORD}, {"error", SCHEMA_RECORD},
};

#define CONNECT	 "org.apache.kafka.connect.data."
#define DEBEZIUM "io.debezium.time."

static const char *
text_of(json_t *json, const char *name)
{
	return json_string_value(json_object_get(json, name));
}

static Schema *
add_node(Parser *parser, SchemaType type)
{
	Schema *node = xcalloc(1, sizeof *node);

	node->type = type;
	if (parser->root == NULL)
		parser->root = node;
	else
	{
		node->next = parser->root->next;
		parser->root->next = node;
	}
	parser->nodes++;
	return node;
}

static const Schema *
fail(Parser *parser, const char *what, const char *name)
{
	error_set(parser->err, ERROR_DATA, "the schema has %s \"%s\"", what, name ? name : "");
	return NULL;
}

static bool
is_name(const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if (!(*p == '_' || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			  (*p >= '0' && *p <= '9' && p > text)))
			return false;
	return *text != '\0';
}

/* The full name of a named type, for the caller to free; space is the namespace around it. */
static char *
full_name(const char *name, const char *space)
{
	if (strchr(name, '.') != NULL || space == NULL || *space == '\0')
		return xstrdup(name);
	return xasprintf("%s.%s", space, name);
}

/* A type by its name: a primitive one, or one that was defined before. */
static const Schema *
parse_reference(Parser *parser, const char *name, const char *space)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].type <= SCHEMA_STRING && strcmp(types[i].name, name) == 0)
			return add_node(parser, types[i].type);

	AUTO_TEXT char *full = full_name(name, space);
	const Schema *known = map_get(parser->names, slice_text(full));

	if (known == NULL)
		known = map_get(parser->names, slice_text(name));
	return known ? known : fail(parser, "an unknown type", name);
}

static const Schema *
parse_union(Parser *parser, json_t *json, const char *space)
{
	Schema *node = add_node(parser, SCHEMA_UNION);

	node->branches = xcalloc(json_array_size(json) + 1, sizeof *node->branches);
	for (size_t i = 0; i < json_array_size(json); i++)
	{
		const Schema *branch = parse_any(parser, json_array_get(json, i), space);

		if (branch == NULL)
			return NULL;
		if (branch->type == SCHEMA_UNION)
			return fail(parser, "a union right inside a", "union");
		for (size_t k = 0; k < i; k++)
			if (node->branches[k]->type == branch->type && branch->name == NULL)
				return fail(parser, "a union with two branches", schema_type_name(branch->type));
		node->branches[node->count++] = branch;
	}
	return node->count > 0 ? node : fail(parser, "an empty", "union");
}

/* Texts that are bytes in another spelling, also those within arrays. */
static void
set_encoding(const Schema *schema, const char *encoding)
{
	const SchemaLogical logical = strcmp(encoding, "hex") == 0			? LOGICAL_HEX
								  : strncmp(encoding, "base64", 6) == 0 ? LOGICAL_BASE64
																		: LOGICAL_NONE;

	if (schema->type == SCHEMA_STRING && schema->logical == LOGICAL_NONE)
		((Schema *) schema)->logical = logical;
	else if (schema->type == SCHEMA_ARRAY)
		set_encoding(schema->items, encoding);
	else if (schema->type == SCHEMA_UNION)
		for (size_t i = 0; i < schema->count; i++)
			set_encoding(schema->branches[i], encoding);
}

static void
set_field(SchemaField *field, json_t *json)
{
	json_t *aliases = json_object_get(json, "aliases");
	json_t *missing = json_object_get(json, "default");
	const char *sql_type = text_of(json, "wal2avro.type");
	const char *encoding = text_of(json, "wal2avro.encoding");

	field->sql_type = sql_type ? xstrdup(sql_type) : NULL;
	field->attnum = (int) json_integer_value(json_object_get(json, "wal2avro.attnum"));
	field->aliases = xcalloc(json_array_size(aliases) + 1, sizeof *field->aliases);
	for (size_t i = 0; i < json_array_size(aliases); i++)
		if (json_is_string(json_array_get(aliases, i)))
			field->aliases[field->alias_count++] =
				xstrdup(json_string_value(json_array_get(aliases, i)));
	if (missing != NULL && !json_is_null(missing))
		field->value_if_missing = json_dumps(missing, JSON_ENCODE_ANY | JSON_COMPACT);
	field->text_if_missing =
		text_of(json, "wal2avro.default") ? xstrdup(text_of(json, "wal2avro.default")) : NULL;
	if (encoding != NULL)
		set_encoding(field->schema, encoding);
}

static bool
parse_fields(Parser *parser, Schema *node, json_t *json, const char *space)
{
	json_t *list = json_object_get(json, "fields");

	if (!json_is_array(list))
		return fail(parser, "no fields in record", node->name);
	node->fields = xcalloc(json_array_size(list) + 1, sizeof *node->fields);
	for (size_t i = 0; i < json_array_size(list); i++)
	{
		json_t *item = json_array_get(list, i);
		const char *name = text_of(item, "name");
		const char *column = text_of(item, "wal2avro.name");

		if (name == NULL || !is_name(name))
			return fail(parser, "a field without a proper name in record", node->name);
		for (size_t k = 0; k < i; k++)
			if (strcmp(node->fields[k].name, name) == 0)
				return fail(parser, "twice the field", name);

		const Schema *schema = parse_any(parser, json_object_get(item, "type"), space);

		if (schema == NULL)
			return false;
		node->fields[node->count++] = (SchemaField){
			.name = xstrdup(name), .column = xstrdup(column ? column : name), .schema = schema};
		set_field(&node->fields[node->count - 1], item);
	}
	return true;
}

static bool
parse_symbols(Parser *parser, Schema *node, json_t *json)
{
	json_t *list = json_object_get(json, "symbols");

	if (!json_is_array(list) || json_array_size(list) == 0)
		return fail(parser, "no symbols in enum", node->name);
	node->symbols = xcalloc(json_array_size(list), sizeof *node->symbols);
	for (size_t i = 0; i < json_array_size(list); i++)
	{
		const char *symbol = json_string_value(json_array_get(list, i));

		if (symbol == NULL)
			return fail(parser, "a symbol that is no text in enum", node->name);
		node->symbols[node->count++] = xstrdup(symbol);
	}
	return true;
}

static const Schema *
parse_named(Parser *parser, SchemaType type, json_t *json, const char *space)
{
	const char *name = text_of(json, "name");
	const char *own_space = text_of(json, "namespace");
	json_int_t size = json_integer_value(json_object_get(json, "size"));

	if (name == NULL || *name == '\0')
		return fail(parser, "a type without a name:", schema_type_name(type));

	Schema *node = add_node(parser, type);

	node->name = full_name(name, own_space ? own_space : space);
	if (map_put(parser->names, slice_text(node->name), node) != NULL)
		return fail(parser, "twice the type", node->name);

	const char *dot = strrchr(node->name, '.');
	AUTO_TEXT char *inner = dot ? xstrndup(node->name, (size_t) (dot - node->name)) : NULL;

	if (type == SCHEMA_RECORD && !parse_fields(parser, node, json, inner))
		return NULL;
	if (type == SCHEMA_ENUM && !parse_symbols(parser, node, json))
		return NULL;
	node->identity_full = text_of(json, "wal2avro.identity") != NULL &&
						  strcmp(text_of(json, "wal2avro.identity"), "full") == 0;
	node->relation = (uint32_t) json_integer_value(json_object_get(json, "wal2avro.relation"));
	if (type == SCHEMA_FIXED && (size < 0 || size > SCHEMA_MAX_BYTES))
		return fail(parser, "a bad size of fixed", node->name);
	node->size = (size_t) size;
	return node;
}

static int
number_of(json_t *json, const char *name)
{
	const char *text = text_of(json, name);

	return text == NULL ? (int) json_integer_value(json_object_get(json, name)) : atoi(text);
}

/* Avro has scale and precision beside the type, Connect among its parameters; a precision of 64
 * without such a parameter is AvroConverter's word for none. */
static void
set_decimal(Schema *node, json_t *json, json_t *parameters)
{
	node->scale = json_is_integer(json_object_get(json, "scale")) ? number_of(json, "scale")
																  : number_of(parameters, "scale");
	node->precision = number_of(json, "precision");
	if (node->precision == 64 && parameters != NULL &&
		json_object_get(parameters, "connect.decimal.precision") == NULL)
		node->precision = 0;
}

/* What the value means: logicalType first, then Connect's name, then the type's own. */
static bool
set_meaning(Parser *parser, Schema *node, json_t *json)
{
	json_t *parameters = json_object_get(json, "connect.parameters");
	const char *type = text_of(json, "connect.type");
	const char *source = text_of(parameters, "__debezium.source.column.type");
	const char *scale = text_of(parameters, "__debezium.source.column.scale");
	const char *connect = text_of(json, "connect.name");
	const char *names[] = {text_of(json, "logicalType"), connect, node->name};

	for (size_t k = 0; k < 3 && node->logical == LOGICAL_NONE; k++)
	{
		node->logical = names[k] ? schema_logical(names[k], node->type) : LOGICAL_NONE;
		node->debezium = names[k] && strncmp(names[k], DEBEZIUM, strlen(DEBEZIUM)) == 0;
	}
	node->instant = names[0] && strncmp(names[0], "timestamp-", strlen("timestamp-")) == 0 &&
					(connect == NULL || strcmp(connect, CONNECT "Timestamp") != 0);
	node->small = type && (strcmp(type, "int8") == 0 || strcmp(type, "int16") == 0);
	node->entries = node->type == SCHEMA_ARRAY && text_of(json, "connect.internal.type") &&
					strcmp(text_of(json, "connect.internal.type"), "MapEntry") == 0;
	node->length = number_of(parameters, "length");
	node->source_type = source ? xstrdup(source) : NULL;
	node->source_length = number_of(parameters, "__debezium.source.column.length");
	node->source_scale = scale ? atoi(scale) : -1;
	if (node->logical != LOGICAL_DECIMAL)
		return true;
	set_decimal(node, json, parameters);
	if (node->scale < -1000 || node->scale > 16383)
		return fail(parser, "a scale out of range in", "decimal");
	return true;
}

static const Schema *
parse_object(Parser *parser, json_t *json, const char *space)
{
	json_t *type = json_object_get(json, "type");
	const char *name = json_string_value(type);

	/* {"type": {...}} and {"type": [...]} only wrap. */
	if (name == NULL)
		return parse_any(parser, type, space);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
	{
		if (strcmp(types[i].name, name) != 0)
			continue;

		SchemaType kind = types[i].type;
		const bool named = kind == SCHEMA_RECORD || kind == SCHEMA_ENUM || kind == SCHEMA_FIXED;
		Schema *node =
			named ? (Schema *) parse_named(parser, kind, json, space) : add_node(parser, kind);

		if (node == NULL || !set_meaning(parser, node, json))
			return NULL;
		if (kind != SCHEMA_ARRAY && kind != SCHEMA_MAP)
			return node;
		node->items = parse_any(
			parser, json_object_get(json, kind == SCHEMA_ARRAY ? "items" : "values"), space);
		return node->items ? node : NULL;
	}
	return parse_reference(parser, name, space);
}

static const Schema *
parse_any(Parser *parser, json_t *json, const char *space)
{
	const Schema *schema = NULL;

	if (++parser->depth > SCHEMA_MAX_DEPTH)
		return fail(parser, "more levels than", "64");
	if (parser->nodes > SCHEMA_MAX_NODES)
		return fail(parser, "more types than", "20000");
	if (json_is_string(json))
		schema = parse_reference(parser, json_string_value(json), space);
	else if (json_is_array(json))
		schema = parse_union(parser, json, space);
	else if (json_is_object(json))
		schema = parse_object(parser, json, space);
	else
		fail(parser, "a type that is neither text, object nor", "array");
	parser->depth--;
	return schema;
}

bool
schema_parse(const char *text, Schema **schema, Error *err)
{
	json_error_t problem;
	size_t len = strlen(text);

	if (len > SCHEMA_MAX_BYTES)
		return error_set(err, ERROR_DATA, "the schema has %zu bytes, more than %d", len,
						 SCHEMA_MAX_BYTES);

	json_t *json = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &problem);

	if (json == NULL)
		return error_set(err, ERROR_DATA, "the schema is not JSON: %s", problem.text);

	Parser parser = {.names = map_new(), .err = err};
	/* A reference to a primitive type is a node of its own, so the root is the node made first. */
	const Schema *root = parse_any(&parser, json, NULL);

	json_decref(json);
	map_free(parser.names, NULL);
	if (root == NULL)
	{
		schema_free(parser.root);
		return false;
	}
	*schema = parser.root;
	return true;
}

const char *
schema_type_name(SchemaType type)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].type == type)
			return types[i].name;
	return "union";
}

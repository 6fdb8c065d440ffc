/*
 * sink/sqltype.c - see sqltype.h; sqltype_fit is in sink/sqltype_fit.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/sqltype.h"

#include <ctype.h>
#include <stdio.h>

/* Longest bit(n) and varchar(n) (PostgreSQL, MaxAttrSize * 8 and MaxAttrSize). */
#define MAX_BITS  83886080
#define MAX_CHARS 10485760

/* By meaning; NULL: by type, or with a modifier. */
static const char *const by_logical[LOGICAL_COUNT] = {
	[LOGICAL_DATE] = "date",
	[LOGICAL_TIME_MILLIS] = "time without time zone",
	[LOGICAL_TIME_MICROS] = "time without time zone",
	[LOGICAL_TIME_NANOS] = "time without time zone",
	[LOGICAL_TIMESTAMP_MILLIS] = "timestamp without time zone",
	[LOGICAL_TIMESTAMP_MICROS] = "timestamp without time zone",
	[LOGICAL_TIMESTAMP_NANOS] = "timestamp without time zone",
	[LOGICAL_DURATION_MICROS] = "interval",
	[LOGICAL_DURATION_NANOS] = "interval",
	[LOGICAL_YEAR] = "integer",
	[LOGICAL_MONTHS_DAYS_MILLIS] = "interval",
	[LOGICAL_UUID] = "uuid",
	[LOGICAL_BASE64] = "bytea",
	[LOGICAL_HEX] = "bytea",
	[LOGICAL_JSON] = "json", /* as written; jsonb does not keep it */
	[LOGICAL_XML] = "xml",
	[LOGICAL_LTREE] = "ltree",
	[LOGICAL_TSVECTOR] = "tsvector",
	[LOGICAL_INTERVAL] = "interval",
	[LOGICAL_ZONED_TIMESTAMP] = "timestamp with time zone",
	[LOGICAL_ZONED_TIME] = "time with time zone",
	[LOGICAL_ISO_DATE] = "date",
	[LOGICAL_ISO_TIME] = "time without time zone",
	[LOGICAL_ISO_TIMESTAMP] = "timestamp without time zone",
	[LOGICAL_VARIABLE_DECIMAL] = "numeric",
	[LOGICAL_POINT] = "point",
	[LOGICAL_GEOMETRY] = "geometry",
	[LOGICAL_GEOGRAPHY] = "geography",
	[LOGICAL_DOUBLE_VECTOR] = "vector",
	[LOGICAL_FLOAT_VECTOR] = "halfvec",
	[LOGICAL_SPARSE_VECTOR] = "sparsevec",
};

static const char *const by_type[] = {
	[SCHEMA_NULL] = "text",	  [SCHEMA_BOOLEAN] = "boolean", [SCHEMA_INT] = "integer",
	[SCHEMA_LONG] = "bigint", [SCHEMA_FLOAT] = "real",		[SCHEMA_DOUBLE] = "double precision",
	[SCHEMA_BYTES] = "bytea", [SCHEMA_STRING] = "text",		[SCHEMA_FIXED] = "bytea",
	[SCHEMA_ENUM] = "text",	  [SCHEMA_ARRAY] = "jsonb",		[SCHEMA_MAP] = "jsonb",
	[SCHEMA_UNION] = "jsonb", [SCHEMA_RECORD] = "jsonb",
};

/* Debezium's names of types that PostgreSQL has under another one (its typname in upper case, and
 * what its driver says of sequences). */
static const struct
{
	const char *name;
	const char *sql;
} source_types[] = {
	{"serial", "integer"},
	{"serial4", "integer"},
	{"bigserial", "bigint"},
	{"serial8", "bigint"},
	{"smallserial", "smallint"},
	{"serial2", "smallint"},
	{"int2", "smallint"},
	{"int4", "integer"},
	{"int8", "bigint"},
	{"float4", "real"},
	{"float8", "double precision"},
	{"bool", "boolean"},
	{"timestamptz", "timestamp with time zone"},
	{"timestamp", "timestamp without time zone"},
	{"timetz", "time with time zone"},
	{"time", "time without time zone"},
	{"varchar", "character varying"},
	{"bpchar", "character"},
	{"decimal", "numeric"},
	{"varbit", "bit varying"},
};

static bool
put(Buffer *out, const char *text)
{
	return buffer_append_text(out, text);
}

/* The wider of two numbers' types, or NULL. */
static const char *
wider_number(const Schema *a, const char *b)
{
	static const char *const numbers[] = {"smallint", "integer", "bigint", "real",
										  "double precision"};
	int best = -1;

	for (int i = 0; i < 5; i++)
		if (strcmp(numbers[i], by_type[a->type]) == 0 || (b && strcmp(numbers[i], b) == 0))
			best = i;
	if (a->logical != LOGICAL_NONE || a->type < SCHEMA_INT || a->type > SCHEMA_DOUBLE)
		return NULL;
	/* A long has more digits than a double keeps. */
	if (best > 2 && (a->type == SCHEMA_LONG || (b && strcmp(b, "bigint") == 0)))
		return "numeric";
	return best < 0 ? NULL : numbers[best];
}

/* A union of several types: numbers have the widest of theirs, anything else is JSON. */
static const char *
type_of_union(const Schema *schema)
{
	const char *widest = NULL;

	for (size_t i = 0; i < schema->count; i++)
	{
		if (schema->branches[i]->type == SCHEMA_NULL)
			continue;
		widest = wider_number(schema->branches[i], widest);
		if (widest == NULL)
			return by_type[SCHEMA_UNION];
	}
	return widest ? widest : by_type[SCHEMA_NULL];
}

static bool
put_array(const Schema *schema, Buffer *out)
{
	const Schema *item = schema;
	int null_branch;

	while (item->type == SCHEMA_ARRAY && item->logical == LOGICAL_NONE && !item->entries)
		item = schema_nullable(item->items, &null_branch);
	if (item->type >= SCHEMA_ARRAY && item->logical == LOGICAL_NONE)
		return put(out, by_type[SCHEMA_ARRAY]);
	return sqltype_of_value(item, out) && put(out, "[]");
}

bool
sqltype_of_value(const Schema *schema, Buffer *out)
{
	int null_branch;

	schema = schema_nullable(schema, &null_branch);
	if (schema->type == SCHEMA_UNION)
		return put(out, type_of_union(schema));
	if (schema->type == SCHEMA_ARRAY && schema->logical == LOGICAL_NONE && !schema->entries)
		return put_array(schema, out);
	if (schema->logical == LOGICAL_DECIMAL)
		return schema->precision > 0 && schema->precision <= 1000
				   ? buffer_printf(out, "numeric(%d,%d)", schema->precision, schema->scale)
				   : put(out, "numeric");
	if (schema->logical == LOGICAL_BITS)
		return schema->length > 0 && schema->length <= MAX_BITS
				   ? buffer_printf(out, "bit(%d)", schema->length)
				   : put(out, "bit varying");
	if (schema->instant)
		return put(out, "timestamp with time zone");
	if (schema->type == SCHEMA_INT && schema->small)
		return put(out, "smallint");
	return put(out,
			   by_logical[schema->logical] ? by_logical[schema->logical] : by_type[schema->type]);
}

/* Where a type has digits or a length, these, as Debezium gives them. */
static char *
with_modifier(const char *sql, const Schema *schema)
{
	static const char zone[] = " without time zone";
	const int length = schema->source_length;
	const int scale = schema->source_scale;
	const bool timed = strncmp(sql, "time", 4) == 0;

	if (timed && scale >= 0 && scale < 6)
	{
		const char *space = strchr(sql, ' ');

		return xasprintf("%.*s(%d)%s", (int) (space ? space - sql : (long) strlen(sql)), sql, scale,
						 space ? space : zone);
	}
	if (strcmp(sql, "numeric") == 0 && length > 0 && length <= 1000)
		return xasprintf("numeric(%d,%d)", length, scale > 0 ? scale : 0);
	if ((strncmp(sql, "character", 9) == 0 && length > 0 && length <= MAX_CHARS) ||
		(strncmp(sql, "bit", 3) == 0 && length > 0 && length <= MAX_BITS))
		return xasprintf("%s(%d)", sql, length);
	return xstrdup(sql);
}

static char *
source_type(const Schema *schema)
{
	const bool array = schema->source_type[0] == '_';
	AUTO_TEXT char *name = xstrdup(schema->source_type + array);
	const char *sql = name;

	for (char *p = name; *p != '\0'; p++)
		*p = (char) tolower((unsigned char) *p);
	if (strcmp(name, "char") == 0)
		return xstrdup(schema->source_length > 1 ? "character" : "\"char\"");
	for (size_t i = 0; i < sizeof source_types / sizeof *source_types; i++)
		if (strcmp(source_types[i].name, name) == 0)
			sql = source_types[i].sql;

	AUTO_TEXT char *full = array ? xstrdup(sql) : with_modifier(sql, schema);

	return xasprintf("%s%s", full, array ? "[]" : "");
}

/* A type's name and nothing that could end it: it goes into statements. */
static bool
is_plain(const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char) *p < ' ' || *p == ';' || *p == '\'' || strncmp(p, "--", 2) == 0 ||
			strncmp(p, "/*", 2) == 0)
			return false;
	return *text != '\0' && strlen(text) < 256;
}

static void
add(SqlTypes *types, char *name)
{
	if (name != NULL && is_plain(name) && types->count < SQLTYPE_CANDIDATES)
		types->names[types->count++] = name;
	else
		free(name);
}

void
sqltype_find(const SchemaField *field, SqlTypes *types)
{
	int null_branch;
	const Schema *schema = schema_nullable(field->schema, &null_branch);
	Buffer by_value;

	*types = (SqlTypes){.count = 0};
	if (field->sql_type != NULL)
		add(types, xstrdup(field->sql_type));
	if (schema->source_type != NULL)
		add(types, source_type(schema));
	buffer_init(&by_value, 1 << 12);
	sqltype_of_value(schema, &by_value);
	add(types, xstrdup(buffer_text(&by_value)));
	buffer_done(&by_value);
	/* Of what only an extension has the form, the text. */
	if (schema->logical != LOGICAL_NONE)
		add(types, xstrdup(schema->type == SCHEMA_RECORD || schema->type == SCHEMA_ARRAY
							   ? by_type[schema->type]
							   : "text"));
}

void
sqltype_done(SqlTypes *types)
{
	for (size_t i = 0; i < types->count; i++)
		free(types->names[i]);
	types->count = 0;
}

bool
sqltype_guesses_bits(const SchemaField *field)
{
	int null_branch;
	const Schema *schema = schema_nullable(field->schema, &null_branch);

	return schema->logical == LOGICAL_BITS && schema->length > 0 && schema->length <= MAX_BITS &&
		   field->sql_type == NULL && schema->source_type == NULL;
}

/* A number, or an array of such, whose size the value's own type says. */
static bool
is_sized(const Schema *schema)
{
	int null_branch;

	while (schema->type == SCHEMA_ARRAY && schema->logical == LOGICAL_NONE && !schema->entries)
		schema = schema_nullable(schema->items, &null_branch);
	return (schema->logical == LOGICAL_NONE && schema->type >= SCHEMA_INT &&
			schema->type <= SCHEMA_DOUBLE) ||
		   (schema->logical == LOGICAL_DECIMAL && schema->precision > 0);
}

char *
sqltype_demanded(const SchemaField *field)
{
	int null_branch;
	const Schema *schema = schema_nullable(field->schema, &null_branch);
	Buffer by_value;
	char *name;

	if (field->sql_type != NULL)
		return is_plain(field->sql_type) ? xstrdup(field->sql_type) : NULL;
	if (schema->source_type != NULL)
		return source_type(schema);
	if (!is_sized(schema))
		return NULL;
	buffer_init(&by_value, 1 << 12);
	sqltype_of_value(schema, &by_value);
	name = xstrdup(buffer_text(&by_value));
	buffer_done(&by_value);
	return name;
}

/*
 * plugin/standin.c - see standin.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/standin.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "common/avro.h"

/* How many zero bytes are the empty value of a type without parts. */
static const struct
{
	const char *name;
	int zeros;
} empty_types[] = {
	{"null", 0},   {"boolean", 1}, {"int", 1},	 {"long", 1}, {"float", 4}, {"double", 8},
	{"string", 1}, {"bytes", 1},   {"array", 1}, {"map", 1},  {"enum", 1},
};

/* 0 in one byte: no bytes at all stand for NaN. */
static const char decimal_zero[] = {2, 0};

static void put_empty(StringInfo out, const JsonbValue *schema);

static bool
is_text(const JsonbValue *value, const char *text)
{
	return value != NULL && value->type == jbvString &&
		   (size_t) value->val.string.len == strlen(text) &&
		   memcmp(value->val.string.val, text, strlen(text)) == 0;
}

static JsonbValue *
get_member(const JsonbValue *object, const char *name)
{
	if (object->type != jbvBinary || !JsonContainerIsObject(object->val.binary.data))
		return NULL;
	return getKeyJsonValueFromContainer(object->val.binary.data, name, (int) strlen(name), NULL);
}

static void
put_zeros(StringInfo out, int count)
{
	while (count-- > 0)
		appendStringInfoChar(out, '\0');
}

static void
put_empty_named(StringInfo out, const JsonbValue *name)
{
	for (size_t i = 0; i < lengthof(empty_types); i++)
		if (is_text(name, empty_types[i].name))
		{
			put_zeros(out, empty_types[i].zeros);
			return;
		}
	elog(ERROR, "Avro type without an empty value");
}

static void
put_empty_fields(StringInfo out, const JsonbValue *fields)
{
	JsonbContainer *container = fields->val.binary.data;

	for (uint32 i = 0; i < JsonContainerSize(container); i++)
		put_empty(out, get_member(getIthJsonbValueFromContainer(container, i), "type"));
}

static void
put_empty(StringInfo out, const JsonbValue *schema)
{
	const JsonbValue *type = get_member(schema, "type");

	check_stack_depth();
	if (type == NULL && schema->type == jbvBinary)
	{
		/* A union: its first branch. */
		put_zeros(out, 1);
		put_empty(out, getIthJsonbValueFromContainer(schema->val.binary.data, 0));
	}
	else if (type == NULL)
		put_empty_named(out, schema);
	else if (is_text(type, "record"))
		put_empty_fields(out, get_member(schema, "fields"));
	else if (is_text(type, "fixed"))
		put_zeros(out,
				  DatumGetInt32(DirectFunctionCall1(
					  numeric_int4, NumericGetDatum(get_member(schema, "size")->val.numeric))));
	else if (is_text(get_member(schema, "logicalType"), "decimal"))
		appendBinaryStringInfo(out, decimal_zero, sizeof decimal_zero);
	else
		put_empty(out, type);
}

/* The schema as a tree; a bare name is a string. */
static JsonbValue
parse(const char *schema)
{
	Jsonb *json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(schema)));
	JsonbValue value = {.type = jbvBinary};

	value.val.binary.data = &json->root;
	value.val.binary.len = VARSIZE(json) - VARHDRSZ;
	if (JB_ROOT_IS_SCALAR(json))
		value = *getIthJsonbValueFromContainer(&json->root, 0);
	return value;
}

static Slice
as_slice(const StringInfoData *text)
{
	return (Slice){(const uint8_t *) text->data, (size_t) text->len};
}

Slice
standin_empty(const char *schema)
{
	StringInfoData out;
	JsonbValue value = parse(schema);

	initStringInfo(&out);
	put_empty(&out, &value);
	return as_slice(&out);
}

/* True for a type that can hold the text. */
static bool
holds_text(const JsonbValue *schema)
{
	const JsonbValue *type = get_member(schema, "type");

	if (type == NULL)
		type = schema;
	return is_text(type, "string") ||
		   (is_text(type, "bytes") && get_member(schema, "logicalType") == NULL);
}

Slice
standin_unavailable(const char *schema, bool nullable)
{
	JsonbValue value = parse(schema);
	bool has_text = holds_text(&value);
	uint8_t head[2 * AVRO_LONG_MAX];
	uint8_t *end = head;
	StringInfoData out;

	initStringInfo(&out);
	if (nullable)
		end = avro_put_long(end, has_text ? 1 : 0); /* branch of the union */
	if (has_text)
		end = avro_put_long(end, (int64) strlen(STANDIN_UNAVAILABLE));
	appendBinaryStringInfo(&out, (const char *) head, (int) (end - head));
	if (has_text)
		appendStringInfoString(&out, STANDIN_UNAVAILABLE);
	else if (!nullable)
		put_empty(&out, &value);
	return as_slice(&out);
}

/*
 * plugin/type_default.c - see type_default.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/type_default.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "utils/guc.h"
#include "utils/json.h"

#include "common/avro.h"
#include "plugin/settings.h"
#include "plugin/type_numeric.h"

/* The value's Avro bytes, or those that stand in for it: a default is for records that do not have
 * the field, and without one the schema would not be compatible with theirs. */
static Slice
encode(const ValueType *type, Datum value)
{
	int nest_level = NewGUCNestLevel();
	Output output;

	if (type->needs_settings)
		settings_fix();
	output_init(&output, CurrentMemoryContext, 0);
	type->encode(&output, type, value);
	AtEOXact_GUC(true, nest_level);
	return (Slice){output.data, output.len};
}

static bool
default_boolean(StringInfo out, const ValueType *type, Datum value)
{
	bool is_true;
	Slice avro = encode(type, value);

	if (!avro_get_boolean(&avro, &is_true))
		return false;
	appendStringInfoString(out, is_true ? "true" : "false");
	return true;
}

static bool
default_long(StringInfo out, const ValueType *type, Datum value)
{
	int64_t number;
	Slice avro = encode(type, value);

	if (!avro_get_long(&avro, &number))
		return false;
	appendStringInfo(out, INT64_FORMAT, (int64) number);
	return true;
}

/* With a fraction: readers that look at a default's type take a whole number for none. */
static void
append_floating(StringInfo out, const char *text)
{
	appendStringInfoString(out, text);
	if (strpbrk(text, ".e") == NULL)
		appendStringInfoString(out, ".0");
}

static bool
default_float(StringInfo out, const ValueType *type, Datum value)
{
	char text[FLOAT_SHORTEST_DECIMAL_LEN];
	float number;
	Slice avro = encode(type, value);

	if (!avro_get_float(&avro, &number) || !isfinite(number))
		return false;
	float_to_shortest_decimal_buf(number, text);
	append_floating(out, text);
	return true;
}

static bool
default_double(StringInfo out, const ValueType *type, Datum value)
{
	char text[DOUBLE_SHORTEST_DECIMAL_LEN];
	double number;
	Slice avro = encode(type, value);

	if (!avro_get_double(&avro, &number) || !isfinite(number))
		return false;
	double_to_shortest_decimal_buf(number, text);
	append_floating(out, text);
	return true;
}

static bool
default_string(StringInfo out, const ValueType *type, Datum value)
{
	Slice avro = encode(type, value);
	Slice text;

	if (!avro_get_bytes(&avro, &text))
		return false;
	escape_json(out, pnstrdup((const char *) text.data, text.len));
	return true;
}

/* Avro has bytes as a string of the characters U+0000 to U+00FF. A decimal without any is NaN. */
static bool
default_bytes(StringInfo out, const ValueType *type, Datum value)
{
	Slice avro = encode(type, value);
	Slice bytes;

	if (!avro_get_bytes(&avro, &bytes) || (bytes.len == 0 && type->encode == encode_decimal))
		return false;
	appendStringInfoChar(out, '"');
	for (size_t i = 0; i < bytes.len; i++)
		appendStringInfo(out, "\\u%04x", bytes.data[i]);
	appendStringInfoChar(out, '"');
	return true;
}

DefaultWriter
type_default_writer(const char *schema)
{
	static const struct
	{
		const char *primitive;
		DefaultWriter write;
	} writers[] = {
		{"\"boolean\"", default_boolean}, {"\"int\"", default_long},
		{"\"long\"", default_long},		  {"\"float\"", default_float},
		{"\"double\"", default_double},	  {"\"string\"", default_string},
		{"\"bytes\"", default_bytes},
	};
	static const char object[] = "{\"type\":";

	if (strncmp(schema, object, strlen(object)) == 0)
		schema += strlen(object);
	for (size_t i = 0; i < lengthof(writers); i++)
		if (strncmp(schema, writers[i].primitive, strlen(writers[i].primitive)) == 0)
			return writers[i].write;
	return NULL;
}

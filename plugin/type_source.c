/*
 * plugin/type_source.c - see type_source.h.
 *
 * Lengths and scales are those that the JDBC driver says of a column (TypeInfoCache of pgjdbc), as
 * Debezium takes them from there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/type_source.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/formatting.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "plugin/type_numeric.h"
#include "plugin/utf8.h"

#define WITHOUT_LIMIT INT32_MAX

/* An array of numerics without precision. */
#define NUMERIC_ELEMENT_LENGTH 131089

/* Digits behind the second where nothing is declared. */
#define SECOND_DIGITS 6

/* Length and scale; scale -1: none is said. */
typedef struct Measure
{
	int length;
	int scale;
} Measure;

static char *
type_name(Oid oid)
{
	HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(oid));
	char *name;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", oid);
	name = pstrdup(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname));
	ReleaseSysCache(tuple);
	return name;
}

static bool
matches(const char *pattern, const char *text)
{
	return pattern != NULL && DatumGetBool(DirectFunctionCall2Coll(textregexeq, C_COLLATION_OID,
																   CStringGetTextDatum(text),
																   CStringGetTextDatum(pattern)));
}

bool
source_is_wanted(const FormData_pg_attribute *attribute, const TypeRequest *request)
{
	const Options *options = request->options;
	size_t table_len = strlen(request->column) - strlen(NameStr(attribute->attname));

	if (options->source_columns == NULL && options->source_datatypes == NULL)
		return false;
	return matches(options->source_columns, request->column) ||
		   matches(options->source_datatypes, psprintf("%.*s%s", (int) table_len, request->column,
													   type_name(attribute->atttypid)));
}

/* Of a type with digits behind the second: what it takes without them and their point. */
static Measure
time_measure(int plain_length, int32 typmod)
{
	int digits = typmod >= 0 ? typmod : SECOND_DIGITS;

	return (Measure){plain_length + (digits > 0 ? digits + 1 : 0), digits};
}

static Measure
measure_of(Oid oid, int32 typmod, bool is_element)
{
	static const struct
	{
		Oid oid;
		Measure measure;
	} fixed[] = {
		{BOOLOID, {1, 0}},	   {INT2OID, {5, 0}},
		{INT4OID, {10, 0}},	   {INT8OID, {19, 0}},
		{OIDOID, {10, 0}},	   {FLOAT4OID, {8, 8}},
		{FLOAT8OID, {17, 17}}, {CHAROID, {1, 0}},
		{DATEOID, {13, 0}},	   {INTERVALOID, {49, SECOND_DIGITS}},
	};
	static const struct
	{
		Oid oid;
		int plain_length;
	} times[] = {{TIMEOID, 8}, {TIMETZOID, 14}, {TIMESTAMPOID, 22}, {TIMESTAMPTZOID, 28}};

	for (size_t i = 0; i < lengthof(fixed); i++)
		if (fixed[i].oid == oid)
			return fixed[i].measure;
	for (size_t i = 0; i < lengthof(times); i++)
		if (times[i].oid == oid)
			return time_measure(times[i].plain_length, typmod);
	if (oid == NUMERICOID && typmod < 0)
		return is_element ? (Measure){NUMERIC_ELEMENT_LENGTH, 0} : (Measure){0, -1};
	if (oid == NUMERICOID)
		return (Measure){numeric_declared_precision(typmod), numeric_declared_scale(typmod)};
	if (typmod > 0 && (oid == VARCHAROID || oid == BPCHAROID))
		return (Measure){typmod - VARHDRSZ, 0};
	if (typmod > 0 && (oid == BITOID || oid == VARBITOID))
		return (Measure){typmod, 0};
	return (Measure){WITHOUT_LIMIT, 0};
}

static void
append_parameter(StringInfo out, const char *name, const char *value)
{
	size_t len = strlen(value);

	appendStringInfo(out, "%s\"__debezium.source.column.%s\":", out->len > 0 ? "," : "", name);
	escape_json(out, utf8_from_server(value, &len));
}

static char *
parameters_of(const ValueType *type, const FormData_pg_attribute *attribute,
			  const TypeRequest *request)
{
	bool is_array = OidIsValid(get_element_type(request->oid));
	Oid oid = is_array ? get_element_type(request->oid) : request->oid;
	int32 typmod = request->typmod;
	const char *name = type_name(attribute->atttypid);
	StringInfoData out;
	Measure measure;

	oid = getBaseTypeAndTypmod(oid, &typmod);
	measure = measure_of(oid, typmod, is_array);
	initStringInfo(&out);
	append_parameter(&out, "type", asc_toupper(name, strlen(name)));
	append_parameter(&out, "length", psprintf("%d", measure.length));
	if (measure.scale >= 0)
		append_parameter(&out, "scale", psprintf("%d", measure.scale));
	if (type->named_schema != type->schema)
		append_parameter(&out, "name", NameStr(attribute->attname));
	return out.data;
}

/* The schema with text put in where at points. */
static char *
put_in(const char *schema, const char *at, const char *text)
{
	return psprintf("%.*s%s%s", (int) (at - schema), schema, text, at);
}

/* AvroData has parameters behind the version, in front of the name and of connect.type; of an array
 * at the end. What is looked for cannot be within a string, where its quotes would be escaped. */
static char *
with_parameters(const char *schema, const char *parameters)
{
	static const char array[] = "{\"type\":\"array\",";
	static const char *const followers[] = {",\"connect.name\":", ",\"connect.type\":"};
	const char *end_of_others = strstr(schema, "},\"connect.name\":");
	char *own = psprintf(",\"connect.parameters\":{%s}", parameters);

	if (schema[0] == '"')
		return psprintf("{\"type\":%s%s}", schema, own);
	if (strncmp(schema, array, strlen(array)) != 0)
	{
		if (end_of_others != NULL)
			return put_in(schema, end_of_others, psprintf(",%s", parameters));
		for (size_t i = 0; i < lengthof(followers); i++)
			if (strstr(schema, followers[i]) != NULL)
				return put_in(schema, strstr(schema, followers[i]), own);
	}
	return put_in(schema, schema + strlen(schema) - 1, own);
}

void
source_add(ValueType *type, const FormData_pg_attribute *attribute, const TypeRequest *request)
{
	bool is_record = type->named_schema == type->schema;

	type->schema = with_parameters(type->schema, parameters_of(type, attribute, request));
	if (is_record)
		type->named_schema = type->schema;
}

/*
 * plugin/types.c - see types.h.
 *
 * To support a type, add a row to the table below and an encoder to encode.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/types.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"

#include "plugin/encode.h"

typedef struct Request
{
	Oid oid; /* never a domain */
	int32 typmod;
	const Options *options;
	const char *column;
} Request;

typedef struct TypeRow
{
	Oid oid;
	bool (*applies)(const Request *request);				/* NULL: always */
	const char *schema;										/* NULL: setup writes it */
	void (*setup)(ValueType *type, const Request *request); /* NULL: nothing to set up */
	ValueEncoder encode;
} TypeRow;

static bool wants_connect(const Request *request);
static bool wants_microseconds(const Request *request);
static bool wants_decimal(const Request *request);
static bool wants_array(const Request *request);
static void setup_output(ValueType *type, const Request *request);
static void setup_decimal(ValueType *type, const Request *request);
static void setup_array(ValueType *type, const Request *request);
static ValueType *resolve(Oid oid, int32 typmod, const Options *options, const char *column);

/* Connect's logical types, in the order of properties that AvroConverter has. */
#define LOGICAL(avro, name, logical)                                                               \
	"{\"type\":\"" avro "\",\"connect.version\":1,\"connect.name\":\"" name                        \
	"\",\"logicalType\":\"" logical "\"}"
#define CONNECT(avro, name, logical)  LOGICAL(avro, "org.apache.kafka.connect.data." name, logical)
#define DEBEZIUM(avro, name, logical) LOGICAL(avro, "io.debezium.time." name, logical)

#define INT16_SCHEMA  "{\"type\":\"int\",\"connect.type\":\"int16\"}"
#define STRING_SCHEMA "\"string\""

/*
 * The first row that has the type and applies. Enums and arrays are looked up by their own OID,
 * then by ANYENUMOID and ANYARRAYOID.
 */
static const TypeRow rows[] = {
	{BOOLOID, NULL, "\"boolean\"", NULL, encode_bool},
	{INT2OID, NULL, INT16_SCHEMA, NULL, encode_int2},
	{INT4OID, NULL, "\"int\"", NULL, encode_int4},
	{INT8OID, NULL, "\"long\"", NULL, encode_int8},
	{OIDOID, NULL, "\"long\"", NULL, encode_oid},
	{FLOAT4OID, NULL, "\"float\"", NULL, encode_float4},
	{FLOAT8OID, NULL, "\"double\"", NULL, encode_float8},
	{NUMERICOID, wants_decimal, NULL, setup_decimal, encode_decimal},
	{NUMERICOID, NULL, STRING_SCHEMA, setup_output, encode_output},
	{TEXTOID, NULL, STRING_SCHEMA, NULL, encode_text},
	{VARCHAROID, NULL, STRING_SCHEMA, NULL, encode_text},
	{BPCHAROID, NULL, STRING_SCHEMA, NULL, encode_text},
	{JSONOID, NULL, STRING_SCHEMA, NULL, encode_text},
	{NAMEOID, NULL, STRING_SCHEMA, NULL, encode_name},
	{UUIDOID, NULL, STRING_SCHEMA, setup_output, encode_output},
	{JSONBOID, NULL, STRING_SCHEMA, setup_output, encode_output},
	{ANYENUMOID, NULL, STRING_SCHEMA, setup_output, encode_output},
	{BYTEAOID, NULL, "\"bytes\"", NULL, encode_bytea},
	{DATEOID, NULL, CONNECT("int", "Date", "date"), NULL, encode_date},
	{TIMEOID, wants_connect, CONNECT("int", "Time", "time-millis"), NULL, encode_time_millis},
	{TIMEOID, wants_microseconds, DEBEZIUM("long", "MicroTime", "time-micros"), NULL,
	 encode_time_micros},
	{TIMESTAMPOID, wants_connect, CONNECT("long", "Timestamp", "timestamp-millis"), NULL,
	 encode_timestamp_millis},
	{TIMESTAMPOID, wants_microseconds, DEBEZIUM("long", "MicroTimestamp", "local-timestamp-micros"),
	 NULL, encode_timestamp_micros},
	{TIMESTAMPTZOID, wants_connect, CONNECT("long", "Timestamp", "timestamp-millis"), NULL,
	 encode_timestamp_millis},
	{TIMESTAMPTZOID, wants_microseconds, DEBEZIUM("long", "MicroTimestamp", "timestamp-micros"),
	 NULL, encode_timestamp_micros},
	/* Arrays by their catalog entry, but counted from 0. */
	{INT2VECTOROID, NULL, STRING_SCHEMA, setup_output, encode_output},
	{OIDVECTOROID, NULL, STRING_SCHEMA, setup_output, encode_output},
	{ANYARRAYOID, wants_array, NULL, setup_array, encode_array},
};

/* Everything else. Its text may depend on settings of the session. */
static const TypeRow text_form = {InvalidOid, NULL, STRING_SCHEMA, setup_output, encode_output};

static bool
wants_connect(const Request *request)
{
	return request->options->time_precision == TIME_CONNECT;
}

static bool
wants_microseconds(const Request *request)
{
	return request->options->time_precision == TIME_MICROSECONDS;
}

/* Precision and scale of a numeric's typmod, as numeric.c packs them. */
static int
decimal_precision(int32 typmod)
{
	return ((typmod - VARHDRSZ) >> 16) & 0xffff;
}

static int
decimal_scale(int32 typmod)
{
	/* Eleven bits, signed: scales go from -1000 to 1000. */
	return (((typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024;
}

/* Avro's decimal has 0 <= scale <= precision; other numerics are text. */
static bool
wants_decimal(const Request *request)
{
	return request->options->decimal_handling == DECIMAL_PRECISE &&
		   request->typmod >= (int32) VARHDRSZ && decimal_scale(request->typmod) >= 0 &&
		   decimal_scale(request->typmod) <= decimal_precision(request->typmod);
}

static bool
wants_array(const Request *request)
{
	return request->options->array_handling == ARRAYS_AS_ARRAYS;
}

static void
setup_output(ValueType *type, const Request *request)
{
	Oid function;
	bool is_varlena;

	getTypeOutputInfo(request->oid, &function, &is_varlena);
	fmgr_info(function, &type->output);
}

static void
setup_decimal(ValueType *type, const Request *request)
{
	int precision = decimal_precision(request->typmod);

	type->scale = decimal_scale(request->typmod);
	type->schema =
		psprintf("{\"type\":\"bytes\",\"scale\":%d,\"precision\":%d,\"connect.version\":1,"
				 "\"connect.parameters\":{\"scale\":\"%d\",\"connect.decimal.precision\":\"%d\"},"
				 "\"connect.name\":\"org.apache.kafka.connect.data.Decimal\","
				 "\"logicalType\":\"decimal\"}",
				 type->scale, precision, type->scale, precision);
}

static void
setup_array(ValueType *type, const Request *request)
{
	type->element_oid = get_element_type(request->oid);
	get_typlenbyvalalign(type->element_oid, &type->element_length, &type->element_by_value,
						 &type->element_align);
	type->element = resolve(type->element_oid, request->typmod, request->options, request->column);
	type->needs_settings = type->element->needs_settings;
	type->schema = psprintf("{\"type\":\"array\",\"items\":[\"null\",%s]}", type->element->schema);
}

static const TypeRow *
find_row(Oid oid, const Request *request)
{
	for (size_t i = 0; i < lengthof(rows); i++)
		if (rows[i].oid == oid && (rows[i].applies == NULL || rows[i].applies(request)))
			return &rows[i];
	return NULL;
}

static const TypeRow *
choose_row(const Request *request)
{
	const TypeRow *row = find_row(request->oid, request);

	if (row == NULL && get_typtype(request->oid) == TYPTYPE_ENUM)
		row = find_row(ANYENUMOID, request);
	if (row == NULL && OidIsValid(get_element_type(request->oid)))
		row = find_row(ANYARRAYOID, request);
	return row != NULL ? row : &text_form;
}

static ValueType *
resolve(Oid oid, int32 typmod, const Options *options, const char *column)
{
	Request request = {.typmod = typmod, .options = options, .column = column};
	ValueType *type = palloc0(sizeof *type);
	const TypeRow *row;

	check_stack_depth();
	request.oid = getBaseTypeAndTypmod(oid, &request.typmod);
	row = choose_row(&request);
	type->encode = row->encode;
	type->schema = row->schema;
	type->column = column;
	type->needs_settings = row == &text_form;
	if (row->setup != NULL)
		row->setup(type, &request);
	return type;
}

ValueType *
types_resolve(const FormData_pg_attribute *attribute, const Options *options, const char *column)
{
	return resolve(attribute->atttypid, attribute->atttypmod, options, column);
}

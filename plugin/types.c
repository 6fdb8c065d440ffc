/*
 * plugin/types.c - see types.h.
 *
 * To support a type, add a row to the table below and an encoder to encode.c or type_*.c. What the
 * table gives to whom is docs/types.md.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/types.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "plugin/encode.h"
#include "plugin/settings.h"
#include "plugin/type_array.h"
#include "plugin/type_bytes.h"
#include "plugin/type_default.h"
#include "plugin/type_enum.h"
#include "plugin/type_hstore.h"
#include "plugin/type_iso.h"
#include "plugin/type_name.h"
#include "plugin/type_numeric.h"
#include "plugin/type_source.h"
#include "plugin/type_time.h"

typedef struct TypeRow
{
	Oid oid;
	TypeTest applies;	/* NULL: always */
	const char *schema; /* NULL: setup writes it */
	ValueEncoder encode;
	TypeSetup setup; /* NULL: nothing to set up */
	bool extra;		 /* not what the JDBC source makes of the type */
} TypeRow;

/* A type of an extension has no OID that is known here; it is known by its output function. */
typedef struct ExtensionRow
{
	const char *output; /* the function's symbol in C */
	TypeRow row;
} ExtensionRow;

static bool wants_debezium(const TypeRequest *request);
static void setup_ambiguous(ValueType *type, const TypeRequest *request);

/* Connect's logical types, and Debezium's semantic ones. */
#define CONNECT(avro, name, logical)                                                               \
	LOGICAL_SCHEMA(avro, "org.apache.kafka.connect.data." name, logical)
#define DEBEZIUM_TIME(avro, name)		 NAMED_SCHEMA(avro, "io.debezium.time." name)
#define DEBEZIUM_DATA(name)				 NAMED_SCHEMA("string", "io.debezium.data." name)
#define MICRO_NAMED(avro, name, logical) LOGICAL_SCHEMA(avro, "io.debezium.time." name, logical)

#define INT16_SCHEMA "{\"type\":\"int\",\"connect.type\":\"int16\"}"

/*
 * The first row that has the type and applies. Enums and arrays are looked up by their own OID,
 * then by ANYENUMOID and ANYARRAYOID; what has no row is text_form.
 */
static const TypeRow rows[] = {
	{BOOLOID, NULL, "\"boolean\"", encode_bool, NULL, false},
	{INT2OID, NULL, INT16_SCHEMA, encode_int2, NULL, false},
	{INT4OID, NULL, "\"int\"", encode_int4, NULL, false},
	{INT8OID, NULL, "\"long\"", encode_int8, NULL, false},
	{OIDOID, NULL, "\"long\"", encode_oid, NULL, false},
	{FLOAT4OID, NULL, "\"float\"", encode_float4, NULL, false},
	{FLOAT8OID, NULL, "\"double\"", encode_float8, NULL, false},

	{NUMERICOID, numeric_wants_integer, NULL, encode_numeric_long, numeric_setup_integer, false},
	{NUMERICOID, numeric_wants_double, NULL, encode_numeric_double, numeric_setup_double, false},
	{NUMERICOID, numeric_wants_decimal, NULL, encode_decimal, numeric_setup_decimal, false},
	{NUMERICOID, numeric_wants_variable, NULL, encode_variable_decimal, numeric_setup_variable,
	 true},
	{NUMERICOID, NULL, STRING_SCHEMA, encode_output, NULL, true},
	{CASHOID, money_wants_decimal, NULL, encode_money_decimal, money_setup_decimal, true},
	{CASHOID, money_wants_double, "\"double\"", encode_money_double, NULL, true},
	{CASHOID, money_wants_plain, STRING_SCHEMA, encode_money_plain, NULL, true},

	{TEXTOID, NULL, STRING_SCHEMA, encode_text, NULL, false},
	{VARCHAROID, NULL, STRING_SCHEMA, encode_text, NULL, false},
	{BPCHAROID, NULL, STRING_SCHEMA, encode_text, NULL, false},
	{NAMEOID, NULL, STRING_SCHEMA, encode_name, NULL, false},
	{CHAROID, NULL, STRING_SCHEMA, encode_output, NULL, false},
	{JSONOID, wants_debezium, DEBEZIUM_DATA("Json"), encode_text, setup_ambiguous, true},
	{JSONOID, NULL, STRING_SCHEMA, encode_text, NULL, false},
	{JSONBOID, wants_debezium, DEBEZIUM_DATA("Json"), encode_output, setup_ambiguous, true},
	{JSONBOID, NULL, STRING_SCHEMA, encode_output, NULL, false},
	{UUIDOID, wants_debezium, DEBEZIUM_DATA("Uuid"), encode_output, NULL, true},
	{UUIDOID, NULL, STRING_SCHEMA, encode_output, NULL, false},
	{XMLOID, wants_debezium, DEBEZIUM_DATA("Xml"), encode_output, NULL, true},
	{XMLOID, NULL, STRING_SCHEMA, encode_output, NULL, false},
	{TSVECTOROID, wants_debezium, DEBEZIUM_DATA("Tsvector"), encode_output, NULL, true},
	{ANYENUMOID, wants_debezium, NULL, encode_output, enum_setup_debezium, true},
	{ANYENUMOID, NULL, STRING_SCHEMA, encode_output, NULL, false},

	{BYTEAOID, bytes_want_base64, STRING_SCHEMA, encode_base64, bytes_setup_string, true},
	{BYTEAOID, bytes_want_base64_url, STRING_SCHEMA, encode_base64_url, bytes_setup_string, true},
	{BYTEAOID, bytes_want_hex, STRING_SCHEMA, encode_hex, bytes_setup_string, true},
	{BYTEAOID, NULL, "\"bytes\"", encode_bytea, NULL, false},
	{BITOID, bits_want_boolean, "\"boolean\"", encode_one_bit, NULL, false},
	{VARBITOID, varbits_want_boolean, "\"boolean\"", encode_one_bit, setup_ambiguous, true},
	{BITOID, bits_want_debezium, NULL, encode_bits, bits_setup, true},
	{VARBITOID, bits_want_debezium, NULL, encode_bits, bits_setup, true},

	{DATEOID, date_wants_connect, CONNECT("int", "Date", "date"), encode_date, NULL, false},
	{DATEOID, date_wants_debezium, DEBEZIUM_TIME("int", "Date"), encode_date, NULL, true},
	{DATEOID, NULL, DEBEZIUM_TIME("string", "IsoDate"), encode_iso_date, NULL, true},

	{TIMEOID, time_wants_connect, CONNECT("int", "Time", "time-millis"), encode_time_millis, NULL,
	 false},
	{TIMEOID, time_wants_microsecond_names, MICRO_NAMED("long", "MicroTime", "time-micros"),
	 encode_time_micros, NULL, true},
	{TIMEOID, time_wants_adapted_millis, DEBEZIUM_TIME("int", "Time"), encode_time_millis, NULL,
	 true},
	{TIMEOID, time_wants_adapted_micros, DEBEZIUM_TIME("long", "MicroTime"), encode_time_micros,
	 NULL, true},
	{TIMEOID, time_wants_nanos, DEBEZIUM_TIME("long", "NanoTime"), encode_time_nanos, NULL, true},
	{TIMEOID, NULL, DEBEZIUM_TIME("string", "IsoTime"), encode_iso_time, NULL, true},
	{TIMETZOID, iso_is_wanted_with_zone, DEBEZIUM_TIME("string", "ZonedTime"), encode_zoned_time,
	 NULL, true},

	{TIMESTAMPOID, time_wants_connect, CONNECT("long", "Timestamp", "timestamp-millis"),
	 encode_timestamp_millis, timestamp_setup, false},
	{TIMESTAMPOID, time_wants_microsecond_names,
	 MICRO_NAMED("long", "MicroTimestamp", "local-timestamp-micros"), encode_timestamp_micros,
	 timestamp_setup, true},
	{TIMESTAMPOID, timestamp_wants_adapted_millis, DEBEZIUM_TIME("long", "Timestamp"),
	 encode_timestamp_millis, timestamp_setup, true},
	{TIMESTAMPOID, timestamp_wants_adapted_micros, DEBEZIUM_TIME("long", "MicroTimestamp"),
	 encode_timestamp_micros, timestamp_setup, true},
	{TIMESTAMPOID, time_wants_nanos, DEBEZIUM_TIME("long", "NanoTimestamp"), encode_timestamp_nanos,
	 NULL, true},
	{TIMESTAMPOID, NULL, DEBEZIUM_TIME("string", "IsoTimestamp"), encode_iso_timestamp, NULL, true},

	{TIMESTAMPTZOID, iso_is_wanted_with_zone, DEBEZIUM_TIME("string", "ZonedTimestamp"),
	 encode_iso_timestamp, NULL, true},
	{TIMESTAMPTZOID, time_wants_connect, CONNECT("long", "Timestamp", "timestamp-millis"),
	 encode_timestamp_millis, NULL, false},
	{TIMESTAMPTZOID, timestamp_wants_adapted_millis,
	 MICRO_NAMED("long", "Timestamp", "timestamp-millis"), encode_timestamp_millis, NULL, true},
	{TIMESTAMPTZOID, time_wants_nanos, DEBEZIUM_TIME("long", "NanoTimestamp"),
	 encode_timestamp_nanos, NULL, true},
	{TIMESTAMPTZOID, NULL, MICRO_NAMED("long", "MicroTimestamp", "timestamp-micros"),
	 encode_timestamp_micros, NULL, true},

	{INTERVALOID, interval_wants_numeric, DEBEZIUM_TIME("long", "MicroDuration"),
	 encode_interval_micros, NULL, true},
	{INTERVALOID, iso_is_wanted_of_interval, DEBEZIUM_TIME("string", "Interval"),
	 encode_iso_interval, NULL, true},

	/* Arrays by their catalog entry, but counted from 0. */
	{INT2VECTOROID, NULL, STRING_SCHEMA, encode_output, NULL, true},
	{OIDVECTOROID, NULL, STRING_SCHEMA, encode_output, NULL, true},
	{ANYARRAYOID, array_is_wanted, NULL, encode_array, array_setup, true},
};

static const ExtensionRow extension_rows[] = {
	{"hstore_out",
	 {InvalidOid, hstore_wants_json, DEBEZIUM_DATA("Json"), encode_hstore_json, setup_ambiguous,
	  true}},
	{"hstore_out",
	 {InvalidOid, hstore_wants_map, "{\"type\":\"map\",\"values\":[\"null\",\"string\"]}",
	  encode_hstore_map, NULL, true}},
	{"ltree_out", {InvalidOid, wants_debezium, DEBEZIUM_DATA("Ltree"), encode_output, NULL, true}},
};

/* Everything else. */
static const TypeRow text_form = {InvalidOid, NULL, STRING_SCHEMA, encode_output, NULL, true};

static bool
wants_debezium(const TypeRequest *request)
{
	return request->options->schema_style == STYLE_DEBEZIUM;
}

/* Debezium's schema of another type is the same: json, jsonb and hstore are Json, and a bit(1) is a
 * boolean as a bit varying(1) is, but has no empty value. */
static void
setup_ambiguous(ValueType *type, const TypeRequest *request)
{
	(void) request;
	type->ambiguous = true;
}

static bool
row_applies(const TypeRow *row, const TypeRequest *request)
{
	return row->applies == NULL || row->applies(request);
}

static const TypeRow *
find_row(Oid oid, const TypeRequest *request)
{
	for (size_t i = 0; i < lengthof(rows); i++)
		if (rows[i].oid == oid && row_applies(&rows[i], request))
			return &rows[i];
	return NULL;
}

static char *
function_symbol(Oid function)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	char *symbol;
	Datum value;
	bool is_null;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	value = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosrc, &is_null);
	symbol = is_null ? pstrdup("") : TextDatumGetCString(value);
	ReleaseSysCache(tuple);
	return symbol;
}

static const TypeRow *
find_extension_row(Oid output, const TypeRequest *request)
{
	const char *symbol = function_symbol(output);

	for (size_t i = 0; i < lengthof(extension_rows); i++)
		if (strcmp(extension_rows[i].output, symbol) == 0 &&
			row_applies(&extension_rows[i].row, request))
			return &extension_rows[i].row;
	return NULL;
}

static bool
is_of_user(Oid oid)
{
	return oid >= FirstNormalObjectId;
}

static const TypeRow *
choose_row(Oid output, const TypeRequest *request)
{
	const TypeRow *row = find_row(request->oid, request);

	if (row == NULL && get_typtype(request->oid) == TYPTYPE_ENUM)
		row = find_row(ANYENUMOID, request);
	if (row == NULL && OidIsValid(get_element_type(request->oid)))
		row = find_row(ANYARRAYOID, request);
	if (row == NULL && is_of_user(request->oid))
		row = find_extension_row(output, request);
	return row != NULL ? row : &text_form;
}

static ValueType *
resolve(const TypeRequest *request)
{
	ValueType *type = palloc0(sizeof *type);
	const TypeRow *row;
	Oid output;
	bool is_varlena;

	check_stack_depth();
	getTypeOutputInfo(request->oid, &output, &is_varlena);
	fmgr_info(output, &type->output);
	row = choose_row(output, request);
	type->encode = row->encode;
	type->schema = row->schema;
	type->extra = row->extra;
	type->column = request->column;
	type->needs_settings = row == &text_form;
	if (row->setup != NULL)
		row->setup(type, request);
	type->put_default = type_default_writer(type->schema);
	type->text = time_text_writer(request->oid);
	return type;
}

/* Goes down to the base type; dimensions are those of the outermost type that declares any. */
static TypeRequest
request_of(Oid oid, int32 typmod, int dimensions)
{
	for (;;)
	{
		HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(oid));
		Form_pg_type form;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for type %u", oid);
		form = (Form_pg_type) GETSTRUCT(tuple);
		if (form->typtype != TYPTYPE_DOMAIN)
		{
			ReleaseSysCache(tuple);
			return (TypeRequest){.oid = oid, .typmod = typmod, .dimensions = dimensions};
		}
		oid = form->typbasetype;
		typmod = form->typtypmod;
		if (dimensions == 0)
			dimensions = form->typndims;
		ReleaseSysCache(tuple);
	}
}

ValueType *
types_resolve_part(const TypeRequest *request, Oid oid, int32 typmod)
{
	TypeRequest part = request_of(oid, typmod, 0);

	part.options = request->options;
	part.column = request->column;
	return resolve(&part);
}

static char *
name_of(const TypeRequest *request)
{
	int nest_level = NewGUCNestLevel();
	char *name;

	settings_fix();
	name = type_name_in_sql(request->oid, request->typmod);
	AtEOXact_GUC(true, nest_level);
	return name;
}

ValueType *
types_resolve(const FormData_pg_attribute *attribute, const Options *options, const char *column)
{
	TypeRequest request =
		request_of(attribute->atttypid, attribute->atttypmod, attribute->attndims);
	ValueType *type;

	request.options = options;
	request.column = column;
	type = resolve(&request);
	if (source_is_wanted(attribute, &request))
		source_add(type, attribute, &request);
	if (options->column_types != COLUMN_TYPES_NONE || type->ambiguous)
		type->name = name_of(&request);
	return type;
}

ValueType *
types_resolve_key(const FormData_pg_attribute *attribute, const Options *options,
				  const char *column)
{
	Options exact = *options;

	if (options->schema_style == STYLE_DEBEZIUM)
		return types_resolve(attribute, options, column);
	exact.time_precision = TIME_MICROSECONDS;
	if (exact.decimal_handling == DECIMAL_DOUBLE)
		exact.decimal_handling = DECIMAL_PRECISE;
	exact.numeric_mapping = NUMERIC_NONE;
	exact.interval_handling = INTERVALS_AS_TEXT;
	exact.array_handling = ARRAYS_AS_TEXT;
	return types_resolve(attribute, &exact, column);
}

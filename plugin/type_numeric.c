/*
 * plugin/type_numeric.c - see type_numeric.h.
 *
 * numeric.mapping follows GenericDatabaseDialect of the JDBC source, except for what that breaks:
 * a numeric without precision, and places before the point that are always zero.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/type_numeric.h"

#include <float.h>
#include <math.h>

#include "common/shortest_dec.h"
#include "utils/builtins.h"
#include "utils/cash.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "common/avro.h"
#include "plugin/decimal.h"

/* Digits that every long holds. */
#define LONG_DIGITS 18

#define MONEY_SCALE 2
#define MONEY_UNIT	100

/* Whole numbers up to here are the same as double. */
#define DOUBLE_WHOLE_MAX (INT64_C(1) << DBL_MANT_DIG)

#define VARIABLE_NAME "io.debezium.data.VariableScaleDecimal"
#define VARIABLE_SCHEMA                                                                            \
	"{\"type\":\"record\",\"name\":\"VariableScaleDecimal\",\"namespace\":\"io.debezium.data\","   \
	"\"fields\":[{\"name\":\"scale\",\"type\":\"int\"},{\"name\":\"value\",\"type\":\"bytes\"}],"  \
	"\"connect.doc\":\"Variable scaled decimal\",\"connect.version\":1,\"connect.name\":"          \
	"\"" VARIABLE_NAME "\"}"

/* A typmod's precision and scale, as numeric.c packs them; precision 0: none is declared. */
typedef struct Declared
{
	int precision;
	int scale;
} Declared;

static Declared
declared(int32 typmod)
{
	if (typmod < (int32) VARHDRSZ)
		return (Declared){0, 0};
	/* The scale has eleven bits, signed: from -1000 to 1000. */
	return (Declared){.precision = ((typmod - VARHDRSZ) >> 16) & 0xffff,
					  .scale = (((typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024};
}

int
numeric_declared_precision(int32 typmod)
{
	return declared(typmod).precision;
}

int
numeric_declared_scale(int32 typmod)
{
	return declared(typmod).scale;
}

/* Digits before the point, of a numeric without any behind it. */
static int
whole_digits(Declared number)
{
	return number.precision - number.scale;
}

bool
numeric_wants_integer(const TypeRequest *request)
{
	Declared number = declared(request->typmod);

	if (number.precision == 0 || number.scale > 0 || whole_digits(number) > LONG_DIGITS)
		return false;
	switch (request->options->numeric_mapping)
	{
		case NUMERIC_NONE:
			return false;
		case NUMERIC_PRECISION_ONLY:
			return number.scale == 0;
		case NUMERIC_BEST_FIT:
		case NUMERIC_BEST_FIT_EAGER_DOUBLE:
			return true;
	}
	return false;
}

bool
numeric_wants_double(const TypeRequest *request)
{
	Declared number = declared(request->typmod);

	switch (request->options->numeric_mapping)
	{
		case NUMERIC_BEST_FIT:
			if (number.scale > 0 && number.precision <= LONG_DIGITS)
				return true;
			break;
		case NUMERIC_BEST_FIT_EAGER_DOUBLE:
			if (number.scale > 0)
				return true;
			break;
		case NUMERIC_NONE:
		case NUMERIC_PRECISION_ONLY:
			break;
	}
	return request->options->decimal_handling == DECIMAL_DOUBLE;
}

/* Avro's decimal has 0 <= scale <= precision. */
bool
numeric_wants_decimal(const TypeRequest *request)
{
	Declared number = declared(request->typmod);

	return request->options->decimal_handling == DECIMAL_PRECISE && number.precision > 0 &&
		   number.scale >= 0 && number.scale <= number.precision;
}

bool
numeric_wants_variable(const TypeRequest *request)
{
	return request->options->decimal_handling == DECIMAL_PRECISE &&
		   request->options->schema_style == STYLE_DEBEZIUM;
}

static bool
is_debezium_money(const TypeRequest *request, DecimalHandling handling)
{
	return request->options->schema_style == STYLE_DEBEZIUM &&
		   request->options->decimal_handling == handling;
}

bool
money_wants_decimal(const TypeRequest *request)
{
	return is_debezium_money(request, DECIMAL_PRECISE);
}

bool
money_wants_double(const TypeRequest *request)
{
	return is_debezium_money(request, DECIMAL_DOUBLE);
}

bool
money_wants_plain(const TypeRequest *request)
{
	return is_debezium_money(request, DECIMAL_STRING);
}

void
numeric_setup_integer(ValueType *type, const TypeRequest *request)
{
	static const struct
	{
		int digits; /* that it is for */
		const char *schema;
	} integers[] = {
		{2, "{\"type\":\"int\",\"connect.type\":\"int8\"}"},
		{4, "{\"type\":\"int\",\"connect.type\":\"int16\"}"},
		{9, "\"int\""},
		{LONG_DIGITS, "\"long\""},
	};
	Declared number = declared(request->typmod);
	size_t i = 0;

	while (whole_digits(number) > integers[i].digits)
		i++;
	type->schema = integers[i].schema;
	type->extra = number.scale < 0;
}

void
numeric_setup_double(ValueType *type, const TypeRequest *request)
{
	type->schema = "\"double\"";
	type->scale_is_declared = declared(request->typmod).precision > 0;
	type->extra = request->options->numeric_mapping == NUMERIC_NONE;
}

static const char *
decimal_schema(int precision, int scale)
{
	return psprintf("{\"type\":\"bytes\",\"scale\":%d,\"precision\":%d,\"connect.version\":1,"
					"\"connect.parameters\":{\"scale\":\"%d\",\"connect.decimal.precision\":\"%d\"}"
					",\"connect.name\":\"org.apache.kafka.connect.data.Decimal\","
					"\"logicalType\":\"decimal\"}",
					scale, precision, scale, precision);
}

void
numeric_setup_decimal(ValueType *type, const TypeRequest *request)
{
	Declared number = declared(request->typmod);

	type->scale = number.scale;
	type->schema = decimal_schema(number.precision, number.scale);
}

void
numeric_setup_variable(ValueType *type, const TypeRequest *request)
{
	(void) request;
	type->schema = type->named_schema = VARIABLE_SCHEMA;
	type->named = VARIABLE_NAME;
}

/* A Decimal of Connect without a precision: AvroData takes 64. */
void
money_setup_decimal(ValueType *type, const TypeRequest *request)
{
	(void) request;
	type->schema = "{\"type\":\"bytes\",\"scale\":2,\"precision\":64,\"connect.version\":1,"
				   "\"connect.parameters\":{\"scale\":\"2\"},"
				   "\"connect.name\":\"org.apache.kafka.connect.data.Decimal\","
				   "\"logicalType\":\"decimal\"}";
}

static bool
is_finite(Numeric number)
{
	return !numeric_is_nan(number) && !numeric_is_inf(number);
}

static DecimalWire
wire_of(Numeric number)
{
	const bytea *wire = DatumGetByteaPP(DirectFunctionCall1(numeric_send, NumericGetDatum(number)));

	return (DecimalWire){(const uint8_t *) VARDATA_ANY(wire), VARSIZE_ANY_EXHDR(wire)};
}

/* A number that does not fit stays without bytes, as NaN; it cannot come from PostgreSQL. */
static void
put_small_decimal(Output *out, DecimalWire wire, int scale)
{
	uint32_t words[DECIMAL_WORDS];
	uint8_t bytes[DECIMAL_BYTES(DECIMAL_WORDS)];
	size_t len = 0;

	if (!decimal_from_wire(wire, scale, words, DECIMAL_WORDS, bytes, &len))
		output_inexact(out);
	output_counted(out, bytes, len);
}

/* Up to 131072 digits before the point and 16383 behind it. */
static void
put_large_decimal(Output *out, DecimalWire wire, int scale)
{
	size_t words_max = decimal_words(wire, scale);
	uint32_t *words = palloc(words_max * sizeof *words);
	uint8_t *bytes = palloc(DECIMAL_BYTES(words_max));
	size_t len = 0;

	if (!decimal_from_wire(wire, scale, words, words_max, bytes, &len))
		output_inexact(out);
	output_counted(out, bytes, len);
	pfree(words);
	pfree(bytes);
}

static void
put_not_finite(Output *out, Numeric number)
{
	if (numeric_is_inf(number))
		output_inexact(out);
	output_counted(out, "", 0);
}

void
encode_decimal(Output *out, const ValueType *type, Datum value)
{
	Numeric number = DatumGetNumeric(value);

	if (is_finite(number))
		put_small_decimal(out, wire_of(number), type->scale);
	else
		put_not_finite(out, number);
}

void
encode_variable_decimal(Output *out, const ValueType *type, Datum value)
{
	Numeric number = DatumGetNumeric(value);
	DecimalWire wire;
	int scale;

	(void) type;
	if (!is_finite(number))
	{
		output_long(out, 0);
		put_not_finite(out, number);
		return;
	}
	wire = wire_of(number);
	scale = decimal_display_scale(wire);
	output_long(out, scale);
	if (decimal_words(wire, scale) <= DECIMAL_WORDS)
		put_small_decimal(out, wire, scale);
	else
		put_large_decimal(out, wire, scale);
}

/* Its declared digits fit; only NaN does not. */
void
encode_numeric_long(Output *out, const ValueType *type, Datum value)
{
	Numeric number = DatumGetNumeric(value);

	(void) type;
	if (is_finite(number))
	{
		output_long(out, DatumGetInt64(DirectFunctionCall1(numeric_int8, value)));
		return;
	}
	output_inexact(out);
	output_long(out, 0);
}

static void
put_double(Output *out, double number)
{
	out->len = avro_put_double(output_reserve(out, sizeof number), number) - out->data;
}

/* Whether the shortest text of a double is this number; also in the same form, where the column
 * does not say how many places a number is shown with. */
static bool
is_same_number(double candidate, const char *text, bool scale_is_declared)
{
	char shortest[DOUBLE_SHORTEST_DECIMAL_LEN];
	Datum back;
	Datum original;

	double_to_shortest_decimal_buf(candidate, shortest);
	back = DirectFunctionCall3(numeric_in, CStringGetDatum(shortest), ObjectIdGetDatum(InvalidOid),
							   Int32GetDatum(-1));
	if (!scale_is_declared)
		return strcmp(DatumGetCString(DirectFunctionCall1(numeric_out, back)), text) == 0;
	original = DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
								   Int32GetDatum(-1));
	return DatumGetBool(DirectFunctionCall2(numeric_eq, back, original));
}

void
encode_numeric_double(Output *out, const ValueType *type, Datum value)
{
	const char *text = DatumGetCString(DirectFunctionCall1(numeric_out, value));
	double number = strtod(text, NULL);

	if (is_finite(DatumGetNumeric(value)))
	{
		if (isinf(number))
			number = copysign(DBL_MAX, number);
		if (!is_same_number(number, text, type->scale_is_declared))
			output_inexact(out);
	}
	put_double(out, number);
}

/* The bytes of a whole number, as BigInteger.toByteArray makes them. */
void
encode_money_decimal(Output *out, const ValueType *type, Datum value)
{
	int64 hundredths = DatumGetCash(value);
	uint8_t bytes[sizeof hundredths];
	size_t start = 0;

	(void) type;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t) ((uint64) hundredths >> (8 * (sizeof bytes - 1 - i)));
	while (start + 1 < sizeof bytes && ((bytes[start] == 0 && bytes[start + 1] < 0x80) ||
										(bytes[start] == 0xff && bytes[start + 1] >= 0x80)))
		start++;
	output_counted(out, bytes + start, sizeof bytes - start);
}

void
encode_money_double(Output *out, const ValueType *type, Datum value)
{
	int64 hundredths = DatumGetCash(value);

	(void) type;
	if (hundredths > DOUBLE_WHOLE_MAX || hundredths < -DOUBLE_WHOLE_MAX)
		output_inexact(out);
	put_double(out, (double) hundredths / MONEY_UNIT);
}

void
encode_money_plain(Output *out, const ValueType *type, Datum value)
{
	int64 hundredths = DatumGetCash(value);
	uint64 size = hundredths < 0 ? -(uint64) hundredths : (uint64) hundredths;
	char text[32];
	int len = snprintf(text, sizeof text, "%s" UINT64_FORMAT ".%0*d", hundredths < 0 ? "-" : "",
					   size / MONEY_UNIT, MONEY_SCALE, (int) (size % MONEY_UNIT));

	(void) type;
	output_counted(out, text, (size_t) len);
}

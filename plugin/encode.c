/*
 * plugin/encode.c - see encode.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/encode.h"

#include "common/int.h"
#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "common/avro.h"
#include "plugin/decimal.h"
#include "plugin/utf8.h"

#define EPOCH_DAYS	 (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)
#define EPOCH_MICROS (EPOCH_DAYS * USECS_PER_DAY)

void
encode_bool(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_u8(out, DatumGetBool(value) ? 1 : 0);
}

void
encode_int2(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_long(out, DatumGetInt16(value));
}

void
encode_int4(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_long(out, DatumGetInt32(value));
}

void
encode_int8(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_long(out, DatumGetInt64(value));
}

void
encode_oid(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_long(out, (int64) DatumGetObjectId(value));
}

void
encode_float4(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	out->len =
		avro_put_float(output_reserve(out, sizeof(float4)), DatumGetFloat4(value)) - out->data;
}

void
encode_float8(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	out->len =
		avro_put_double(output_reserve(out, sizeof(float8)), DatumGetFloat8(value)) - out->data;
}

void
encode_decimal(Output *out, const ValueType *type, Datum value)
{
	Numeric number = DatumGetNumeric(value);
	uint8_t bytes[DECIMAL_BYTES_MAX];
	size_t len = 0;
	bytea *wire;

	if (numeric_is_nan(number) || numeric_is_inf(number))
		ereport(ERROR, errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				errmsg("column \"%s\" holds %s, which an Avro decimal cannot carry; use "
					   "decimal.handling.mode=string",
					   type->column, numeric_is_nan(number) ? "NaN" : "infinity"));
	wire = DatumGetByteaPP(DirectFunctionCall1(numeric_send, NumericGetDatum(number)));
	if (!decimal_from_wire((const uint8_t *) VARDATA_ANY(wire), VARSIZE_ANY_EXHDR(wire),
						   type->scale, bytes, &len))
		ereport(ERROR, errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				errmsg("column \"%s\" holds a number that does not fit its declared precision; "
					   "use decimal.handling.mode=string",
					   type->column));
	output_counted(out, bytes, len);
}

static void
put_string(Output *out, const char *text, size_t len)
{
	const char *utf8 = utf8_from_server(text, &len);

	output_counted(out, utf8, len);
}

void
encode_text(Output *out, const ValueType *type, Datum value)
{
	const struct varlena *text = PG_DETOAST_DATUM_PACKED(value);

	(void) type;
	put_string(out, VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
}

void
encode_name(Output *out, const ValueType *type, Datum value)
{
	const char *name = NameStr(*DatumGetName(value));

	(void) type;
	put_string(out, name, strlen(name));
}

void
encode_bytea(Output *out, const ValueType *type, Datum value)
{
	const bytea *bytes = DatumGetByteaPP(value);

	(void) type;
	output_counted(out, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
}

void
encode_output(Output *out, const ValueType *type, Datum value)
{
	const char *text = OutputFunctionCall((FmgrInfo *) &type->output, value);

	put_string(out, text, strlen(text));
}

void
encode_date(Output *out, const ValueType *type, Datum value)
{
	DateADT date = DatumGetDateADT(value);

	(void) type;
	output_long(out, DATE_NOT_FINITE(date) ? date : date + EPOCH_DAYS);
}

void
encode_time_millis(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_long(out, DatumGetTimeADT(value) / 1000);
}

void
encode_time_micros(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_long(out, DatumGetTimeADT(value));
}

void
encode_timestamp_millis(Output *out, const ValueType *type, Datum value)
{
	int64 micros = DatumGetTimestamp(value);

	(void) type;
	/* Rounds down, also before 1970; the sum of milliseconds cannot overflow. */
	if (!TIMESTAMP_NOT_FINITE(micros))
		micros = micros / 1000 - (micros % 1000 < 0 ? 1 : 0) + EPOCH_MICROS / 1000;
	output_long(out, micros);
}

void
encode_timestamp_micros(Output *out, const ValueType *type, Datum value)
{
	int64 micros = DatumGetTimestamp(value);

	if (!TIMESTAMP_NOT_FINITE(micros) && pg_add_s64_overflow(micros, EPOCH_MICROS, &micros))
		ereport(ERROR, errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				errmsg("column \"%s\" holds a time too late for microseconds since 1970; use "
					   "time.precision.mode=connect",
					   type->column));
	output_long(out, micros);
}

static void
put_elements(Output *out, const ValueType *type, ArrayType *array)
{
	Datum *values;
	bool *nulls;
	int count;

	deconstruct_array(array, type->element_oid, type->element_length, type->element_by_value,
					  type->element_align, &values, &nulls, &count);
	output_long(out, count);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		output_long(out, nulls[i] ? 0 : 1); /* branch of the union */
		if (!nulls[i])
			type->element->encode(out, type->element, values[i]);
	}
}

void
encode_array(Output *out, const ValueType *type, Datum value)
{
	ArrayType *array = DatumGetArrayTypeP(value);

	if (ARR_NDIM(array) > 1 || (ARR_NDIM(array) == 1 && ARR_LBOUND(array)[0] != 1))
		ereport(
			ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			errmsg("column \"%s\" holds an array with %s, which an Avro array cannot carry; use "
				   "array.handling.mode=text",
				   type->column,
				   ARR_NDIM(array) > 1 ? "several dimensions" : "a lower bound other than 1"));
	if (ARR_NDIM(array) == 1)
		put_elements(out, type, array);
	output_long(out, 0); /* end of the blocks */
}

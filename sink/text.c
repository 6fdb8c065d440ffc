/*
 * sink/text.c - see text.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/text.h"

#include "common/avro.h"
#include "sink/numeric.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MICROS_PER_DAY INT64_C(86400000000)

static const char no_room[] = "is larger than a batch may be";
static const char malformed[] = "is malformed";

static const char *
done(bool appended)
{
	return appended ? NULL : no_room;
}

/* The shortest text that reads back as the same number. */
static const char *
put_double(double value, int least, int most, Buffer *out)
{
	char text[40];

	if (isnan(value))
		return done(buffer_append_text(out, "NaN"));
	if (isinf(value))
		return done(buffer_append_text(out, value > 0 ? "Infinity" : "-Infinity"));
	for (int digits = least; digits <= most; digits++)
	{
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (most == 17 ? strtod(text, NULL) == value : strtof(text, NULL) == (float) value)
			break;
	}
	return done(buffer_append_text(out, text));
}

static const char *
put_hex(Slice bytes, Buffer *out)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t *p = buffer_reserve(out, 2 + 2 * bytes.len);

	if (p == NULL)
		return no_room;
	*p++ = '\\';
	*p++ = 'x';
	for (size_t i = 0; i < bytes.len; i++)
	{
		*p++ = (uint8_t) hex[bytes.data[i] >> 4];
		*p++ = (uint8_t) hex[bytes.data[i] & 15];
	}
	out->len += 2 + 2 * bytes.len;
	return NULL;
}

/* Days since 1970-01-01 as a date of the proleptic Gregorian calendar (after Hinnant, "chrono-
 * Compatible Low-Level Date Algorithms"); *bc when the year is before 1. */
static bool
put_date(int64_t days, bool *bc, Buffer *out)
{
	const int64_t shifted = days + 719468;
	const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	const int64_t doe = shifted - era * 146097;
	const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	const int64_t mp = (5 * doy + 2) / 153;
	const int day = (int) (doy - (153 * mp + 2) / 5 + 1);
	const int month = (int) (mp < 10 ? mp + 3 : mp - 9);
	const int64_t year = yoe + era * 400 + (month <= 2 ? 1 : 0);

	*bc = year <= 0;
	return buffer_printf(out, "%04" PRId64 "-%02d-%02d", *bc ? 1 - year : year, month, day);
}

static bool
put_clock(int64_t micros, Buffer *out)
{
	const int seconds = (int) (micros / 1000000);
	const int fraction = (int) (micros % 1000000);

	if (!buffer_printf(out, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60))
		return false;
	return fraction == 0 || buffer_printf(out, ".%06d", fraction);
}

static const char *
put_timestamp(int64_t micros, Buffer *out)
{
	int64_t days = micros / MICROS_PER_DAY;
	int64_t rest = micros % MICROS_PER_DAY;
	bool bc;

	if (micros == INT64_MAX || micros == INT64_MIN)
		return done(buffer_append_text(out, micros > 0 ? "infinity" : "-infinity"));
	if (rest < 0)
	{
		rest += MICROS_PER_DAY;
		days--;
	}
	return done(put_date(days, &bc, out) && buffer_append_text(out, " ") && put_clock(rest, out) &&
				(!bc || buffer_append_text(out, " BC")));
}

static const char *
put_time(int64_t micros, Buffer *out)
{
	if (micros < 0 || micros > MICROS_PER_DAY)
		return "has a time beyond a day";
	return done(put_clock(micros, out));
}

static const char *
put_day(int32_t days, Buffer *out)
{
	bool bc;

	if (days == INT32_MAX || days == INT32_MIN)
		return done(buffer_append_text(out, days > 0 ? "infinity" : "-infinity"));
	return done(put_date(days, &bc, out) && (!bc || buffer_append_text(out, " BC")));
}

/* As microseconds, by put. Nothing is cut off. */
static const char *
put_nanos(int64_t nanos, const char *(*put)(int64_t micros, Buffer *out), Buffer *out)
{
	return nanos % 1000 == 0 ? put(nanos / 1000, out)
							 : "has nanoseconds, which PostgreSQL cannot hold";
}

/* With its unit, or it would be taken for seconds. */
static const char *
put_duration(int64_t micros, Buffer *out)
{
	return done(buffer_printf(out, "%" PRId64 " microseconds", micros));
}

static const char *
put_moment(const Schema *schema, int64_t value, Buffer *out)
{
	const int64_t at = schema->debezium ? schema_infinity(value) : value;
	const bool endless = at == INT64_MAX || at == INT64_MIN;

	if (endless || schema->logical == LOGICAL_TIMESTAMP_MICROS)
		return put_timestamp(at, out);
	if (schema->logical == LOGICAL_TIMESTAMP_NANOS)
		return put_nanos(at, put_timestamp, out);
	if (at > INT64_MAX / 1000 || at < INT64_MIN / 1000)
		return "has a timestamp out of range";
	return put_timestamp(at * 1000, out);
}

static const char *
put_integer(const Schema *schema, int64_t value, Buffer *out)
{
	switch (schema->logical)
	{
		case LOGICAL_NONE:
		case LOGICAL_DECIMAL:
			return done(buffer_printf(out, "%" PRId64, value));
		case LOGICAL_DATE:
			return put_day((int32_t) value, out);
		case LOGICAL_TIME_MILLIS:
			return put_time(value * 1000, out);
		case LOGICAL_TIME_MICROS:
			return put_time(value, out);
		case LOGICAL_TIME_NANOS:
			return put_nanos(value, put_time, out);
		case LOGICAL_TIMESTAMP_MILLIS:
		case LOGICAL_TIMESTAMP_MICROS:
		case LOGICAL_TIMESTAMP_NANOS:
			return put_moment(schema, value, out);
		case LOGICAL_DURATION_MICROS:
			return put_duration(value, out);
		case LOGICAL_DURATION_NANOS:
			return put_nanos(value, put_duration, out);
	}
	return malformed;
}

/* Quotes an element that was appended behind start: {"a\"b"}. */
static const char *
quote_element(size_t start, Buffer *out)
{
	const size_t len = out->len - start;
	size_t extra = 2;

	for (size_t i = start; i < out->len; i++)
		extra += out->data[i] == '"' || out->data[i] == '\\';
	if (buffer_reserve(out, extra) == NULL)
		return no_room;

	uint8_t *to = out->data + start + len + extra;

	*--to = '"';
	for (size_t i = start + len; i-- > start;)
	{
		const uint8_t byte = out->data[i];

		*--to = byte;
		if (byte == '"' || byte == '\\')
			*--to = '\\';
	}
	*--to = '"';
	out->len += extra;
	return NULL;
}

static const char *
put_element(const Schema *items, Slice *in, Buffer *out)
{
	int null_branch;
	int64_t branch;
	const Schema *schema = schema_nullable(items, &null_branch);
	const size_t start = out->len;

	if (null_branch >= 0)
	{
		if (!avro_get_long(in, &branch))
			return malformed;
		if (branch == null_branch)
			return done(buffer_append_text(out, "NULL"));
	}

	const char *problem = text_of_value(schema, in, out);

	return problem != NULL || schema->type == SCHEMA_ARRAY ? problem : quote_element(start, out);
}

static const char *
put_array(const Schema *schema, Slice *in, Buffer *out)
{
	bool first = true;
	int64_t count;
	int64_t size;

	if (!buffer_append_text(out, "{"))
		return no_room;
	for (;;)
	{
		if (!avro_get_long(in, &count))
			return malformed;
		if (count == 0)
			return done(buffer_append_text(out, "}"));
		if (count < 0 && !avro_get_long(in, &size))
			return malformed;
		for (int64_t i = count < 0 ? -count : count; i > 0; i--)
		{
			const char *problem;

			if (!first && !buffer_append_text(out, ","))
				return no_room;
			first = false;
			if ((problem = put_element(schema->items, in, out)) != NULL)
				return problem;
		}
	}
}

bool
text_possible(const Schema *schema)
{
	int null_branch;

	schema = schema_nullable(schema, &null_branch);
	if (schema->type == SCHEMA_ARRAY)
		return text_possible(schema->items);
	return schema->type < SCHEMA_ARRAY;
}

static const char *
put_number(const Schema *schema, Slice *in, Buffer *out)
{
	int64_t i64;
	float f32;
	double f64;

	if (schema->type == SCHEMA_FLOAT)
		return avro_get_float(in, &f32) ? put_double((double) f32, 6, 9, out) : malformed;
	if (schema->type == SCHEMA_DOUBLE)
		return avro_get_double(in, &f64) ? put_double(f64, 15, 17, out) : malformed;
	return avro_get_long(in, &i64) ? put_integer(schema, i64, out) : malformed;
}

const char *
text_of_value(const Schema *schema, Slice *in, Buffer *out)
{
	bool flag;
	int64_t index;
	Slice bytes;

	switch (schema->type)
	{
		case SCHEMA_BOOLEAN:
			if (!avro_get_boolean(in, &flag))
				return malformed;
			return done(buffer_append_text(out, flag ? "true" : "false"));
		case SCHEMA_INT:
		case SCHEMA_LONG:
		case SCHEMA_FLOAT:
		case SCHEMA_DOUBLE:
			return put_number(schema, in, out);
		case SCHEMA_STRING:
			if (!avro_get_bytes(in, &bytes))
				return malformed;
			return done(buffer_append(out, bytes.data, bytes.len));
		case SCHEMA_BYTES:
		case SCHEMA_FIXED:
			if (schema->type == SCHEMA_BYTES ? !avro_get_bytes(in, &bytes)
											 : !avro_get_fixed(in, schema->size, &bytes))
				return malformed;
			return schema->logical == LOGICAL_DECIMAL
					   ? numeric_text_of_decimal(bytes, schema->scale, out)
					   : put_hex(bytes, out);
		case SCHEMA_ENUM:
			if (!avro_get_long(in, &index) || index < 0 || (uint64_t) index >= schema->count)
				return malformed;
			return done(buffer_append_text(out, schema->symbols[index]));
		case SCHEMA_ARRAY:
			return put_array(schema, in, out);
		case SCHEMA_NULL:
		case SCHEMA_MAP:
		case SCHEMA_UNION:
		case SCHEMA_RECORD:
			break;
	}
	return "has no text form";
}

/*
 * plugin/type_time.c - see type_time.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/type_time.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#define EPOCH_DAYS	 (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)
#define EPOCH_MICROS (EPOCH_DAYS * USECS_PER_DAY)

#define MICROS_PER_MILLI 1000
#define NANOS_PER_MICRO	 1000

/* 30.4375 days (DAYS_PER_MONTH_AVG of Debezium's MicroDuration). */
#define MICROS_PER_MONTH (INT64_C(2629800) * USECS_PER_SEC)

/* Digits behind the second that milliseconds hold. */
#define MILLI_DIGITS 3

/* PGStatement.DATE_POSITIVE_INFINITY and DATE_NEGATIVE_INFINITY of the JDBC driver, which Debezium
 * takes for microseconds. */
#define DEBEZIUM_INFINITY		INT64_C(9223372036825200000)
#define DEBEZIUM_MINUS_INFINITY INT64_C(-9223372036832400000)

static bool
has_mode(const TypeRequest *request, TimePrecision mode)
{
	return request->options->time_precision == mode;
}

static bool
has_few_digits(const TypeRequest *request)
{
	return request->typmod >= 0 && request->typmod <= MILLI_DIGITS;
}

bool
time_wants_microsecond_names(const TypeRequest *request)
{
	return has_mode(request, TIME_MICROSECONDS);
}

bool
time_wants_connect(const TypeRequest *request)
{
	return has_mode(request, TIME_CONNECT);
}

bool
time_wants_adapted_millis(const TypeRequest *request)
{
	return has_mode(request, TIME_ADAPTIVE) && has_few_digits(request);
}

bool
time_wants_adapted_micros(const TypeRequest *request)
{
	return has_mode(request, TIME_ADAPTIVE) || has_mode(request, TIME_ADAPTIVE_TIME_MICROSECONDS);
}

bool
timestamp_wants_adapted_millis(const TypeRequest *request)
{
	return time_wants_adapted_micros(request) && has_few_digits(request);
}

bool
timestamp_wants_adapted_micros(const TypeRequest *request)
{
	return time_wants_adapted_micros(request);
}

bool
time_wants_nanos(const TypeRequest *request)
{
	return has_mode(request, TIME_NANOSECONDS);
}

bool
date_wants_connect(const TypeRequest *request)
{
	return has_mode(request, TIME_CONNECT) || has_mode(request, TIME_MICROSECONDS);
}

bool
date_wants_debezium(const TypeRequest *request)
{
	return !has_mode(request, TIME_ISOSTRING);
}

bool
interval_wants_numeric(const TypeRequest *request)
{
	return request->options->interval_handling == INTERVALS_AS_MICROSECONDS;
}

void
timestamp_setup(ValueType *type, const TypeRequest *request)
{
	type->debezium_infinity = request->options->schema_style == STYLE_DEBEZIUM;
}

void
encode_date(Output *out, const ValueType *type, Datum value)
{
	DateADT date = DatumGetDateADT(value);

	(void) type;
	output_long(out, DATE_NOT_FINITE(date) ? date : date + EPOCH_DAYS);
}

/* Rounds down, also before 1970. */
static int64
to_millis(Output *out, int64 micros)
{
	int64 rest = micros % MICROS_PER_MILLI;

	if (rest != 0)
		output_inexact(out);
	return micros / MICROS_PER_MILLI - (rest < 0 ? 1 : 0);
}

/* What is beyond a unit's range becomes the number next to infinity. */
static int64
beyond(Output *out, bool late)
{
	output_inexact(out);
	return late ? PG_INT64_MAX - 1 : PG_INT64_MIN + 1;
}

void
encode_time_millis(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_long(out, to_millis(out, DatumGetTimeADT(value)));
}

void
encode_time_micros(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_long(out, DatumGetTimeADT(value));
}

void
encode_time_nanos(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_long(out, DatumGetTimeADT(value) * NANOS_PER_MICRO);
}

/* unit: microseconds in one of the numbers that are written, where Debezium's infinity is meant. */
static int64
infinity(Output *out, const ValueType *type, Timestamp timestamp, int64 unit)
{
	if (!type->debezium_infinity)
		return timestamp;
	output_inexact(out);
	return (TIMESTAMP_IS_NOEND(timestamp) ? DEBEZIUM_INFINITY : DEBEZIUM_MINUS_INFINITY) / unit;
}

void
encode_timestamp_millis(Output *out, const ValueType *type, Datum value)
{
	Timestamp timestamp = DatumGetTimestamp(value);

	/* The sum of milliseconds cannot overflow. */
	output_long(out, TIMESTAMP_NOT_FINITE(timestamp)
						 ? infinity(out, type, timestamp, MICROS_PER_MILLI)
						 : to_millis(out, timestamp) + EPOCH_MICROS / MICROS_PER_MILLI);
}

void
encode_timestamp_micros(Output *out, const ValueType *type, Datum value)
{
	Timestamp timestamp = DatumGetTimestamp(value);
	int64 micros;

	if (TIMESTAMP_NOT_FINITE(timestamp))
		micros = infinity(out, type, timestamp, 1);
	else if (pg_add_s64_overflow(timestamp, EPOCH_MICROS, &micros))
		micros = beyond(out, true);
	output_long(out, micros);
}

void
encode_timestamp_nanos(Output *out, const ValueType *type, Datum value)
{
	Timestamp timestamp = DatumGetTimestamp(value);
	int64 nanos = timestamp;

	(void) type;
	if (!TIMESTAMP_NOT_FINITE(timestamp) && (pg_add_s64_overflow(timestamp, EPOCH_MICROS, &nanos) ||
											 pg_mul_s64_overflow(nanos, NANOS_PER_MICRO, &nanos)))
		nanos = beyond(out, timestamp > 0);
	output_long(out, nanos);
}

static bool
count_micros(const Interval *interval, int64 *out)
{
	int64 months;
	int64 days;

	return !pg_mul_s64_overflow(interval->month, MICROS_PER_MONTH, &months) &&
		   !pg_mul_s64_overflow(interval->day, USECS_PER_DAY, &days) &&
		   !pg_add_s64_overflow(months, days, &days) &&
		   !pg_add_s64_overflow(days, interval->time, out);
}

static bool
is_forwards(const Interval *interval)
{
	return (double) interval->month * MICROS_PER_MONTH + (double) interval->day * USECS_PER_DAY +
			   (double) interval->time >
		   0;
}

void
encode_interval_micros(Output *out, const ValueType *type, Datum value)
{
	const Interval *interval = DatumGetIntervalP(value);
	int64 micros;

	(void) type;
	if (!count_micros(interval, &micros))
		micros = beyond(out, is_forwards(interval));
	if (interval->month != 0 || interval->day != 0)
		output_inexact(out);
	output_long(out, micros);
}

/* As timestamp_out and timestamptz_out with DateStyle ISO and TimeZone UTC. */
static char *
timestamp_text_of(Timestamp timestamp, bool with_zone)
{
	char *text = palloc(MAXDATELEN + 1);
	struct pg_tm tm;
	fsec_t fsec;

	if (TIMESTAMP_NOT_FINITE(timestamp))
		EncodeSpecialTimestamp(timestamp, text);
	else if (timestamp2tm(timestamp, NULL, &tm, &fsec, NULL, NULL) == 0)
	{
		tm.tm_isdst = 0; /* else no zone is written */
		EncodeDateTime(&tm, fsec, with_zone, 0, NULL, USE_ISO_DATES, text);
	}
	else
		ereport(ERROR, errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				errmsg("timestamp out of range"));
	return text;
}

static char *
timestamp_text(Datum value)
{
	return timestamp_text_of(DatumGetTimestamp(value), false);
}

static char *
timestamptz_text(Datum value)
{
	return timestamp_text_of(DatumGetTimestampTz(value), true);
}

static char *
time_text(Datum value)
{
	char *text = palloc(MAXDATELEN + 1);
	struct pg_tm tm;
	fsec_t fsec;

	time2tm(DatumGetTimeADT(value), &tm, &fsec);
	EncodeTimeOnly(&tm, fsec, false, 0, USE_ISO_DATES, text);
	return text;
}

TextWriter
time_text_writer(Oid oid)
{
	switch (oid)
	{
		case TIMEOID:
			return time_text;
		case TIMESTAMPOID:
			return timestamp_text;
		case TIMESTAMPTZOID:
			return timestamptz_text;
		default:
			return NULL;
	}
}

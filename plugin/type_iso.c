/*
 * plugin/type_iso.c - see type_iso.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/type_iso.h"

#include "datatype/timestamp.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

/* The longest is an interval: "P-178956970Y-11M-2147483648DT-2562047788H-59M-59.999999S". */
#define TEXT_MAX 80

typedef struct Text
{
	char data[TEXT_MAX];
	size_t len;
} Text;

bool
iso_is_wanted(const TypeRequest *request)
{
	return request->options->time_precision == TIME_ISOSTRING;
}

bool
iso_is_wanted_with_zone(const TypeRequest *request)
{
	return iso_is_wanted(request) || request->options->schema_style == STYLE_DEBEZIUM;
}

bool
iso_is_wanted_of_interval(const TypeRequest *request)
{
	return request->options->interval_handling == INTERVALS_AS_ISO;
}

static void append(Text *text, const char *format, ...) pg_attribute_printf(2, 3);

static void
append(Text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text->len += (size_t) vsnprintf(text->data + text->len, TEXT_MAX - text->len, format, args);
	va_end(args);
	Assert(text->len < TEXT_MAX);
}

static void
put(Output *out, const Text *text)
{
	output_counted(out, text->data, text->len);
}

static void
put_infinity(Output *out, bool positive)
{
	const char *text = positive ? "infinity" : "-infinity";

	output_counted(out, text, strlen(text));
}

/* days from 2000-01-01 */
static void
append_date(Text *text, Output *out, int days)
{
	int year;
	int month;
	int day;

	j2date(days + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	if (year < 1 || year > 9999)
		output_inexact(out);
	append(text, year > 9999 ? "+%d" : year < 0 ? "-%04d" : "%04d", year < 0 ? -year : year);
	append(text, "-%02d-%02d", month, day);
}

/* A point and the digits behind it, without the zeros at the end; nothing for none. */
static void
append_fraction(Text *text, int micros)
{
	if (micros == 0)
		return;
	append(text, ".%06d", micros);
	while (text->data[text->len - 1] == '0')
		text->len--;
}

static void
append_time(Text *text, int64 micros)
{
	int seconds = (int) (micros / USECS_PER_SEC);

	append(text, "%02d:%02d:%02d", seconds / SECS_PER_HOUR, seconds / SECS_PER_MINUTE % 60,
		   seconds % SECS_PER_MINUTE);
	append_fraction(text, (int) (micros % USECS_PER_SEC));
}

void
encode_iso_date(Output *out, const ValueType *type, Datum value)
{
	DateADT date = DatumGetDateADT(value);
	Text text = {.len = 0};

	(void) type;
	if (DATE_NOT_FINITE(date))
	{
		put_infinity(out, DATE_IS_NOEND(date));
		return;
	}
	append_date(&text, out, date);
	append(&text, "Z");
	put(out, &text);
}

/* micros: of a day, and a little outside */
static void
put_time(Output *out, int64 micros)
{
	Text text = {.len = 0};
	int64 within = micros % USECS_PER_DAY;

	if (within < 0)
		within += USECS_PER_DAY;
	if (within != micros)
		output_inexact(out);
	append_time(&text, within);
	append(&text, "Z");
	put(out, &text);
}

void
encode_iso_time(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	put_time(out, DatumGetTimeADT(value));
}

void
encode_zoned_time(Output *out, const ValueType *type, Datum value)
{
	const TimeTzADT *time = DatumGetTimeTzADTP(value);

	(void) type;
	if (time->zone != 0)
		output_inexact(out);
	put_time(out, time->time + time->zone * USECS_PER_SEC);
}

void
encode_iso_timestamp(Output *out, const ValueType *type, Datum value)
{
	Timestamp timestamp = DatumGetTimestamp(value);
	int64 days = timestamp / USECS_PER_DAY;
	int64 micros = timestamp % USECS_PER_DAY;
	Text text = {.len = 0};

	(void) type;
	if (TIMESTAMP_NOT_FINITE(timestamp))
	{
		put_infinity(out, TIMESTAMP_IS_NOEND(timestamp));
		return;
	}
	if (micros < 0)
	{
		micros += USECS_PER_DAY;
		days--;
	}
	append_date(&text, out, (int) days);
	append(&text, "T");
	append_time(&text, micros);
	append(&text, "Z");
	put(out, &text);
}

/* Every part has its own sign, and the parts of the time have all the same. */
void
encode_iso_interval(Output *out, const ValueType *type, Datum value)
{
	const Interval *interval = DatumGetIntervalP(value);
	int64 seconds = interval->time / USECS_PER_SEC;
	int micros = (int) (interval->time % USECS_PER_SEC);
	int rest = (int) (seconds % SECS_PER_MINUTE);
	Text text = {.len = 0};

	(void) type;
	if (interval_is_infinite(interval))
	{
		put_infinity(out, interval->month > 0);
		return;
	}
	append(&text, "P%dY%dM%dDT" INT64_FORMAT "H%dM", interval->month / MONTHS_PER_YEAR,
		   interval->month % MONTHS_PER_YEAR, interval->day, seconds / SECS_PER_HOUR,
		   (int) (seconds / SECS_PER_MINUTE % 60));
	append(&text, "%s%d", rest < 0 || micros < 0 ? "-" : "", abs(rest));
	append_fraction(&text, abs(micros));
	append(&text, "S");
	put(out, &text);
}

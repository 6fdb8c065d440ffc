/*
 * sink/text_time.c - the text forms of dates, times and intervals; see text_time.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/text_time.h"

#include <inttypes.h>
#include <stdio.h>

#define MICROS_PER_DAY INT64_C(86400000000)
#define MILLIS_PER_DAY INT64_C(86400000)

/* 294276-12-31 23:59:59.999 (PostgreSQL, src/include/datatype/timestamp.h, END_TIMESTAMP), which is
 * beyond 64 bits of microseconds since 1970. */
#define LAST_MILLIS INT64_C(9224318015999999)

static const char no_room[] = "is larger than a batch may be";
static const char nanoseconds[] = "has nanoseconds, which PostgreSQL cannot hold";

static const char *
done(bool appended)
{
	return appended ? NULL : no_room;
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

/* Both are negative before 1970. */
static const char *
put_day_and_time(int64_t days, int64_t micros, Buffer *out)
{
	bool bc;

	if (micros < 0)
	{
		micros += MICROS_PER_DAY;
		days--;
	}
	return done(put_date(days, &bc, out) && buffer_append_text(out, " ") &&
				put_clock(micros, out) && (!bc || buffer_append_text(out, " BC")));
}

static const char *
put_timestamp(int64_t micros, Buffer *out)
{
	if (micros == INT64_MAX || micros == INT64_MIN)
		return done(buffer_append_text(out, micros > 0 ? "infinity" : "-infinity"));
	return put_day_and_time(micros / MICROS_PER_DAY, micros % MICROS_PER_DAY, out);
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
	return nanos % 1000 == 0 ? put(nanos / 1000, out) : nanoseconds;
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
	if (at > LAST_MILLIS || at < INT64_MIN / 1000)
		return "has a timestamp out of range";
	return put_day_and_time(at / MILLIS_PER_DAY, at % MILLIS_PER_DAY * 1000, out);
}

static const char *
put_date_or_infinity(const Schema *schema, int64_t value, Buffer *out)
{
	return put_day((int32_t) (schema->debezium ? schema_date_infinity(value) : value), out);
}

static const char *
put_time_of_day(const Schema *schema, int64_t value, Buffer *out)
{
	if (schema->logical == LOGICAL_TIME_NANOS)
		return put_nanos(value, put_time, out);
	return put_time(schema->logical == LOGICAL_TIME_MILLIS ? value * 1000 : value, out);
}

static const char *
put_interval(const Schema *schema, int64_t value, Buffer *out)
{
	return schema->logical == LOGICAL_DURATION_NANOS ? put_nanos(value, put_duration, out)
													 : put_duration(value, out);
}

static const char *
put_year(const Schema *schema, int64_t value, Buffer *out)
{
	(void) schema;
	return done(buffer_printf(out, "%" PRId64, value));
}

const char *
text_of_integer(const Schema *schema, int64_t value, Buffer *out)
{
	static const char *(*const put[LOGICAL_COUNT])(const Schema *, int64_t, Buffer *) = {
		[LOGICAL_DATE] = put_date_or_infinity,	 [LOGICAL_TIME_MILLIS] = put_time_of_day,
		[LOGICAL_TIME_MICROS] = put_time_of_day, [LOGICAL_TIME_NANOS] = put_time_of_day,
		[LOGICAL_TIMESTAMP_MILLIS] = put_moment, [LOGICAL_TIMESTAMP_MICROS] = put_moment,
		[LOGICAL_TIMESTAMP_NANOS] = put_moment,	 [LOGICAL_DURATION_MICROS] = put_interval,
		[LOGICAL_DURATION_NANOS] = put_interval, [LOGICAL_YEAR] = put_year,
	};

	return put[schema->logical] ? put[schema->logical](schema, value, out)
								: put_year(schema, value, out);
}

static uint32_t
get_le32(const uint8_t *p)
{
	return (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}

const char *
text_of_months(Slice bytes, Buffer *out)
{
	if (bytes.len != 12)
		return "is malformed";
	return done(buffer_printf(out, "%" PRIu32 " mons %" PRIu32 " days %" PRIu32 " milliseconds",
							  get_le32(bytes.data), get_le32(bytes.data + 4),
							  get_le32(bytes.data + 8)));
}

/* More digits of a second than PostgreSQL keeps, and not all of them 0. */
static bool
is_finer(Slice text)
{
	const uint8_t *point = memchr(text.data, '.', text.len);
	const uint8_t *end = text.data + text.len;

	for (const uint8_t *p = point; point != NULL && ++p < end && *p >= '0' && *p <= '9';)
		if (p > point + 6 && *p != '0')
			return true;
	return false;
}

const char *
text_of_iso(Slice text, Buffer *out)
{
	const bool has_sign = text.len > 1 && (text.data[0] == '-' || text.data[0] == '+') &&
						  text.data[1] >= '0' && text.data[1] <= '9';
	const bool before = has_sign && text.data[0] == '-';
	long year = 0;
	size_t digits = 0;

	if (is_finer(text))
		return nanoseconds;
	if (!has_sign)
		return done(buffer_append(out, text.data, text.len));
	text.data++;
	text.len--;
	while (digits < text.len && digits < 9 && text.data[digits] >= '0' && text.data[digits] <= '9')
		year = year * 10 + (text.data[digits++] - '0');
	/* Java has a year 0, which is 1 BC. */
	if (before)
		year++;
	return done(buffer_printf(out, "%04ld", year) &&
				buffer_append(out, text.data + digits, text.len - digits) &&
				(!before || buffer_append_text(out, " BC")));
}

/*
 * sink/moment.c - see moment.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/moment.h"

#define MICROS_PER_SECOND INT64_C(1000000)
#define MICROS_PER_DAY	  INT64_C(86400000000)

/* 2000-01-01 in days since 0000-03-01. */
#define EPOCH_DAYS 730425

/* PostgreSQL's MIN_TIMESTAMP and END_TIMESTAMP. */
#define FIRST_MICROS INT64_C(-211813488000000000)
#define END_MICROS	 INT64_C(9223371331200000000)

static bool
take_char(Slice *in, char c)
{
	if (in->len == 0 || in->data[0] != (uint8_t) c)
		return false;
	in->data++;
	in->len--;
	return true;
}

/* From least to most digits. */
static bool
take_number(Slice *in, size_t least, size_t most, int64_t *out)
{
	size_t count = 0;

	*out = 0;
	for (; count < most && in->len > 0 && in->data[0] >= '0' && in->data[0] <= '9'; count++)
	{
		*out = *out * 10 + (in->data[0] - '0');
		in->data++;
		in->len--;
	}
	return count >= least;
}

/* ".5" as 500000. */
static bool
take_fraction(Slice *in, int64_t *micros)
{
	*micros = 0;
	if (!take_char(in, '.'))
		return true;

	const size_t before = in->len;

	if (!take_number(in, 1, 6, micros))
		return false;
	for (size_t digits = before - in->len; digits < 6; digits++)
		*micros *= 10;
	return true;
}

static bool
take_clock(Slice *in, int64_t *micros)
{
	int64_t hours;
	int64_t minutes;
	int64_t seconds;
	int64_t fraction;

	if (!take_number(in, 2, 2, &hours) || !take_char(in, ':') || !take_number(in, 2, 2, &minutes) ||
		!take_char(in, ':') || !take_number(in, 2, 2, &seconds) || !take_fraction(in, &fraction))
		return false;
	*micros = ((hours * 60 + minutes) * 60 + seconds) * MICROS_PER_SECOND + fraction;
	return minutes < 60 && seconds < 60 && *micros <= MICROS_PER_DAY;
}

static int64_t
days_of_month(int64_t year, int64_t month)
{
	static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* Days since 2000-01-01 in the proleptic Gregorian calendar (after Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms"). */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
	const int64_t y = month <= 2 ? year - 1 : year;
	const int64_t era = (y >= 0 ? y : y - 399) / 400;
	const int64_t yoe = y - era * 400;
	const int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - EPOCH_DAYS;
}

/* "+00", "-03:30": what is to be taken away. */
static bool
take_offset(Slice *in, int64_t *micros)
{
	const bool behind = take_char(in, '-');
	int64_t hours;
	int64_t minutes = 0;
	int64_t seconds = 0;

	*micros = 0;
	if (!behind && !take_char(in, '+'))
		return true;
	if (!take_number(in, 2, 2, &hours) ||
		(take_char(in, ':') && !take_number(in, 2, 2, &minutes)) ||
		(take_char(in, ':') && !take_number(in, 2, 2, &seconds)))
		return false;
	*micros = ((hours * 60 + minutes) * 60 + seconds) * MICROS_PER_SECOND * (behind ? -1 : 1);
	return true;
}

bool
moment_timestamp(Slice text, int64_t *micros)
{
	int64_t year;
	int64_t month;
	int64_t day;
	int64_t clock;
	int64_t offset;

	if (slice_equal(text, slice_text("infinity")) || slice_equal(text, slice_text("-infinity")))
	{
		*micros = text.data[0] == '-' ? INT64_MIN : INT64_MAX;
		return true;
	}
	if (!take_number(&text, 4, 6, &year) || !take_char(&text, '-') ||
		!take_number(&text, 2, 2, &month) || !take_char(&text, '-') ||
		!take_number(&text, 2, 2, &day) || !take_char(&text, ' ') || !take_clock(&text, &clock) ||
		!take_offset(&text, &offset))
		return false;
	if (slice_equal(text, slice_text(" BC")))
		year = 1 - year;
	else if (text.len > 0)
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month) || year > 294276)
		return false;
	*micros = days_of(year, month, day) * MICROS_PER_DAY + (clock - offset);
	return *micros >= FIRST_MICROS && *micros < END_MICROS;
}

bool
moment_time(Slice text, int64_t *micros)
{
	return take_clock(&text, micros) && text.len == 0;
}

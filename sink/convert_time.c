/*
 * sink/convert_time.c - dates, times and intervals into columns of such; see convert.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/convert_parts.h"

/* From 1970-01-01 to 2000-01-01, where PostgreSQL's dates and timestamps count from. */
#define EPOCH_DAYS	   10957
#define EPOCH_MICROS   INT64_C(946684800000000)
#define MICROS_PER_DAY INT64_C(86400000000)

static const char nanoseconds[] = "has nanoseconds, which PostgreSQL cannot hold";
static const char late[] = "has a timestamp out of range";

const char *
convert_to_date(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t days;

	if (!avro_get_long(in, &days))
		return convert_malformed;
	if (conversion->schema->debezium)
		days = schema_date_infinity(days);
	if (days != INT32_MAX && days != INT32_MIN)
	{
		days -= EPOCH_DAYS;
		if (days <= INT32_MIN)
			return "has a date out of range";
	}
	return convert_put32((uint32_t) days, out);
}

const char *
convert_to_time(const Conversion *conversion, Slice *in, Buffer *out)
{
	const SchemaLogical logical = conversion->schema->logical;
	int64_t value;

	if (!avro_get_long(in, &value))
		return convert_malformed;
	if (logical == LOGICAL_TIME_NANOS && value % 1000 != 0)
		return nanoseconds;
	if (logical == LOGICAL_TIME_NANOS)
		value /= 1000;
	if (logical == LOGICAL_TIME_MILLIS)
		value *= 1000;
	return convert_put64((uint64_t) value, out);
}

/* Microseconds since 2000-01-01; INT64_MAX and INT64_MIN are the infinities. */
static const char *
take_timestamp(const Schema *schema, Slice *in, int64_t *micros)
{
	int64_t value;

	if (!avro_get_long(in, &value))
		return convert_malformed;
	if (schema->debezium)
		value = schema_infinity(value);
	*micros = value;
	if (value == INT64_MAX || value == INT64_MIN)
		return NULL;
	if (schema->logical == LOGICAL_TIMESTAMP_NANOS)
	{
		*micros = value / 1000 - EPOCH_MICROS;
		return value % 1000 == 0 ? NULL : nanoseconds;
	}

	const int64_t unit = schema->logical == LOGICAL_TIMESTAMP_MILLIS ? 1000 : 1;

	/* The last years that PostgreSQL has fit only as counted from its epoch. */
	if (__builtin_sub_overflow(value, EPOCH_MICROS / unit, &value) ||
		__builtin_mul_overflow(value, unit, &value) || value == INT64_MIN)
		return late;
	*micros = value;
	return NULL;
}

const char *
convert_to_timestamp(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t micros;
	const char *problem = take_timestamp(conversion->schema, in, &micros);

	return problem ? problem : convert_put64((uint64_t) micros, out);
}

const char *
convert_timestamp_to_date(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t micros;
	const char *problem = take_timestamp(conversion->schema, in, &micros);

	if (problem != NULL)
		return problem;
	if (micros == INT64_MAX || micros == INT64_MIN)
		return convert_put32((uint32_t) (micros > 0 ? INT32_MAX : INT32_MIN), out);
	if (micros % MICROS_PER_DAY != 0)
		return "has a time of day, which a date cannot hold";
	return convert_put32((uint32_t) (micros / MICROS_PER_DAY), out);
}

/* interval_recv: microseconds, days, months. */
static const char *
put_interval(int64_t micros, uint32_t days, uint32_t months, Buffer *out)
{
	const char *problem = convert_put64((uint64_t) micros, out);

	if (problem == NULL)
		problem = convert_put32(days, out);
	return problem ? problem : convert_put32(months, out);
}

const char *
convert_duration_to_interval(const Conversion *conversion, Slice *in, Buffer *out)
{
	int64_t value;

	if (!avro_get_long(in, &value))
		return convert_malformed;
	if (conversion->schema->logical != LOGICAL_DURATION_NANOS)
		return put_interval(value, 0, 0, out);
	return value % 1000 == 0 ? put_interval(value / 1000, 0, 0, out) : nanoseconds;
}

static uint32_t
get_le32(const uint8_t *p)
{
	return (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}

const char *
convert_months_to_interval(const Conversion *conversion, Slice *in, Buffer *out)
{
	Slice bytes;

	if (!convert_take_bytes(conversion->schema, in, &bytes) || bytes.len != 12)
		return convert_malformed;

	const uint32_t months = get_le32(bytes.data);
	const uint32_t days = get_le32(bytes.data + 4);

	if (months > INT32_MAX || days > INT32_MAX)
		return convert_out_of_range;
	return put_interval((int64_t) get_le32(bytes.data + 8) * 1000, days, months, out);
}

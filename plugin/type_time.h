/*
 * plugin/type_time.h - date, time, timestamp and interval as numbers.
 *
 * Times count from 1970. Infinity of a date is INT32_MAX and -infinity INT32_MIN, of a timestamp
 * INT64_MAX and INT64_MIN, in any precision; with Debezium's schemas a timestamp's are those of
 * Debezium.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TYPE_TIME_H
#define WAL2AVRO_PLUGIN_TYPE_TIME_H

#include "plugin/type_row.h"

/* Tests. The unit of a time and of a timestamp by time.precision.mode and, where that adapts, by
 * the declared digits behind the second. */
bool time_wants_microsecond_names(const TypeRequest *request);
bool time_wants_connect(const TypeRequest *request);
bool time_wants_adapted_millis(const TypeRequest *request);
bool time_wants_adapted_micros(const TypeRequest *request);
bool timestamp_wants_adapted_millis(const TypeRequest *request);
bool timestamp_wants_adapted_micros(const TypeRequest *request);
bool time_wants_nanos(const TypeRequest *request);
bool date_wants_connect(const TypeRequest *request);
bool date_wants_debezium(const TypeRequest *request);
bool interval_wants_numeric(const TypeRequest *request);

/* Says how infinity is written. */
void timestamp_setup(ValueType *type, const TypeRequest *request);

void encode_date(Output *out, const ValueType *type, Datum value);
void encode_time_millis(Output *out, const ValueType *type, Datum value);
void encode_time_micros(Output *out, const ValueType *type, Datum value);
void encode_time_nanos(Output *out, const ValueType *type, Datum value);
void encode_timestamp_millis(Output *out, const ValueType *type, Datum value);
void encode_timestamp_micros(Output *out, const ValueType *type, Datum value);
void encode_timestamp_nanos(Output *out, const ValueType *type, Datum value);

/* ISO texts of times and timestamps, which have notes wherever milliseconds are all that is sent;
 * NULL for other types. */
TextWriter time_text_writer(Oid oid);

/* Microseconds, a month being 30.4375 days, as Debezium's MicroDuration. */
void encode_interval_micros(Output *out, const ValueType *type, Datum value);

#endif

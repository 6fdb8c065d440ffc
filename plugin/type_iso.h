/*
 * plugin/type_iso.h - date, time, timestamp and interval as ISO 8601 texts, in Debezium's forms
 * (IsoDate, IsoTime, IsoTimestamp, ZonedTime, ZonedTimestamp, Interval of io.debezium.time).
 *
 * Years are as java.time has them: 0 is 1 BC, and beyond 9999 they have a sign. PostgreSQL does not
 * read those, and neither of them is exact; nor is a time of 24:00, or one whose zone is not UTC.
 * Infinity is "infinity".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TYPE_ISO_H
#define WAL2AVRO_PLUGIN_TYPE_ISO_H

#include "plugin/type_row.h"

bool iso_is_wanted(const TypeRequest *request);
bool iso_is_wanted_with_zone(const TypeRequest *request);
bool iso_is_wanted_of_interval(const TypeRequest *request);

void encode_iso_date(Output *out, const ValueType *type, Datum value);
void encode_iso_time(Output *out, const ValueType *type, Datum value);

/* Of timestamp and timestamptz, which store the same number. */
void encode_iso_timestamp(Output *out, const ValueType *type, Datum value);
void encode_zoned_time(Output *out, const ValueType *type, Datum value);
void encode_iso_interval(Output *out, const ValueType *type, Datum value);

#endif

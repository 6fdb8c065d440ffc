/*
 * sink/moment.h - PostgreSQL's text forms of times and timestamps as the numbers that they are in
 * its binary form. Pure.
 *
 * The forms are those of EncodeDateTime and EncodeTimeOnly with DateStyle ISO and TimeZone UTC
 * (PostgreSQL, src/backend/utils/adt/datetime.c): what wal2avro writes into notes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_MOMENT_H
#define WAL2AVRO_SINK_MOMENT_H

#include "common/slice.h"

/* "2020-02-29 01:02:03.5", with or without an offset, " BC" behind; infinity and -infinity.
 * Microseconds since 2000-01-01 UTC. False: it is no such text, or out of PostgreSQL's range. */
bool moment_timestamp(Slice text, int64_t *micros);

/* "01:02:03.5", up to 24:00:00. Microseconds of the day. */
bool moment_time(Slice text, int64_t *micros);

#endif

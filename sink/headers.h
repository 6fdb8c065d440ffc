/*
 * sink/headers.h - the headers of a message that the sink reads (docs/wire.md, section 2), taken in
 * one pass.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_HEADERS_H
#define WAL2AVRO_SINK_HEADERS_H

#include "common/position.h"

#include <librdkafka/rdkafka.h>

/* The former row of an update or delete of a table without key. */
#define BEFORE_HEADER "wal2avro.before"

/* The notes on the former row within an envelope. */
#define BEFORE_NOTES_HEADER "wal2avro.before.values"

#define OPERATION_HEADER "op"

/* Absent where the message has no such header; the last one where it has several. */
typedef struct Headers
{
	Slice position;
	Slice notes;
	Slice before;
	Slice before_notes;
	char operation; /* of OPERATION_HEADER, when it is one character; else 0 */
} Headers;

/* The slices live as long as the message. */
Headers headers_read(const rd_kafka_message_t *message);

/* The position, or NULL when there is none that can be read. */
const Position *headers_position(const Headers *headers, Position *position);

#endif

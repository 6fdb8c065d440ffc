/*
 * relay/position.h - how far a connector has come, as one record in the offsets topic.
 *
 * Key, as Kafka Connect writes its own: ["<connector>",{"slot":"<slot>"}]. Value, JSON:
 *
 *   version            1; anything else is refused
 *   state              "copying": a first copy has begun and nothing of it counts; "streaming"
 *   system_identifier  text; of the source, as IDENTIFY_SYSTEM says
 *   timeline           number
 *   source             16 hex digits; the token drawn when the slot was created, see
 *                      common/position.h
 *   lsn                X/X; everything that was committed before it is acknowledged by Kafka
 *   eras               array of {"since": X/X, "tombstones": boolean, "keys": text, "partitions":
 * {topic: number}}, the oldest first; see relay/eras.h and, for keys,
 *                      relay/shape.h
 *
 * It is written, and acknowledged, before the same LSN is confirmed to the server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_POSITION_H
#define WAL2AVRO_RELAY_POSITION_H

#include "common/slice.h"
#include "core/error.h"
#include "core/properties.h"
#include "relay/eras.h"

#define POSITION_VERSION 1

typedef enum PositionState
{
	POSITION_NONE, /* there is no record */
	POSITION_COPYING,
	POSITION_STREAMING,
} PositionState;

/* Embedded; zeroed is "none". */
typedef struct StoredPosition
{
	PositionState state;
	uint64_t system_identifier;
	uint32_t timeline;
	uint64_t source;
	uint64_t lsn;
	Eras eras;
} StoredPosition;

void stored_position_done(StoredPosition *position);

/* Both for the caller to free. */
char *position_key(const char *connector, const char *slot);
char *position_to_json(const StoredPosition *position);

/* *out is written on success only. ERROR_CONFIG for what is no position, or one of another version.
 */
bool position_from_json(Slice json, StoredPosition *out, Error *err);

/* Reads the newest position of a key from the offsets topic. Blocking, at most timeout_ms. */
bool position_read(const Properties *worker, const char *topic, const char *key, int timeout_ms,
				   StoredPosition *out, Error *err);

/* The transactional.id of a connector's first copy; for the caller to free. */
char *position_transactional_id(const char *connector);

/* A position that is written outside of a session. */
typedef struct PositionWrite
{
	const Properties *worker;
	const char *topic;
	const char *connector;
	const char *slot;
	const StoredPosition *position; /* NULL: it is removed */
	int timeout_ms;					/* of each step */
} PositionWrite;

/* When it returns every reader finds it. No relay of this slot may run; a first copy that was
 * killed is ended. Blocking. */
bool position_write(const PositionWrite *write, Error *err);

/* A token for a new slot: 64 random bits. */
uint64_t position_new_source(void);

#endif

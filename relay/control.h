/*
 * relay/control.h - what a worker asks of a source connector beside running it: its offsets, and
 * its end (docs/wire.md, section 4).
 *
 * There is one partition, {"slot": the slot's name}, as the key of the stored position has it, with
 * the offset {"lsn": "X/X"}.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_CONTROL_H
#define WAL2AVRO_RELAY_CONTROL_H

#include "core/program.h"

/* Where the connector has come to; an empty array before its first copy has ended. */
bool control_offsets(const Request *request, json_t **answer, Error *err);

/*
 * Moves the stored position within what the server still has, from the slot's confirmed position to
 * the end of the log: forward leaves rows out. Back sends rows again, under a new source token, so
 * that sinks apply them again. A null offset is control_reset. ERROR_CONFIG for anything else.
 */
bool control_alter(const Request *request, json_t **answer, Error *err);

/* Drops slot and position: the next start is a first one, under a new source token. */
bool control_reset(const Request *request, json_t **answer, Error *err);

/* The same for a connector that is gone; a slot that cannot be of this connector is left. */
bool control_cleanup(const Request *request, json_t **answer, Error *err);

#endif

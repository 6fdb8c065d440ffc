/*
 * relay/limits.h - asks the broker what a topic takes, for an error message.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_LIMITS_H
#define WAL2AVRO_RELAY_LIMITS_H

#include "core/kafka.h"

/* The topic's max.message.bytes, for the caller to free; NULL when the broker does not say.
 * Blocking, at most 3 s. */
char *limits_message_bytes(rd_kafka_t *client, const char *topic);

#endif

/*
 * sink/deadletters.h - the dead letter topic: records that cannot be decoded or applied, with
 * errors.tolerance=all.
 *
 * A batch that passes such records over is applied only when all of them are acknowledged here, so
 * that the offset behind them moves in the same transaction as their neighbours. A process that
 * ends in between writes them a second time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_DEADLETTERS_H
#define WAL2AVRO_SINK_DEADLETTERS_H

#include "core/loop.h"
#include "sink/settings.h"

#include <librdkafka/rdkafka.h>

typedef struct DeadLetters DeadLetters;

/* Where a record was refused, in Connect's words (org.apache.kafka.connect.runtime.errors.Stage).
 */
typedef enum DeadStage
{
	DEAD_KEY_CONVERTER,
	DEAD_VALUE_CONVERTER,
	DEAD_TASK_PUT,
} DeadStage;

/* Reports what is wrong with producer.override.*, before the producer is made. */
void deadletters_check(const Properties *connector, Report *report);

/* Makes the producer, and the topic where it is missing. Blocking; ERROR_RETRY, ERROR_CONFIG. */
bool deadletters_new(const Settings *settings, const Properties *worker,
					 const Properties *connector, int64_t task, Loop *loop, DeadLetters **letters,
					 Error *err);
void deadletters_free(DeadLetters *letters);

/* Sends a record with its key, value, headers and timestamp; reason says why. */
bool deadletters_send(DeadLetters *letters, const rd_kafka_message_t *message, DeadStage stage,
					  const char *reason, Error *err);

/* Takes what has been acknowledged. False: a record was not taken, and never will be. */
bool deadletters_poll(DeadLetters *letters, Error *err);

/* The number of records that are not acknowledged. */
size_t deadletters_open(const DeadLetters *letters);

/* Records that are on their way count no more: they will be sent again. */
void deadletters_forget(DeadLetters *letters);

/* The headers of one record: its own, and Connect's when context is true; for the caller. */
rd_kafka_headers_t *deadletters_headers(const Settings *settings, int64_t task,
										const rd_kafka_message_t *message, DeadStage stage,
										const char *reason);

#endif

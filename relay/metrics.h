/*
 * relay/metrics.h - what a task of the relay has done since it began, and where it is: the
 * "metrics" of docs/wire.md, section 4.
 *
 * It outlives sessions. Every function takes NULL (a relay that runs by hand) and does nothing
 * then.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_METRICS_H
#define WAL2AVRO_RELAY_METRICS_H

#include "core/task.h"

typedef struct Metrics Metrics;

/* Of one topic; records that Kafka has acknowledged, and bytes of their values. */
typedef struct Traffic
{
	uint64_t rows;
	uint64_t bytes;
} Traffic;

/* What the source says of the slot. */
typedef struct SlotFigures
{
	uint64_t lag_bytes;		 /* behind the confirmed position */
	uint64_t retained_bytes; /* behind the restart position: log that the slot holds back */
	uint64_t confirmed_lsn;
} SlotFigures;

/* The task is borrowed; from now on it tells the worker. */
Metrics *metrics_new(Task *task);
void metrics_free(Metrics *metrics);

/* Tells the worker the topic, at its first time. Valid as long as the metrics; NULL without. */
Traffic *metrics_topic(Metrics *metrics, const char *topic);

void metrics_transaction(Metrics *metrics);
void metrics_retry(Metrics *metrics);

/* How far a session is: records given to Kafka, records of these acknowledged, commit time
 * (microseconds since 1970 UTC) of the transaction that the last of them is of. held: rows of this
 * transaction are not given to Kafka yet. */
void metrics_progress(Metrics *metrics, uint64_t sent, uint64_t acked, int64_t commit_time,
					  bool held);

/* NULL: they are not known. */
void metrics_slot(Metrics *metrics, const SlotFigures *figures);

#endif

/*
 * connect/statuses.h - the status topic, both ways: what all workers say of connectors and tasks,
 * and what this one says of those that it owns.
 *
 * Keys as Kafka Connect's (KafkaStatusBackingStore): status-connector-<name>,
 * status-task-<name>-<i>, status-topic-<topic>:connector-<name>. Values of the first two:
 * {"state","worker_id"} and where there is one "trace", "waiting", "metrics" (docs/wire.md),
 * "restarts" (after crashes, on this worker).
 *
 * What is wanted of a key is written until it is read back, and again where somebody else's later
 * record has hidden it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_STATUSES_H
#define WAL2AVRO_CONNECT_STATUSES_H

#include "common/slice.h"
#include "connect/settings.h"
#include "core/loop.h"

#include <jansson.h>

typedef struct Statuses Statuses;

bool statuses_new(Loop *loop, const WorkerSettings *settings, const Properties *worker,
				  Statuses **statuses, Error *err);

/* Waits up to a second for what is still to be written. */
void statuses_free(Statuses *statuses);

/* Takes one record of the topic. */
void statuses_take(Statuses *statuses, Slice key, Slice value);

/* ---- what has been read; all borrowed, NULL where there is none */

json_t *statuses_connector(const Statuses *statuses, const char *name);
json_t *statuses_task(const Statuses *statuses, const char *name, int64_t task);

/* number -> value, in no order */
json_t *statuses_tasks(const Statuses *statuses, const char *name);

/* topic -> value */
json_t *statuses_topics(const Statuses *statuses, const char *name);

/* name -> anything, of all that have a status of any kind */
json_t *statuses_names(const Statuses *statuses);

/* ---- what this worker wants to be read. value: taken; NULL: no status. */

void statuses_want_connector(Statuses *statuses, const char *name, json_t *value);
void statuses_want_task(Statuses *statuses, const char *name, int64_t task, json_t *value);
void statuses_want_topic(Statuses *statuses, const char *name, const char *topic, bool used);

/* No longer ours to say. */
void statuses_leave_connector(Statuses *statuses, const char *name);
void statuses_leave_task(Statuses *statuses, const char *name, int64_t task);

#endif

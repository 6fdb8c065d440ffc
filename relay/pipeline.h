/*
 * relay/pipeline.h - the parts that stand between a source of frames and a producer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_PIPELINE_H
#define WAL2AVRO_RELAY_PIPELINE_H

#include "core/task.h"
#include "relay/feed.h"
#include "relay/metrics.h"
#include "relay/position.h"
#include "relay/registries.h"

/* What every part of a session has been given. Borrowed. */
typedef struct Setting
{
	Loop *loop;
	const RelayOptions *options;
	const Properties *worker;
	const Properties *connector;
	Registries *registries;
	Task *task;		  /* NULL: by hand */
	Metrics *metrics; /* the same */
} Setting;

/* Embedded; zeroed is closed. */
typedef struct Pipeline
{
	Producer *producer;
	Ledger *ledger;			/* NULL: a copy */
	Registries *registries; /* borrowed */
	Topics *topics;
	Relations *relations;
	Unchanged *unchanged;
	Emit *emit;
	Spool *spool;
	Feed *feed;
} Pipeline;

/* client.id of what writes for this task, as Kafka Connect has it; for the caller to free. */
char *setting_client_id(const Setting *setting);

/* The longest that a look at topics may block while nobody waits for us. */
#define TOPIC_TIMEOUT_MS 10000

/* ledger is taken over, transactional_id NULL for none. The position's eras are borrowed.
 * topic_timeout_ms: the longest that the look at a new topic may block. */
bool pipeline_open(Pipeline *pipeline, const Setting *setting, StoredPosition *position,
				   Ledger *ledger, const char *transactional_id, int topic_timeout_ms, Error *err);
void pipeline_close(Pipeline *pipeline);

/* What has gone wrong outside of our calls: in the producer, or at the registry. */
bool pipeline_check(Pipeline *pipeline, Error *err);

#endif

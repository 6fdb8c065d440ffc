/*
 * connect/setup.h - what a worker needs of Kafka before it can begin: its three topics, the number
 * of shares, the cluster's id; and the connectors of Kafka Connect's own topic.
 *
 * Executed in the thread of connect/jobs.h, as often as it takes: Kafka may come up later than the
 * worker.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_SETUP_H
#define WAL2AVRO_CONNECT_SETUP_H

#include "connect/jobs.h"
#include "connect/settings.h"

#include <jansson.h>

typedef struct Setup Setup;

/* ready: called once, when all is there. settings and worker outlive it. */
Setup *setup_new(Loop *loop, Jobs *jobs, const WorkerSettings *settings, const Properties *worker,
				 void (*ready)(void *context), void *context);

/* After jobs_free. */
void setup_free(Setup *setup);

/* Why it is not ready yet; NULL before the first failure. */
const char *setup_trouble(const Setup *setup);

/* Once it is ready: partitions of the work topic; id of the cluster. */
int setup_partitions(const Setup *setup);
const char *setup_cluster_id(const Setup *setup);

/* Reads settings->import_topic. done gets the connectors (connect/import.h), borrowed; an empty
 * object where there are none or no such topic. */
void setup_import(Setup *setup, void (*done)(void *context, json_t *connectors));

#endif

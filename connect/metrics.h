/*
 * connect/metrics.h - the worker's and its tasks' figures as Prometheus reads them.
 *
 * Text format 0.0.4 ("Exposition formats" in Prometheus's documentation). A worker shows the tasks
 * that run on it, so that nothing counts twice when all workers are asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_METRICS_H
#define WAL2AVRO_CONNECT_METRICS_H

#include "core/buffer.h"

#include <jansson.h>

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

typedef struct MetricsInput
{
	const char *worker_id;
	const char *version;
	bool starting;
	bool all;		  /* also the tasks of other workers */
	json_t *statuses; /* array of what GET /connectors/{}/status answers */
	json_t *overview; /* as herder_overview */
} MetricsInput;

/* Appends all families of metrics; false where the buffer's maximum is too small. */
bool metrics_write(const MetricsInput *input, Buffer *out);

#endif

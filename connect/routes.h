/*
 * connect/routes.h - from a request to what answers it: one table of routes, and what must hold
 * before a handler is called.
 *
 * In this order, as a real Kafka Connect does: user and password (401), path (400, 404), method
 * (405), Content-Type (415), Accept (406), origin (403), body (400). Requests that need the store
 * wait until it has been read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_ROUTES_H
#define WAL2AVRO_CONNECT_ROUTES_H

#include "connect/herder.h"
#include "connect/server.h"

typedef struct Routes Routes;

/* Everything must outlive it. ERROR_CONFIG: the file of users. */
bool routes_new(Loop *loop, Herder *herder, const WorkerSettings *settings, Routes **routes,
				Error *err);

/* What waits for the store is not asked any more; answers may still come. After server_stop. */
void routes_stop(Routes *routes);

/* Requests that were never answered are given up: after herder_free, before server_free. */
void routes_free(Routes *routes);

/* For server_new; the context is the Routes. */
void routes_request(void *context, Exchange *exchange);
const char *routes_reason(void *context);

#endif

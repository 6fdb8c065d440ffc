/*
 * connect/api.h - what the routes of the REST API do. Each takes the request and answers it, at
 * once or later.
 *
 * Paths, bodies, codes and texts are those of Kafka Connect 4.3 ("REST API" in the Apache Kafka
 * documentation, and the answers of a real worker under tests/parity).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_API_H
#define WAL2AVRO_CONNECT_API_H

#include "connect/request.h"

/* The API of this version of Kafka Connect is the one that is spoken. */
#define API_VERSION "4.3.1"

/* api_worker.c */
void api_root(Request *request);
void api_health(Request *request);
void api_loggers(Request *request);
void api_logger(Request *request);
void api_set_level(Request *request);

/* api_own.c */
void api_root_or_page(Request *request);
void api_overview(Request *request);
void api_metrics(Request *request);

/* api_plugins.c */
void api_plugins(Request *request);
void api_plugin_config(Request *request);
void api_validate(Request *request);

/* api_connectors.c */
void api_connectors(Request *request);
void api_info(Request *request);
void api_config(Request *request);
void api_status(Request *request);
void api_tasks(Request *request);
void api_task_status(Request *request);
void api_topics(Request *request);

/* api_changes.c */
void api_create(Request *request);
void api_put_config(Request *request);
void api_patch_config(Request *request);
void api_delete(Request *request);

/* api_control.c */
void api_pause(Request *request);
void api_resume(Request *request);
void api_stop(Request *request);
void api_restart(Request *request);
void api_restart_task(Request *request);
void api_reset_topics(Request *request);
void api_offsets(Request *request);
void api_alter_offsets(Request *request);
void api_reset_offsets(Request *request);

/* The second parameter of the path as the number of a task; false, and answered, when it is none.
 */
bool api_task(Request *request, int64_t *task);

#endif

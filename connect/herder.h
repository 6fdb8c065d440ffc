/*
 * connect/herder.h - what the REST API may ask of a worker: connectors, their states, tasks and
 * offsets.
 *
 * Any worker of a group answers any request. What is read comes at once from this worker's copy of
 * the store and of the statuses. What changes something is written to the store (or asked of a
 * relay or sink program) and answered later, from the loop. Status codes, bodies and error texts
 * are those of Kafka Connect 4's REST API.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_HERDER_H
#define WAL2AVRO_CONNECT_HERDER_H

#include "connect/settings.h"
#include "core/loop.h"

#include <jansson.h>

typedef struct Herder Herder;

/* Joins the group and begins to read the store; nothing here blocks on Kafka. settings and worker
 * (all of the worker's properties, for Kafka's clients and for the tasks) must outlive it. */
bool herder_new(Loop *loop, const WorkerSettings *settings, const Properties *worker,
				Herder **herder, Error *err);

/* Ends the tasks of this worker (at most shutdown_ms), leaves the group. */
void herder_free(Herder *herder);

/* NULL when the worker can serve; else why not yet: the store is still being read, Kafka cannot be
 * reached, ... */
const char *herder_starting(const Herder *herder);

/* False when a fatal error has made this worker useless; main ends then. */
bool herder_healthy(const Herder *herder);

/* NULL as long as it is not known. */
const char *herder_cluster_id(const Herder *herder);

/* ---- read at once. New references, the caller's; NULL where there is none such (404). A connector
 * that is being deleted is there until its cleanup has ended. */

json_t *herder_names(const Herder *herder);					   /* ["a","b"] */
json_t *herder_info(const Herder *herder, const char *name);   /* name, config, tasks, type */
json_t *herder_config(const Herder *herder, const char *name); /* flat, as it was given */
json_t *herder_tasks(const Herder *herder, const char *name);  /* [{"id":{},"config":{}}] */
json_t *herder_status(const Herder *herder, const char *name);
json_t *herder_task_status(const Herder *herder, const char *name, int64_t task);
json_t *herder_topics(const Herder *herder, const char *name); /* {"a":{"topics":[]}} */

/* All classes, sinks first, as /connector-plugins has them; with others: transformations and
 * converters, too. */
json_t *herder_plugins(const Herder *herder, bool others);
json_t *herder_plugin_config(const Herder *herder, const char *class_name);

json_t *herder_loggers(const Herder *herder);

/* One object per task of all workers: connector, type, task, state, worker_id, trace (FAILED),
 * waiting (what a running task waits for), restarts (starts after a crash, on its worker), metrics
 * (the last ones, docs/wire.md), local (runs on this worker), target (of the connector: RUNNING,
 * PAUSED, STOPPED, DELETING). */
json_t *herder_overview(const Herder *herder);

/* What a connector is to be, by the same names; NULL when there is none. */
const char *herder_target(const Herder *herder, const char *name);

/* ---- answered later */

/* Called exactly once, from the loop, never from within the call that asked. body is borrowed, NULL
 * for an empty one; errors have Kafka Connect's form {"error_code", "message"}. */
typedef void HerderReply(void *context, int status, json_t *body);

typedef enum TargetState
{
	TARGET_RUNNING,
	TARGET_PAUSED,
	TARGET_STOPPED,
} TargetState;

/* config: an object of texts. 201 with the info, 409, 400 with what validate found. */
void herder_create(Herder *herder, const char *name, json_t *config, TargetState initial,
				   HerderReply *reply, void *context);

/* 201 or 200. */
void herder_put_config(Herder *herder, const char *name, json_t *config, HerderReply *reply,
					   void *context);

/* changes: an object of texts and nulls (which remove). 200, 404. */
void herder_patch_config(Herder *herder, const char *name, json_t *changes, HerderReply *reply,
						 void *context);

/* 202 (running, paused) or 204 (stopped), 404. */
void herder_set_target(Herder *herder, const char *name, TargetState target, HerderReply *reply,
					   void *context);

/* Answered when it is gone: tasks ended, group or slot, offsets and positions removed (keep: left).
 * 204, 404, 409 where the group has members that are not ours, 500 where the cleanup has not ended
 * in time; it goes on then, and the message says what it waits for. */
void herder_delete(Herder *herder, const char *name, bool keep, HerderReply *reply, void *context);

/* 204, or 202 with the status where one of the two is given. */
void herder_restart(Herder *herder, const char *name, bool include_tasks, bool only_failed,
					HerderReply *reply, void *context);
void herder_restart_task(Herder *herder, const char *name, int64_t task, HerderReply *reply,
						 void *context);

void herder_offsets(Herder *herder, const char *name, HerderReply *reply, void *context);
void herder_alter_offsets(Herder *herder, const char *name, json_t *offsets, HerderReply *reply,
						  void *context);
void herder_reset_offsets(Herder *herder, const char *name, HerderReply *reply, void *context);
void herder_reset_topics(Herder *herder, const char *name, HerderReply *reply, void *context);

/* The answer of /connector-plugins/{class}/config/validate. */
void herder_validate(Herder *herder, const char *class_name, json_t *config, HerderReply *reply,
					 void *context);

/* logger: root, or one of herder_loggers. cluster: on every worker. 200 with the names that were
 * changed, 204 for the cluster, 404. */
void herder_set_level(Herder *herder, const char *logger, const char *level, bool cluster,
					  HerderReply *reply, void *context);

#endif

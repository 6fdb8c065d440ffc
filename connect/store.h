/*
 * connect/store.h - this worker's copy of the store topic: connectors, requests to restart, levels.
 *
 * Keys and values of the topic (JSON):
 *   connector-<name> {"config":{...},"target":"RUNNING","keep":false,"reason":"...","token":"..."}:
 *                     target RUNNING, PAUSED, STOPPED or DELETING; keep: the deletion leaves group,
 *                     slot, offsets and positions; reason: why a deletion was given up; token: of
 *                     the request that created it; imported: true where it was taken over
 *   restart-<name>    {"connector":true,"tasks":[0,2]}: a request, acted upon when it is read new
 *   logger-<name>     {"level":"DEBUG"}: a request, too
 *   imported          {"topic":"...","connectors":2}: the topic of Kafka Connect was taken over
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_STORE_H
#define WAL2AVRO_CONNECT_STORE_H

#include "common/slice.h"

#include <jansson.h>
#include <stdbool.h>

#define STORE_CONNECTOR "connector-"
#define STORE_RESTART	"restart-"
#define STORE_LOGGER	"logger-"
#define STORE_IMPORTED	"imported"

typedef struct Store Store;

typedef enum StoreTarget
{
	STORE_RUNNING,
	STORE_PAUSED,
	STORE_STOPPED,
	STORE_DELETING,
} StoreTarget;

/* What a record asks for beside its change of the copy; members are borrowed. */
typedef enum StoreNews
{
	STORE_NOTHING,	 /* or a record of an unknown kind */
	STORE_CHANGED,	 /* connector: came, went or changed */
	STORE_RESTARTED, /* request, for connector */
	STORE_LEVEL,	 /* request, for a logger */
} StoreNews;

typedef struct StoreEvent
{
	StoreNews news;
	const char *name; /* of the connector or logger; valid until store_event_done */
	json_t *value;	  /* of a request; NULL for a tombstone */
	char *text;		  /* holds name */
} StoreEvent;

Store *store_new(void);
void store_free(Store *store);

/* Takes one record; what is not understood is logged and left out. */
StoreEvent store_take(Store *store, Slice key, Slice value);
void store_event_done(StoreEvent *event);

/* All, name -> value as above; borrowed. */
json_t *store_connectors(const Store *store);

/* The value of one connector, borrowed; NULL where there is none. */
json_t *store_connector(const Store *store, const char *name);

/* Of a value. config is borrowed; reason may be NULL. */
json_t *store_config(const json_t *connector);
StoreTarget store_target(const json_t *connector);
bool store_keep(const json_t *connector);
const char *store_reason(const json_t *connector);
const char *store_token(const json_t *connector);

/* "RUNNING", ... */
const char *store_target_name(StoreTarget target);

bool store_imported(const Store *store);

/* It was taken over from Kafka Connect, and not deleted since. */
bool store_from_import(const json_t *connector);

/* A value for the journal: config is borrowed, keep false, no reason; still imported where stored
 * is, which may be NULL. New reference. */
json_t *store_value(const json_t *stored, json_t *config, StoreTarget target);

#endif

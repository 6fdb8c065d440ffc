/*
 * connect/import.h - the connectors of a topic that Kafka Connect wrote (config.storage.topic).
 *
 * Keys connector-<name> {"properties":{...}} and target-state-<name> {"state":"PAUSED",
 * "state.v2":"STOPPED"}, values JSON as Connect's internal converter writes them, without or with
 * schema; org.apache.kafka.connect.storage.KafkaConfigBackingStore (Apache Kafka). Tasks, commits,
 * session keys and requests are of no use here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_IMPORT_H
#define WAL2AVRO_CONNECT_IMPORT_H

#include "common/slice.h"

#include <jansson.h>

/* Collects one record; all of a key's in their order. topic: an object, name -> {"config","target"}
 * in any state of completeness. */
void import_take(json_t *topic, Slice key, Slice value);

/* The connectors as store.h has them, name -> value; those without a configuration are left out.
 * New reference. */
json_t *import_finish(const json_t *topic);

#endif

/*
 * core/kafka.h - configuring librdkafka from Kafka's own property names, and small calls that both
 * programs need.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_KAFKA_H
#define WAL2AVRO_CORE_KAFKA_H

#include "core/error.h"
#include "core/memory.h"
#include "core/properties.h"
#include "core/report.h"

#include <librdkafka/rdkafka.h>

AUTO_DEFINE(rd_kafka_conf_t, rd_kafka_conf_destroy)
AUTO_DEFINE(rd_kafka_t, rd_kafka_destroy)

/* A librdkafka property that we set ourselves, on which a guarantee stands; NULL-terminated arrays.
 */
typedef struct KafkaSetting
{
	const char *name;
	const char *value;
	bool fixed; /* an override is refused (ERROR_CONFIG), not taken */
} KafkaSetting;

/*
 * A configuration from the settings, then the worker's properties (bootstrap.servers;
 * security.protocol, sasl.*, ssl.*;
 * "<role>." such as "producer." before any name), then the connector's with the prefix
 * "<role>.override.". Java's names are translated by a table (ssl.truststore.location,
 * sasl.jaas.config, ...). settings and connector may be NULL. ERROR_CONFIG names the property and
 * shows no secret. *conf is the caller's to destroy, or rd_kafka_new's.
 */
bool kafka_conf_new(const char *role, const KafkaSetting *settings, const Properties *worker,
					const Properties *connector, rd_kafka_conf_t **conf, Error *err);

/* A worker's properties for clients that are not a connector's, such as those that read the topics
 * of workers; the caller's: without "producer.", "consumer." and "admin.", which are for the
 * clients of connectors, as in Kafka Connect. */
Properties *kafka_own_properties(const Properties *worker);

/* Reports what is wrong with "<role>.override.*" of a connector, each under its property, before
 * any client is made. settings as above, not NULL. */
void kafka_conf_check(const char *role, const KafkaSetting *settings, const Properties *connector,
					  Report *report);

/* A client of a configuration, which is taken also where there is none. *client is then NULL;
 * ERROR_CONFIG has librdkafka's words. */
bool kafka_client_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, rd_kafka_t **client, Error *err);

/* The number of partitions of a topic; *exists false when there is none. Blocking, at most
 * timeout_ms. */
bool kafka_partitions(rd_kafka_t *client, const char *topic, int timeout_ms, bool *exists,
					  int *partitions, Error *err);

/* Creates a topic where there is none yet; replication_factor -1: the broker's default. config:
 * NULL-terminated name, value, ... or NULL. */
bool kafka_create_topic(rd_kafka_t *client, const char *topic, int partitions,
						int replication_factor, const char *const *config, int timeout_ms,
						Error *err);

/*
 * Reads a whole topic, from its beginning to the end that it has now, in offset order within each
 * partition. What is behind an open Kafka transaction is not read. A topic that does not exist is
 * empty. Messages are borrowed. Blocking.
 */
typedef bool KafkaVisit(void *context, const rd_kafka_message_t *message, Error *err);
bool kafka_read_all(const Properties *worker, const char *topic, int timeout_ms, KafkaVisit *visit,
					void *context, Error *err);

/* ERROR_RETRY for what librdkafka or the broker can get over (transport, leader, coordinator,
 * timeouts, a fatal error of the idempotent producer: the task starts again from its confirmed
 * position), ERROR_CONFIG for authorization and the like. */
ErrorKind kafka_kind(rd_kafka_resp_err_t code);

#endif

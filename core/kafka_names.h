/*
 * core/kafka_names.h - one property of Kafka's into librdkafka's configuration: what Java calls
 * otherwise, or counts otherwise, stands in one table; every other name goes to librdkafka as it
 * is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_KAFKA_NAMES_H
#define WAL2AVRO_CORE_KAFKA_NAMES_H

#include "core/kafka.h"

/* What is being configured; all borrowed. */
typedef struct KafkaNames
{
	rd_kafka_conf_t *conf;
	const KafkaSetting *settings; /* those that are fixed are not changed */
	const char *role;			  /* producer, consumer, admin */
} KafkaNames;

/* Takes a property by Kafka's name. shown: the same with its prefix, as it stands in the file.
 * ERROR_CONFIG names it and says why it is refused, without a secret. */
bool kafka_names_put(const KafkaNames *names, const char *shown, const char *name,
					 const char *value, Error *err);

#endif

/*
 * core/kafka_jaas.h - the one line of JAAS that Kafka's clients take as sasl.jaas.config.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_KAFKA_JAAS_H
#define WAL2AVRO_CORE_KAFKA_JAAS_H

#include "core/error.h"

/* Takes one property of librdkafka. */
typedef bool KafkaJaasPut(void *context, const char *property, const char *value, Error *err);

/*
 * Reads `package.Module required name="value" ...;` (Apache Kafka documentation, "Authentication
 * using SASL") and gives each option that librdkafka has a property for. ERROR_CONFIG, without any
 * value in it, when it is malformed, of a module that only Java can run, or lacks an option.
 */
bool kafka_jaas_read(const char *text, KafkaJaasPut *put, void *context, Error *err);

#endif

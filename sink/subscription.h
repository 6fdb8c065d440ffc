/*
 * sink/subscription.h - which topics the consumer reads: those that are named, or those that are
 * there and whose names match topics.regex.
 *
 * librdkafka has patterns of its own, but another kind of expression, which is not anchored at the
 * end. So names are matched here, whenever the list of topics is read anew.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_SUBSCRIPTION_H
#define WAL2AVRO_SINK_SUBSCRIPTION_H

#include "core/loop.h"
#include "sink/settings.h"

#include <librdkafka/rdkafka.h>

typedef struct Subscription Subscription;

/* Longest time until a new topic is found, as the Java consumer's metadata.max.age.ms. */
#define SUBSCRIPTION_REFRESH_MS 300000

/*
 * Subscribes a consumer, which is borrowed; with topics.regex every refresh_ms (and sooner while no
 * topic matches) to what matches then. ERROR_CONFIG when the list is not taken.
 */
bool subscription_new(const Settings *settings, rd_kafka_t *client, Loop *loop, int64_t refresh_ms,
					  Subscription **subscription, Error *err);
void subscription_free(Subscription *subscription);

/* metadata.max.age.ms of a consumer's configuration, SUBSCRIPTION_REFRESH_MS at most. */
int64_t subscription_refresh_ms(const rd_kafka_conf_t *conf);

/* The topics of a list that match, sorted, for the caller to destroy; internal ones do not. */
rd_kafka_topic_partition_list_t *subscription_matches(const Regex *pattern,
													  const struct rd_kafka_metadata *metadata);

#endif

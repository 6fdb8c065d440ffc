/*
 * sink/member.h - what a task is to Kafka: the configuration of its consumer, the offsets that it
 * commits for its group, and where it begins.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_MEMBER_H
#define WAL2AVRO_SINK_MEMBER_H

#include "core/kafka.h"
#include "sink/offsets.h"
#include "sink/settings.h"

/* What the client id of a task begins with: the connector and "-<task>" follow. */
#define MEMBER_CLIENT_ID "connector-consumer-"

/* The metadata of offsets that we commit for the group. */
#define MEMBER_MARK "wal2avro"

/* Messages in librdkafka's queue at which it stops to fetch: some 300 bytes of memory each. */
#define MEMBER_QUEUE_MESSAGES "100000"

/* auto.offset.reset. */
typedef enum OffsetReset
{
	RESET_EARLIEST,
	RESET_LATEST,
	RESET_NONE,
} OffsetReset;

/* What the consumer of a task is made of, for the caller to destroy. */
bool member_conf(const Settings *settings, const Properties *worker, const Properties *connector,
				 int64_t task, rd_kafka_conf_t **conf, Error *err);

/* Reports what is wrong with the connector's consumer.override.* and admin.override.*: the second
 * reach the client that looks at the group, moves its offsets and deletes it. */
void member_check(const Properties *connector, Report *report);

/* Takes auto.offset.reset out of a configuration: librdkafka is to reset nothing by itself. */
bool member_take_reset(rd_kafka_conf_t *conf, OffsetReset *reset, Error *err);

/* Adds an offset to a list that is to be committed as ours. */
void member_set(rd_kafka_topic_partition_list_t *list, const char *topic, int32_t number,
				int64_t offset);

/* An offset was committed by a sink of ours. */
bool member_is_ours(const rd_kafka_topic_partition_t *committed);

/*
 * Says where partitions begin of which the destination has stored nothing: of a connector that was
 * imported from Kafka Connect where that one left the group, else by auto.offset.reset. Sets
 * next_offset of those that do not begin at their beginning; the caller stores it. Blocking where
 * somebody has to be asked.
 */
bool member_begin(rd_kafka_t *client, OffsetReset reset, bool imported, Partition *partitions,
				  size_t count, Error *err);

#endif

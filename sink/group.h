/*
 * sink/group.h - the consumer group of a connector as its broker has it: members, offsets,
 * deletion; and the partitions of its topics.
 *
 * The offsets that count are the destination's (sink/books.h); the group's are for tools. Every
 * call blocks, each for 15 s at most unless it says otherwise. Errors are of kafka_kind.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_GROUP_H
#define WAL2AVRO_SINK_GROUP_H

#include "core/kafka.h"
#include "sink/settings.h"

typedef struct Group Group;

AUTO_DEFINE(rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy)

/* The group of the connector's tasks, consumer.override.group.id included. Joins nothing. */
bool group_new(const Settings *settings, const Properties *worker, const Properties *connector,
			   Group **group, Error *err);
void group_free(Group *group);

AUTO_DEFINE(Group, group_free)

const char *group_name(const Group *group);

/* A client for questions about topics. */
rd_kafka_t *group_client(const Group *group);

/*
 * Waits until the group has no members, for as long as the session of one that died may last. A
 * member that is no task of this connector (by its client id) is ERROR_CONFIG at once, with its
 * client id and host; one that is and stays is ERROR_RETRY.
 */
bool group_wait_empty(const Group *group, Error *err);

/* The committed offsets, the caller's to destroy; empty when there is no such group. */
bool group_offsets(const Group *group, rd_kafka_topic_partition_list_t **offsets, Error *err);

/* Sets the committed offsets; removes those that are RD_KAFKA_OFFSET_INVALID. ERROR_RETRY while the
 * group has members. */
bool group_set_offsets(const Group *group, const rd_kafka_topic_partition_list_t *offsets,
					   Error *err);

/* Deletes the group; that there is none is no error. ERROR_RETRY while it has members. */
bool group_delete(const Group *group, Error *err);

#endif

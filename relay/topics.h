/*
 * relay/topics.h - the topics of a session: one per table, created where it is missing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_TOPICS_H
#define WAL2AVRO_RELAY_TOPICS_H

#include "common/slice.h"
#include "core/error.h"
#include "relay/eras.h"
#include "relay/operation.h"
#include "relay/options.h"
#include "relay/producer.h"

typedef struct Topics Topics;

/* How many records the current transaction has in a partition. */
typedef struct PartitionCount
{
	uint64_t txn; /* which transaction n is of; see emit.c */
	uint64_t n;
} PartitionCount;

typedef struct Topic
{
	char *name;
	char *schema; /* of the table that it belongs to */
	char *table;
	rd_kafka_topic_t *handle;
	int partitions; /* in the era that era_index names */
	size_t era_index;
	int32_t keyless_partition; /* of rows without a key, in the same era */
	PartitionCount *counts;	   /* per partition, room for size */
	int size;
	uint64_t left_out[OPERATIONS];
	uint64_t left_marked;
} Topic;

/* Finds a topic, or creates it and waits until it can be seen: *found partitions. Blocking, at most
 * the time-out. */
bool topics_ensure(rd_kafka_t *client, const char *name, int partitions, int replication_factor,
				   const char *const *config, int timeout_ms, int *found, bool *created,
				   Error *err);

/* eras is borrowed; topics that it does not know are added to it. timeout_ms: the longest that the
 * look at a new topic may block. */
Topics *topics_new(const RelayOptions *options, Producer *producer, Eras *eras, int timeout_ms);
void topics_free(Topics *topics);

/*
 * The topic of a table; *learned becomes true when the eras have changed, so that the position must
 * be stored before the first record. Blocking for a new topic, at most the time-out. ERROR_CONFIG
 * for a name that no topic can have and for a second table with the same topic.
 */
bool topics_get(Topics *topics, Slice schema, Slice table, Topic **topic, bool *learned,
				Error *err);

/* A topic that is no table's, by its name, behind RegexRouters; the rest as above. */
bool topics_get_named(Topics *topics, const char *name, Topic **topic, bool *learned, Error *err);

/* Turns to the routing of an era. */
void topic_set_era(Topic *topic, const Eras *eras, size_t index);

/* A record is not sent: says so in the log, once per topic and operation, and counts. */
void topic_leave_out(Topic *topic, Operation operation);

/* The same of a row whose unchanged values were looked for, and not found: why. */
void topic_stay_marked(Topic *topic, const char *why);

#endif

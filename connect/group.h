/*
 * connect/group.h - this worker's share of the work: membership in the consumer group on the empty
 * work topic, whose partitions are the shares.
 *
 * Task i of connector n belongs to partition murmur2("n-i") % partitions, the connector itself goes
 * with its task 0. A worker that has not heard of Kafka for most of the session's time-out counts
 * as without a share before others may take it over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_GROUP_H
#define WAL2AVRO_CONNECT_GROUP_H

#include "connect/settings.h"
#include "core/loop.h"

typedef struct Group Group;

typedef enum GroupShare
{
	GROUP_OTHERS,
	GROUP_OURS,
	GROUP_LEAVING, /* wanted back by the group: end what runs, then group_let_go */
} GroupShare;

/* changed: shares have come or gone, or the worker was cut off, or is no longer. settings and
 * worker outlive it. */
bool group_new(Loop *loop, const WorkerSettings *settings, const Properties *worker, int partitions,
			   void (*changed)(void *context), void *context, Group **group, Error *err);

/* Leaves the group. */
void group_free(Group *group);

GroupShare group_share(const Group *group, const char *connector, int64_t task);

/* There are shares to be left. */
bool group_leaving(const Group *group);
void group_let_go(Group *group);

/* How long what is no longer ours may take to end. */
int64_t group_patience_ms(const Group *group);

/* An assignment has come once, even an empty one. */
bool group_joined(const Group *group);

/* Why there is none yet, or NULL. */
const char *group_trouble(const Group *group);

/* Nothing but a new start of the worker helps. */
bool group_fatal(const Group *group);

#endif

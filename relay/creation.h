/*
 * relay/creation.h - with which settings topics are created: topic.creation.* as Kafka Connect has
 * them (its documentation, "Source Connector Configuration").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_CREATION_H
#define WAL2AVRO_RELAY_CREATION_H

#include "core/properties.h"
#include "core/regex.h"
#include "core/report.h"

#include <stdint.h>

typedef struct CreationGroup
{
	char *name; /* "default" for the first */
	Regex **include;
	Regex **exclude; /* both NULL-terminated, or NULL */
	int64_t partitions;
	int64_t replication_factor; /* both -1: the broker's default */
	char **config;				/* name, value, ..., NULL: settings of the topic */
} CreationGroup;

/* Embedded; zeroed is empty. */
typedef struct Creation
{
	CreationGroup *groups; /* the default group first, then the others in their order */
	size_t count;
} Creation;

/* Reads topic.creation.groups and topic.creation.<group>.*, but for partitions and replication
 * factor of the default group, which are given. Errors are reported under the property that has
 * them. To be freed in any case. */
void creation_read(const Properties *connector, int64_t partitions, int64_t replication_factor,
				   Creation *out, Report *report);
void creation_done(Creation *creation);

/* The first group that includes the topic and does not exclude it, else the default one. */
const CreationGroup *creation_find(const Creation *creation, const char *topic);

#endif

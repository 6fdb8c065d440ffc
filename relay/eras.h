/*
 * relay/eras.h - by which routing a transaction's records were, and are, sent.
 *
 * A record keeps its partition and its number when it is sent again, or readers could not know it.
 * So a change of a topic's partitions, of tombstones.on.delete or of anything in relay/shape.h
 * begins a new era at the LSN that the server's log has then, which nothing sent lies behind; what
 * was committed before it is repeated by the old one. Eras are part of the position record.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_ERAS_H
#define WAL2AVRO_RELAY_ERAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct EraTopic
{
	char *name;
	int partitions;
} EraTopic;

typedef struct Era
{
	uint64_t since; /* for transactions with a commit LSN behind it */
	bool tombstones;
	char *shape; /* of its records, see shape.h */
	EraTopic *topics;
	size_t count;
} Era;

/* Embedded; zeroed is empty. The oldest is first. */
typedef struct Eras
{
	Era *items;
	size_t count;
} Eras;

void eras_done(Eras *eras);

/* A new era, with the topics of the last one. shape is copied. */
Era *eras_add(Eras *eras, uint64_t since, bool tombstones, const char *shape);

/* Sets the partitions of a topic in one era. */
void era_set(Era *era, const char *topic, int partitions);

/* 0: the era does not know the topic. */
int era_partitions(const Era *era, const char *topic);

/* The index of the era of a transaction. There is at least one. */
size_t eras_of(const Eras *eras, uint64_t commit_lsn);

/*
 * A topic as it is at start. True when the last era must be followed by a new one because the topic
 * has grown; a topic that has fewer partitions than it had is another one, without any of our
 * records, and is corrected in every era. An unknown topic changes nothing.
 */
bool eras_check(Eras *eras, const char *topic, int partitions);

/* Adds a topic to every era that does not know it. True when there was one. */
bool eras_learn(Eras *eras, const char *topic, int partitions);

/* Drops the eras that no transaction behind the confirmed LSN can belong to. */
void eras_prune(Eras *eras, uint64_t confirmed_lsn);

#endif

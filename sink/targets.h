/*
 * sink/targets.h - the topics that were met, the tables that they lead to, and the plans from one
 * to the other.
 *
 * Several topics may lead to one table: they share what is known of it, so that a batch has its
 * rows in one place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_TARGETS_H
#define WAL2AVRO_SINK_TARGETS_H

#include "sink/batch.h"

/* A plan and the ids it was made for. */
typedef struct PlanEntry
{
	int32_t key_id;
	int32_t value_id;
	Plan *plan;
} PlanEntry;

/* A table at the destination. */
typedef struct Target
{
	char *name;
	Table *table;		 /* NULL: to be read */
	bool missing;		 /* the destination was asked: there is no such table */
	bool fresh;			 /* the table was read, and nothing made of it since */
	int64_t read_ms;	 /* when it was read, by loop_now_ms() */
	bool changed;		 /* by auto.evolve, */
	int32_t changed_for; /* for values of this id */
	bool index_checked;	 /* its key has an index, or cannot be given one, or: */
	bool index_put_off;	 /* it has none yet, for the table was nearly empty */
	bool index_due;		 /* but is to have it now */
	uint64_t size;		 /* of the table since it was put off, about: bytes */
	uint64_t read;		 /* bytes that were read since for lack of it */
} Target;

typedef struct Topic
{
	char *name;
	Target *target;
	PlanEntry *plans;
	size_t plan_count;
	size_t last;			 /* plan of the last message */
	int32_t partition_count; /* 0: not asked for */
	int32_t *met;			 /* ids of values for which a plan was made; never forgotten */
	size_t met_count;
} Topic;

typedef struct Targets
{
	const Settings *settings;
	Target **targets;
	size_t target_count;
	Topic **topics;
	size_t topic_count;
} Targets;

void targets_init(Targets *targets, const Settings *settings);
void targets_done(Targets *targets);

/* The topic of that name, which is new the first time; it lives as long as targets. */
Topic *targets_topic(Targets *targets, const char *name);

/* The plan for a pair of ids, or NULL. */
Plan *topic_plan(Topic *topic, int32_t key_id, int32_t value_id);
/* A plan is about to be made for values of this id: false the first time. */
bool topic_meet(Topic *topic, int32_t value_id);
void topic_keep_plan(Topic *topic, int32_t key_id, int32_t value_id, Plan *plan);

/* A batch is applied. searched: rows of the table were looked for by their keys. */
void targets_applied(Targets *targets, const TableBatch *batch, bool searched);

/* Forgets what was read of a table, and all plans that hold it. */
void targets_forget(Targets *targets, Target *target);

/* The same for all tables, also whether they have an index. */
void targets_forget_all(Targets *targets);

#endif

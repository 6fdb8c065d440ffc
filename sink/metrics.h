/*
 * sink/metrics.h - what a task has done, in figures (docs/wire.md, section 4). Pure: no I/O, no
 * clock.
 *
 * What is taken into a batch is tallied beside it, and added to the totals when the batch is
 * committed; what is dropped is tallied again when it is read again. A record costs a few
 * additions: its timestamp goes into a run of equal ones, and the clock is read once per batch, at
 * its commit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_METRICS_H
#define WAL2AVRO_SINK_METRICS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bounds of the latency's buckets, and one bucket for what is beyond. */
#define LATENCY_BUCKETS 15

/* Slots for different timestamps of one batch, of which at most half are used; with more, near ones
 * are put together. */
#define AGE_SLOTS 512

typedef struct AgeSlot
{
	int64_t at;		/* timestamp of its records, shifted */
	uint64_t count; /* 0: free */
} AgeSlot;

/* The timestamps of a batch's rows. */
typedef struct Ages
{
	AgeSlot slots[AGE_SLOTS]; /* by a hash of the timestamp */
	size_t used;
	AgeSlot *last;	   /* of the last row */
	int shift;		   /* timestamps that are equal without so many bits share a slot */
	int64_t oldest_ms; /* exactly; INT64_MAX: no records */
	int64_t base_ms;   /* timestamp of the first */
	int64_t sum_ms;	   /* of all, exactly, each less base_ms */
} Ages;

typedef struct TopicCount
{
	uint64_t rows;
	uint64_t bytes; /* of their values */
} TopicCount;

typedef struct TopicTotal
{
	char *name;
	TopicCount count;
} TopicTotal;

/* What one batch will add. */
typedef struct Tally
{
	TopicCount *topics; /* by the number of metrics_topic */
	size_t topic_count;
	Ages ages;
	uint64_t repeats;
	uint64_t skipped;
} Tally;

typedef struct Metrics
{
	TopicTotal *topics;
	size_t topic_count;
	uint64_t rows;
	uint64_t bytes;
	uint64_t batches;
	uint64_t repeats;
	uint64_t skipped;
	uint64_t retries;
	uint64_t dead_letters;
	uint64_t latency_buckets[LATENCY_BUCKETS];
	uint64_t latency_count;
	double latency_sum_s;
	int64_t dropped_ms; /* oldest timestamp of what was dropped and not yet committed; INT64_MAX */
	int64_t lag_rows;
	double lag_s;
} Metrics;

void metrics_init(Metrics *metrics);
void metrics_done(Metrics *metrics);

/* In place of a number that was not asked for yet. */
#define METRICS_NO_TOPIC SIZE_MAX

/* The number of a topic, for tally_row; the same for the life of the metrics. */
size_t metrics_topic(Metrics *metrics, const char *name);

void tally_init(Tally *tally);
void tally_done(Tally *tally);
void tally_clear(Tally *tally);

/* A row was taken into the batch. timestamp_ms -1: the record has none. */
void tally_row(Tally *tally, size_t topic, size_t bytes, int64_t timestamp_ms);

/* The batch was committed, now_ms by the same clock as the timestamps; clears the tally. */
void metrics_committed(Metrics *metrics, Tally *tally, int64_t now_ms);

/* The batch was dropped and will be read again; clears the tally. */
void metrics_dropped(Metrics *metrics, Tally *tally);

/* The oldest timestamp that is on its way in either tally, or was dropped; INT64_MAX: none. */
int64_t metrics_oldest(const Metrics *metrics, const Tally *a, const Tally *b);

/* The member "metrics" of a status line: a new reference. */
json_t *metrics_json(const Metrics *metrics);

#endif

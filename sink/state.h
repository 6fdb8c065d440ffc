/*
 * sink/state.h - what the parts of the pump share: intake, delivery, recovery.
 *
 * Two batches: one takes records while the other is applied.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_STATE_H
#define WAL2AVRO_SINK_STATE_H

#include "core/program.h"
#include "sink/apply.h"
#include "sink/consumer.h"
#include "sink/deadletters.h"
#include "sink/decoder.h"
#include "sink/destination.h"
#include "sink/metrics.h"
#include "sink/replay.h"

typedef struct Pump Pump;
typedef struct Condemned Condemned;

struct Pump
{
	const Settings *settings;
	const Properties *worker;
	const Properties *connector;
	Loop *loop;
	Task *task;	   /* NULL: by hand */
	bool imported; /* from Kafka Connect, whose group's offsets go on */
	Registry *values;
	Registry *keys; /* NULL, values, or one of its own */
	Decoder *decoder;
	Consumer *consumer; /* NULL: not in the group */
	PGconn *conn;		/* NULL: not connected */
	char *space;
	Apply *apply;
	Batch batches[2];
	Batch *open;	 /* takes records */
	Batch *applying; /* on its way to the destination, or NULL */
	Partition *partitions;
	size_t partition_count;
	size_t last_partition;
	bool claimed;				 /* they are ours and are being read */
	rd_kafka_message_t *pending; /* taken from the consumer, not yet into a batch */
	bool stalled;				 /* pending does not go with the open batch, or waits */
	bool at_hand;				 /* the consumer may have more */
	bool again;					 /* there is more to do at once */
	bool any_aside;				 /* some partition waits alone */
	bool held;					 /* fetching is paused; what comes is thrown away and read again */
	int64_t taken_ms;			 /* when records were last taken, or could have been */
	Replay replay;
	size_t row_limit; /* of a batch; below that of the settings a record that is refused is looked
					   * for */
	bool direct;
	int stale;			  /* times in a row that the tables were read anew */
	LoopTimer *retry;	  /* armed: everything waits for it */
	int64_t next_retry;	  /* ms; 0: at once */
	DeadLetters *letters; /* NULL: no dead letter topic */
	Condemned *condemned; /* sink/bury.c */
	size_t condemned_count;
	uint64_t missing;	 /* rows that insert.mode=update did not find */
	Error poison;		 /* a record that cannot be taken: the end, behind what came before it */
	bool committed_news; /* the group does not know of yet */
	int64_t group_commit_ms;
	int64_t report_ms;
	uint64_t rows;
	uint64_t reported;
	int64_t stop_ms; /* told to end, then; 0: not */
	bool ended;
	Error failure;							/* why; ERROR_NONE: it was told to */
	Metrics metrics;						/* of what is committed */
	Tally tallies[2];						/* of what the two batches will add */
	DecoderCounts counted;					/* the decoder's, when the open batch began */
	char *trouble;							/* what the last retry waited for; NULL: healed */
	rd_kafka_topic_partition_list_t *known; /* all that this process has ever claimed */
};

static inline int
pump_batch_number(const Pump *pump, const Batch *batch)
{
	return batch == &pump->batches[1];
}

static inline Tally *
pump_tally(Pump *pump, const Batch *batch)
{
	return &pump->tallies[pump_batch_number(pump, batch)];
}

#endif

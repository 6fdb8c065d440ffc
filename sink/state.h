/*
 * sink/state.h - what the parts of the pump share: intake, delivery, recovery.
 *
 * Two batches: one takes records while the other is applied.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_STATE_H
#define WAL2AVRO_SINK_STATE_H

#include "sink/apply.h"
#include "sink/consumer.h"
#include "sink/decoder.h"
#include "sink/destination.h"

typedef struct Pump Pump;

struct Pump
{
	const Settings *settings;
	const Properties *worker;
	const Properties *connector;
	Loop *loop;
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
	size_t row_limit;
	bool direct;
	int stale;			 /* times in a row that the tables were read anew */
	LoopTimer *retry;	 /* armed: everything waits for it */
	int64_t next_retry;	 /* ms; 0: at once */
	Error poison;		 /* a record that cannot be taken: the end, behind what came before it */
	bool committed_news; /* the group does not know of yet */
	int64_t group_commit_ms;
	int64_t report_ms;
	uint64_t rows;
	uint64_t reported;
	int64_t stop_ms; /* told to end, then; 0: not */
	bool ended;
	int status;
};

#endif

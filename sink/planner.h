/*
 * sink/planner.h - what is to be done with a record, and by which plans. Plans are made when a
 * record first needs them; what they need of the destination is asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_PLANNER_H
#define WAL2AVRO_SINK_PLANNER_H

#include "sink/asking.h"
#include "sink/batch.h"
#include "sink/opening.h"

typedef enum DecodeResult
{
	DECODE_TAKEN,	/* it is in the batch, or was skipped there */
	DECODE_WAITING, /* give it again later: a schema is on its way, or decoder_ask is to be called
					 */
	DECODE_NO_ROOM, /* give it again with the next batch: it does not go with what is in this one */
	DECODE_FAILED,
} DecodeResult;

/* What is to be done with a record. */
typedef struct Work
{
	BatchInput after; /* plan NULL: nothing */
	BatchInput before;
	const Table *truncated; /* or NULL */
} Work;

typedef struct Planner
{
	const Settings *settings;
	Opening *opening;
	Asking *asking;				/* of the destination, borrowed */
	Topic *counting;			/* its partitions are to be counted */
	const Partition *partition; /* of the record under way */
	int64_t plan_number;
	DeadStage stage; /* of the last DECODE_FAILED */
} Planner;

/* Opens a record with message, topic and headers, and finds its plans. DECODE_TAKEN: skipped, or
 * *work says it all, and the batch has room for that. */
DecodeResult planner_prepare(Planner *planner, Record *record, const Batch *batch, Work *work,
							 Error *err);

#endif

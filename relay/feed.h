/*
 * relay/feed.h - takes frames apart and sees to their messages: rows are sent, or kept until their
 * transaction commits.
 *
 * It can stop at any message, keep its place and go on later; while it has a frame, no further one
 * may be given to it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_FEED_H
#define WAL2AVRO_RELAY_FEED_H

#include "relay/emit.h"
#include "relay/spool.h"

typedef struct Feed Feed;

/* All are borrowed. */
Feed *feed_new(Emit *emit, Relations *relations, Ledger *ledger, Spool *spool);
void feed_free(Feed *feed);

/* A new frame; its bytes must stay until feed_continue has given FLOW_ON, and are written to. */
void feed_frame(Feed *feed, Slice frame);

/* Goes on where it was. FLOW_ON: the frame is done. */
Flow feed_continue(Feed *feed, Error *err);

/* Rows of a new topic wait until the position is stored that knows its routing: true until
 * feed_routing_stored. */
bool feed_routing_new(const Feed *feed);
void feed_routing_learned(Feed *feed);
void feed_routing_stored(Feed *feed);

/* Between two transactions. */
bool feed_outside(const Feed *feed);

/* A keepalive, after all frames before it. */
void feed_idle(Feed *feed, uint64_t wal_end);

/* Rows of a first copy: instead of BEGIN and COMMIT in the stream. */
Flow feed_copy_begin(Feed *feed, const EmitTxn *txn);
void feed_copy_end(Feed *feed);

/* The next frame has the last row of its table; of_copy: of the last one. */
void feed_copy_last(Feed *feed, bool of_copy);

#endif

/*
 * relay/feed.c - see feed.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/feed.h"

#include "core/memory.h"

typedef enum FeedState
{
	FEED_OUTSIDE,
	FEED_TRANSACTION, /* between BEGIN and COMMIT */
	FEED_STREAM,	  /* between STREAM_START and STREAM_STOP */
} FeedState;

/* How far a STREAM_COMMIT has come. */
typedef enum Replay
{
	REPLAY_NOT_BEGUN,
	REPLAY_NEXT, /* take the next row off the spool */
	REPLAY_ROW,	 /* one is taken and not yet sent */
	REPLAY_END,	 /* all are sent, the transaction is not yet ended */
} Replay;

struct Feed
{
	Emit *emit;
	Relations *relations;
	Ledger *ledger;
	Spool *spool;
	FeedState state;
	uint32_t stream_xid;
	bool routing_new;
	Slice rest;		 /* of the frame */
	Message message; /* at hand when held */
	Slice bytes;	 /* the same, as it came */
	bool held;
	Replay replay;
	Message row; /* of the spool */
};

Feed *
feed_new(Emit *emit, Relations *relations, Ledger *ledger, Spool *spool)
{
	Feed *feed = xcalloc(1, sizeof *feed);

	feed->emit = emit;
	feed->relations = relations;
	feed->ledger = ledger;
	feed->spool = spool;
	return feed;
}

void
feed_free(Feed *feed)
{
	free(feed);
}

void
feed_frame(Feed *feed, Slice frame)
{
	feed->rest = frame;
}

bool
feed_routing_new(const Feed *feed)
{
	return feed->routing_new;
}

void
feed_routing_learned(Feed *feed)
{
	feed->routing_new = true;
}

void
feed_routing_stored(Feed *feed)
{
	feed->routing_new = false;
}

bool
feed_outside(const Feed *feed)
{
	return feed->state == FEED_OUTSIDE;
}

void
feed_idle(Feed *feed, uint64_t wal_end)
{
	if (feed_outside(feed))
		ledger_idle(feed->ledger, wal_end);
}

static Flow
malformed(const char *what, Error *err)
{
	error_set(err, ERROR_DATA, "the server sent %s; use plugin and programs of the same release",
			  what);
	return FLOW_FAILED;
}

static Flow
begin(Feed *feed, const Message *message)
{
	const EmitTxn txn = {.xid = message->xid,
						 .commit_lsn = message->commit_lsn,
						 .end_lsn = message->end_lsn,
						 .commit_time = message->commit_time};

	return emit_begin(feed->emit, &txn);
}

static bool
is_row(MessageType type)
{
	return type == MESSAGE_INSERT || type == MESSAGE_UPDATE || type == MESSAGE_DELETE ||
		   type == MESSAGE_TRUNCATE;
}

static Flow
row(Feed *feed, Error *err)
{
	switch (feed->state)
	{
		case FEED_TRANSACTION:
			return feed->routing_new ? FLOW_BLOCKED : emit_row(feed->emit, &feed->message, err);
		case FEED_STREAM:
			return spool_add(feed->spool, feed->stream_xid, feed->bytes, err) ? FLOW_ON
																			  : FLOW_FAILED;
		case FEED_OUTSIDE:
			break;
	}
	return malformed("a row outside of a transaction", err);
}

/* Takes the next row of the transaction that is not rolled back; FLOW_BLOCKED stands for the end.
 */
static Flow
replay_next(Feed *feed, uint32_t xid, Error *err)
{
	Slice bytes;

	do
	{
		if (!spool_next(feed->spool, xid, &bytes, err))
			return FLOW_FAILED;
		if (bytes.data == NULL)
			return FLOW_BLOCKED;
		if (!wire_read(bytes, &feed->row))
			return malformed("a row that cannot be read", err);
	} while (spool_aborted(feed->spool, xid, feed->row.xid));
	return FLOW_ON;
}

static Flow
replay_rows(Feed *feed, uint32_t xid, Error *err)
{
	for (;;)
	{
		Flow flow = FLOW_ON;

		if (feed->replay == REPLAY_NEXT)
			flow = replay_next(feed, xid, err);
		if (flow == FLOW_BLOCKED)
			return FLOW_ON;
		if (flow == FLOW_FAILED)
			return flow;
		feed->replay = REPLAY_ROW;
		flow = emit_row(feed->emit, &feed->row, err);
		if (flow != FLOW_ON)
			return flow;
		feed->replay = REPLAY_NEXT;
	}
}

static Flow
stream_commit(Feed *feed, Error *err)
{
	uint32_t xid = feed->message.xid;
	Flow flow;

	if (feed->routing_new)
		return FLOW_BLOCKED;
	if (feed->replay == REPLAY_NOT_BEGUN)
	{
		flow = begin(feed, &feed->message);
		if (flow != FLOW_ON)
			return flow;
		spool_rewind(feed->spool, xid);
		feed->replay = REPLAY_NEXT;
	}
	if (feed->replay != REPLAY_END)
	{
		flow = replay_rows(feed, xid, err);
		if (flow != FLOW_ON)
			return flow;
		feed->replay = REPLAY_END;
	}
	flow = emit_commit(feed->emit, err);
	if (flow != FLOW_ON)
		return flow;
	feed->replay = REPLAY_NOT_BEGUN;
	spool_drop(feed->spool, xid);
	return FLOW_ON;
}

static void
stream_abort(Feed *feed)
{
	if (feed->message.xid == feed->message.subxid)
		spool_drop(feed->spool, feed->message.xid);
	else
		spool_abort(feed->spool, feed->message.xid, feed->message.subxid);
}

/* In which state a message may come. */
static bool
in_place(const Feed *feed)
{
	switch (feed->message.type)
	{
		case MESSAGE_BEGIN:
		case MESSAGE_STREAM_START:
		case MESSAGE_STREAM_COMMIT:
		case MESSAGE_STREAM_ABORT:
			return feed->state == FEED_OUTSIDE;
		case MESSAGE_COMMIT:
			return feed->state == FEED_TRANSACTION;
		case MESSAGE_STREAM_STOP:
			return feed->state == FEED_STREAM;
		case MESSAGE_RELATION:
			return true;
		case MESSAGE_INSERT:
		case MESSAGE_UPDATE:
		case MESSAGE_DELETE:
		case MESSAGE_TRUNCATE:
			return feed->state != FEED_OUTSIDE;
	}
	return false;
}

static Flow
handle(Feed *feed, Error *err)
{
	Flow flow = FLOW_ON;

	if (!in_place(feed))
		return malformed("a message in the wrong place", err);
	switch (feed->message.type)
	{
		case MESSAGE_INSERT:
		case MESSAGE_UPDATE:
		case MESSAGE_DELETE:
		case MESSAGE_TRUNCATE:
			return row(feed, err);
		case MESSAGE_BEGIN:
			flow = begin(feed, &feed->message);
			if (flow == FLOW_ON)
				feed->state = FEED_TRANSACTION;
			return flow;
		case MESSAGE_COMMIT:
			flow = emit_commit(feed->emit, err);
			if (flow == FLOW_ON)
				feed->state = FEED_OUTSIDE;
			return flow;
		case MESSAGE_RELATION:
			return relations_define(feed->relations, &feed->message, &feed->routing_new, err)
					   ? FLOW_ON
					   : FLOW_FAILED;
		case MESSAGE_STREAM_START:
			feed->stream_xid = feed->message.xid;
			feed->state = FEED_STREAM;
			break;
		case MESSAGE_STREAM_STOP:
			feed->state = FEED_OUTSIDE;
			break;
		case MESSAGE_STREAM_COMMIT:
			return stream_commit(feed, err);
		case MESSAGE_STREAM_ABORT:
			stream_abort(feed);
			break;
	}
	return flow;
}

/* Takes the next message off the frame. Rows of a transaction in progress are read when it commits;
 * until then only their type is known. */
static WireResult
take(Feed *feed)
{
	WireResult result = wire_take(&feed->rest, &feed->bytes);

	if (result != WIRE_MESSAGE)
		return result;
	feed->message.type = (MessageType) feed->bytes.data[0];
	if (feed->state == FEED_STREAM && is_row(feed->message.type))
		return WIRE_MESSAGE;
	return wire_read(feed->bytes, &feed->message) ? WIRE_MESSAGE : WIRE_MALFORMED;
}

Flow
feed_continue(Feed *feed, Error *err)
{
	for (;;)
	{
		Flow flow;

		if (!feed->held)
			switch (take(feed))
			{
				case WIRE_MESSAGE:
					break;
				case WIRE_END:
					return FLOW_ON;
				case WIRE_MALFORMED:
					return malformed("a frame that cannot be read", err);
			}
		flow = handle(feed, err);
		feed->held = flow == FLOW_BLOCKED;
		if (flow != FLOW_ON)
			return flow;
	}
}

Flow
feed_copy_begin(Feed *feed, const EmitTxn *txn)
{
	feed->state = FEED_TRANSACTION;
	return emit_begin(feed->emit, txn);
}

void
feed_copy_last(Feed *feed, bool of_copy)
{
	emit_copy_last(feed->emit, of_copy);
}

void
feed_copy_end(Feed *feed)
{
	Error err;

	/* Nothing is sent at its end that could be blocked. */
	emit_commit(feed->emit, &err);
	feed->state = FEED_OUTSIDE;
}

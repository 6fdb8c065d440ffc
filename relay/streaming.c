/*
 * relay/streaming.c - see streaming.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/streaming.h"

#include "common/lsn.h"
#include "core/fault.h"
#include "core/log.h"
#include "relay/confirm.h"
#include "relay/shape.h"
#include "relay/stream.h"

#include <inttypes.h>
#include <poll.h>

/* The most transactions that wait behind one that is not acknowledged: 16 MiB of the ledger. */
#define LEDGER_MAX ((size_t) 1 << 20)

#define FRAMES_PER_TURN 16
#define STOP_MS			10000 /* to be finished in after SIGTERM */
#define FULL_MS			100
#define STUCK_MS		5000 /* without progress: is the server leaving? */

typedef struct Streaming
{
	const Setting *setting;
	PGconn *conn;
	StoredPosition *position;
	Pipeline pipeline;
	Confirm *confirm;
	StreamMessage message; /* with the frame that the feed has */
	uint64_t received_lsn;
	int64_t status_every_ms;
	int64_t status_due_ms;
	bool unsent; /* libpq has bytes for the server */
	bool blocked;
	bool more; /* libpq may have frames for us */
	int64_t progress_ms;
	uint64_t progress_mark; /* what acknowledgements had come to then */
	uint64_t hastened;		/* records of which none is held back any more */
	int64_t probe_due_ms;
	bool *progress;
} Streaming;

static void
wake(void *context, int revents)
{
	(void) context;
	(void) revents;
}

static bool
fault_error(const char *name, Error *err)
{
	return error_set(err, ERROR_RETRY, "fault at %s", name);
}

static bool
send_status(Streaming *streaming, Error *err)
{
	uint64_t flushed = streaming->position->lsn;
	uint64_t written = streaming->received_lsn > flushed ? streaming->received_lsn : flushed;

	if (!stream_status(streaming->conn, written, flushed, err))
		return false;
	streaming->status_due_ms = loop_now_ms() + streaming->status_every_ms;
	return stream_flush(streaming->conn, &streaming->unsent, err);
}

static void
release_frame(Streaming *streaming)
{
	if (streaming->message.buffer != NULL)
		PQfreemem(streaming->message.buffer);
	streaming->message.buffer = NULL;
}

static void
received(Streaming *streaming, uint64_t wal_end)
{
	if (wal_end > streaming->received_lsn)
		streaming->received_lsn = wal_end;
}

static bool
keepalive(Streaming *streaming, const StreamMessage *message, Error *err)
{
	received(streaming, message->wal_end);
	feed_idle(streaming->pipeline.feed, message->wal_end);
	if (!message->reply_requested)
		return true;
	/* It may want to shut down, which waits until all is confirmed. */
	confirm_hurry(streaming->confirm);
	return send_status(streaming, err);
}

/* Goes on with the frame at hand. False on failure only. */
static bool
go_on(Streaming *streaming, Error *err)
{
	Flow flow;

	if (streaming->message.buffer == NULL)
		return true;
	flow = feed_continue(streaming->pipeline.feed, err);
	streaming->blocked = flow == FLOW_BLOCKED;
	if (flow != FLOW_ON)
		return flow == FLOW_BLOCKED;
	release_frame(streaming);
	return fault("relay.after-produce") ? fault_error("relay.after-produce", err) : true;
}

/* Takes what has arrived, up to a number of frames, as long as rows can go on. */
static bool
read_frames(Streaming *streaming, Error *err)
{
	streaming->more = true;
	for (int i = 0; i < FRAMES_PER_TURN && streaming->more; i++)
	{
		if (!go_on(streaming, err))
			return false;
		if (streaming->blocked || confirm_requested(streaming->confirm))
			return true;
		switch (stream_next(streaming->conn, &streaming->message, err))
		{
			case STREAM_FRAME:
				if (fault("relay.after-read"))
					return fault_error("relay.after-read", err);
				received(streaming, streaming->message.wal_end);
				feed_frame(streaming->pipeline.feed, streaming->message.frame);
				break;
			case STREAM_KEEPALIVE:
				if (!keepalive(streaming, &streaming->message, err))
					return false;
				break;
			case STREAM_NOTHING:
				streaming->more = false;
				break;
			case STREAM_FAILED:
				return false;
		}
	}
	return go_on(streaming, err);
}

/* Rows of a new topic wait until its routing is stored. */
static void
store_routing(Streaming *streaming)
{
	if (!feed_routing_new(streaming->pipeline.feed))
		return;
	feed_routing_stored(streaming->pipeline.feed);
	confirm_request(streaming->confirm);
}

static bool
confirm(Streaming *streaming, Error *err)
{
	bool moved;

	if (!confirm_step(streaming->confirm, &moved, err))
		return false;
	if (!moved)
		return true;
	*streaming->progress = true;
	if (!send_status(streaming, err))
		return false;
	log_debug("slot \"%s\": confirmed " LSN_FORMAT, streaming->setting->options->slot,
			  LSN_ARGS(streaming->position->lsn));
	return fault("relay.after-confirm") ? fault_error("relay.after-confirm", err) : true;
}

/* Whether something is on its way to Kafka that may be stuck. */
static bool
waiting(const Streaming *streaming)
{
	return streaming->blocked || ledger_pending(streaming->pipeline.ledger) > 0 ||
		   confirm_writing(streaming->confirm);
}

static void
say_stuck(const Streaming *streaming)
{
	task_waiting(streaming->setting->task, registries_stuck(streaming->setting->registries));
}

/* A server that shuts down waits for us: while nothing can be confirmed, let it go. */
static bool
probe(Streaming *streaming, Error *err)
{
	int64_t now = loop_now_ms();
	uint64_t mark = emit_records(streaming->pipeline.emit) -
					ledger_pending(streaming->pipeline.ledger) +
					producer_positions_acked(streaming->pipeline.producer);

	if (!waiting(streaming) || mark != streaming->progress_mark)
	{
		streaming->progress_mark = mark;
		streaming->progress_ms = now;
		task_waiting(streaming->setting->task, NULL);
	}
	if (now - streaming->progress_ms < STUCK_MS || now < streaming->probe_due_ms)
		return true;
	streaming->probe_due_ms = now + STUCK_MS;
	say_stuck(streaming);
	if (!stream_server_leaves(streaming->conn))
		return true;
	return error_set(err, ERROR_RETRY,
					 "the source shuts down while rows wait for Kafka or the registry; letting go "
					 "of slot \"%s\"",
					 streaming->setting->options->slot);
}

static void
measure(const Streaming *streaming)
{
	uint64_t sent = emit_records(streaming->pipeline.emit);

	metrics_progress(streaming->setting->metrics, sent,
					 sent - ledger_pending(streaming->pipeline.ledger),
					 emit_commit_time(streaming->pipeline.emit), streaming->blocked);
}

/* A transaction has come whose rows are made otherwise: what is before it is stored, and the stream
 * begins anew. */
static bool
keep_keys(Streaming *streaming, Error *err)
{
	uint64_t since = emit_keys_until(streaming->pipeline.emit);

	if (since == 0)
		return true;
	if (streaming->position->lsn <= since)
	{
		confirm_hurry(streaming->confirm);
		return true;
	}
	return error_set(err, ERROR_RETRY,
					 "rows are sent in another way from " LSN_FORMAT
					 " on (an option that shapes rows or keys has changed); the stream begins anew",
					 LSN_ARGS(since));
}

static bool
step(Streaming *streaming, Error *err)
{
	uint64_t pending = ledger_pending(streaming->pipeline.ledger);

	if (!pipeline_check(&streaming->pipeline, err))
		return false;
	if (ledger_pending(streaming->pipeline.ledger) < pending && fault("relay.after-ack"))
		return fault_error("relay.after-ack", err);
	if (!confirm(streaming, err))
		return false;
	if (!confirm_requested(streaming->confirm) && !read_frames(streaming, err))
		return false;
	store_routing(streaming);
	measure(streaming);
	if (!confirm(streaming, err) || !probe(streaming, err) || !keep_keys(streaming, err))
		return false;
	if (loop_now_ms() >= streaming->status_due_ms && !send_status(streaming, err))
		return false;
	return stream_flush(streaming->conn, &streaming->unsent, err);
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* How long the loop may sleep. */
static int64_t
sleep_ms(const Streaming *streaming)
{
	int64_t due = streaming->status_due_ms;
	int64_t now = loop_now_ms();

	if (streaming->more && !streaming->blocked && !confirm_requested(streaming->confirm))
		return 0;
	if (!confirm_settled(streaming->confirm) && !confirm_writing(streaming->confirm))
	{
		/* Past and not done: Kafka's queue is full, and acknowledgements wake us. */
		int64_t confirm_due = confirm_due_ms(streaming->confirm);

		due = sooner(due, confirm_due > now ? confirm_due : now + FULL_MS);
	}
	if (waiting(streaming))
		due = sooner(due, now + STUCK_MS);
	return due > now ? due - now : 0;
}

/* Nothing more has come, and a transaction is whole: its records have nothing to linger for. */
static void
hasten(Streaming *streaming)
{
	uint64_t records = emit_records(streaming->pipeline.emit);

	if (streaming->more || records == streaming->hastened ||
		!feed_outside(streaming->pipeline.feed))
		return;
	producer_hasten(streaming->pipeline.producer);
	streaming->hastened = records;
}

static void
turn(Streaming *streaming)
{
	hasten(streaming);

	bool reading = !streaming->blocked && !confirm_requested(streaming->confirm);
	short events = (short) ((reading ? POLLIN : 0) | (streaming->unsent ? POLLOUT : 0));

	loop_watch(streaming->setting->loop, PQsocket(streaming->conn), events, wake, NULL);
	loop_once(streaming->setting->loop, sleep_ms(streaming));
}

/* Reads no more, and waits until what was sent is acknowledged, stored and confirmed. */
static bool
finish(Streaming *streaming, Error *err)
{
	int64_t deadline = loop_now_ms() + STOP_MS;

	while (loop_now_ms() < deadline)
	{
		if (!pipeline_check(&streaming->pipeline, err))
			return false;
		confirm_hurry(streaming->confirm);
		if (!confirm(streaming, err) || !stream_flush(streaming->conn, &streaming->unsent, err))
			return false;
		if (ledger_pending(streaming->pipeline.ledger) == 0 &&
			confirm_settled(streaming->confirm) && !streaming->unsent)
			break;
		loop_watch(streaming->setting->loop, PQsocket(streaming->conn),
				   streaming->unsent ? POLLOUT : 0, wake, NULL);
		loop_once(streaming->setting->loop, 100);
	}
	log_info("slot \"%s\": stopped at " LSN_FORMAT ", %" PRIu64 " records sent, %" PRIu64
			 " of them not acknowledged",
			 streaming->setting->options->slot, LSN_ARGS(streaming->position->lsn),
			 emit_records(streaming->pipeline.emit), ledger_pending(streaming->pipeline.ledger));
	return true;
}

/* Below a third of the server's patience, and below the option. */
static int64_t
status_interval(const Setting *setting, int64_t wal_sender_timeout_ms)
{
	int64_t interval = setting->options->status_interval_ms;

	if (wal_sender_timeout_ms > 0 && wal_sender_timeout_ms / 3 < interval)
		interval = wal_sender_timeout_ms / 3;
	return interval > 0 ? interval : 1;
}

/* Meanwhile the server hears nothing. */
static int
topic_timeout(int64_t wal_sender_timeout_ms)
{
	if (wal_sender_timeout_ms == 0 || wal_sender_timeout_ms / 3 > TOPIC_TIMEOUT_MS)
		return TOPIC_TIMEOUT_MS;
	return (int) (wal_sender_timeout_ms / 3);
}

static bool
run(Streaming *streaming, Error *err)
{
	while (!loop_stopping(streaming->setting->loop))
	{
		if (!step(streaming, err))
			return false;
		turn(streaming);
	}
	return finish(streaming, err);
}

static bool
begin(Streaming *streaming, StreamingStart *start, bool *busy, Error *err)
{
	const Setting *setting = streaming->setting;

	if (!stream_start(streaming->conn, setting->loop, setting->options,
					  streaming->position->eras.items[0].shape, streaming->position->lsn, busy,
					  err))
		return false;
	if (start->lock != NULL)
		PQfinish(start->lock);
	start->lock = NULL;
	log_info("slot \"%s\": streaming from " LSN_FORMAT, setting->options->slot,
			 LSN_ARGS(streaming->position->lsn));
	task_reached(setting->task, NULL);
	task_waiting(setting->task, NULL);
	streaming->confirm =
		confirm_new(setting, &streaming->pipeline, streaming->position, start->offsets_partitions);
	if (start->store_first)
		confirm_request(streaming->confirm);
	streaming->received_lsn = streaming->position->lsn;
	streaming->status_every_ms = status_interval(setting, start->wal_sender_timeout_ms);
	streaming->progress_ms = loop_now_ms();
	return true;
}

StreamingEnd
streaming_run(const Setting *setting, StreamingStart *start, StoredPosition *position,
			  bool *progress, Error *err)
{
	Streaming streaming = {.setting = setting,
						   .conn = start->conn,
						   .position = position,
						   .more = true,
						   .progress = progress};
	bool busy = false;
	bool ok;

	ok =
		pipeline_open(&streaming.pipeline, setting, position, ledger_new(position->lsn, LEDGER_MAX),
					  NULL, topic_timeout(start->wal_sender_timeout_ms), err) &&
		begin(&streaming, start, &busy, err) && run(&streaming, err);
	loop_forget(setting->loop, PQsocket(start->conn));
	release_frame(&streaming);
	confirm_free(streaming.confirm);
	pipeline_close(&streaming.pipeline);
	if (busy)
		return STREAMING_BUSY;
	return ok ? STREAMING_STOPPED : STREAMING_FAILED;
}

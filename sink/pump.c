/*
 * sink/pump.c - see pump.h.
 *
 * After any failure everything in memory is dropped and the partitions are claimed again: what the
 * destination has stored says where to go on. There is no other way back, so it is the one that is
 * always tried.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/pump.h"

#include "core/fault.h"
#include "core/log.h"
#include "sink/apply.h"
#include "sink/consumer.h"
#include "sink/decoder.h"
#include "sink/destination.h"

#include <inttypes.h>

/* Messages that are taken before the destination's socket is looked at again. */
#define TAKE_AT_ONCE 1000

/* Most records of a batch without any row: their offsets are to be stored now and then. */
#define RECORDS_MAX 1000000

/* How long nothing may be taken before fetching is paused, to keep the membership alive: far below
 * max.poll.interval.ms, and above what a batch takes. */
#define HOLD_AFTER_MS 20000

#define RETRY_MAX_MS	30000
#define GROUP_COMMIT_MS 1000
#define REPORT_MS		60000
#define IDLE_WAIT_MS	500

typedef struct Pump
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
} Pump;

static void failed(Pump *pump, const Error *err, ApplyFailure failure);

static void
end(Pump *pump, const Error *err)
{
	if (err != NULL)
		log_error("%s", err->message);
	pump->ended = true;
	pump->status = err == NULL ? 0 : 1;
}

static void
on_ready(void *context)
{
	((Pump *) context)->at_hand = true;
}

static void
on_retry(void *context)
{
	(void) context;
}

static void
on_database(void *context, int revents)
{
	(void) context;
	(void) revents;
}

static void
drop_pending(Pump *pump)
{
	if (pump->pending != NULL)
		rd_kafka_message_destroy(pump->pending);
	pump->pending = NULL;
	pump->stalled = false;
}

/* Everything that is not committed goes. */
static void
drop_open(Pump *pump)
{
	drop_pending(pump);
	apply_reset(pump->apply);
	pump->applying = NULL;
	batch_clear(&pump->batches[0]);
	batch_clear(&pump->batches[1]);
	pump->poison.kind = ERROR_NONE;
	pump->claimed = false;
}

static void
disconnect(Pump *pump)
{
	if (pump->conn == NULL)
		return;
	loop_forget(pump->loop, PQsocket(pump->conn));
	apply_connect(pump->apply, NULL);
	PQfinish(pump->conn);
	pump->conn = NULL;
	free(pump->space);
	pump->space = NULL;
}

static void
free_partitions(Pump *pump)
{
	for (size_t i = 0; i < pump->partition_count; i++)
		partition_done(&pump->partitions[i]);
	free(pump->partitions);
	pump->partitions = NULL;
	pump->partition_count = 0;
	pump->last_partition = 0;
}

static void
hold(Pump *pump)
{
	if (pump->held || pump->consumer == NULL)
		return;
	consumer_pause(pump->consumer, pump->partitions, pump->partition_count);
	pump->held = true;
}

static void
wait_and_retry(Pump *pump, const Error *err)
{
	const int64_t wait_ms = pump->next_retry;

	if (wait_ms == 0)
		log_warn("%s; trying again", err->message);
	else
		log_warn("%s; trying again in %" PRId64 " ms", err->message, wait_ms);
	pump->next_retry = wait_ms == 0 ? pump->settings->retry_ms : wait_ms * 2;
	if (pump->next_retry > RETRY_MAX_MS)
		pump->next_retry = RETRY_MAX_MS;
	loop_timer_arm(pump->retry, wait_ms);
}

static bool
ensure_connection(Pump *pump, Error *err)
{
	if (destination_usable(pump->conn))
		return true;
	disconnect(pump);
	if (!destination_connect(pump->settings, &pump->conn, &pump->space, err))
		return false;
	apply_connect(pump->apply, pump->conn);
	loop_watch(pump->loop, PQsocket(pump->conn), 0, on_database, pump);
	return true;
}

/* From what the destination has stored: the one way to begin and to begin again. */
static void
recover(Pump *pump)
{
	Error err = {0};

	if (!ensure_connection(pump, &err) ||
		!offsets_claim(pump->conn, pump->settings->name, pump->partitions, pump->partition_count,
					   &err))
	{
		failed(pump, &err, FAILURE_OTHER);
		return;
	}
	if (fault("sink.after-claim"))
		error_set(&err, ERROR_RETRY, "fault point sink.after-claim");
	else
		consumer_start(pump->consumer, pump->partitions, pump->partition_count, &err);
	if (err.kind != ERROR_NONE)
	{
		failed(pump, &err, FAILURE_OTHER);
		return;
	}
	pump->held = false;
	pump->claimed = true;
	pump->at_hand = true;
	pump->taken_ms = loop_now_ms();
}

static void
leave_group(Pump *pump)
{
	consumer_free(pump->consumer);
	pump->consumer = NULL;
	pump->held = false;
	free_partitions(pump);
	decoder_forget(pump->decoder);
}

/* A record of a batch with one row is to blame for itself. */
static void
refused(Pump *pump, Error *err, const Batch *batch)
{
	if (batch->rows > 1)
	{
		pump->row_limit = batch->rows / 2;
		log_info("%zu rows were refused (%s); looking for the one by halves", batch->rows,
				 err->message);
		drop_open(pump);
		return;
	}
	if (batch->last_partition != NULL)
		error_add(err, "topic \"%s\" partition %" PRId32 " offset %" PRId64,
				  batch->last_partition->topic, batch->last_partition->number, batch->last_offset);
	end(pump, err);
}

/* All of the policy. */
static void
failed(Pump *pump, const Error *problem, ApplyFailure failure)
{
	Error err = *problem;
	const bool reread = failure == FAILURE_STALE && pump->stale++ == 0;

	if (failure == FAILURE_CONFLICT || reread)
	{
		pump->direct = failure != FAILURE_CONFLICT;
		log_info("%s; %s", err.message,
				 reread ? "reading the table anew" : "the batch goes through a staging table");
		drop_open(pump);
		if (reread)
			decoder_forget(pump->decoder);
		return;
	}
	switch (err.kind)
	{
		case ERROR_RETRY:
			drop_open(pump);
			if (failure == FAILURE_FENCED)
				leave_group(pump);
			hold(pump);
			wait_and_retry(pump, &err);
			break;
		case ERROR_DATA:
			if (pump->applying != NULL)
				refused(pump, &err, pump->applying);
			else
				end(pump, &err);
			break;
		case ERROR_CONFIG:
		case ERROR_NONE:
			end(pump, &err);
			break;
	}
}

static Partition *
find_partition(Pump *pump, const rd_kafka_message_t *message)
{
	for (size_t i = 0; i < pump->partition_count; i++)
	{
		const size_t at = (pump->last_partition + i) % pump->partition_count;
		Partition *partition = &pump->partitions[at];

		if (partition->number != message->partition)
			continue;
		if (partition->handle == NULL &&
			strcmp(partition->topic, rd_kafka_topic_name(message->rkt)) == 0)
			partition->handle = message->rkt;
		if (partition->handle != message->rkt)
			continue;
		pump->last_partition = at;
		return partition;
	}
	return NULL;
}

static bool
is_full(const Pump *pump)
{
	return pump->open->rows >= pump->row_limit ||
		   pump->open->bytes >= (size_t) pump->settings->batch_bytes ||
		   pump->open->records >= RECORDS_MAX;
}

static bool
may_take(const Pump *pump)
{
	return !pump->ended && pump->claimed && !pump->stalled && pump->stop_ms == 0 &&
		   pump->poison.kind == ERROR_NONE &&
		   consumer_rebalance(pump->consumer) == REBALANCE_NONE && !is_full(pump);
}

/* Puts the pending message into the open batch. False: it has to wait. */
static bool
take_pending(Pump *pump)
{
	Partition *partition = find_partition(pump, pump->pending);
	DecodeResult result = DECODE_TAKEN;
	Error err;

	if (partition != NULL)
		result = decoder_take(pump->decoder, pump->pending, partition, pump->open, &err);
	switch (result)
	{
		case DECODE_TAKEN:
			drop_pending(pump);
			return true;
		case DECODE_FAILED:
			pump->poison = err;
			drop_pending(pump);
			return false;
		case DECODE_WAITING:
		case DECODE_NO_ROOM:
			pump->stalled = true;
			return false;
	}
	return false;
}

static void
poll_consumer(Pump *pump)
{
	Error err = {0};

	if (!consumer_poll(pump->consumer, &pump->pending, &err))
		failed(pump, &err, FAILURE_OTHER);
	else if (pump->pending == NULL)
		pump->at_hand = false;
}

static void
take_messages(Pump *pump)
{
	int taken = 0;

	if (pump->stalled)
	{
		pump->stalled = false;
		if (!may_take(pump) || !take_pending(pump))
			return;
	}
	for (; taken < TAKE_AT_ONCE && may_take(pump) && !pump->held; taken++)
	{
		poll_consumer(pump);
		if (pump->pending == NULL)
			break;
		if (taken == 0 && fault("sink.after-fetch"))
		{
			failed(pump, &(Error){ERROR_RETRY, "fault point sink.after-fetch"}, FAILURE_OTHER);
			return;
		}
		if (!take_pending(pump))
			break;
	}
	if (taken > 0 || !pump->at_hand)
		pump->taken_ms = loop_now_ms();
}

/* Polls for the sake of membership and rebalances alone. */
static void
poll_and_drop(Pump *pump)
{
	rd_kafka_message_t *message;
	Error err = {0};

	for (int i = 0; i < TAKE_AT_ONCE; i++)
	{
		if (!consumer_poll(pump->consumer, &message, &err))
		{
			failed(pump, &err, FAILURE_OTHER);
			return;
		}
		if (message == NULL)
			return;
		rd_kafka_message_destroy(message);
	}
}

/* Nothing could be taken for long: pause; and when it can again, read on behind what was taken. */
static void
mind_membership(Pump *pump)
{
	Error err = {0};

	if (pump->consumer == NULL)
		return;
	if (pump->claimed && !pump->held && pump->stop_ms == 0 &&
		loop_now_ms() - pump->taken_ms > HOLD_AFTER_MS)
		hold(pump);
	if (pump->held || !pump->claimed || consumer_rebalance(pump->consumer) != REBALANCE_NONE)
		poll_and_drop(pump);
	if (!pump->held || !may_take(pump))
		return;
	drop_pending(pump);
	pump->held = false;
	pump->taken_ms = loop_now_ms();
	pump->at_hand = true;
	if (!consumer_start(pump->consumer, pump->partitions, pump->partition_count, &err))
		failed(pump, &err, FAILURE_OTHER);
}

static void
watch_database(const Pump *pump)
{
	if (pump->conn != NULL && PQsocket(pump->conn) >= 0)
		loop_watch(pump->loop, PQsocket(pump->conn),
				   pump->applying != NULL ? apply_events(pump->apply) : 0, on_database, NULL);
}

static void
applied(Pump *pump)
{
	const Batch *batch = pump->applying;

	for (size_t i = 0; i < batch->advance_count; i++)
		batch->advances[i].partition->committed = batch->advances[i].next_offset;
	log_debug("batch of %zu rows is committed", batch->rows);
	pump->rows += batch->rows;
	pump->committed_news = true;
	pump->next_retry = 0;
	pump->stale = 0;
	pump->direct = true;
	if (pump->row_limit < (size_t) pump->settings->batch_rows)
		pump->row_limit = pump->row_limit * 2;
	if (pump->row_limit > (size_t) pump->settings->batch_rows)
		pump->row_limit = (size_t) pump->settings->batch_rows;
	batch_clear(pump->applying);
	pump->applying = NULL;
	pump->again = true;
	apply_reset(pump->apply);
}

static void
step_apply(Pump *pump)
{
	Error err = {0};

	switch (apply_step(pump->apply, &err))
	{
		case APPLY_IDLE:
		case APPLY_RUNNING:
			break;
		case APPLY_DONE:
			applied(pump);
			break;
		case APPLY_FAILED:
			failed(pump, &err, apply_failure(pump->apply));
			break;
	}
}

/* Closes the open batch when it is full or no more is at hand, and sends it off. */
static void
start_apply(Pump *pump)
{
	if (pump->applying != NULL || !pump->claimed || pump->open->records == 0 ||
		(may_take(pump) && pump->at_hand && !pump->held))
		return;
	batch_close(pump->open);
	pump->applying = pump->open;
	pump->open = pump->open == &pump->batches[0] ? &pump->batches[1] : &pump->batches[0];
	log_debug("batch of %zu rows, %zu bytes begins", pump->applying->rows, pump->applying->bytes);
	apply_start(pump->apply, pump->applying, pump->direct);
	step_apply(pump);
}

static bool
is_settled(const Pump *pump)
{
	return pump->applying == NULL && pump->open->records == 0;
}

static void
commit_group(Pump *pump, bool now)
{
	if (!pump->committed_news || pump->consumer == NULL ||
		(!now && loop_now_ms() < pump->group_commit_ms))
		return;
	consumer_commit(pump->consumer, pump->partitions, pump->partition_count);
	pump->committed_news = false;
	pump->group_commit_ms = loop_now_ms() + GROUP_COMMIT_MS;
	if (fault("sink.after-group-commit"))
		failed(pump, &(Error){ERROR_RETRY, "fault point sink.after-group-commit"}, FAILURE_OTHER);
}

static void
give_back(Pump *pump)
{
	Error err = {0};

	commit_group(pump, true);
	drop_open(pump);
	free_partitions(pump);
	pump->held = false;
	if (!consumer_stop(pump->consumer, &err))
		log_warn("%s", err.message);
	log_info("gave all partitions back");
}

static void
take_over(Pump *pump)
{
	drop_open(pump);
	free_partitions(pump);
	pump->partitions = consumer_assignment(pump->consumer, &pump->partition_count);
	for (size_t i = 0; i < pump->partition_count; i++)
		log_info("assigned topic \"%s\" partition %" PRId32, pump->partitions[i].topic,
				 pump->partitions[i].number);
	recover(pump);
}

static void
answer_rebalance(Pump *pump)
{
	switch (consumer_rebalance(pump->consumer))
	{
		case REBALANCE_NONE:
			break;
		case REBALANCE_ASSIGN:
			take_over(pump);
			break;
		case REBALANCE_LOST:
			log_warn("the partitions were lost to others; dropping what is open");
			if (pump->applying != NULL)
				disconnect(pump);
			give_back(pump);
			break;
		case REBALANCE_REVOKE:
			if (!pump->claimed || is_settled(pump))
				give_back(pump);
			break;
	}
}

/* Connection and membership, first or again. */
static bool
ensure_membership(Pump *pump)
{
	Error err = {0};

	if (pump->consumer != NULL)
		return true;
	if (ensure_connection(pump, &err) &&
		consumer_new(pump->settings, pump->worker, pump->connector, pump->loop, on_ready, pump,
					 &pump->consumer, &err))
		return true;
	failed(pump, &err, FAILURE_OTHER);
	return false;
}

static void
ask_destination(Pump *pump)
{
	Error err = {0};

	if (!pump->stalled || !decoder_asks(pump->decoder) || !is_settled(pump))
		return;
	PQsetnonblocking(pump->conn, 0);

	const bool answered = decoder_ask(pump->decoder, pump->conn, pump->space, &err);

	PQsetnonblocking(pump->conn, 1);
	pump->again = true;
	if (!answered)
		failed(pump, &err, FAILURE_OTHER);
}

static void
report(Pump *pump)
{
	const DecoderCounts *counts = decoder_counts(pump->decoder);

	if (pump->rows == pump->reported)
		return;
	log_info("%" PRIu64 " rows applied, %" PRIu64 " repeats and %" PRIu64
			 " records without a value skipped",
			 pump->rows, counts->repeats, counts->tombstones);
	pump->reported = pump->rows;
	pump->report_ms = loop_now_ms() + REPORT_MS;
}

static void
check_end(Pump *pump)
{
	if (pump->ended)
		return;
	if (pump->stop_ms == 0 && loop_stopping(pump->loop))
		pump->stop_ms = loop_now_ms() + pump->settings->shutdown_ms + 1;
	if (pump->stop_ms != 0 &&
		(!pump->claimed || is_settled(pump) || loop_now_ms() >= pump->stop_ms))
		end(pump, NULL);
	else if (pump->poison.kind != ERROR_NONE && is_settled(pump))
		end(pump, &pump->poison);
}

/* One turn of everything that can be done without waiting. */
static void
turn(Pump *pump)
{
	pump->again = false;
	if (loop_timer_armed(pump->retry))
	{
		if (pump->consumer == NULL)
			return;
		poll_and_drop(pump);
		if (consumer_rebalance(pump->consumer) > REBALANCE_ASSIGN)
			answer_rebalance(pump);
		return;
	}
	if (!ensure_membership(pump))
		return;
	answer_rebalance(pump);
	if (!pump->claimed && pump->partition_count > 0 && !loop_timer_armed(pump->retry))
		recover(pump);
	if (pump->applying != NULL)
		step_apply(pump);
	if (pump->claimed && !pump->ended)
		take_messages(pump);
	if (!pump->ended && !loop_timer_armed(pump->retry))
		mind_membership(pump);
	if (pump->claimed && !pump->ended)
	{
		start_apply(pump);
		ask_destination(pump);
		commit_group(pump, false);
	}
	if (loop_now_ms() >= pump->report_ms)
		report(pump);
}

static int64_t
wait_ms(const Pump *pump)
{
	const bool taking = pump->claimed && may_take(pump) && pump->at_hand && !pump->held;
	const bool called = pump->consumer != NULL && pump->applying == NULL &&
						consumer_rebalance(pump->consumer) != REBALANCE_NONE;

	return pump->ended || pump->again || taking || called ? 0 : IDLE_WAIT_MS;
}

static bool
open_registries(Pump *pump, Error *err)
{
	const Settings *settings = pump->settings;
	RegistryOptions options = {
		.urls = settings->value_registry_url,
		.user_info = settings->value_registry_source == 1 ? settings->value_registry_auth : NULL,
		.timeout_ms = 10000,
		.retry_ms = 500,
		.retry_max_ms = RETRY_MAX_MS,
	};

	if (!registry_new(pump->loop, &options, &pump->values, err))
		return error_add(err, "value.converter.schema.registry.url");
	if (settings->pk_mode != PK_MODE_RECORD_KEY)
		return true;
	options.urls = settings->key_registry_url;
	options.user_info = settings->key_registry_source == 1 ? settings->key_registry_auth : NULL;
	return registry_new(pump->loop, &options, &pump->keys, err) ||
		   error_add(err, "key.converter.schema.registry.url");
}

static void
close_all(Pump *pump)
{
	report(pump);
	commit_group(pump, true);
	drop_pending(pump);
	disconnect(pump);
	leave_group(pump);
	apply_free(pump->apply);
	batch_done(&pump->batches[0]);
	batch_done(&pump->batches[1]);
	decoder_free(pump->decoder);
	registry_free(pump->values);
	registry_free(pump->keys);
	loop_timer_free(pump->retry);
	loop_free(pump->loop);
}

int
pump_run(const Settings *settings, const Properties *worker, const Properties *connector)
{
	Pump pump = {.settings = settings,
				 .worker = worker,
				 .connector = connector,
				 .loop = loop_new(),
				 .apply = apply_new(settings),
				 .row_limit = (size_t) settings->batch_rows,
				 .direct = true};
	Error err = {0};

	pump.retry = loop_timer_new(pump.loop, on_retry, &pump);
	batch_init(&pump.batches[0], (size_t) settings->batch_bytes);
	batch_init(&pump.batches[1], (size_t) settings->batch_bytes);
	pump.open = &pump.batches[0];
	if (!open_registries(&pump, &err))
	{
		log_error("%s", err.message);
		registry_free(pump.values);
		apply_free(pump.apply);
		loop_timer_free(pump.retry);
		loop_free(pump.loop);
		return 1;
	}
	pump.decoder = decoder_new(settings, pump.values, pump.keys);
	while (!pump.ended)
	{
		watch_database(&pump);
		loop_once(pump.loop, wait_ms(&pump));
		turn(&pump);
		check_end(&pump);
	}
	close_all(&pump);
	return pump.status;
}

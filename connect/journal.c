/*
 * connect/journal.c - see journal.h.
 *
 * Of a write, the thread prepares (takes the right to write, asks for the end of the topic) and
 * commits; the loop reads up to that end in between, decides, and reads up to the record
 * afterwards.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/journal.h"

#include "core/buffer.h"
#include "core/kafka.h"
#include "core/log.h"

#include <string.h>

#define PARTITION	   0
#define CALL_MS		   1000 /* of each blocking call; then the thread looks whether to end */
#define RETRY_MS	   100
#define RETRY_MAX_MS   2000
#define JITTER_MS	   100 /* two workers that fence each other must not go in step */
#define NOT_WRITTEN	   (-1)
#define TRANSACTION_MS "30000"

typedef struct Record
{
	char *key;
	char *value; /* NULL: tombstone */
} Record;

struct JournalBatch
{
	Record *records;
	size_t count;
};

typedef struct Entry
{
	JournalWrite write;
	struct Entry *next;
} Entry;

typedef enum Phase
{
	PHASE_IDLE,
	PHASE_PREPARING, /* in the thread */
	PHASE_READING,	 /* up to end */
	PHASE_WRITING,	 /* in the thread */
	PHASE_SEEING,	 /* up to the record that was written */
	PHASE_WAITING,	 /* to try again */
} Phase;

struct Journal
{
	Jobs *jobs;
	const Tail *tail;
	const WorkerSettings *settings;
	const Properties *worker;
	Phase phase;
	Entry *first;
	Entry *last;
	size_t waiting;
	LoopTimer *retry;
	LoopTimer *step; /* out of the caller's call */
	int64_t retry_ms;
	JournalBatch batch;
	/* Of the thread while it prepares or writes, else of the loop. */
	rd_kafka_t *producer;
	bool ok;
	bool said;	 /* the trouble is in the log */
	bool fenced; /* another worker has taken the right to write */
	Error err;
	int64_t end;	 /* of the topic, after preparing */
	int64_t written; /* offset of the last record that was acknowledged */
};

/* ---- in the thread */

static void
on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
	Journal *journal = opaque;

	(void) client;
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->offset > journal->written)
		journal->written = message->offset;
}

/* Being fenced is nothing out of the ordinary here; what ends an attempt is told once, by failed().
 */
static void
on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
	(void) client, (void) level;
	log_debug("kafka: %s: %s", facility, text);
}

static void
on_error(rd_kafka_t *client, int code, const char *reason, void *opaque)
{
	(void) client, (void) code, (void) opaque;
	log_debug("kafka: %s", reason);
}

static void
drop_producer(Journal *journal)
{
	if (journal->producer != NULL)
		rd_kafka_destroy(journal->producer);
	journal->producer = NULL;
}

static bool
make_producer(Journal *journal)
{
	AUTO_TEXT char *id = xasprintf("%s.wal2avro.store", journal->settings->group_id);
	const KafkaSetting settings[] = {
		{"transactional.id", id, true},
		{"transaction.timeout.ms", TRANSACTION_MS, true},
		{"message.timeout.ms", TRANSACTION_MS, true},
		{"linger.ms", "0", true},
		{"reconnect.backoff.max.ms", "1000", false},
		{0},
	};
	rd_kafka_conf_t *conf;

	if (!kafka_conf_new("producer", settings, journal->worker, NULL, &conf, &journal->err))
		return false;
	rd_kafka_conf_set_opaque(conf, journal);
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	rd_kafka_conf_set_log_cb(conf, on_log);
	rd_kafka_conf_set_error_cb(conf, on_error);
	return kafka_client_new(RD_KAFKA_PRODUCER, conf, &journal->producer, &journal->err) ||
		   error_add(&journal->err, "cannot make a Kafka producer");
}

/* Takes the error. False when the call is to be made again. */
static bool
settled(Journal *journal, rd_kafka_error_t *error, const char *what)
{
	if (error == NULL)
	{
		journal->ok = true;
		return true;
	}

	rd_kafka_resp_err_t code = rd_kafka_error_code(error);
	bool again = rd_kafka_error_is_retriable(error) && !jobs_stopping(journal->jobs);
	bool fatal = rd_kafka_error_is_fatal(error) || code == RD_KAFKA_RESP_ERR__FENCED ||
				 code == RD_KAFKA_RESP_ERR__STATE;

	error_set(&journal->err, fatal ? ERROR_RETRY : kafka_kind(code), "cannot %s: %s", what,
			  rd_kafka_error_string(error));
	journal->fenced = code == RD_KAFKA_RESP_ERR__FENCED;
	rd_kafka_error_destroy(error);
	return !again;
}

static void
take_right(Journal *journal)
{
	while (!settled(journal, rd_kafka_init_transactions(journal->producer, CALL_MS),
					"take the right to write to the store"))
		continue;
}

static void
run_prepare(void *context)
{
	Journal *journal = context;
	const char *topic = journal->settings->store_topic;
	int64_t low;
	rd_kafka_resp_err_t code;

	journal->ok = false;
	journal->fenced = false;
	if (journal->producer == NULL)
	{
		if (!make_producer(journal))
			return;
		take_right(journal);
		if (!journal->ok)
		{
			drop_producer(journal);
			return;
		}
		journal->ok = false;
	}
	code = rd_kafka_query_watermark_offsets(journal->producer, topic, PARTITION, &low,
											&journal->end, CALL_MS);
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
		journal->ok = true;
	else
		error_set(&journal->err, kafka_kind(code), "cannot read topic \"%s\": %s", topic,
				  rd_kafka_err2str(code));
}

static bool
produce(Journal *journal)
{
	for (size_t i = 0; i < journal->batch.count; i++)
	{
		const Record *record = &journal->batch.records[i];
		size_t len = record->value == NULL ? 0 : strlen(record->value);
		rd_kafka_resp_err_t code = rd_kafka_producev(
			journal->producer, RD_KAFKA_V_TOPIC(journal->settings->store_topic),
			RD_KAFKA_V_PARTITION(PARTITION), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
			RD_KAFKA_V_KEY(record->key, strlen(record->key)), RD_KAFKA_V_VALUE(record->value, len),
			RD_KAFKA_V_END);

		if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
			return error_set(&journal->err, kafka_kind(code), "cannot write \"%s\": %s",
							 record->key, rd_kafka_err2str(code));
	}
	return true;
}

static void
commit(Journal *journal)
{
	while (!settled(journal, rd_kafka_commit_transaction(journal->producer, CALL_MS),
					"write to the store"))
		continue;
}

/* After a failure the producer is made anew: that ends what it has open, whatever the state. */
static void
run_write(void *context)
{
	Journal *journal = context;

	journal->ok = false;
	journal->fenced = false;
	journal->written = NOT_WRITTEN;
	settled(journal, rd_kafka_begin_transaction(journal->producer), "write to the store");
	if (journal->ok)
	{
		journal->ok = false;
		if (produce(journal))
			commit(journal);
	}
	if (!journal->ok)
		drop_producer(journal);
}

/* ---- in the loop */

void
journal_put(JournalBatch *batch, const char *key, json_t *value)
{
	batch->records = xrealloc(batch->records, (batch->count + 1) * sizeof *batch->records);
	batch->records[batch->count++] = (Record){
		.key = xstrdup(key), .value = value == NULL ? NULL : json_dumps(value, JSON_COMPACT)};
	json_decref(value);
}

static void
clear_batch(JournalBatch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
	{
		free(batch->records[i].key);
		free(batch->records[i].value);
	}
	free(batch->records);
	*batch = (JournalBatch){0};
}

static void
finish(Journal *journal, bool written, const Error *err)
{
	Entry *entry = journal->first;

	journal->phase = PHASE_IDLE;
	journal->first = entry->next;
	journal->waiting--;
	if (journal->first == NULL)
		journal->last = NULL;
	else
		loop_timer_arm(journal->step, 0);
	journal->retry_ms = RETRY_MS;
	journal->said = false;
	entry->write.done(entry->write.context, written, err);
	free(entry);
}

/* What only a person can mend is told to whoever asked; the rest is tried again. */
static void
failed(Journal *journal)
{
	if (journal->err.kind != ERROR_RETRY)
	{
		finish(journal, false, &journal->err);
		return;
	}
	if (!journal->said && !journal->fenced)
		log_info("%s; trying again", journal->err.message);
	journal->said = journal->said || !journal->fenced;
	journal->phase = PHASE_WAITING;
	loop_timer_arm(journal->retry, journal->retry_ms + loop_now_ms() * 7919 % JITTER_MS);
	journal->retry_ms *= 2;
	if (journal->retry_ms > RETRY_MAX_MS)
		journal->retry_ms = RETRY_MAX_MS;
}

static void
on_written(void *context)
{
	Journal *journal = context;

	if (!journal->ok)
	{
		failed(journal);
		return;
	}
	journal->phase = PHASE_SEEING;
	journal_moved(journal);
}

static void
decide(Journal *journal)
{
	JournalWrite *write = &journal->first->write;

	clear_batch(&journal->batch);
	write->decide(write->context, &journal->batch);
	if (journal->batch.count == 0)
	{
		finish(journal, true, NULL);
		return;
	}
	journal->phase = PHASE_WRITING;
	jobs_add(journal->jobs, (Job){run_write, on_written, journal});
}

void
journal_moved(Journal *journal)
{
	int64_t position = tail_position(journal->tail, TAIL_STORE);

	if (journal->phase == PHASE_READING && position >= journal->end)
		decide(journal);
	else if (journal->phase == PHASE_SEEING && position > journal->written)
		finish(journal, true, NULL);
}

static void
on_prepared(void *context)
{
	Journal *journal = context;

	if (!journal->ok)
	{
		failed(journal);
		return;
	}
	journal->phase = PHASE_READING;
	journal_moved(journal);
}

static void
on_step(void *context)
{
	Journal *journal = context;

	if (journal->first == NULL || (journal->phase != PHASE_IDLE && journal->phase != PHASE_WAITING))
		return;
	journal->phase = PHASE_PREPARING;
	jobs_add(journal->jobs, (Job){run_prepare, on_prepared, journal});
}

void
journal_add(Journal *journal, JournalWrite write)
{
	Entry *entry = xcalloc(1, sizeof *entry);

	entry->write = write;
	if (journal->last == NULL)
		journal->first = entry;
	else
		journal->last->next = entry;
	journal->last = entry;
	journal->waiting++;
	if (journal->phase == PHASE_IDLE)
		loop_timer_arm(journal->step, 0);
}

size_t
journal_waiting(const Journal *journal)
{
	return journal->waiting;
}

Journal *
journal_new(Loop *loop, Jobs *jobs, const Tail *tail, const WorkerSettings *settings,
			const Properties *worker)
{
	Journal *journal = xcalloc(1, sizeof *journal);

	*journal = (Journal){
		.jobs = jobs, .tail = tail, .settings = settings, .worker = worker, .retry_ms = RETRY_MS};
	journal->retry = loop_timer_new(loop, on_step, journal);
	journal->step = loop_timer_new(loop, on_step, journal);
	return journal;
}

void
journal_free(Journal *journal)
{
	if (journal == NULL)
		return;
	error_set(&journal->err, ERROR_RETRY, "the worker is ending");
	while (journal->first != NULL)
		finish(journal, false, &journal->err);
	clear_batch(&journal->batch);
	drop_producer(journal);
	loop_timer_free(journal->retry);
	loop_timer_free(journal->step);
	free(journal);
}

/*
 * relay/producer.h - librdkafka's producer, as the relay needs it: every message is acknowledged in
 * order, or the producer is thrown away.
 *
 * No gap is possible: idempotent, all replicas, no timeout, gapless. Whatever goes wrong beyond
 * librdkafka's own retries ends the producer (producer_failed); its owner starts again from the
 * stored position. Acknowledgements go to the ledger; the position record has the opaque 0.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_PRODUCER_H
#define WAL2AVRO_RELAY_PRODUCER_H

#include "common/slice.h"
#include "core/kafka.h"
#include "core/loop.h"
#include "relay/ledger.h"
#include "relay/metrics.h"

typedef struct Producer Producer;

typedef struct ProducerOptions
{
	const Properties *worker;
	const Properties *connector;
	const char *client_id;		  /* unless producer.override.client.id says otherwise */
	const char *transactional_id; /* NULL: no transactions */
	Ledger *ledger;				  /* NULL: acknowledgements are only counted */
	Metrics *metrics;			  /* NULL: not counted by topic */
} ProducerOptions;

/* Wakes the loop whenever there is something to poll for. */
bool producer_new(Loop *loop, const ProducerOptions *options, Producer **out, Error *err);

/* Reports what is wrong with a connector's producer.override.* and admin.override.*. */
void producer_check(const Properties *connector, Report *report);

/* Messages in its queue are given up. */
void producer_free(Producer *producer);

rd_kafka_t *producer_client(Producer *producer);

/* As they were given. */
Metrics *producer_metrics(const Producer *producer);

/* Sends at once what linger.ms would still hold back. Blocks for a millisecond at most. */
void producer_hasten(Producer *producer);

/* Takes acknowledgements, without waiting. False when the producer has failed. */
bool producer_poll(Producer *producer, Error *err);

typedef enum ProduceResult
{
	PRODUCE_DONE,
	PRODUCE_FULL, /* the queue has no room: poll, and try the same again */
	PRODUCE_FAILED,
} ProduceResult;

typedef struct Record
{
	rd_kafka_topic_t *topic;
	int32_t partition;
	int64_t timestamp_ms;		 /* 0: now */
	Slice key;					 /* absent: null */
	Slice value;				 /* absent: null, a tombstone */
	rd_kafka_headers_t *headers; /* NULL: none; taken over by PRODUCE_DONE only */
	TxnSeq opaque;				 /* 0: a position record */
} Record;

/* Copies key and value. Does not wait. */
ProduceResult producer_send(Producer *producer, const Record *record, Error *err);

/* Position records acknowledged since the producer began. */
uint64_t producer_positions_acked(const Producer *producer);

/* Kafka transactions; blocking, and ended early with ERROR_RETRY when the loop is to stop. */
bool producer_init_transactions(Producer *producer, Error *err);
bool producer_begin(Producer *producer, Error *err);
bool producer_commit(Producer *producer, Error *err);

/* Best effort, at most 5 s: readers would else wait until the broker gives the transaction up. */
void producer_abort(Producer *producer);

#endif

/*
 * sink/decoder.h - from a Kafka message to a row of a batch.
 *
 * Schemas are fetched by id, tables read from the destination's catalogs and plans made when a
 * message first needs them; the message waits for that, everything later is look-ups by the last
 * ids.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_DECODER_H
#define WAL2AVRO_SINK_DECODER_H

#include "core/registry.h"
#include "sink/planner.h"

#include <librdkafka/rdkafka.h>

typedef struct Decoder Decoder;

/* What a message was, when it was DECODE_TAKEN without a row. */
typedef struct DecoderCounts
{
	uint64_t repeats;	 /* applied before, by their position */
	uint64_t tombstones; /* without a value, and not a delete; TRUNCATE where that is off */
} DecoderCounts;

/* keys is the registry of the keys' schemas, or NULL when keys are not read. */
Decoder *decoder_new(const Settings *settings, Registry *values, Registry *keys);
void decoder_free(Decoder *decoder);

/*
 * Puts a message into the batch: its row, if it has one, and its offset. Positions of the partition
 * move with it. ERROR_DATA and ERROR_CONFIG name topic, partition and offset.
 */
DecodeResult decoder_take(Decoder *decoder, const rd_kafka_message_t *message, Partition *partition,
						  Batch *batch, Error *err);

/* The stage of the last DECODE_FAILED. */
DeadStage decoder_stage(const Decoder *decoder);

/* Takes note of a message that is not to be applied, for it has been dealt with elsewhere. False:
 * it is a repeat, it was dealt with before. */
bool decoder_pass_over(Decoder *decoder, const rd_kafka_message_t *message, Partition *partition,
					   Batch *batch);

/* The message that waits needs an answer from the destination: call decoder_ask when the connection
 * is idle and every batch empty. */
bool decoder_asks(const Decoder *decoder);

/* What is asked is the table that records of the topic go to. */
bool decoder_asks_for(const Decoder *decoder, const char *topic);

/* Reads the table (and makes or changes it and its index, where the settings say so); space is the
 * schema of tables without one. Blocking. */
bool decoder_ask(Decoder *decoder, PGconn *conn, const char *space, Error *err);

/* The topic whose number of partitions is to be told before the message that waits is given again;
 * NULL: none. */
const char *decoder_asks_partitions(const Decoder *decoder);
void decoder_tell_partitions(Decoder *decoder, int32_t count);

/* Rows of a table are committed. searched: they were looked for there by their keys. */
void decoder_applied(Decoder *decoder, const TableBatch *table, bool searched);

/* Partitions were claimed: who had them before may have made tables that were missing, and topics
 * may have more of them. */
void decoder_claimed(Decoder *decoder);

/* Tables are read anew from now on, also after a consumer was replaced; every batch is empty. */
void decoder_forget(Decoder *decoder);

const DecoderCounts *decoder_counts(const Decoder *decoder);

#endif

/*
 * sink/absence.h - what a consumer waits for because it is not there: brokers, topics.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_ABSENCE_H
#define WAL2AVRO_SINK_ABSENCE_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

typedef struct Absence Absence;

/* named: the topics are known by their names; of those that an expression finds, none is waited
 * for. */
Absence *absence_new(bool named);
void absence_free(Absence *absence);

/* None of the brokers could be reached just now. */
void absence_of_brokers(Absence *absence);

/* A message that says of its topic that it is not there; it is logged. */
void absence_of_topic(Absence *absence, const rd_kafka_message_t *message);

/* What is waited for, in words, for the caller to free; NULL: nothing. Looks whether it has come
 * back, which may take a tenth of a second. */
char *absence_trouble(Absence *absence, rd_kafka_t *client);

#endif

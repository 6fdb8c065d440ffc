/*
 * sink/opening.h - a Kafka message taken apart: key, value, and what it asks for.
 *
 * The Confluent header gives the schema ids; keys that are no Avro are made Avro; Debezium's
 * envelopes are opened, so that what is left is a row or a delete.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_OPENING_H
#define WAL2AVRO_SINK_OPENING_H

#include "sink/catalog.h"
#include "sink/deadletters.h"
#include "sink/headers.h"
#include "sink/notes.h"
#include "sink/targets.h"

typedef struct Opening Opening;

/* Ids in place of a schema's: there is none; the key's is of sink/recordkey.h. */
#define NO_SCHEMA	 INT32_C(-1)
#define FIXED_SCHEMA INT32_C(-2)

/* One row that a message speaks of. */
typedef struct Image
{
	int32_t id;			/* of the value's schema; NO_SCHEMA: there is no such row */
	const Schema *row;	/* of the row within an envelope; NULL: the value is the row */
	Slice value;		/* behind the Confluent header */
	const Notes *notes; /* NULL: it has none */
} Image;

/* A message on its way into the batch. */
typedef struct Record
{
	const rd_kafka_message_t *message;
	Topic *topic;
	Headers headers;
	int32_t key_id;
	Slice key;		/* behind the Confluent header; absent: not read, or not there */
	bool keyless;	/* it has none, though keys are read: only of a table without key */
	bool skipped;	/* without effect on the table */
	bool truncates; /* the table is to be emptied */
	Image after;	/* none: a delete */
	Image before;	/* a row that is to go; only when keyless */
} Record;

typedef enum OpenResult
{
	OPEN_DONE,
	OPEN_WAITING, /* for a schema */
	OPEN_FAILED,
} OpenResult;

/* Both catalogs are borrowed; keys may be NULL. */
Opening *opening_new(const Settings *settings, Catalog *values, Catalog *keys);
void opening_free(Opening *opening);

/* Fills the rest of a record with message, topic and headers; its slices live until the next call.
 * ERROR_DATA says what is wrong; *stage then says with what. */
OpenResult opening_open(Opening *opening, Record *record, DeadStage *stage, Error *err);

/* The schemas of the record's key and of one of its rows. False with an error; *ready false while
 * one is on its way. */
bool opening_schemas(const Opening *opening, const Record *record, const Image *image,
					 const Schema **key, const Schema **value, bool *ready, Error *err);

#endif

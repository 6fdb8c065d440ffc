/*
 * sink/batch.h - the rows of one transaction at the destination, table by table, ready for COPY
 * BINARY, and the offsets that go with them.
 *
 * With a key, a row replaces the earlier row of the same key (upsert): a batch holds the last state
 * of each. Memory is kept from batch to batch; nothing is allocated per row.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_BATCH_H
#define WAL2AVRO_SINK_BATCH_H

#include "sink/offsets.h"
#include "sink/plan.h"

/* A row of an upsert, in its section's bytes. */
typedef struct BatchRow
{
	size_t start;
	uint32_t len;
	uint32_t key_len; /* of the bytes behind start + 2 */
	bool dead;		  /* a later row has the same key */
} BatchRow;

/* The rows of one plan: one COPY. */
typedef struct Section
{
	const Plan *plan;
	Buffer bytes;
	size_t live; /* rows to be sent */
	BatchRow *rows;
	size_t row_count; /* upsert only */
	size_t row_capacity;
} Section;

/* From a key to its row. */
typedef struct KeyEntry
{
	uint64_t hash;
	uint32_t section; /* UINT32_MAX: free */
	uint32_t row;
} KeyEntry;

typedef struct TableBatch
{
	const Table *table;
	Section *sections;
	size_t section_count; /* in use */
	size_t section_capacity;
	KeyEntry *entries;
	size_t entry_count; /* in use, of a power of two */
	size_t entry_capacity;
} TableBatch;

typedef struct Batch
{
	size_t max_bytes;
	TableBatch *tables;
	size_t table_count; /* in use */
	size_t table_capacity;
	Advance *advances;
	size_t advance_count; /* in use */
	size_t advance_capacity;
	size_t records; /* taken, also those without effect */
	size_t rows;	/* records with effect */
	size_t bytes;
	size_t buried;	 /* records that are passed over for their errors */
	size_t vanished; /* updates of rows that the batch itself has deleted */
	/* The last record with effect, for the message when it is the only one. */
	const Partition *last_partition;
	int64_t last_offset;
} Batch;

/* max_bytes: beyond it batch_add still takes one record, however large. */
void batch_init(Batch *batch, size_t max_bytes);
void batch_done(Batch *batch);

/* Forgets what is in it and keeps the memory. */
void batch_clear(Batch *batch);

/* Whether a row of this plan may join: all rows of a table have the same key columns, and one plan
 * where the bytes of keys do not say whether they are the same. */
bool batch_fits(const Batch *batch, const Plan *plan);

/*
 * Encodes a record by its plan and puts its row into the batch; upserts and updates in place of an
 * earlier row of its key, as if one were applied after the other. NULL; batch_no_room, when what is
 * there of its key has to be applied before; or what is wrong with the record (see plan_encode).
 */
extern const char batch_no_room[];
const char *batch_add(Batch *batch, const Plan *plan, InsertMode mode, Slice key, Slice value,
					  const char **where);

/* Says that the partition's record at this offset is in the batch, with a row or without. */
void batch_advance(Batch *batch, Partition *partition, int64_t offset);

/* Closes it: fixes offsets, positions and changed marks of each partition. */
void batch_close(Batch *batch);

#endif

/*
 * sink/batch.h - the rows of one transaction at the destination, table by table, ready for COPY
 * BINARY, and the offsets that go with them.
 *
 * With a key, a row replaces the earlier row of the same key (upsert): a batch holds the last state
 * of each. Rows without key are a multiset: an old row that is to go takes an equal one of the same
 * batch with it. Memory is kept from batch to batch; nothing is allocated per row.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_BATCH_H
#define WAL2AVRO_SINK_BATCH_H

#include "sink/offsets.h"
#include "sink/plan.h"

#define NO_ROW UINT32_MAX

/* A row that may be found again, in its section's bytes. */
typedef struct BatchRow
{
	size_t start;
	uint32_t len;
	uint32_t key_len; /* of the bytes behind start + 2: all of them without a key */
	uint32_t former;  /* without a key: a live row of the same bytes, or NO_ROW */
	bool dead;		  /* not to be sent: a later row has the same key, or took it away */
} BatchRow;

/* The rows of one plan: one COPY. */
typedef struct Section
{
	const Plan *plan;
	Buffer bytes;
	size_t live; /* rows to be sent */
	BatchRow *rows;
	size_t row_count; /* 0 where rows are never looked for: then all of them are sent */
	size_t row_capacity;
	/* A bit per column, as in a partial row's mask. Of a partial plan: columns that some row leaves
	 * as they are, and that all do; of rows that are to go: columns that are null in some. */
	uint8_t *some;
	uint8_t *all;
	size_t bits_capacity;
} Section;

/* From a key to its row, without a key from a whole row to the last live one of its bytes. */
typedef struct KeyEntry
{
	uint64_t hash;
	uint32_t section; /* UINT32_MAX: free */
	uint32_t row;
} KeyEntry;

typedef struct TableBatch
{
	const Table *table;
	bool truncated; /* before all rows that are here */
	Section *sections;
	size_t section_count; /* in use */
	size_t section_capacity;
	bool ascends;  /* each key so far is behind the one before it: no row has entries yet */
	KeyEntry last; /* while it ascends: the row of the last key */
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
	Buffer scratch; /* a row that is put together from two */
	Slice *fields[2];
	size_t field_capacity;
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

/* What a record says about one row. */
typedef struct BatchInput
{
	const Plan *plan;
	Slice key;
	Slice value;
	const Notes *notes; /* on the value; NULL: none */
} BatchInput;

/*
 * Encodes a record by its plan and puts its row into the batch; upserts and updates in place of an
 * earlier row of its key, as if one were applied after the other. NULL; batch_no_room, when what is
 * there of its key has to be applied before; or what is wrong with the record (see plan_encode).
 */
extern const char batch_no_room[];
const char *batch_add(Batch *batch, InsertMode mode, const BatchInput *input, const char **where);

/* A record without key: the row that the first input says goes, that of the second one comes;
 * either may be NULL. Both or none are taken. As batch_add. */
const char *batch_replace(Batch *batch, const BatchInput *removed, const BatchInput *added,
						  const char **where);

/* The table is emptied here: what the batch has of it so far is without effect. */
void batch_truncate(Batch *batch, const Table *table);

/* Says that the partition's record at this offset is in the batch, with a row or without. */
void batch_advance(Batch *batch, Partition *partition, int64_t offset);

/* Closes it: fixes offsets, positions and changed marks of each partition. */
void batch_close(Batch *batch);

#endif

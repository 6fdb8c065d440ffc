/*
 * relay/spool.h - keeps the rows of transactions in progress until they commit or abort.
 *
 * Rows are kept as the wire messages that they are, in the order in which they came. All
 * transactions together take at most a given amount of memory (and one row); beyond it the largest
 * goes to a file that is unlinked as soon as it is open.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_SPOOL_H
#define WAL2AVRO_RELAY_SPOOL_H

#include "common/slice.h"
#include "core/error.h"

typedef struct Spool Spool;

/* directory: where files go; copied. */
Spool *spool_new(size_t max_bytes, const char *directory);
void spool_free(Spool *spool);

/* Appends a row message (with its header) to the transaction with this top-level xid, which begins
 * with its first row. ERROR_CONFIG when the file cannot be written. */
bool spool_add(Spool *spool, uint32_t xid, Slice message, Error *err);

/* Drops the whole transaction. An unknown one has no rows. */
void spool_drop(Spool *spool, uint32_t xid);

/* The rows of this subtransaction are not to be given back. */
void spool_abort(Spool *spool, uint32_t xid, uint32_t subxid);
bool spool_aborted(Spool *spool, uint32_t xid, uint32_t subxid);

/*
 * Gives the messages back, from the first on: spool_rewind once, then spool_next until *message is
 * absent. A message is valid, and may be written to, until the next call. Nothing may be added to
 * the transaction any more.
 */
void spool_rewind(Spool *spool, uint32_t xid);
bool spool_next(Spool *spool, uint32_t xid, Slice *message, Error *err);

/* Memory that rows take now; bytes ever written to files. */
size_t spool_memory(const Spool *spool);
uint64_t spool_spilled(const Spool *spool);

#endif

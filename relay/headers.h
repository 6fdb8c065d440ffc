/*
 * relay/headers.h - the headers of a record (docs/wire.md, section 2).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_HEADERS_H
#define WAL2AVRO_RELAY_HEADERS_H

#include "core/buffer.h"
#include "relay/emit.h"
#include "relay/records.h"

/* Where a record stands. Borrowed. */
typedef struct HeaderPlace
{
	const RelayOptions *options;
	const Topic *topic; /* of the row; NULL: it is about no row */
	const EmitTxn *txn;
	uint64_t lsn;		/* of the row, as envelopes have it */
	bool enveloped;		/* what is done stands in the value */
	bool with_position; /* the first of its transaction in its partition: number 0 */
	uint64_t source;
} HeaderPlace;

/* For the caller to destroy; NULL when the record needs none. scratch is written over. */
rd_kafka_headers_t *headers_make(const HeaderPlace *place, const Draft *draft, Buffer *scratch);

#endif

/*
 * relay/transactions.c - see transactions.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/transactions.h"

#include "core/map.h"
#include "core/memory.h"
#include "relay/avro_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAMESPACE "io.debezium.connector.common"
#define ID_MAX	  48

/* A table, and its events in the transaction that it was seen in last. */
typedef struct Collection
{
	char *table;
	uint64_t txn;
	uint64_t events;
} Collection;

struct Transactions
{
	uint64_t txn; /* counts transactions */
	uint32_t xid;
	uint64_t end_lsn;
	int64_t commit_time;
	uint64_t events;
	Map *by_table;		/* of Collection */
	Collection **order; /* of this transaction, as their first events came */
	size_t count;
	size_t size;
};

char *
transactions_key_schema(void)
{
	static const AvroField fields[] = {{"id", AVRO_TEXT, false}, {NULL, NULL, false}};
	AUTO(Buffer) *text = &(Buffer){.max = SIZE_MAX};

	avro_out_record(text, NAMESPACE, "TransactionMetadataKey", fields, 1);
	return xstrdup(buffer_text(text));
}

char *
transactions_value_schema(void)
{
	static const AvroField collection_fields[] = {{"data_collection", AVRO_TEXT, false},
												  {"event_count", AVRO_LONG, false},
												  {NULL, NULL, false}};
	AUTO(Buffer) *collection = &(Buffer){.max = SIZE_MAX};
	AUTO(Buffer) *text = &(Buffer){.max = SIZE_MAX};
	AUTO_TEXT char *array = NULL;

	avro_out_record(collection, "event", "collection", collection_fields, 1);
	array = xasprintf("{\"type\":\"array\",\"items\":[\"null\",%s]}", buffer_text(collection));

	const AvroField fields[] = {
		{"status", AVRO_TEXT, false},	  {"id", AVRO_TEXT, false},
		{"event_count", AVRO_LONG, true}, {"data_collections", array, true},
		{"ts_ms", AVRO_LONG, false},	  {NULL, NULL, false},
	};

	avro_out_record(text, NAMESPACE, "TransactionMetadataValue", fields, 1);
	return xstrdup(buffer_text(text));
}

Transactions *
transactions_new(void)
{
	Transactions *transactions = xcalloc(1, sizeof *transactions);

	transactions->by_table = map_new();
	return transactions;
}

static void
collection_free(void *value)
{
	Collection *collection = value;

	free(collection->table);
	free(collection);
}

void
transactions_free(Transactions *transactions)
{
	if (transactions == NULL)
		return;
	map_free(transactions->by_table, collection_free);
	free(transactions->order);
	free(transactions);
}

void
transactions_begin(Transactions *transactions, uint32_t xid, uint64_t end_lsn, int64_t commit_time)
{
	transactions->txn++;
	transactions->xid = xid;
	transactions->end_lsn = end_lsn;
	transactions->commit_time = commit_time;
	transactions->events = 0;
	transactions->count = 0;
}

EnvelopeOrder
transactions_next(const Transactions *transactions, const char *table)
{
	const Collection *collection = map_get(transactions->by_table, slice_text(table));
	bool seen = collection != NULL && collection->txn == transactions->txn;

	return (EnvelopeOrder){.total = transactions->events + 1,
						   .collection = seen ? collection->events + 1 : 1};
}

static Collection *
collection_of(Transactions *transactions, const char *table)
{
	Collection *collection = map_get(transactions->by_table, slice_text(table));

	if (collection != NULL)
		return collection;
	collection = xcalloc(1, sizeof *collection);
	collection->table = xstrdup(table);
	map_put(transactions->by_table, slice_text(table), collection);
	return collection;
}

void
transactions_count(Transactions *transactions, const char *table)
{
	Collection *collection = collection_of(transactions, table);

	transactions->events++;
	if (collection->txn == transactions->txn)
	{
		collection->events++;
		return;
	}
	collection->txn = transactions->txn;
	collection->events = 1;
	if (transactions->count == transactions->size)
	{
		transactions->size = 2 * transactions->size + 16;
		transactions->order =
			xrealloc(transactions->order, transactions->size * sizeof *transactions->order);
	}
	transactions->order[transactions->count++] = collection;
}

uint64_t
transactions_events(const Transactions *transactions)
{
	return transactions->events;
}

static void
write_head(const Transactions *transactions, const char *status, uint64_t lsn, Buffer *key,
		   Buffer *value)
{
	char id[ID_MAX];

	snprintf(id, sizeof id, "%" PRIu32 ":%" PRIu64, transactions->xid, lsn);
	avro_out_framing(key);
	avro_out_text(key, id);
	avro_out_framing(value);
	avro_out_text(value, status);
	avro_out_text(value, id);
}

void
transactions_write_begin(const Transactions *transactions, uint64_t lsn, Buffer *key, Buffer *value)
{
	write_head(transactions, "BEGIN", lsn, key, value);
	avro_out_null(value);
	avro_out_null(value);
	avro_out_long(value, transactions->commit_time / 1000);
}

void
transactions_write_end(const Transactions *transactions, Buffer *key, Buffer *value)
{
	write_head(transactions, "END", transactions->end_lsn, key, value);
	avro_out_some_long(value, (int64_t) transactions->events);
	/* An array: one block of all, then the block of none. */
	avro_out_some_long(value, (int64_t) transactions->count);
	for (size_t i = 0; i < transactions->count; i++)
	{
		avro_out_long(value, 1);
		avro_out_text(value, transactions->order[i]->table);
		avro_out_long(value, (int64_t) transactions->order[i]->events);
	}
	avro_out_long(value, 0);
	avro_out_long(value, transactions->commit_time / 1000);
}

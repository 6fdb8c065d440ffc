/*
 * relay/headers.c - see headers.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/headers.h"

#include "common/position.h"

#include <inttypes.h>
#include <stdio.h>

#define VALUES_HEADER		 "wal2avro.values"
#define BEFORE_HEADER		 "wal2avro.before"
#define BEFORE_VALUES_HEADER "wal2avro.before.values"

/* Debezium's, of a row that has got another key. */
#define NEW_KEY_HEADER "__debezium.newkey"
#define OLD_KEY_HEADER "__debezium.oldkey"

static void
add_text(rd_kafka_headers_t *headers, const char *name, const char *text)
{
	rd_kafka_header_add(headers, name, -1, text, -1);
}

static void
add_number(rd_kafka_headers_t *headers, const char *name, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, number);
	add_text(headers, name, text);
}

/* Debezium's names, on request. */
static void
add_requested(const HeaderPlace *place, rd_kafka_headers_t *headers, const char *op)
{
	for (size_t i = 0; i < place->options->headers_count; i++)
	{
		const HeaderWish *wish = &place->options->headers[i];

		switch (wish->field)
		{
			case HEADER_OP:
				add_text(headers, wish->name, op);
				break;
			case HEADER_LSN:
				add_number(headers, wish->name,
						   place->options->debezium.naming ? place->lsn : place->txn->commit_lsn);
				break;
			case HEADER_TX_ID:
				add_number(headers, wish->name, place->txn->xid);
				break;
			case HEADER_SOURCE_TS_MS:
				add_number(headers, wish->name, (uint64_t) (place->txn->commit_time / 1000));
				break;
			case HEADER_TABLE:
				add_text(headers, wish->name, place->topic->table);
				break;
			case HEADER_SCHEMA:
				add_text(headers, wish->name, place->topic->schema);
				break;
		}
	}
}

static void
add_slice(rd_kafka_headers_t *headers, const char *name, Slice bytes)
{
	if (bytes.data != NULL)
		rd_kafka_header_add(headers, name, -1, bytes.data, (ssize_t) bytes.len);
}

/* Readers count on from the first record of a transaction in a partition. */
static void
add_position(const HeaderPlace *place, rd_kafka_headers_t *headers)
{
	const Position position = {.source = place->source,
							   .lane = place->txn->lane,
							   .commit_lsn = place->txn->commit_lsn,
							   .n = 0};
	uint8_t bytes[POSITION_SIZE];

	position_put(bytes, &position);
	rd_kafka_header_add(headers, POSITION_HEADER, -1, bytes, sizeof bytes);
}

/* The old row, and right behind it its notes; these alone where the row is in the envelope. */
static void
add_before(rd_kafka_headers_t *headers, const Draft *draft, Buffer *scratch)
{
	if (draft->before.data == NULL)
	{
		add_slice(headers, BEFORE_VALUES_HEADER, draft->before_notes);
		return;
	}
	buffer_clear(scratch);
	buffer_append(scratch, draft->before.data, draft->before.len);
	if (draft->before_notes.data != NULL)
		buffer_append(scratch, draft->before_notes.data, draft->before_notes.len);
	add_slice(headers, BEFORE_HEADER, buffer_slice(scratch));
}

static bool
needs_none(const HeaderPlace *place, const Draft *draft, bool with_op)
{
	return !place->with_position && !with_op && draft->notes.data == NULL &&
		   draft->new_key.data == NULL && draft->old_key.data == NULL &&
		   draft->before.data == NULL && draft->before_notes.data == NULL &&
		   (place->topic == NULL || place->options->headers_count == 0);
}

rd_kafka_headers_t *
headers_make(const HeaderPlace *place, const Draft *draft, Buffer *scratch)
{
	const char op[] = {operation_letter(draft->operation), '\0'};
	bool with_op = draft->operation != OPERATION_CREATE && !place->enveloped;
	rd_kafka_headers_t *headers;

	if (needs_none(place, draft, with_op))
		return NULL;
	headers = rd_kafka_headers_new(8);
	if (with_op)
		add_text(headers, "op", op);
	add_slice(headers, NEW_KEY_HEADER, draft->new_key);
	add_slice(headers, OLD_KEY_HEADER, draft->old_key);
	if (place->with_position)
		add_position(place, headers);
	add_slice(headers, VALUES_HEADER, draft->notes);
	add_before(headers, draft, scratch);
	if (place->topic != NULL)
		add_requested(place, headers, op);
	return headers;
}

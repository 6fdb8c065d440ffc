/*
 * relay/envelope.c - see envelope.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/envelope.h"

#include "common/avro.h"
#include "core/json.h"
#include "core/memory.h"
#include "relay/avro_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Its default stands in the place of a property of the type: it is the field's last part. */
#define SNAPSHOT_TYPE                                                                              \
	"[{\"type\":\"string\",\"connect.version\":1,\"connect.parameters\":{\"allowed\":"             \
	"\"true,first,first_in_data_collection,last_in_data_collection,last,false,incremental\"},"     \
	"\"connect.default\":\"false\",\"connect.name\":\"io.debezium.data.Enum\"},\"null\"],"         \
	"\"default\":\"false\""

static const AvroField source_fields[] = {
	{"version", AVRO_TEXT, false},
	{"connector", AVRO_TEXT, false},
	{"name", AVRO_TEXT, false},
	{"ts_ms", AVRO_LONG, false},
	{"snapshot", SNAPSHOT_TYPE, false},
	{"db", AVRO_TEXT, false},
	{"sequence", AVRO_TEXT, true},
	{"ts_us", AVRO_LONG, true},
	{"ts_ns", AVRO_LONG, true},
	{"schema", AVRO_TEXT, false},
	{"table", AVRO_TEXT, false},
	{"txId", AVRO_LONG, true},
	{"lsn", AVRO_LONG, true},
	{"xmin", AVRO_LONG, true},
	{"origin", AVRO_TEXT, true},
	{"origin_lsn", AVRO_LONG, true},
	{NULL, NULL, false},
};

static const AvroField block_fields[] = {
	{"id", AVRO_TEXT, false},
	{"total_order", AVRO_LONG, false},
	{"data_collection_order", AVRO_LONG, false},
	{NULL, NULL, false},
};

/* By EnvelopeSnapshot. */
static const char *const snapshot_marks[] = {
	[ENVELOPE_STREAM] = "false",
	[ENVELOPE_FIRST] = "first",
	[ENVELOPE_FIRST_OF_TABLE] = "first_in_data_collection",
	[ENVELOPE_COPIED] = "true",
	[ENVELOPE_LAST_OF_TABLE] = "last_in_data_collection",
	[ENVELOPE_LAST] = "last",
};

/* ---- schema */

/* The record without its namespace, which the envelope around it gives to it; for the caller to
 * free. */
static char *
without_namespace(Slice schema, const char *name, const char *namespace)
{
	AUTO_TEXT char *cut = xasprintf("\"namespace\":\"%s\",", namespace);
	AUTO_TEXT char *head =
		xasprintf("{\"type\":\"record\",\"name\":\"%s\",%s", name, namespace[0] == '\0' ? "" : cut);
	size_t head_len = strlen(head);

	if (namespace[0] == '\0' || schema.len < head_len || memcmp(schema.data, head, head_len) != 0)
		return xstrndup((const char *) schema.data, schema.len);
	return xasprintf("{\"type\":\"record\",\"name\":\"%s\",%.*s", name,
					 (int) (schema.len - head_len), (const char *) schema.data + head_len);
}

static char *
schema_text(Slice value_schema, const char *name, const char *namespace)
{
	AUTO_TEXT char *row = without_namespace(value_schema, name, namespace);
	AUTO_TEXT char *row_name = xasprintf("\"%s\"", name);
	AUTO(Buffer) *source = &(Buffer){.max = SIZE_MAX};
	AUTO(Buffer) *block = &(Buffer){.max = SIZE_MAX};
	AUTO(Buffer) *text = &(Buffer){.max = SIZE_MAX};

	avro_out_record(source, "io.debezium.connector.postgresql", "Source", source_fields, 1);
	avro_out_record(block, "event", "block", block_fields, 1);

	const AvroField fields[] = {
		{"before", row, true},
		{"after", row_name, true},
		{"source", buffer_text(source), false},
		{"transaction", buffer_text(block), true},
		{"op", AVRO_TEXT, false},
		{"ts_ms", AVRO_LONG, true},
		{"ts_us", AVRO_LONG, true},
		{"ts_ns", AVRO_LONG, true},
		{NULL, NULL, false},
	};

	avro_out_record(text, namespace, "Envelope", fields, 2);
	return xstrdup(buffer_text(text));
}

bool
envelope_schema(Slice value_schema, char **out, Error *err)
{
	json_t *root = json_schema(value_schema);
	const char *type = json_string_value(json_object_get(root, "type"));
	const char *name = json_string_value(json_object_get(root, "name"));
	const char *namespace = json_string_value(json_object_get(root, "namespace"));
	bool record = type != NULL && strcmp(type, "record") == 0 && name != NULL;

	if (record)
		*out = schema_text(value_schema, name, namespace == NULL ? "" : namespace);
	else
		error_set(err, ERROR_DATA, "the schema of a table's rows is no record");
	json_decref(root);
	return record;
}

/* ---- value */

static bool
put_row(Buffer *out, Slice row)
{
	if (row.data == NULL)
		return avro_out_null(out);
	return avro_out_long(out, 1) &&
		   buffer_append(out, row.data + CONFLUENT_HEADER, row.len - CONFLUENT_HEADER);
}

/* Microseconds as Debezium's ts_us and ts_ns. */
static bool
put_finer_times(Buffer *out, int64_t us)
{
	return avro_out_some_long(out, us) && avro_out_some_long(out, us * 1000);
}

/* A pair of texts: the end of the transaction before, and this event. */
static bool
put_sequence(Buffer *out, const EnvelopeEvent *event)
{
	char text[64];

	if (event->last_commit_lsn == 0)
		snprintf(text, sizeof text, "[null,\"%" PRIu64 "\"]", event->lsn);
	else
		snprintf(text, sizeof text, "[\"%" PRIu64 "\",\"%" PRIu64 "\"]", event->last_commit_lsn,
				 event->lsn);
	return avro_out_some_text(out, text);
}

static bool
put_source(Buffer *out, const EnvelopeEvent *event)
{
	return avro_out_text(out, WAL2AVRO_VERSION) && avro_out_text(out, "postgresql") &&
		   avro_out_text(out, event->origin->name) &&
		   avro_out_long(out, event->commit_time / 1000) && avro_out_long(out, 0) &&
		   avro_out_text(out, snapshot_marks[event->snapshot]) &&
		   avro_out_text(out, event->origin->database) && put_sequence(out, event) &&
		   put_finer_times(out, event->commit_time) && avro_out_text(out, event->schema) &&
		   avro_out_text(out, event->table) &&
		   (event->xid == 0 ? avro_out_null(out) : avro_out_some_long(out, event->xid)) &&
		   avro_out_some_long(out, (int64_t) event->lsn) &&
		   /* xmin, origin, origin_lsn */
		   avro_out_null(out) && avro_out_null(out) && avro_out_null(out);
}

static bool
put_transaction(Buffer *out, const EnvelopeEvent *event)
{
	char id[48];

	if (event->order == NULL)
		return avro_out_null(out);
	snprintf(id, sizeof id, "%" PRIu32 ":%" PRIu64, event->xid, event->lsn);
	return avro_out_some_text(out, id) && avro_out_long(out, (int64_t) event->order->total) &&
		   avro_out_long(out, (int64_t) event->order->collection);
}

bool
envelope_write(const EnvelopeEvent *event, Buffer *out)
{
	const char op[] = {event->op, '\0'};

	return avro_out_framing(out) && put_row(out, event->before) && put_row(out, event->after) &&
		   put_source(out, event) && put_transaction(out, event) && avro_out_text(out, op) &&
		   avro_out_some_long(out, event->now_ns / 1000000) &&
		   avro_out_some_long(out, event->now_ns / 1000) && avro_out_some_long(out, event->now_ns);
}

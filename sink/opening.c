/*
 * sink/opening.c - see opening.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/opening.h"

#include "common/avro.h"
#include "common/bytes.h"
#include "sink/envelope.h"
#include "sink/recordkey.h"

/* Longest key that is no Avro. */
#define KEY_MAX ((size_t) 1 << 30)

/* What values of a schema id are, where envelopes are opened. */
typedef struct Shape
{
	int32_t value_id;
	Envelope envelope;
} Shape;

struct Opening
{
	const Settings *settings;
	Catalog *values;
	Catalog *keys;		/* NULL: keys are not read, or are no Avro */
	Schema *key_schema; /* of keys that are no Avro, or NULL */
	Buffer key;			/* the last of them */
	Shape *shapes;
	size_t shape_count;
	size_t last_shape;
};

Opening *
opening_new(const Settings *settings, Catalog *values, Catalog *keys)
{
	Opening *opening = xcalloc(1, sizeof *opening);

	opening->settings = settings;
	opening->values = values;
	opening->keys = keys;
	opening->key_schema = recordkey_schema(settings);
	buffer_init(&opening->key, KEY_MAX);
	return opening;
}

void
opening_free(Opening *opening)
{
	for (size_t i = 0; i < opening->shape_count; i++)
		envelope_done(&opening->shapes[i].envelope);
	free(opening->shapes);
	buffer_done(&opening->key);
	schema_free(opening->key_schema);
	free(opening);
}

/* Takes the Confluent header off: magic byte and schema id. */
static bool
take_id(const void *data, size_t len, const char *side, Slice *body, int32_t *id, Error *err)
{
	const uint8_t *bytes = data;

	if (len < CONFLUENT_HEADER)
		return error_set(err, ERROR_DATA,
						 "the %s has %zu bytes, too few for a magic byte and a schema id; it is "
						 "not Avro from a producer that uses the registry",
						 side, len);
	if (bytes[0] != 0)
		return error_set(err, ERROR_DATA,
						 "the %s begins with byte %02x in place of the magic 00; it is not Avro "
						 "from a producer that uses the registry",
						 side, bytes[0]);
	*id = (int32_t) get_be32(bytes + 1);
	*body = (Slice){bytes + CONFLUENT_HEADER, len - CONFLUENT_HEADER};
	return true;
}

static bool
open_key(Opening *opening, Record *record, Error *err)
{
	const rd_kafka_message_t *message = record->message;
	bool fits = true;

	if (opening->settings->key_form == KEYS_UNREAD)
		return true;
	record->key_id = FIXED_SCHEMA;
	if (opening->settings->key_form == KEYS_KAFKA)
		fits = recordkey_kafka(&opening->key, record->topic->name, message->partition,
							   message->offset);
	else if (message->key == NULL)
		return error_set(err, ERROR_DATA,
						 "the record has no key, but pk.mode=record_key takes the key columns from "
						 "it; use pk.mode=record_value with pk.fields");
	else if (opening->settings->key_form == KEYS_AVRO)
		return take_id(message->key, message->key_len, "key", &record->key, &record->key_id, err);
	else
		fits = recordkey_text(&opening->key, (Slice){message->key, message->key_len});
	record->key = buffer_slice(&opening->key);
	return fits || error_set(err, ERROR_DATA, "the key is larger than a batch may be");
}

/* The shape of the record's values; NULL while their schema is on its way. */
static bool
find_shape(Opening *opening, int32_t value_id, Shape **shape, Error *err)
{
	const Schema *schema;

	*shape = NULL;
	for (size_t i = 0; i < opening->shape_count; i++)
	{
		const size_t at = (opening->last_shape + i) % opening->shape_count;

		if (opening->shapes[at].value_id != value_id)
			continue;
		opening->last_shape = at;
		*shape = &opening->shapes[at];
		return true;
	}
	if (!catalog_get(opening->values, value_id, &schema, err))
		return false;
	if (schema == NULL)
		return true;
	opening->shapes =
		xrealloc(opening->shapes, (opening->shape_count + 1) * sizeof *opening->shapes);
	opening->last_shape = opening->shape_count++;
	*shape = &opening->shapes[opening->last_shape];
	(*shape)->value_id = value_id;
	envelope_init(&(*shape)->envelope, schema);
	return true;
}

/* What an envelope's operation asks for. */
static bool
take_operation(const Opening *opening, Record *record, char op, Slice after, Error *err)
{
	switch (op)
	{
		case 'c':
		case 'r':
		case 'u':
			record->value = after;
			return after.data != NULL ||
				   error_set(err, ERROR_DATA, "the envelope has op \"%c\", but no row", op);
		case 'd':
			record->value_id = NO_SCHEMA;
			record->skipped =
				opening->settings->skip_delete_events || !opening->settings->delete_enabled;
			return true;
		case 't':
			return error_set(
				err, ERROR_DATA,
				"the record is a TRUNCATE of the source's table, which is not applied; "
				"truncate the table yourself and set the offset behind the record");
		default:
			return error_set(err, ERROR_DATA, "the envelope has op \"%c\", which is not known", op);
	}
}

static OpenResult
open_envelope(Opening *opening, Record *record, Error *err)
{
	Shape *shape;
	Slice after;
	const char *where;
	char op;

	if (record->value_id == NO_SCHEMA)
		return OPEN_DONE;
	if (!find_shape(opening, record->value_id, &shape, err))
		return OPEN_FAILED;
	if (shape == NULL)
		return OPEN_WAITING;
	if (shape->envelope.row != NULL)
	{
		const char *problem = envelope_open(&shape->envelope, record->value, &op, &after, &where);

		if (problem != NULL)
		{
			error_set(err, ERROR_DATA, "the envelope%s%s %s", where == NULL ? "" : "'s field ",
					  where == NULL ? "" : where, problem);
			return OPEN_FAILED;
		}
		record->row = shape->envelope.row;
		if (!take_operation(opening, record, op, after, err))
			return OPEN_FAILED;
	}
	if (record->value_id != NO_SCHEMA && envelope_has_placeholder(record->value))
	{
		error_set(
			err, ERROR_DATA,
			"the record has Debezium's placeholder for a value that an update left unchanged; "
			"let the source's log have it: alter table ... replica identity full");
		return OPEN_FAILED;
	}
	return OPEN_DONE;
}

OpenResult
opening_open(Opening *opening, Record *record, DeadStage *stage, Error *err)
{
	const rd_kafka_message_t *message = record->message;

	record->key_id = NO_SCHEMA;
	record->value_id = NO_SCHEMA;
	*stage = DEAD_KEY_CONVERTER;
	if (!open_key(opening, record, err))
		return OPEN_FAILED;
	*stage = DEAD_VALUE_CONVERTER;
	if (message->payload != NULL &&
		!take_id(message->payload, message->len, "value", &record->value, &record->value_id, err))
		return OPEN_FAILED;
	return opening->settings->envelopes ? open_envelope(opening, record, err) : OPEN_DONE;
}

bool
opening_schemas(const Opening *opening, const Record *record, const Schema **key,
				const Schema **value, bool *ready, Error *err)
{
	*key = NULL;
	*value = record->value_id == NO_SCHEMA ? NULL : record->row;
	if (record->key_id == FIXED_SCHEMA)
		*key = opening->key_schema;
	else if (record->key_id != NO_SCHEMA && !catalog_get(opening->keys, record->key_id, key, err))
		return false;
	if (record->value_id != NO_SCHEMA && record->row == NULL &&
		!catalog_get(opening->values, record->value_id, value, err))
		return false;
	*ready = (record->value_id == NO_SCHEMA || *value != NULL) &&
			 (record->key_id == NO_SCHEMA || *key != NULL);
	return true;
}

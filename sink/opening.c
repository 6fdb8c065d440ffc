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
#include "sink/walk.h"

/* Longest key that is no Avro. */
#define KEY_MAX ((size_t) 1 << 30)

/* What values of a schema id are. */
typedef struct Shape
{
	int32_t value_id;
	Envelope envelope;
	const Schema
		*debezium; /* of rows that may have placeholders; NULL: they are none of Debezium's */
	Slice *fields; /* of such a row */
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
	Notes after_notes; /* of the last record */
	Notes before_notes;
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
	{
		envelope_done(&opening->shapes[i].envelope);
		free(opening->shapes[i].fields);
	}
	free(opening->shapes);
	buffer_done(&opening->key);
	notes_done(&opening->after_notes);
	notes_done(&opening->before_notes);
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

	if (opening->settings->key_form == KEYS_UNREAD || record->truncates)
		return true;
	record->keyless = message->key == NULL && opening->settings->key_form != KEYS_KAFKA &&
					  (message->payload != NULL || record->headers.before.data != NULL);
	if (record->keyless)
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

/* Our relay has made the record: what is unchanged is in its notes, and what looks like a
 * placeholder is a value. */
static bool
is_ours(const Schema *row)
{
	for (size_t i = 0; i < row->count; i++)
		if (row->fields[i].sql_type != NULL)
			return true;
	return row->relation != 0;
}

static void
init_shape(const Settings *settings, Shape *shape, int32_t value_id, const Schema *schema)
{
	*shape = (Shape){.value_id = value_id};
	envelope_init(&shape->envelope, schema);
	if (shape->envelope.row != NULL)
		shape->debezium = settings->envelopes ? shape->envelope.row : NULL;
	else if (schema->type == SCHEMA_RECORD && (settings->envelopes || envelope_is_row(schema)))
		shape->debezium = schema;
	if (shape->debezium != NULL && is_ours(shape->debezium))
		shape->debezium = NULL;
	if (shape->debezium != NULL)
		shape->fields = xcalloc(shape->debezium->count + 1, sizeof *shape->fields);
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
	init_shape(opening->settings, *shape, value_id, schema);
	return true;
}

/* What an envelope's operation asks for. */
static bool
take_operation(const Opening *opening, Record *record, const Envelope *envelope, char op,
			   Slice after, Slice before, Error *err)
{
	const Settings *settings = opening->settings;

	switch (op)
	{
		case 'u':
			if (record->keyless && before.data != NULL)
				record->before =
					(Image){.id = record->after.id, .row = envelope->row, .value = before};
			/* fallthrough */
		case 'c':
		case 'r':
			record->after.value = after;
			return after.data != NULL ||
				   error_set(err, ERROR_DATA, "the envelope has op \"%c\", but no row", op);
		case 'd':
			if (record->keyless && before.data != NULL)
				record->before =
					(Image){.id = record->after.id, .row = envelope->row, .value = before};
			record->after = (Image){.id = NO_SCHEMA};
			record->skipped = settings_skips_delete_event(settings, record->keyless);
			return true;
		case 't':
			record->truncates = true;
			return true;
		default:
			return error_set(err, ERROR_DATA, "the envelope has op \"%c\", which is not known", op);
	}
}

/* Columns that Debezium's own records leave unchanged, which say so by their values alone. */
static bool
find_placeholders(Opening *opening, Record *record, const Shape *shape, Error *err)
{
	Image *after = &record->after;
	bool fields;

	/* Ours say it in notes. */
	if (after->id == NO_SCHEMA || after->notes != NULL || record->truncates ||
		shape->debezium == NULL)
		return true;
	notes_read(&opening->after_notes, SLICE_ABSENT);
	fields = envelope_find_placeholders(shape->debezium, after->value, shape->fields,
										&opening->after_notes);
	after->notes = opening->after_notes.count == 0 ? NULL : &opening->after_notes;
	return fields ||
		   error_set(err, ERROR_DATA,
					 "the record has Debezium's placeholder for a value that an update left "
					 "unchanged within another value; let the source's log have it: alter table "
					 "... replica identity full");
}

static OpenResult
open_value(Opening *opening, Record *record, Error *err)
{
	Shape *shape;
	Slice after;
	Slice before;
	const char *where;
	char op;

	if (record->after.id == NO_SCHEMA)
		return OPEN_DONE;
	if (!find_shape(opening, record->after.id, &shape, err))
		return OPEN_FAILED;
	if (shape == NULL)
		return OPEN_WAITING;
	if (opening->settings->envelopes && shape->envelope.row != NULL)
	{
		const char *problem =
			envelope_open(&shape->envelope, record->after.value, &op, &after, &before, &where);

		if (problem != NULL)
		{
			error_set(err, ERROR_DATA, "the envelope%s%s %s", where == NULL ? "" : "'s field ",
					  where == NULL ? "" : where, problem);
			return OPEN_FAILED;
		}
		record->after.row = shape->envelope.row;
		if (!take_operation(opening, record, &shape->envelope, op, after, before, err))
			return OPEN_FAILED;
	}
	return find_placeholders(opening, record, shape, err) ? OPEN_DONE : OPEN_FAILED;
}

static bool
read_notes(Notes *notes, Slice in, const char *header, Image *image, Error *err)
{
	const char *problem = notes_read(notes, in);

	image->notes = notes->count == 0 ? NULL : notes;
	return problem == NULL ||
		   error_set(err, ERROR_DATA, "the notes in header \"%s\" %s", header, problem);
}

/* The header with the former row: framing, the row, its notes. */
static OpenResult
open_before(Opening *opening, Record *record, Error *err)
{
	Image *before = &record->before;
	const Schema *schema;
	Slice rest;

	if (!take_id(record->headers.before.data, record->headers.before.len,
				 "header \"" BEFORE_HEADER "\"", &before->value, &before->id, err) ||
		!catalog_get(opening->values, before->id, &schema, err))
		return OPEN_FAILED;
	if (schema == NULL)
		return OPEN_WAITING;
	if (opening->settings->envelopes)
	{
		Shape *shape;

		if (!find_shape(opening, before->id, &shape, err) || shape == NULL)
			return shape == NULL ? OPEN_WAITING : OPEN_FAILED;
		before->row = shape->envelope.row;
	}
	rest = before->value;

	const char *problem = walk_value(before->row == NULL ? schema : before->row, &rest);

	if (problem != NULL)
	{
		error_set(err, ERROR_DATA, "the row in header \"%s\" %s", BEFORE_HEADER, problem);
		return OPEN_FAILED;
	}
	before->value.len -= rest.len;
	return read_notes(&opening->before_notes, rest, BEFORE_HEADER, before, err) ? OPEN_DONE
																				: OPEN_FAILED;
}

/* A row without key goes only where deletes are on, or as the former state of one that comes. */
static bool
wants_before(const Opening *opening, const Record *record)
{
	return record->keyless && !record->skipped && !record->truncates &&
		   opening->settings->insert_mode != INSERT_MODE_INSERT &&
		   (record->after.id != NO_SCHEMA || opening->settings->delete_enabled);
}

OpenResult
opening_open(Opening *opening, Record *record, DeadStage *stage, Error *err)
{
	const rd_kafka_message_t *message = record->message;
	OpenResult result;

	record->key_id = NO_SCHEMA;
	record->after.id = NO_SCHEMA;
	record->before.id = NO_SCHEMA;
	*stage = DEAD_KEY_CONVERTER;
	if (!open_key(opening, record, err))
		return OPEN_FAILED;
	*stage = DEAD_VALUE_CONVERTER;
	if (message->payload != NULL && !take_id(message->payload, message->len, "value",
											 &record->after.value, &record->after.id, err))
		return OPEN_FAILED;
	if (message->payload != NULL && record->headers.notes.data != NULL &&
		!read_notes(&opening->after_notes, record->headers.notes, NOTES_HEADER, &record->after,
					err))
		return OPEN_FAILED;
	result = open_value(opening, record, err);
	if (result != OPEN_DONE)
		return result;
	if (!wants_before(opening, record))
		record->before.id = NO_SCHEMA;
	else if (record->headers.before.data != NULL)
		return open_before(opening, record, err);
	else if (record->before.id != NO_SCHEMA &&
			 !read_notes(&opening->before_notes, record->headers.before_notes, BEFORE_NOTES_HEADER,
						 &record->before, err))
		return OPEN_FAILED;
	return OPEN_DONE;
}

bool
opening_schemas(const Opening *opening, const Record *record, const Image *image,
				const Schema **key, const Schema **value, bool *ready, Error *err)
{
	*key = NULL;
	*value = image->id == NO_SCHEMA ? NULL : image->row;
	if (record->key_id == FIXED_SCHEMA)
		*key = opening->key_schema;
	else if (record->key_id != NO_SCHEMA && !catalog_get(opening->keys, record->key_id, key, err))
		return false;
	if (image->id != NO_SCHEMA && image->row == NULL &&
		!catalog_get(opening->values, image->id, value, err))
		return false;
	*ready =
		(image->id == NO_SCHEMA || *value != NULL) && (record->key_id == NO_SCHEMA || *key != NULL);
	return true;
}

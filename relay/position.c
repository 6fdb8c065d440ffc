/*
 * relay/position.c - see position.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/position.h"

#include "common/lsn.h"
#include "common/murmur2.h"
#include "core/kafka.h"
#include "core/loop.h"
#include "core/memory.h"
#include "relay/shape.h"

#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>

#define VISIBLE_POLL_MS 200

AUTO_DEFINE(json_t, json_decref)

static const char *const state_names[] = {
	[POSITION_COPYING] = "copying",
	[POSITION_STREAMING] = "streaming",
};

void
stored_position_done(StoredPosition *position)
{
	eras_done(&position->eras);
	*position = (StoredPosition){0};
}

char *
position_key(const char *connector, const char *slot)
{
	AUTO(json_t) *key = json_pack("[s, {s: s}]", connector, "slot", slot);

	return json_dumps(key, JSON_COMPACT);
}

static json_t *
lsn_to_json(uint64_t lsn)
{
	return json_sprintf(LSN_FORMAT, LSN_ARGS(lsn));
}

static json_t *
era_to_json(const Era *era)
{
	json_t *partitions = json_object();

	for (size_t i = 0; i < era->count; i++)
		json_object_set_new(partitions, era->topics[i].name,
							json_integer(era->topics[i].partitions));
	return json_pack("{s: o, s: b, s: s, s: o}", "since", lsn_to_json(era->since), "tombstones",
					 (int) era->tombstones, "keys", era->shape, "partitions", partitions);
}

char *
position_to_json(const StoredPosition *position)
{
	json_t *eras = json_array();
	AUTO(json_t) *value = NULL;

	for (size_t i = 0; i < position->eras.count; i++)
		json_array_append_new(eras, era_to_json(&position->eras.items[i]));
	value = json_pack("{s: i, s: s, s: o, s: I, s: o, s: o, s: o}", "version", POSITION_VERSION,
					  "state", state_names[position->state], "system_identifier",
					  json_sprintf("%" PRIu64, position->system_identifier), "timeline",
					  (json_int_t) position->timeline, "source",
					  json_sprintf("%016" PRIx64, position->source), "lsn",
					  lsn_to_json(position->lsn), "eras", eras);
	return json_dumps(value, JSON_COMPACT);
}

static bool
lsn_from_json(const json_t *value, uint64_t *out)
{
	return lsn_parse(json_string_value(value), out);
}

/* All of the text is a number in the base. */
static bool
number_from_json(const json_t *value, int base, uint64_t *out)
{
	const char *text = json_string_value(value);
	char *end;

	if (text == NULL || *text == '\0' || *text == '-')
		return false;
	*out = strtoull(text, &end, base);
	return *end == '\0';
}

static bool
state_from_json(const json_t *value, PositionState *out)
{
	const char *text = json_string_value(value);

	for (PositionState state = POSITION_COPYING; state <= POSITION_STREAMING; state++)
		if (text != NULL && strcmp(text, state_names[state]) == 0)
		{
			*out = state;
			return true;
		}
	return false;
}

static bool
era_from_json(json_t *json, Eras *eras)
{
	json_t *tombstones = json_object_get(json, "tombstones");
	json_t *partitions = json_object_get(json, "partitions");
	const char *shape = json_string_value(json_object_get(json, "keys"));
	const char *topic;
	json_t *count;
	uint64_t since;
	Era *era;

	if (!lsn_from_json(json_object_get(json, "since"), &since) || !json_is_boolean(tombstones) ||
		!json_is_object(partitions))
		return false;
	era = eras_add(eras, since, json_is_true(tombstones), shape == NULL ? SHAPE_DEFAULT : shape);
	json_object_foreach(partitions, topic, count)
	{
		json_int_t n = json_integer_value(count);

		if (n < 1 || n > INT32_MAX)
			return false;
		era_set(era, topic, (int) n);
	}
	return true;
}

static bool
fields_from_json(const json_t *json, StoredPosition *out)
{
	json_t *eras = json_object_get(json, "eras");
	json_t *timeline = json_object_get(json, "timeline");
	size_t i;
	json_t *era;

	if (!state_from_json(json_object_get(json, "state"), &out->state) ||
		!number_from_json(json_object_get(json, "system_identifier"), 10,
						  &out->system_identifier) ||
		!number_from_json(json_object_get(json, "source"), 16, &out->source) ||
		!lsn_from_json(json_object_get(json, "lsn"), &out->lsn) || !json_is_integer(timeline) ||
		!json_is_array(eras))
		return false;
	out->timeline = (uint32_t) json_integer_value(timeline);
	json_array_foreach(eras, i, era)
	{
		if (!era_from_json(era, &out->eras))
			return false;
	}
	return out->state == POSITION_COPYING || out->eras.count > 0;
}

bool
position_from_json(Slice text, StoredPosition *out, Error *err)
{
	json_error_t problem;
	AUTO(json_t) *json =
		json_loadb((const char *) text.data, text.len, JSON_REJECT_DUPLICATES, &problem);
	StoredPosition position = {0};
	json_int_t version;

	if (json == NULL)
		return error_set(err, ERROR_CONFIG, "the stored position is not JSON: %s", problem.text);
	version = json_integer_value(json_object_get(json, "version"));
	if (version != POSITION_VERSION)
		return error_set(err, ERROR_CONFIG,
						 "the stored position has version %" JSON_INTEGER_FORMAT
						 ", this program knows version %d; use the program that wrote it or a "
						 "newer one",
						 version, POSITION_VERSION);
	if (!fields_from_json(json, &position))
	{
		stored_position_done(&position);
		return error_set(err, ERROR_CONFIG, "the stored position is malformed: %.*s",
						 (int) (text.len < 500 ? text.len : 500), (const char *) text.data);
	}
	*out = position;
	return true;
}

typedef struct Search
{
	Slice key;
	StoredPosition *found;
} Search;

static bool
visit(void *context, const rd_kafka_message_t *message, Error *err)
{
	Search *search = context;
	StoredPosition position = {0};

	if (!slice_equal(search->key, (Slice){message->key, message->key_len}))
		return true;
	if (message->payload != NULL &&
		!position_from_json((Slice){message->payload, message->len}, &position, err))
		return false;
	stored_position_done(search->found);
	*search->found = position;
	return true;
}

bool
position_read(const Properties *worker, const char *topic, const char *key, int timeout_ms,
			  StoredPosition *out, Error *err)
{
	StoredPosition found = {0};
	Search search = {.key = slice_text(key), .found = &found};

	if (!kafka_read_all(worker, topic, timeout_ms, visit, &search, err))
	{
		stored_position_done(&found);
		return error_add(err, "offsets topic \"%s\"", topic);
	}
	*out = found;
	return true;
}

char *
position_transactional_id(const char *connector)
{
	return xasprintf("wal2avro-%s", connector);
}

static bool
writer_new(const Properties *worker, const char *connector, rd_kafka_t **client, Error *err)
{
	AUTO_TEXT char *transactional_id = position_transactional_id(connector);
	AUTO_TEXT char *client_id = xasprintf("connector-producer-%s-control", connector);
	const KafkaSetting settings[] = {{"client.id", client_id, false},
									 {"transactional.id", transactional_id, true},
									 {"linger.ms", "0", false},
									 {NULL, NULL, false}};
	rd_kafka_conf_t *conf;

	if (!kafka_conf_new("producer", settings, worker, NULL, &conf, err))
		return false;
	return kafka_client_new(RD_KAFKA_PRODUCER, conf, client, err) || error_add(err, "kafka");
}

/* Takes the error over; NULL is success. */
static bool
check(rd_kafka_error_t *error, Error *err)
{
	if (error == NULL)
		return true;
	error_set(err, kafka_kind(rd_kafka_error_code(error)), "%s", rd_kafka_error_string(error));
	rd_kafka_error_destroy(error);
	return false;
}

static bool
write_record(rd_kafka_t *client, const PositionWrite *write, const char *key, Error *err)
{
	AUTO_TEXT char *value = write->position == NULL ? NULL : position_to_json(write->position);
	size_t length = value == NULL ? 0 : strlen(value);
	rd_kafka_resp_err_t code;
	int partitions;
	bool exists;

	if (!kafka_partitions(client, write->topic, write->timeout_ms, &exists, &partitions, err))
		return false;
	if (!exists)
		return write->position == NULL ||
			   error_set(err, ERROR_RETRY, "the topic does not exist yet");
	/* Also ends the transaction of a copy that was killed, which readers would wait for. */
	if (!check(rd_kafka_init_transactions(client, write->timeout_ms), err) ||
		!check(rd_kafka_begin_transaction(client), err))
		return false;
	code = rd_kafka_producev(client, RD_KAFKA_V_TOPIC(write->topic),
							 RD_KAFKA_V_PARTITION(murmur2_partition(slice_text(key), partitions)),
							 RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
							 RD_KAFKA_V_KEY(key, strlen(key)), RD_KAFKA_V_VALUE(value, length),
							 RD_KAFKA_V_END);
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return error_set(err, kafka_kind(code), "%s", rd_kafka_err2str(code));
	return check(rd_kafka_commit_transaction(client, write->timeout_ms), err);
}

/* Whether a reader finds what was written. */
static bool
is_visible(const PositionWrite *write, const char *key, bool *visible, Error *err)
{
	StoredPosition found = {0};

	if (!position_read(write->worker, write->topic, key, write->timeout_ms, &found, err))
		return false;
	*visible = write->position == NULL ? found.state == POSITION_NONE
									   : found.state == write->position->state &&
											 found.source == write->position->source &&
											 found.lsn == write->position->lsn;
	stored_position_done(&found);
	return true;
}

bool
position_write(const PositionWrite *write, Error *err)
{
	AUTO_TEXT char *key = position_key(write->connector, write->slot);
	AUTO(rd_kafka_t) *client = NULL;
	int64_t deadline_ms = loop_now_ms() + write->timeout_ms;
	bool visible;

	if (!writer_new(write->worker, write->connector, &client, err) ||
		!write_record(client, write, key, err))
		return error_add(err, "offsets topic \"%s\"", write->topic);
	for (;;)
	{
		if (!is_visible(write, key, &visible, err))
			return false;
		if (visible)
			return true;
		if (loop_now_ms() >= deadline_ms)
			return error_set(err, ERROR_RETRY,
							 "offsets topic \"%s\": the position is written, but another "
							 "connector's unfinished Kafka transaction stands before it; it is "
							 "over within its transaction.timeout.ms",
							 write->topic);
		poll(NULL, 0, VISIBLE_POLL_MS);
	}
}

uint64_t
position_new_source(void)
{
	uint64_t source;

	/* Up to 256 bytes come whole once the kernel's generator is ready, and this waits for it. */
	if (getrandom(&source, sizeof source, 0) != (ssize_t) sizeof source)
		abort();
	return source;
}

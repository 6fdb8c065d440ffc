/*
 * tests/unit/relay_mock.c - see relay_mock.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay_mock.h"

#include "common/bytes.h"
#include "core/memory.h"

#include <string.h>

#define FLUSH_MS	10000
#define HELD_MAX	16
#define COMMIT_TIME INT64_C(1700000000123456)

/* ---- the registry ---- */

static struct
{
	bool hold;
	size_t count;
	RegistryRegistered *done[HELD_MAX];
	void *context[HELD_MAX];
	int32_t id[HELD_MAX];
} held;

bool
registry_new(Loop *loop, const RegistryOptions *options, Registry **registry, Error *err)
{
	(void) loop;
	(void) options;
	(void) err;
	*registry = NULL;
	return true;
}

void
registry_free(Registry *registry)
{
	(void) registry;
	held.count = 0;
	held.hold = false;
}

void
registry_abandon(Registry *registry)
{
	registry_free(registry);
}

bool
registry_waiting(const Registry *registry, int64_t *since_ms)
{
	(void) registry;
	(void) since_ms;
	return held.hold;
}

void
registry_register(Registry *registry, const char *subject, const char *schema,
				  RegistryRegistered *done, void *context)
{
	size_t len = strlen(subject);
	int32_t id = len > 4 && strcmp(subject + len - 4, "-key") == 0 ? KEY_ID : VALUE_ID;

	(void) registry;
	(void) schema;
	if (!held.hold)
	{
		done(context, id, NULL);
		return;
	}
	assert_true(held.count < HELD_MAX);
	held.done[held.count] = done;
	held.context[held.count] = context;
	held.id[held.count++] = id;
}

void
registry_lookup(Registry *registry, const char *subject, const char *schema,
				RegistryRegistered *done, void *context)
{
	registry_register(registry, subject, schema, done, context);
}

void
registry_latest(Registry *registry, const char *subject, RegistryLatest *done, void *context)
{
	(void) registry;
	(void) subject;
	done(context, LATEST_ID, LATEST_SCHEMA, NULL);
}

void
registry_fetch(Registry *registry, int32_t id, RegistryFetched *done, void *context)
{
	(void) registry;
	(void) id;
	done(context, LATEST_SCHEMA, NULL);
}

void
mock_registry_hold(bool hold)
{
	held.hold = hold;
}

void
mock_registry_release(void)
{
	for (size_t i = 0; i < held.count; i++)
		held.done[i](held.context[i], held.id[i], NULL);
	held.count = 0;
	held.hold = false;
}

/* ---- the cluster ---- */

Mock *
mock_new(void (*configure)(Mock *mock))
{
	static char prefix[] = "p_";
	static char directory[] = "/tmp";
	static char *no_config[] = {NULL};
	static CreationGroup group = {.partitions = -1, .replication_factor = -1, .config = no_config};
	Mock *mock = xcalloc(1, sizeof *mock);
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char problem[256];
	Error err = {0};

	rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
	mock->host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, problem, sizeof problem);
	mock->cluster = rd_kafka_mock_cluster_new(mock->host, 1);
	rd_kafka_mock_topic_create(mock->cluster, "p_t", 3, 1);
	rd_kafka_mock_topic_create(mock->cluster, "p_one", 1, 1);
	mock->worker = properties_new();
	mock->connector = properties_new();
	properties_set(mock->worker, "bootstrap.servers",
				   rd_kafka_mock_cluster_bootstraps(mock->cluster));
	properties_set(mock->connector, "producer.override.linger.ms", "0");
	mock->loop = loop_new();
	mock->options = (RelayOptions){.topic_prefix = prefix,
								   .tombstones = true,
								   .creation = {.groups = &group, .count = 1},
								   .create_topics = true,
								   .stream_memory_bytes = 1 << 20,
								   .stream_directory = directory};
	buffer_init(&mock->frame, 64 << 20);
	if (configure != NULL)
		configure(mock);
	mock->position.source = SOURCE;
	AUTO_TEXT char *keys = shape_of(&mock->options);

	eras_add(&mock->position.eras, 0, mock->options.tombstones, keys);
	const Setting setting = {.loop = mock->loop,
							 .options = &mock->options,
							 .worker = mock->worker,
							 .connector = mock->connector,
							 .registries = &mock->registries};

	if (!pipeline_open(&mock->pipeline, &setting, &mock->position, ledger_new(1, 1000), NULL,
					   TOPIC_TIMEOUT_MS, &err))
		fail_msg("%s", err.message);
	return mock;
}

static void
found_free(Mock *mock)
{
	for (size_t i = 0; i < mock->count; i++)
	{
		free(mock->found[i].key);
		free(mock->found[i].value);
		free(mock->found[i].headers);
	}
	free(mock->found);
	mock->found = NULL;
	mock->count = 0;
}

void
mock_free(Mock *mock)
{
	found_free(mock);
	pipeline_close(&mock->pipeline);
	stored_position_done(&mock->position);
	loop_free(mock->loop);
	buffer_done(&mock->frame);
	properties_free(mock->worker);
	properties_free(mock->connector);
	rd_kafka_mock_cluster_destroy(mock->cluster);
	rd_kafka_destroy(mock->host);
	free(mock);
}

/* ---- frames ---- */

static void
put_u32(Mock *mock, uint32_t value)
{
	uint8_t bytes[4];

	put_be32(bytes, value);
	buffer_append(&mock->frame, bytes, sizeof bytes);
}

static void
put_u64(Mock *mock, uint64_t value)
{
	uint8_t bytes[8];

	put_be64(bytes, value);
	buffer_append(&mock->frame, bytes, sizeof bytes);
}

static size_t
put_type(Mock *mock, MessageType type)
{
	uint8_t byte = (uint8_t) type;

	buffer_append(&mock->frame, &byte, 1);
	put_u32(mock, 0);
	return mock->frame.len;
}

/* Writes the length of the body that began at start. */
static void
put_end(Mock *mock, size_t start)
{
	put_be32(mock->frame.data + start - 4, (uint32_t) (mock->frame.len - start));
}

static void
put_text(Mock *mock, const char *text)
{
	put_u32(mock, (uint32_t) strlen(text));
	buffer_append_text(&mock->frame, text);
}

/* A key or value, with room for the schema id. */
static void
put_framed(Mock *mock, const char *text)
{
	static const uint8_t room[5];

	if (text == NULL)
	{
		put_u32(mock, WIRE_ABSENT);
		return;
	}
	if (strcmp(text, UNKNOWN_KEY) == 0)
	{
		put_u32(mock, 0);
		return;
	}
	put_u32(mock, (uint32_t) (sizeof room + strlen(text)));
	buffer_append(&mock->frame, room, sizeof room);
	buffer_append_text(&mock->frame, text);
}

/* Of the one row. */
static void
put_notes(Mock *mock, const char **notes)
{
	if (*notes == NULL)
		put_u32(mock, WIRE_ABSENT);
	else
		put_text(mock, *notes);
	*notes = NULL;
}

void
put_relation(Mock *mock, uint32_t number, const char *table, bool has_key)
{
	put_relation_of(mock, number, table, has_key ? "\"string\"" : NULL, "\"string\"");
}

void
put_relation_of(Mock *mock, uint32_t number, const char *table, const char *key_schema,
				const char *value_schema)
{
	size_t start = put_type(mock, MESSAGE_RELATION);

	put_u32(mock, number);
	put_u32(mock, 16384 + number);
	put_text(mock, "public");
	put_text(mock, table);
	if (key_schema != NULL)
		put_text(mock, key_schema);
	else
		put_u32(mock, WIRE_ABSENT);
	put_text(mock, value_schema);
	put_end(mock, start);
}

static void
put_lsns(Mock *mock, uint64_t commit_lsn)
{
	put_u64(mock, commit_lsn);
	put_u64(mock, commit_lsn + 1);
	put_u64(mock, COMMIT_TIME);
}

void
put_begin(Mock *mock, uint32_t xid, uint64_t commit_lsn)
{
	size_t start = put_type(mock, MESSAGE_BEGIN);

	put_lsns(mock, commit_lsn);
	put_u32(mock, xid);
	put_end(mock, start);
}

void
put_commit(Mock *mock, uint32_t xid, uint64_t commit_lsn)
{
	size_t start = put_type(mock, MESSAGE_COMMIT);

	put_lsns(mock, commit_lsn);
	put_u32(mock, xid);
	put_end(mock, start);
}

void
put_insert(Mock *mock, uint32_t number, uint32_t xid, const char *key, const char *value)
{
	size_t start = put_type(mock, MESSAGE_INSERT);

	put_u32(mock, number);
	put_u32(mock, xid);
	put_u64(mock, 0); /* lsn */
	put_framed(mock, key);
	put_framed(mock, value);
	put_notes(mock, &mock->notes);
	put_end(mock, start);
}

void
put_update(Mock *mock, uint32_t number, uint32_t xid, const char *old_key, const char *key,
		   const char *value)
{
	size_t start = put_type(mock, MESSAGE_UPDATE);

	put_u32(mock, number);
	put_u32(mock, xid);
	put_u64(mock, 0); /* lsn */
	put_framed(mock, old_key);
	put_framed(mock, key);
	put_framed(mock, value);
	put_notes(mock, &mock->notes);
	put_framed(mock, mock->before);
	mock->before = NULL;
	put_notes(mock, &mock->before_notes);
	put_end(mock, start);
}

void
put_delete(Mock *mock, uint32_t number, uint32_t xid, const char *key)
{
	size_t start = put_type(mock, MESSAGE_DELETE);

	put_u32(mock, number);
	put_u32(mock, xid);
	put_u64(mock, 0); /* lsn */
	put_framed(mock, key);
	put_framed(mock, mock->before);
	mock->before = NULL;
	put_notes(mock, &mock->before_notes);
	put_end(mock, start);
}

void
put_truncate(Mock *mock, uint32_t number, uint8_t flags)
{
	size_t start = put_type(mock, MESSAGE_TRUNCATE);

	put_u32(mock, number);
	put_u32(mock, 0);
	put_u64(mock, 0); /* lsn */
	buffer_append(&mock->frame, &flags, 1);
	put_end(mock, start);
}

void
put_stream_start(Mock *mock, uint32_t xid)
{
	size_t start = put_type(mock, MESSAGE_STREAM_START);

	put_u32(mock, xid);
	put_end(mock, start);
}

void
put_stream_stop(Mock *mock)
{
	put_end(mock, put_type(mock, MESSAGE_STREAM_STOP));
}

void
put_stream_commit(Mock *mock, uint32_t xid, uint64_t commit_lsn)
{
	size_t start = put_type(mock, MESSAGE_STREAM_COMMIT);

	put_u32(mock, xid);
	put_lsns(mock, commit_lsn);
	put_end(mock, start);
}

void
put_stream_abort(Mock *mock, uint32_t xid, uint32_t subxid)
{
	size_t start = put_type(mock, MESSAGE_STREAM_ABORT);

	put_u32(mock, xid);
	put_u32(mock, subxid);
	put_end(mock, start);
}

/* ---- feeding and reading ---- */

Flow
mock_feed(Mock *mock, Error *err)
{
	int64_t deadline = loop_now_ms() + FLUSH_MS;
	Flow flow;

	if (mock->frame.len > 0)
		feed_frame(mock->pipeline.feed, buffer_slice(&mock->frame));
	do
	{
		flow = feed_continue(mock->pipeline.feed, err);
		if (feed_routing_new(mock->pipeline.feed))
		{
			feed_routing_stored(mock->pipeline.feed);
			continue;
		}
		if (flow != FLOW_BLOCKED || ledger_pending(mock->pipeline.ledger) == 0)
			break;
		loop_once(mock->loop, 100);
		if (!pipeline_check(&mock->pipeline, err))
			flow = FLOW_FAILED;
	} while (flow != FLOW_FAILED && loop_now_ms() < deadline);
	if (flow == FLOW_ON)
		buffer_clear(&mock->frame);
	return flow;
}

void
mock_feed_all(Mock *mock)
{
	Error err = {0};

	if (mock_feed(mock, &err) != FLOW_ON)
		fail_msg("the frame is not done: %s", err.message);
}

void
mock_flush(Mock *mock)
{
	int64_t deadline = loop_now_ms() + FLUSH_MS;
	Error err = {0};

	while (ledger_pending(mock->pipeline.ledger) > 0)
	{
		assert_true(loop_now_ms() < deadline);
		loop_once(mock->loop, 100);
		if (!pipeline_check(&mock->pipeline, &err))
			fail_msg("%s", err.message);
	}
}

/* What stands behind the framing, which must have this id; a text without framing as it is. */
static char *
unframed(const void *data, size_t len, uint32_t id)
{
	if (data == NULL)
		return NULL;
	if (len > 0 && ((const uint8_t *) data)[0] != 0)
		return xstrndup(data, len);
	assert_true(len >= 5);
	assert_int_equal(get_be32((const uint8_t *) data + 1), id);
	return xstrndup((const char *) data + 5, len - 5);
}

static void
take_headers(const rd_kafka_message_t *message, Found *found)
{
	rd_kafka_headers_t *headers;
	Buffer text;
	const char *name;
	const void *value;
	size_t size;

	buffer_init(&text, 10000);
	if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
		headers = NULL;
	for (size_t i = 0;
		 headers != NULL &&
		 rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
		 i++)
	{
		if (strcmp(name, POSITION_HEADER) == 0)
			found->positioned = position_get((Slice){value, size}, &found->position);
		else
		{
			AUTO_TEXT char *plain = strcmp(name, "wal2avro.before") == 0
										? unframed(value, size, VALUE_ID)
										: xstrndup(value, size);

			buffer_printf(&text, "%s%s=%s", text.len > 0 ? "," : "", name, plain);
		}
	}
	found->headers = xstrdup(buffer_text(&text));
	buffer_done(&text);
}

static bool
visit(void *context, const rd_kafka_message_t *message, Error *err)
{
	Mock *mock = context;
	Found *found;

	(void) err;
	mock->found = xrealloc(mock->found, (mock->count + 1) * sizeof *mock->found);
	found = &mock->found[mock->count++];
	*found = (Found){.partition = message->partition,
					 .offset = message->offset,
					 .timestamp_ms = rd_kafka_message_timestamp(message, NULL),
					 .key = unframed(message->key, message->key_len, KEY_ID),
					 .value = unframed(message->payload, message->len, VALUE_ID)};
	take_headers(message, found);
	return true;
}

static int
compare(const void *a, const void *b)
{
	const Found *x = a;
	const Found *y = b;

	if (x->partition != y->partition)
		return x->partition < y->partition ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

void
mock_read(Mock *mock, const char *topic)
{
	Error err = {0};

	mock_flush(mock);
	found_free(mock);
	if (!kafka_read_all(mock->worker, topic, FLUSH_MS, visit, mock, &err))
		fail_msg("%s", err.message);
	if (mock->count > 0)
		qsort(mock->found, mock->count, sizeof *mock->found, compare);
}

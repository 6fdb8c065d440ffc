/*
 * tests/unit/sink_envelope_test.c - Debezium's envelopes are opened and nothing else is; keys that
 * are no Avro become Avro; topics are matched by their whole names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/avro.h"
#include "sink/envelope.h"
#include "sink/recordkey.h"
#include "sink/subscription.h"
#include "sink/walk.h"

#include <stdlib.h>
#include <string.h>

#define ROW                                                                                        \
	"{\"type\":\"record\",\"name\":\"Value\",\"fields\":[{\"name\":\"id\",\"type\":\"int\"}]}"

#define ENVELOPE(name)                                                                             \
	"{\"type\":\"record\",\"name\":\"" name "\",\"namespace\":\"srv.public.t\",\"fields\":["       \
	"{\"name\":\"before\",\"type\":[\"null\"," ROW "],\"default\":null},"                          \
	"{\"name\":\"after\",\"type\":[\"null\",\"Value\"],\"default\":null},"                         \
	"{\"name\":\"op\",\"type\":\"string\"}]}"

static Schema *
parsed(const char *text)
{
	Schema *schema;
	Error err;

	if (!schema_parse(text, &schema, &err))
		fail_msg("%s", err.message);
	return schema;
}

static void
test_recognised(void **state)
{
	static const struct
	{
		const char *schema;
		bool is;
	} cases[] = {
		{ENVELOPE("Envelope"), true},
		{ENVELOPE("NoEnvelope"), false},
		{ROW, false},
		{"\"string\"", false},
		{"{\"type\":\"record\",\"name\":\"Envelope\",\"fields\":[{\"name\":\"op\",\"type\":"
		 "\"string\"}]}",
		 false},
		{"{\"type\":\"record\",\"name\":\"Envelope\",\"fields\":[{\"name\":\"op\",\"type\":"
		 "\"int\"},{\"name\":\"after\",\"type\":[\"null\"," ROW "]}]}",
		 false},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Schema *schema = parsed(cases[i].schema);
		Envelope envelope;

		envelope_init(&envelope, schema);
		if ((envelope.row != NULL) != cases[i].is)
			fail_msg("%s", cases[i].schema);
		envelope_done(&envelope);
		schema_free(schema);
	}
}

static void
test_opened(void **state)
{
	/* before null, after {21}, op "u"; before {21}, after null, op "d"; broken ones. */
	static const uint8_t update[] = {0, 2, 42, 2, 'u'};
	static const uint8_t delete[] = {2, 42, 0, 2, 'd'};
	static const uint8_t truncated[] = {0, 2};
	static const uint8_t longer[] = {0, 2, 42, 2, 'u', 0};
	static const uint8_t two[] = {0, 2, 42, 4, 'u', 'u'};
	Schema *schema = parsed(ENVELOPE("Envelope"));
	Envelope envelope;
	const char *where;
	Slice after;
	Slice before;
	char op;

	(void) state;
	envelope_init(&envelope, schema);
	assert_null(
		envelope_open(&envelope, (Slice){update, sizeof update}, &op, &after, &before, &where));
	assert_int_equal(op, 'u');
	assert_ptr_equal(after.data, update + 2);
	assert_int_equal(after.len, 1);
	assert_null(
		envelope_open(&envelope, (Slice){delete, sizeof delete}, &op, &after, &before, &where));
	assert_int_equal(op, 'd');
	assert_null(after.data);
	assert_non_null(envelope_open(&envelope, (Slice){truncated, sizeof truncated}, &op, &after,
								  &before, &where));
	assert_string_equal(where, "after");
	assert_non_null(
		envelope_open(&envelope, (Slice){longer, sizeof longer}, &op, &after, &before, &where));
	assert_null(where);
	assert_non_null(
		envelope_open(&envelope, (Slice){two, sizeof two}, &op, &after, &before, &where));
	assert_string_equal(where, "op");
	envelope_done(&envelope);
	schema_free(schema);
}

/* A field that is the placeholder is left unchanged; one that only has it in it is for nobody. */
static void
test_placeholder(void **state)
{
#define PLACEHOLDER "\x38__debezium_unavailable_value"
	static const char both[] = "\x02" PLACEHOLDER PLACEHOLDER "\x00";
	static const char longer[] = "\x02\x3a__debezium_unavailable_value!" PLACEHOLDER "\x00";
	static const char item[] = "\x00\x00\x02" PLACEHOLDER "\x00";
	static const char malformed[] = "\x02" PLACEHOLDER PLACEHOLDER "\x03";
	static const char none[] = "\x00\x02x\x00";
	Schema *schema = parsed(
		"{\"type\":\"record\",\"name\":\"t\",\"fields\":[{\"name\":\"a\",\"type\":[\"null\","
		"\"string\"]},{\"name\":\"b\",\"type\":\"bytes\"},{\"name\":\"l\",\"type\":{\"type\":"
		"\"array\",\"items\":\"string\"}}]}");
	Notes notes = {0};
	Slice fields[3];

	(void) state;
#define FIND(text)                                                                                 \
	(notes_read(&notes, SLICE_ABSENT),                                                             \
	 envelope_find_placeholders(schema, (Slice){(const uint8_t *) text, sizeof text - 1}, fields,  \
								&notes))
	assert_true(FIND(both));
	assert_int_equal(notes.count, 2);
	assert_int_equal(notes.items[0].start, 0);
	assert_int_equal(notes.items[0].len, 30);
	assert_int_equal(notes.items[1].start, 30);
	assert_int_equal(notes.items[1].index, 1);
	assert_true(FIND(longer));
	assert_int_equal(notes.count, 1);
	assert_false(FIND(item));
	assert_true(FIND(malformed));
	assert_int_equal(notes.count, 0);
	assert_true(FIND(none));
	assert_false(notes.unchanged);
	notes_done(&notes);
	schema_free(schema);
}

static void
test_kafka_key(void **state)
{
	char *names[] = {"a topic", "part\"ition", "o"};
	const Settings settings = {.key_form = KEYS_KAFKA, .pk_fields = {names, 3}};
	Schema *schema = recordkey_schema(&settings);
	Slice fields[3];
	Slice text;
	int64_t number;
	Buffer key;
	size_t bad;

	(void) state;
	buffer_init(&key, 1 << 10);
	assert_int_equal(schema->count, 3);
	assert_string_equal(schema->fields[0].column, "a topic");
	assert_string_equal(schema->fields[1].column, "part\"ition");
	assert_true(recordkey_kafka(&key, "t", 300, INT64_C(1) << 40));
	assert_null(walk_record(schema, buffer_slice(&key), fields, &bad));
	assert_true(avro_get_bytes(&fields[0], &text) && slice_equal(text, slice_text("t")));
	assert_true(avro_get_long(&fields[1], &number) && number == 300);
	assert_true(avro_get_long(&fields[2], &number) && number == INT64_C(1) << 40);
	buffer_done(&key);
	schema_free(schema);
}

static void
test_text_key(void **state)
{
	char *names[] = {"k"};
	const Settings settings = {.key_form = KEYS_TEXT, .pk_fields = {names, 1}};
	const Settings avro = {.key_form = KEYS_AVRO};
	Schema *schema = recordkey_schema(&settings);
	Slice text;
	Slice in;
	Buffer key;

	(void) state;
	buffer_init(&key, 1 << 10);
	assert_int_equal(schema->type, SCHEMA_STRING);
	assert_true(recordkey_text(&key, slice_text("some text")));
	in = buffer_slice(&key);
	assert_true(avro_get_bytes(&in, &text) && slice_equal(text, slice_text("some text")));
	assert_int_equal(in.len, 0);
	/* The former key goes. */
	assert_true(recordkey_text(&key, slice_text("")));
	assert_int_equal(key.len, 1);
	assert_null(recordkey_schema(&avro));
	buffer_done(&key);
	schema_free(schema);
}

static void
test_topics(void **state)
{
	struct rd_kafka_metadata_topic topics[] = {
		{.topic = "b1"},
		{.topic = "a1"},
		{.topic = "a1x"},
		{.topic = "__consumer_offsets"},
		{.topic = "a2", .err = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED}};
	const struct rd_kafka_metadata metadata = {.topic_cnt = COUNT(topics), .topics = topics};
	rd_kafka_topic_partition_list_t *found;
	Regex *regex;
	Error err;

	(void) state;
	assert_true(regex_new("[ab]\\d|__.*", &regex, &err));
	found = subscription_matches(regex, &metadata);
	assert_int_equal(found->cnt, 2);
	assert_string_equal(found->elems[0].topic, "a1");
	assert_string_equal(found->elems[1].topic, "b1");
	rd_kafka_topic_partition_list_destroy(found);
	regex_free(regex);
}

static void
test_refresh(void **state)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char problem[100];

	(void) state;
	assert_int_equal(subscription_refresh_ms(conf), SUBSCRIPTION_REFRESH_MS);
	rd_kafka_conf_set(conf, "metadata.max.age.ms", "5000", problem, sizeof problem);
	assert_int_equal(subscription_refresh_ms(conf), 5000);
	rd_kafka_conf_destroy(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recognised),	cmocka_unit_test(test_opened),
		cmocka_unit_test(test_placeholder), cmocka_unit_test(test_kafka_key),
		cmocka_unit_test(test_text_key),	cmocka_unit_test(test_topics),
		cmocka_unit_test(test_refresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

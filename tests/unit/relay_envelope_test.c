/*
 * tests/unit/relay_envelope_test.c - envelopes and records of transactions, with avro-c as the
 * reader.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/envelope.h"
#include "relay/transactions.h"

#include "common/avro.h"
#include "core/memory.h"
#include "test.h"

#include <avro.h>
#include <jansson.h>
#include <string.h>

#define ROW_SCHEMA                                                                                 \
	"{\"type\":\"record\",\"name\":\"Value\",\"namespace\":\"p.public.t\",\"fields\":["            \
	"{\"name\":\"id\",\"type\":\"int\"},"                                                          \
	"{\"name\":\"num\",\"type\":[\"null\",\"string\"],\"default\":null}],"                         \
	"\"connect.name\":\"p.public.t.Value\"}"

/* What avro-c reads, as JSON; all bytes behind the framing must be read. */
static json_t *
read_back(const char *schema_text, const Buffer *bytes)
{
	avro_schema_t schema;
	avro_value_iface_t *interface;
	avro_value_t value;
	avro_reader_t reader;
	char *text = NULL;
	json_t *json;

	assert_true(bytes->len > CONFLUENT_HEADER);
	assert_memory_equal(bytes->data, "\0\0\0\0\0", CONFLUENT_HEADER);
	assert_int_equal(avro_schema_from_json_length(schema_text, strlen(schema_text), &schema), 0);
	interface = avro_generic_class_from_schema(schema);
	assert_int_equal(avro_generic_value_new(interface, &value), 0);
	reader = avro_reader_memory((const char *) bytes->data + CONFLUENT_HEADER,
								(int64_t) (bytes->len - CONFLUENT_HEADER));
	assert_int_equal(avro_value_read(reader, &value), 0);
	/* Nothing is left. */
	assert_int_not_equal(avro_skip(reader, 1), 0);
	assert_int_equal(avro_value_to_json(&value, 1, &text), 0);
	json = json_loads(text, 0, NULL);
	assert_non_null(json);
	free(text);
	avro_reader_free(reader);
	avro_value_decref(&value);
	avro_value_iface_decref(interface);
	avro_schema_decref(schema);
	return json;
}

static void
assert_json(json_t *found, const char *expected)
{
	json_t *wanted = json_loads(expected, 0, NULL);
	AUTO_TEXT char *text = json_dumps(found, JSON_COMPACT);

	assert_non_null(wanted);
	if (!json_equal(found, wanted))
		fail_msg("%s\nis not\n%s", text, expected);
	json_decref(wanted);
	json_decref(found);
}

static json_t *
envelope_of(const EnvelopeEvent *event)
{
	AUTO(Buffer) *bytes = &(Buffer){.max = SIZE_MAX};
	AUTO_TEXT char *schema = NULL;
	Error err;

	assert_true(envelope_schema(slice_text(ROW_SCHEMA), &schema, &err));
	assert_true(envelope_write(event, bytes));
	return read_back(schema, bytes);
}

#define ROW(text) ((Slice){(const uint8_t *) (text), sizeof(text) - 1})

static const EnvelopeOrigin origin = {.name = "p", .database = "shop"};

static const EnvelopeEvent update = {
	.op = 'u',
	.before = ROW("\0\0\0\0\0\2\0"),
	.after = ROW("\0\0\0\0\0\2\2\4ab"),
	.origin = &origin,
	.schema = "public",
	.table = "t",
	.commit_time = 1700000000123456,
	.xid = 4294967295,
	.lsn = 26572408,
	.last_commit_lsn = 26572280,
	.now_ns = 1700000001000000007,
};

#define SOURCE_TIMES                                                                               \
	"\"ts_ms\":1700000000123,\"ts_us\":{\"long\":1700000000123456},"                               \
	"\"ts_ns\":{\"long\":1700000000123456000},"
#define NOW                                                                                        \
	"\"ts_ms\":{\"long\":1700000001000},\"ts_us\":{\"long\":1700000001000000},"                    \
	"\"ts_ns\":{\"long\":1700000001000000007}"
#define SOURCE_HEAD                                                                                \
	"\"version\":\"" WAL2AVRO_VERSION "\",\"connector\":\"postgresql\",\"name\":\"p\","            \
	"\"db\":\"shop\",\"schema\":\"public\",\"table\":\"t\"," SOURCE_TIMES

static void
an_update_has_both_rows(void **state)
{
	(void) state;
	assert_json(envelope_of(&update),
				"{\"before\":{\"Value\":{\"id\":1,\"num\":null}},"
				"\"after\":{\"Value\":{\"id\":1,\"num\":{\"string\":\"ab\"}}},"
				"\"source\":{" SOURCE_HEAD "\"snapshot\":{\"string\":\"false\"},"
				"\"sequence\":{\"string\":\"[\\\"26572280\\\",\\\"26572408\\\"]\"},"
				"\"txId\":{\"long\":4294967295},\"lsn\":{\"long\":26572408},"
				"\"xmin\":null,\"origin\":null,\"origin_lsn\":null},"
				"\"transaction\":null,\"op\":\"u\"," NOW "}");
}

static void
a_delete_in_a_transaction_has_its_place(void **state)
{
	static const EnvelopeOrder order = {.total = 5, .collection = 2};
	EnvelopeEvent event = update;

	(void) state;
	event.op = 'd';
	event.after = SLICE_ABSENT;
	event.order = &order;
	assert_json(envelope_of(&event),
				"{\"before\":{\"Value\":{\"id\":1,\"num\":null}},\"after\":null,"
				"\"source\":{" SOURCE_HEAD "\"snapshot\":{\"string\":\"false\"},"
				"\"sequence\":{\"string\":\"[\\\"26572280\\\",\\\"26572408\\\"]\"},"
				"\"txId\":{\"long\":4294967295},\"lsn\":{\"long\":26572408},"
				"\"xmin\":null,\"origin\":null,\"origin_lsn\":null},"
				"\"transaction\":{\"block\":{\"id\":\"4294967295:26572408\",\"total_order\":5,"
				"\"data_collection_order\":2}},\"op\":\"d\"," NOW "}");
}

static void
a_copied_row_has_no_transaction(void **state)
{
	static const char *const marks[] = {
		[ENVELOPE_FIRST] = "first", [ENVELOPE_FIRST_OF_TABLE] = "first_in_data_collection",
		[ENVELOPE_COPIED] = "true", [ENVELOPE_LAST_OF_TABLE] = "last_in_data_collection",
		[ENVELOPE_LAST] = "last",
	};
	EnvelopeEvent event = update;

	(void) state;
	event.op = 'r';
	event.before = SLICE_ABSENT;
	event.xid = 0;
	event.last_commit_lsn = 0;
	for (EnvelopeSnapshot mark = ENVELOPE_FIRST; mark <= ENVELOPE_LAST; mark++)
	{
		AUTO_TEXT char *expected =
			xasprintf("{\"before\":null,"
					  "\"after\":{\"Value\":{\"id\":1,\"num\":{\"string\":\"ab\"}}},"
					  "\"source\":{" SOURCE_HEAD "\"snapshot\":{\"string\":\"%s\"},"
					  "\"sequence\":{\"string\":\"[null,\\\"26572408\\\"]\"},"
					  "\"txId\":null,\"lsn\":{\"long\":26572408},"
					  "\"xmin\":null,\"origin\":null,\"origin_lsn\":null},"
					  "\"transaction\":null,\"op\":\"r\"," NOW "}",
					  marks[mark]);

		event.snapshot = mark;
		assert_json(envelope_of(&event), expected);
	}
}

static void
the_schema_names_the_row_once(void **state)
{
	AUTO_TEXT char *schema = NULL;
	Error err;
	json_t *root;

	(void) state;
	assert_true(envelope_schema(slice_text(ROW_SCHEMA), &schema, &err));
	assert_non_null(
		strstr(schema, "{\"type\":\"record\",\"name\":\"Envelope\",\"namespace\":\"p.public.t\","
					   "\"fields\":[{\"name\":\"before\",\"type\":[\"null\",{\"type\":\"record\","
					   "\"name\":\"Value\",\"fields\":[{\"name\":\"id\","));
	assert_non_null(strstr(schema, "{\"name\":\"after\",\"type\":[\"null\",\"Value\"]"));
	assert_non_null(strstr(schema, "\"connect.version\":2,"
								   "\"connect.name\":\"p.public.t.Envelope\"}"));
	root = json_loads(schema, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	json_decref(root);
}

static void
defaults_may_have_zeros(void **state)
{
	static const char row[] =
		"{\"type\":\"record\",\"name\":\"Value\",\"fields\":[{\"name\":\"n\",\"type\":\"bytes\","
		"\"default\":\"\\u0000\"}]}";
	AUTO_TEXT char *schema = NULL;
	Error err;

	(void) state;
	assert_true(envelope_schema(slice_text(row), &schema, &err));
	assert_non_null(strstr(schema, row));
}

static void
what_is_no_record_has_no_envelope(void **state)
{
	static const char *const wrong[] = {"\"string\"", "{}", "{\"type\":\"enum\",\"name\":\"a\"}",
										"nothing"};
	Error err;

	(void) state;
	for (size_t i = 0; i < COUNT(wrong); i++)
	{
		char *schema = NULL;

		assert_false(envelope_schema(slice_text(wrong[i]), &schema, &err));
		assert_int_equal(err.kind, ERROR_DATA);
		assert_null(schema);
	}
}

/* ---- transactions */

static void
assert_place(const Transactions *transactions, const char *table, uint64_t total,
			 uint64_t collection)
{
	EnvelopeOrder order = transactions_next(transactions, table);

	assert_int_equal(order.total, total);
	assert_int_equal(order.collection, collection);
}

static void
events_are_counted_by_table(void **state)
{
	Transactions *transactions = transactions_new();

	(void) state;
	for (uint32_t xid = 7; xid < 9; xid++)
	{
		transactions_begin(transactions, xid, 200, 5000000);
		assert_int_equal(transactions_events(transactions), 0);
		assert_place(transactions, "s.b", 1, 1);
		transactions_count(transactions, "s.b");
		assert_place(transactions, "s.a", 2, 1);
		/* It was not sent: the same again. */
		assert_place(transactions, "s.a", 2, 1);
		transactions_count(transactions, "s.a");
		assert_place(transactions, "s.b", 3, 2);
		transactions_count(transactions, "s.b");
		assert_int_equal(transactions_events(transactions), 3);
	}
	transactions_free(transactions);
}

static void
a_transaction_has_a_begin_and_an_end(void **state)
{
	Transactions *transactions = transactions_new();
	AUTO_TEXT char *key_schema = transactions_key_schema();
	AUTO_TEXT char *value_schema = transactions_value_schema();
	AUTO(Buffer) *key = &(Buffer){.max = SIZE_MAX};
	AUTO(Buffer) *value = &(Buffer){.max = SIZE_MAX};

	(void) state;
	transactions_begin(transactions, 735, 26573056, 1795390994968378);
	transactions_write_begin(transactions, 26572280, key, value);
	assert_json(read_back(key_schema, key), "{\"id\":\"735:26572280\"}");
	assert_json(read_back(value_schema, value),
				"{\"status\":\"BEGIN\",\"id\":\"735:26572280\",\"event_count\":null,"
				"\"data_collections\":null,\"ts_ms\":1795390994968}");
	transactions_count(transactions, "s.b");
	transactions_count(transactions, "s.a");
	transactions_count(transactions, "s.b");
	buffer_clear(key);
	buffer_clear(value);
	transactions_write_end(transactions, key, value);
	assert_json(read_back(key_schema, key), "{\"id\":\"735:26573056\"}");
	assert_json(read_back(value_schema, value),
				"{\"status\":\"END\",\"id\":\"735:26573056\",\"event_count\":{\"long\":3},"
				"\"data_collections\":{\"array\":["
				"{\"collection\":{\"data_collection\":\"s.b\",\"event_count\":2}},"
				"{\"collection\":{\"data_collection\":\"s.a\",\"event_count\":1}}]},"
				"\"ts_ms\":1795390994968}");
	transactions_free(transactions);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_update_has_both_rows),
		cmocka_unit_test(a_delete_in_a_transaction_has_its_place),
		cmocka_unit_test(a_copied_row_has_no_transaction),
		cmocka_unit_test(the_schema_names_the_row_once),
		cmocka_unit_test(defaults_may_have_zeros),
		cmocka_unit_test(what_is_no_record_has_no_envelope),
		cmocka_unit_test(events_are_counted_by_table),
		cmocka_unit_test(a_transaction_has_a_begin_and_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

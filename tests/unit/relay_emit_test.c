/*
 * tests/unit/relay_emit_test.c - what a row becomes in Kafka, as docs/wire.md, section 2, says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay_mock.h"

#include "common/murmur2.h"
#include "core/memory.h"

#include <string.h>

/* Where a key goes, with its framing. */
static int32_t
partition_of(const char *key, int32_t partitions)
{
	AUTO_TEXT char *framed = xasprintf("%c%c%c%c%c%s", 0, 0, 0, 0, KEY_ID, key);

	return murmur2_partition((Slice){(const uint8_t *) framed, 5 + strlen(key)}, partitions);
}

static void
assert_record(const Found *found, const char *key, const char *value, const char *headers)
{
	if (key == NULL)
		assert_null(found->key);
	else
		assert_string_equal(found->key, key);
	if (value == NULL)
		assert_null(found->value);
	else
		assert_string_equal(found->value, value);
	assert_string_equal(found->headers, headers);
}

static void
no_truncates(Mock *mock)
{
	mock->options.skipped = operation_bit(OPERATION_TRUNCATE);
}

static void
each_operation_has_its_record(void **state)
{
	Mock *mock = mock_new(no_truncates);

	(void) state;
	put_begin(mock, 7, 100);
	put_relation(mock, 1, "one", true);
	put_insert(mock, 1, 0, "a", "va");
	put_update(mock, 1, 0, NULL, "a", "vb");
	put_update(mock, 1, 0, "a", "b", "vc");
	put_delete(mock, 1, 0, "b");
	put_truncate(mock, 1, 0);
	put_commit(mock, 7, 100);
	mock_feed_all(mock);
	mock_read(mock, "p_one");
	assert_int_equal(mock->count, 5);
	assert_record(&mock->found[0], "a", "va", "");
	assert_record(&mock->found[1], "a", "vb", "op=u");
	assert_record(&mock->found[2], "a", NULL, "op=d");
	assert_record(&mock->found[3], "b", "vc", "op=u");
	assert_record(&mock->found[4], "b", NULL, "op=d");
	for (size_t i = 0; i < mock->count; i++)
	{
		assert_true(mock->found[i].timestamp_ms == 1700000000123);
		assert_int_equal(mock->found[i].positioned, i == 0);
	}
	assert_int_equal(ledger_flush_lsn(mock->pipeline.ledger), 101);
	mock_free(mock);
}

static void
the_first_record_of_a_transaction_in_a_partition_has_the_position(void **state)
{
	static const char *const keys[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
	Mock *mock = mock_new(NULL);
	size_t positioned = 0;

	(void) state;
	put_relation(mock, 1, "t", true);
	for (uint64_t lsn = 100; lsn < 400; lsn += 100)
	{
		put_begin(mock, 7, lsn);
		for (size_t i = 0; i < COUNT(keys); i++)
			put_insert(mock, 1, 0, keys[i], keys[i]);
		put_commit(mock, 7, lsn);
	}
	mock_feed_all(mock);
	mock_read(mock, "p_t");
	assert_int_equal(mock->count, 30);
	for (size_t i = 0; i < mock->count; i++)
	{
		const Found *found = &mock->found[i];
		bool first = i == 0 || found[-1].partition != found->partition ||
					 strcmp(found[-1].key, found->key) >= 0;

		assert_int_equal(found->partition, partition_of(found->key, 3));
		assert_int_equal(found->positioned, first);
		if (!first)
			continue;
		positioned++;
		assert_true(found->position.source == SOURCE);
		assert_int_equal(found->position.lane, 0);
		assert_int_equal(found->position.n, 0);
	}
	assert_int_equal(positioned, 9);
	assert_int_equal(mock->found[0].position.commit_lsn, 100);
	mock_free(mock);
}

static void
no_tombstones(Mock *mock)
{
	mock->options.tombstones = false;
}

static void
deletes_may_be_left_out(void **state)
{
	Mock *mock = mock_new(no_tombstones);

	(void) state;
	put_relation(mock, 1, "one", true);
	put_relation(mock, 2, "one", false);
	put_begin(mock, 7, 100);
	put_update(mock, 1, 0, "a", "b", "v");
	put_delete(mock, 1, 0, "b");
	put_delete(mock, 2, 0, NULL);
	put_commit(mock, 7, 100);
	mock_feed_all(mock);
	mock_read(mock, "p_one");
	assert_int_equal(mock->count, 1);
	assert_record(&mock->found[0], "b", "v", "op=u");
	assert_int_equal(ledger_flush_lsn(mock->pipeline.ledger), 101);
	mock_free(mock);
}

static void
rows_without_a_key_go_by_the_name_of_the_topic(void **state)
{
	Mock *mock = mock_new(NULL);
	Error err = {0};

	(void) state;
	put_relation(mock, 1, "t", false);
	put_begin(mock, 7, 100);
	put_insert(mock, 1, 0, NULL, "v");
	put_update(mock, 1, 0, NULL, NULL, "w");
	mock_feed_all(mock);
	put_delete(mock, 1, 0, NULL);
	assert_int_equal(mock_feed(mock, &err), FLOW_FAILED);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.message, "public.t"));
	assert_non_null(strstr(err.message, "tombstones.on.delete=false"));
	mock_read(mock, "p_t");
	assert_int_equal(mock->count, 2);
	assert_record(&mock->found[0], NULL, "v", "");
	assert_record(&mock->found[1], NULL, "w", "op=u");
	assert_int_equal(mock->found[0].partition, murmur2_partition(slice_text("p_t"), 3));
	mock_free(mock);
}

static void
rows_without_a_key_are_named_by_what_they_were(void **state)
{
	Mock *mock = mock_new(NULL);

	(void) state;
	put_relation(mock, 1, "t", false);
	put_begin(mock, 7, 100);
	mock->before = "a";
	put_update(mock, 1, 0, NULL, NULL, "b");
	mock->before = "b";
	mock->before_notes = "NOTES";
	put_delete(mock, 1, 0, NULL);
	put_commit(mock, 7, 100);
	mock_feed_all(mock);
	mock_read(mock, "p_t");
	assert_int_equal(mock->count, 2);
	assert_record(&mock->found[0], NULL, "b", "op=u,wal2avro.before=a");
	assert_record(&mock->found[1], NULL, NULL, "op=d,wal2avro.before=bNOTES");
	assert_int_equal(mock->found[1].partition, mock->found[0].partition);
	mock_free(mock);
}

static void
what_a_value_cannot_carry_is_beside_it(void **state)
{
	Mock *mock = mock_new(NULL);

	(void) state;
	put_relation(mock, 1, "one", true);
	put_begin(mock, 7, 100);
	mock->notes = "N1";
	put_insert(mock, 1, 0, "a", "v");
	put_insert(mock, 1, 0, "b", "v");
	mock->notes = "N2";
	mock->before = "not sent: there is a key";
	put_update(mock, 1, 0, "b", "c", "w");
	put_commit(mock, 7, 100);
	mock_feed_all(mock);
	mock_read(mock, "p_one");
	assert_int_equal(mock->count, 4);
	assert_record(&mock->found[0], "a", "v", "wal2avro.values=N1");
	assert_record(&mock->found[1], "b", "v", "");
	assert_record(&mock->found[2], "b", NULL, "op=d");
	assert_record(&mock->found[3], "c", "w", "op=u,wal2avro.values=N2");
	mock_free(mock);
}

static void
skip_all_but_updates(Mock *mock)
{
	mock->options.skipped = operation_bit(OPERATION_CREATE) | operation_bit(OPERATION_DELETE) |
							operation_bit(OPERATION_TRUNCATE);
}

static void
operations_may_be_left_out(void **state)
{
	const EmitTxn copy = {.lane = 1, .commit_lsn = 300, .end_lsn = 300};
	Mock *mock = mock_new(skip_all_but_updates);
	Topic *topic;
	Error err = {0};

	(void) state;
	put_relation(mock, 1, "one", true);
	put_begin(mock, 7, 100);
	put_insert(mock, 1, 0, "a", "v");
	put_update(mock, 1, 0, "a", "b", "w");
	put_delete(mock, 1, 0, "b");
	put_delete(mock, 1, 0, NULL);
	put_truncate(mock, 1, 0);
	put_commit(mock, 7, 100);
	mock_feed_all(mock);
	topic = relations_get(mock->pipeline.relations, 1, &err)->topic;
	assert_int_equal(topic->left_out[OPERATION_CREATE], 1);
	assert_int_equal(topic->left_out[OPERATION_UPDATE], 0);
	assert_int_equal(topic->left_out[OPERATION_DELETE], 3);
	assert_int_equal(topic->left_out[OPERATION_TRUNCATE], 1);
	/* A row of the first copy is no insert. */
	assert_int_equal(feed_copy_begin(mock->pipeline.feed, &copy), FLOW_ON);
	put_insert(mock, 1, 0, "c", "x");
	mock_feed_all(mock);
	mock_read(mock, "p_one");
	assert_int_equal(mock->count, 2);
	assert_record(&mock->found[0], "b", "w", "op=u");
	assert_int_equal(mock->found[0].position.n, 0);
	assert_record(&mock->found[1], "c", "x", "op=r");
	mock_free(mock);
}

static void
no_updates_and_no_unchanged_values(Mock *mock)
{
	mock->options.skipped = operation_bit(OPERATION_UPDATE);
	mock->options.unchanged_toast = UNCHANGED_FAIL;
}

static void
nobody_asks_what_an_update_left_that_is_left_out(void **state)
{
	Mock *mock = mock_new(no_updates_and_no_unchanged_values);
	Error err = {0};

	(void) state;
	put_relation(mock, 1, "one", true);
	put_begin(mock, 7, 100);
	mock->notes = "\2u\2\2";
	put_update(mock, 1, 0, NULL, "a", "v");
	mock->notes = NULL;
	put_insert(mock, 1, 0, "b", "w");
	put_commit(mock, 7, 100);
	mock_feed_all(mock);
	mock_read(mock, "p_one");
	assert_int_equal(mock->count, 1);
	assert_record(&mock->found[0], "b", "w", "");
	assert_int_equal(
		relations_get(mock->pipeline.relations, 1, &err)->topic->left_out[OPERATION_UPDATE], 1);
	mock_free(mock);
}

static void
truncate_is_a_record_of_its_own(void **state)
{
	Mock *mock = mock_new(NULL);

	(void) state;
	put_relation(mock, 1, "one", true);
	put_begin(mock, 7, 100);
	put_insert(mock, 1, 0, "a", "v");
	put_truncate(mock, 1, 0);
	put_insert(mock, 1, 0, "a", "w");
	put_commit(mock, 7, 100);
	mock_feed_all(mock);
	mock_read(mock, "p_one");
	assert_int_equal(mock->count, 3);
	assert_record(&mock->found[1], NULL, NULL, "op=t");
	assert_record(&mock->found[2], "a", "w", "");
	mock_free(mock);
}

static void
truncate_of_one_partition_is_counted(void **state)
{
	(void) state;
	for (int i = 0; i < 2; i++)
	{
		Mock *mock = mock_new(i == 0 ? NULL : no_truncates);
		Error err = {0};
		const Topic *topic;

		put_relation(mock, 1, "one", true);
		put_begin(mock, 7, 100);
		put_truncate(mock, 1, WIRE_TRUNCATE_PARTITION);
		put_truncate(mock, 1, WIRE_TRUNCATE_PARTITION | WIRE_TRUNCATE_CASCADE);
		put_insert(mock, 1, 0, "a", "w");
		put_commit(mock, 7, 100);
		mock_feed_all(mock);
		mock_read(mock, "p_one");
		assert_int_equal(mock->count, 1);
		assert_record(&mock->found[0], "a", "w", "");
		topic = relations_get(mock->pipeline.relations, 1, &err)->topic;
		assert_int_equal(topic->left_out[OPERATION_TRUNCATE_PARTITION], i == 0 ? 2 : 0);
		assert_int_equal(topic->left_out[OPERATION_TRUNCATE], i == 0 ? 0 : 2);
		mock_free(mock);
	}
}

static void
skip_over_partitions(Mock *mock)
{
	mock->options.truncate_partitions = TRUNCATE_SKIP;
}

static void
truncate_of_several_partitions_is_a_policy(void **state)
{
	(void) state;
	for (int i = 0; i < 2; i++)
	{
		Mock *mock = mock_new(i == 0 ? NULL : skip_over_partitions);
		Error err = {0};

		put_relation(mock, 1, "t", true);
		put_begin(mock, 7, 100);
		put_truncate(mock, 1, 0);
		put_insert(mock, 1, 0, "a", "w");
		if (i == 0)
		{
			assert_int_equal(mock_feed(mock, &err), FLOW_FAILED);
			assert_int_equal(err.kind, ERROR_CONFIG);
			assert_non_null(strstr(err.message, "truncate.partitions=skip"));
			assert_non_null(strstr(err.message, "public.t"));
		}
		else
		{
			mock_feed_all(mock);
			mock_read(mock, "p_t");
			assert_int_equal(mock->count, 1);
			assert_record(&mock->found[0], "a", "w", "");
		}
		mock_free(mock);
	}
}

static void
all_headers(Mock *mock)
{
	static char names[][16] = {"__op", "__lsn", "__txId", "__source_ts_ms", "__table", "schema"};
	static HeaderWish wishes[] = {{HEADER_OP, names[0]},	{HEADER_LSN, names[1]},
								  {HEADER_TX_ID, names[2]}, {HEADER_SOURCE_TS_MS, names[3]},
								  {HEADER_TABLE, names[4]}, {HEADER_SCHEMA, names[5]}};

	mock->options.headers = wishes;
	mock->options.headers_count = COUNT(wishes);
}

static void
headers_come_on_request(void **state)
{
	Mock *mock = mock_new(all_headers);

	(void) state;
	put_relation(mock, 1, "one", true);
	put_begin(mock, 77, 100);
	put_insert(mock, 1, 0, "a", "v");
	put_insert(mock, 1, 0, "b", "v");
	put_delete(mock, 1, 0, "a");
	put_commit(mock, 77, 100);
	mock_feed_all(mock);
	mock_read(mock, "p_one");
	assert_int_equal(mock->count, 3);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(mock->found[i].headers,
							"__op=c,__lsn=100,__txId=77,__source_ts_ms=1700000000123,__table=one,"
							"schema=public");
	assert_string_equal(mock->found[2].headers,
						"op=d,__op=d,__lsn=100,__txId=77,__source_ts_ms=1700000000123,__table=one,"
						"schema=public");
	mock_free(mock);
}

static void
rows_of_a_copy_have_a_lane_of_their_own(void **state)
{
	const EmitTxn txn = {.lane = 3, .commit_lsn = 50, .end_lsn = 50, .commit_time = 5000000};
	Mock *mock = mock_new(NULL);

	(void) state;
	assert_int_equal(feed_copy_begin(mock->pipeline.feed, &txn), FLOW_ON);
	put_relation(mock, 1, "one", true);
	put_insert(mock, 1, 0, "a", "v");
	put_insert(mock, 1, 0, "b", "v");
	mock_feed_all(mock);
	feed_copy_end(mock->pipeline.feed);
	mock_read(mock, "p_one");
	assert_int_equal(mock->count, 2);
	assert_record(&mock->found[0], "a", "v", "op=r");
	assert_record(&mock->found[1], "b", "v", "op=r");
	assert_int_equal(mock->found[0].position.lane, 3);
	assert_int_equal(mock->found[0].position.commit_lsn, 50);
	assert_true(mock->found[0].timestamp_ms == 5000);
	mock_free(mock);
}

/* The topic has one partition by the era that was, and three by the one that is. */
static void
an_old_transaction_keeps_its_routing(void **state)
{
	static const char *const keys[] = {"a", "b", "c", "d", "e", "f"};
	Mock *mock = mock_new(NULL);
	Era *era;

	(void) state;
	era_set(&mock->position.eras.items[0], "p_t", 1);
	era = eras_add(&mock->position.eras, 150, false, mock->position.eras.items[0].shape);
	era_set(era, "p_t", 3);
	put_relation(mock, 1, "t", true);
	for (uint64_t lsn = 100; lsn < 300; lsn += 100)
	{
		put_begin(mock, 7, lsn);
		for (size_t i = 0; i < COUNT(keys); i++)
			put_insert(mock, 1, 0, keys[i], lsn == 100 ? "old" : "new");
		put_delete(mock, 1, 0, "a");
		put_commit(mock, 7, lsn);
	}
	mock_feed_all(mock);
	mock_read(mock, "p_t");
	/* Tombstones belong to the era too. */
	assert_int_equal(mock->count, 2 * COUNT(keys) + 1);
	for (size_t i = 0; i < mock->count; i++)
	{
		const Found *found = &mock->found[i];
		bool old = found->value == NULL || strcmp(found->value, "old") == 0;

		assert_int_equal(found->partition, old ? 0 : partition_of(found->key, 3));
	}
	mock_free(mock);
}

static void
one_topic_has_one_table(void **state)
{
	Mock *mock = mock_new(NULL);
	Error err = {0};
	size_t start;

	(void) state;
	put_relation(mock, 1, "one", true);
	mock_feed_all(mock);
	put_relation(mock, 2, "one", true);
	/* The same name in another schema of as many letters. */
	start = 5 + 4 + 4 + 4;
	memcpy(mock->frame.data + start, "secret", 6);
	assert_int_equal(mock_feed(mock, &err), FLOW_FAILED);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.message, "\"public.one\" and \"secret.one\""));
	mock_free(mock);
}

static void
a_name_that_no_topic_can_have_is_refused(void **state)
{
	Mock *mock = mock_new(NULL);
	Error err = {0};

	(void) state;
	put_relation(mock, 1, "with space", true);
	assert_int_equal(mock_feed(mock, &err), FLOW_FAILED);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.message, "p_with space"));
	mock_free(mock);
}

static void
an_old_key_that_the_log_does_not_hold_stops_where_deletes_are_wanted(void **state)
{
	(void) state;
	for (int i = 0; i < 2; i++)
	{
		Mock *mock = mock_new(i == 0 ? NULL : no_tombstones);
		Error err = {0};

		put_relation(mock, 1, "one", true);
		put_begin(mock, 7, 100);
		put_update(mock, 1, 0, UNKNOWN_KEY, "a", "w");
		if (i == 0)
		{
			assert_int_equal(mock_feed(mock, &err), FLOW_FAILED);
			assert_int_equal(err.kind, ERROR_CONFIG);
			assert_non_null(strstr(err.message, "REPLICA IDENTITY FULL"));
			assert_non_null(strstr(err.message, "public.one"));
		}
		else
		{
			mock_feed_all(mock);
			mock_read(mock, "p_one");
			assert_int_equal(mock->count, 1);
			assert_record(&mock->found[0], "a", "w", "op=u");
		}
		mock_free(mock);
	}
}

static void
keys_that_are_made_otherwise_wait_for_another_session(void **state)
{
	const EmitTxn old = {.commit_lsn = 90, .end_lsn = 91};
	const EmitTxn txn = {.commit_lsn = 150, .end_lsn = 151};
	Mock *mock = mock_new(NULL);
	Emit *emit = mock->pipeline.emit;
	Error err;

	(void) state;
	eras_add(&mock->position.eras, 100, true, "string");
	assert_int_equal(emit_begin(emit, &old), FLOW_ON);
	assert_int_equal(emit_commit(emit, &err), FLOW_ON);
	assert_int_equal(emit_keys_until(emit), 0);
	assert_int_equal(emit_begin(emit, &txn), FLOW_BLOCKED);
	assert_int_equal(emit_keys_until(emit), 100);
	assert_true(ledger_flush_lsn(mock->pipeline.ledger) > 100);
	assert_true(ledger_flush_lsn(mock->pipeline.ledger) <= txn.commit_lsn);
	eras_prune(&mock->position.eras, ledger_flush_lsn(mock->pipeline.ledger));
	assert_int_equal(mock->position.eras.count, 1);
	assert_string_equal(mock->position.eras.items[0].shape, "string");
	mock_free(mock);
}

static void
schema_of_the_registry(Mock *mock)
{
	mock->options.value_converter.source = SCHEMA_LATEST;
	mock->options.key_converter.source = SCHEMA_FIXED;
	mock->options.key_converter.schema_id = 70;
}

static void
the_latest_schema_is_named_where_it_has_the_same_encoding(void **state)
{
	Mock *mock = mock_new(schema_of_the_registry);
	const Relation *relation;
	Error err = {0};

	(void) state;
	put_relation(mock, 1, "one", true);
	mock_feed_all(mock);
	relation = relations_get(mock->pipeline.relations, 1, &err);
	assert_non_null(relation);
	assert_int_equal(relation->value.id, LATEST_ID);
	assert_int_equal(relation->key.id, 70);
	assert_true(relations_check(mock->pipeline.relations, &err));
	put_relation_of(mock, 2, "t", "\"int\"", "\"string\"");
	mock_feed_all(mock);
	assert_false(relations_check(mock->pipeline.relations, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.message, "\"p_t-key\""));
	assert_non_null(strstr(err.message, "use.schema.id"));
	mock_free(mock);
}

static void
keys_as_text(Mock *mock)
{
	mock->options.key_converter.kind = CONVERTER_STRING;
}

static void
keys_may_be_texts(void **state)
{
	Mock *mock = mock_new(keys_as_text);

	(void) state;
	put_relation_of(
		mock, 1, "t",
		"{\"type\":\"record\",\"name\":\"k\",\"fields\":[{\"name\":\"id\",\"type\":\"int\"}]}",
		"\"string\"");
	put_begin(mock, 7, 100);
	put_insert(mock, 1, 0, "\x54", "v");
	put_delete(mock, 1, 0, "\x54");
	mock_feed_all(mock);
	mock_read(mock, "p_t");
	assert_int_equal(mock->count, 2);
	for (size_t i = 0; i < 2; i++)
	{
		assert_int_equal(mock->found[i].partition,
						 murmur2_partition(slice_text("Struct{id=42}"), 3));
		assert_string_equal(mock->found[i].key, "Struct{id=42}");
	}
	mock_free(mock);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operation_has_its_record),
		cmocka_unit_test(the_first_record_of_a_transaction_in_a_partition_has_the_position),
		cmocka_unit_test(deletes_may_be_left_out),
		cmocka_unit_test(rows_without_a_key_go_by_the_name_of_the_topic),
		cmocka_unit_test(rows_without_a_key_are_named_by_what_they_were),
		cmocka_unit_test(what_a_value_cannot_carry_is_beside_it),
		cmocka_unit_test(operations_may_be_left_out),
		cmocka_unit_test(nobody_asks_what_an_update_left_that_is_left_out),
		cmocka_unit_test(truncate_is_a_record_of_its_own),
		cmocka_unit_test(truncate_of_one_partition_is_counted),
		cmocka_unit_test(truncate_of_several_partitions_is_a_policy),
		cmocka_unit_test(headers_come_on_request),
		cmocka_unit_test(rows_of_a_copy_have_a_lane_of_their_own),
		cmocka_unit_test(an_old_transaction_keeps_its_routing),
		cmocka_unit_test(one_topic_has_one_table),
		cmocka_unit_test(a_name_that_no_topic_can_have_is_refused),
		cmocka_unit_test(an_old_key_that_the_log_does_not_hold_stops_where_deletes_are_wanted),
		cmocka_unit_test(keys_that_are_made_otherwise_wait_for_another_session),
		cmocka_unit_test(the_latest_schema_is_named_where_it_has_the_same_encoding),
		cmocka_unit_test(keys_may_be_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * tests/unit/sink_batch_test.c - a batch holds the last state of each key, whatever came before,
 * and its offsets say what is in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/avro.h"
#include "common/bytes.h"
#include "sink/batch.h"
#include "sink/pgtypes.h"
#include "sink/rowkey.h"

#include <stdlib.h>
#include <string.h>

#define KEYS 3000

static Column columns[] = {
	{.number = 1, .name = "id", .type = {.oid = PG_INT4}},
	{.number = 2, .name = "v", .type = {.oid = PG_INT8}},
};

static const Table table = {.name = "t", .columns = columns, .count = COUNT(columns)};

typedef struct Fixture
{
	Schema *key;
	Schema *value;
	Settings settings;
	Plan *upsert;
	Plan *delete;
	Batch batch;
} Fixture;

static int
set_up(void **state)
{
	Fixture *fixture = calloc(1, sizeof *fixture);
	Error err;

	fixture->settings =
		(Settings){.insert_mode = INSERT_MODE_UPSERT, .pk_mode = PK_MODE_RECORD_KEY};
	assert_true(schema_parse("{\"type\":\"record\",\"name\":\"k\",\"fields\":[{\"name\":\"id\","
							 "\"type\":\"int\"}]}",
							 &fixture->key, &err));
	assert_true(schema_parse("{\"type\":\"record\",\"name\":\"t\",\"fields\":[{\"name\":\"id\","
							 "\"type\":\"int\"},{\"name\":\"v\",\"type\":\"long\"}]}",
							 &fixture->value, &err));
	assert_true(plan_new(&fixture->settings, "t", &table, fixture->key, fixture->value,
						 &fixture->upsert, &err));
	assert_true(
		plan_new(&fixture->settings, "t", &table, fixture->key, NULL, &fixture->delete, &err));
	batch_init(&fixture->batch, 1 << 20);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	Fixture *fixture = *state;

	batch_done(&fixture->batch);
	plan_free(fixture->upsert);
	plan_free(fixture->delete);
	schema_free(fixture->key);
	schema_free(fixture->value);
	free(fixture);
	return 0;
}

static void
add(Fixture *fixture, bool is_delete, int32_t id, int64_t v)
{
	uint8_t key[AVRO_LONG_MAX];
	uint8_t value[2 * AVRO_LONG_MAX];
	const size_t key_len = (size_t) (avro_put_long(key, id) - key);
	const size_t value_len = (size_t) (avro_put_long(avro_put_long(value, id), v) - value);
	const char *where;

	const BatchInput input = {.plan = is_delete ? fixture->delete : fixture->upsert,
							  .key = {key, key_len},
							  .value = is_delete ? SLICE_ABSENT : (Slice){value, value_len}};

	assert_null(batch_add(&fixture->batch, INSERT_MODE_UPSERT, &input, &where));
}

/* The last state of each key by the simplest means. */
typedef struct Expected
{
	bool present;
	bool is_delete;
	size_t deletes; /* that stay: each goes before the rows that came behind it */
	int64_t v;
} Expected;

static void
check(const Fixture *fixture, const Expected *expected)
{
	const TableBatch *found = &fixture->batch.tables[0];
	size_t live = 0;
	size_t wanted = 0;

	for (size_t s = 0; s < found->section_count; s++)
		for (size_t r = 0; r < found->sections[s].row_count; r++)
		{
			const BatchRow *row = &found->sections[s].rows[r];
			const uint8_t *p = found->sections[s].bytes.data + row->start;
			const bool is_delete = found->sections[s].plan == fixture->delete;
			int32_t id;

			if (row->dead)
				continue;
			live++;
			id = (int32_t) get_be32(p + 6);
			assert_true(expected[id].present);
			if (is_delete)
				assert_true(expected[id].deletes > 0);
			else
				assert_true(!expected[id].is_delete &&
							(int64_t) get_be64(p + 14) == expected[id].v);
		}
	for (size_t i = 0; i < KEYS; i++)
		wanted += expected[i].deletes + (expected[i].present && !expected[i].is_delete);
	assert_int_equal(live, wanted);
	for (size_t s = 0; s < found->section_count; s++)
		live -= found->sections[s].live;
	assert_int_equal(live, 0);
}

/* Keys in any order, behind some that ascend. */
static void
test_collapse(void **state)
{
	Fixture *fixture = *state;
	uint64_t seed = 3;

	for (int round = 0; round < 20; round++)
	{
		static Expected expected[KEYS];

		memset(expected, 0, sizeof expected);
		batch_clear(&fixture->batch);
		for (int i = 0; i < 200 * (round + 1); i++)
		{
			const bool ascends = i < round * KEYS / 20;
			const int32_t id = ascends ? i : (int32_t) (next_random(&seed) % KEYS);
			const bool is_delete = next_random(&seed) % 5 == 0;
			const size_t deletes = expected[id].deletes + (is_delete && !expected[id].is_delete);

			expected[id] = (Expected){true, is_delete, deletes, (int64_t) next_random(&seed)};
			add(fixture, expected[id].is_delete, id, expected[id].v);
			assert_true(fixture->batch.tables[0].ascends || !ascends);
		}
		check(fixture, expected);
	}
}

/* Without a key every row stays, in order. */
static void
test_insert(void **state)
{
	Fixture *fixture = *state;
	uint8_t value[2 * AVRO_LONG_MAX];
	const size_t len = (size_t) (avro_put_long(avro_put_long(value, 5), 6) - value);
	uint8_t key[AVRO_LONG_MAX];
	const size_t key_len = (size_t) (avro_put_long(key, 5) - key);
	const char *where;

	const BatchInput input = {
		.plan = fixture->upsert, .key = {key, key_len}, .value = {value, len}};

	for (int i = 0; i < 3; i++)
		assert_null(batch_add(&fixture->batch, INSERT_MODE_INSERT, &input, &where));
	assert_int_equal(fixture->batch.rows, 3);
	assert_int_equal(fixture->batch.tables[0].sections[0].live, 3);
	assert_int_equal(fixture->batch.tables[0].sections[0].bytes.len, 3 * (2 + 8 + 12));
}

static void
test_key_text(void **state)
{
	Fixture *fixture = *state;
	Buffer text;

	buffer_init(&text, 1 << 10);
	rowkey_describe(&fixture->batch, &text);
	assert_string_equal(buffer_text(&text), "");
	add(fixture, false, -7, 1);
	add(fixture, false, -7, 2);
	rowkey_describe(&fixture->batch, &text);
	assert_string_equal(buffer_text(&text), " key id=-7");
	/* Of several rows none is to blame by itself. */
	buffer_clear(&text);
	add(fixture, true, 8, 0);
	rowkey_describe(&fixture->batch, &text);
	assert_string_equal(buffer_text(&text), "");
	buffer_done(&text);
}

/* A record that is refused leaves no trace. */
static void
test_refused(void **state)
{
	Fixture *fixture = *state;
	uint8_t key[AVRO_LONG_MAX];
	const size_t key_len = (size_t) (avro_put_long(key, 5) - key);
	const char *where;

	const BatchInput input = {
		.plan = fixture->upsert, .key = {key, key_len}, .value = {key, key_len}};

	add(fixture, false, 1, 1);
	assert_non_null(batch_add(&fixture->batch, INSERT_MODE_UPSERT, &input, &where));
	assert_string_equal(where, "v");
	assert_int_equal(fixture->batch.rows, 1);
	assert_int_equal(fixture->batch.tables[0].sections[0].row_count, 1);
	assert_int_equal(fixture->batch.tables[0].sections[0].bytes.len, 22);
}

static void
test_offsets(void **state)
{
	Fixture *fixture = *state;
	const Position position = {.source = 1, .commit_lsn = 100, .n = 0};
	Partition a = {.topic = "a", .next_offset = OFFSETS_NONE};
	Partition b = {.topic = "b", .next_offset = 40};

	positions_repeat(&a.positions, 10, &position);
	positions_raise(&a.positions, 10);
	batch_advance(&fixture->batch, &a, 10);
	batch_advance(&fixture->batch, &b, 40);
	positions_repeat(&a.positions, 12, NULL);
	positions_raise(&a.positions, 12);
	batch_advance(&fixture->batch, &a, 12);
	batch_close(&fixture->batch);

	const Advance *advances = fixture->batch.advances;

	assert_int_equal(fixture->batch.advance_count, 2);
	assert_int_equal(fixture->batch.records, 3);
	assert_int_equal(advances[0].expected, OFFSETS_NONE);
	assert_int_equal(advances[0].next_offset, 13);
	assert_true(advances[0].has_position);
	assert_int_equal(advances[0].position.n, 2);
	assert_int_equal(advances[0].mark_count, 1);
	assert_int_equal(advances[1].expected, 40);
	assert_int_equal(advances[1].next_offset, 41);
	assert_false(advances[1].has_position);
	assert_int_equal(advances[1].mark_count, 0);

	/* The next batch has only what changed since. */
	batch_clear(&fixture->batch);
	batch_advance(&fixture->batch, &a, 13);
	batch_close(&fixture->batch);
	assert_int_equal(advances[0].expected, 13);
	assert_int_equal(advances[0].mark_count, 0);
	positions_done(&a.positions);
	positions_done(&b.positions);
}

/* Adds a row or a delete of key 1 by some plan. */
static const char *
add_one(Fixture *fixture, const Plan *plan, InsertMode mode)
{
	const uint8_t bytes[] = {2, 4}; /* 1, 2 */
	const char *where;

	return batch_add(&fixture->batch, mode,
					 &(BatchInput){.plan = plan,
								   .key = {bytes, 1},
								   .value = plan->value == NULL
												? SLICE_ABSENT
												: (Slice){bytes, plan->value->count}},
					 &where);
}

/* An update of what the batch has deleted finds nothing. */
static void
test_update_behind_delete(void **state)
{
	Fixture *fixture = *state;

	assert_null(add_one(fixture, fixture->delete, INSERT_MODE_UPDATE));
	assert_null(add_one(fixture, fixture->upsert, INSERT_MODE_UPDATE));
	assert_int_equal(fixture->batch.vanished, 1);
	assert_int_equal(fixture->batch.tables[0].sections[0].live, 1);
	assert_int_equal(fixture->batch.tables[0].sections[1].live, 0);
	batch_clear(&fixture->batch);
	assert_int_equal(fixture->batch.vanished, 0);
}

/* A row with fewer columns does not take the place of one with more: that has to be applied. */
static void
test_fewer_columns(void **state)
{
	Fixture *fixture = *state;
	Schema *small;
	Plan *fewer;
	Error err;

	assert_true(schema_parse("{\"type\":\"record\",\"name\":\"t\",\"fields\":[{\"name\":\"id\","
							 "\"type\":\"int\"}]}",
							 &small, &err));
	assert_true(plan_new(&fixture->settings, "t", &table, fixture->key, small, &fewer, &err));
	assert_null(add_one(fixture, fewer, INSERT_MODE_UPSERT));
	assert_null(add_one(fixture, fixture->upsert, INSERT_MODE_UPSERT));
	assert_ptr_equal(add_one(fixture, fewer, INSERT_MODE_UPSERT), batch_no_room);
	assert_int_equal(fixture->batch.rows, 2);
	assert_int_equal(fixture->batch.tables[0].sections[0].live, 0);
	assert_int_equal(fixture->batch.tables[0].sections[1].live, 1);
	batch_clear(&fixture->batch);
	plan_free(fewer);
	schema_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_collapse, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_insert, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_key_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_offsets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_update_behind_delete, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fewer_columns, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

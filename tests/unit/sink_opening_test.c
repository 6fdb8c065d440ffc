/*
 * tests/unit/sink_opening_test.c - records whose envelope, headers and key do not go together: what
 * they ask for is found, or they are refused; none of them ends the process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

/* The schemas are ours. */
#define catalog_get fake_catalog_get

#include "sink/decoder.c"
#include "sink/opening.c"
#include "sink/planner.c"

#include "common/avro.h"
#include "sink/pgtypes.h"

#include <stdlib.h>
#include <string.h>

#define KEY_ID	 1
#define VALUE_ID 2

#define ROW                                                                                        \
	"{\"type\":\"record\",\"name\":\"Value\",\"wal2avro.identity\":\"full\",\"fields\":["          \
	"{\"name\":\"id\",\"type\":\"int\"}]}"
#define ENVELOPE                                                                                   \
	"{\"type\":\"record\",\"name\":\"s.t.Envelope\",\"fields\":[{\"name\":\"before\","             \
	"\"type\":[\"null\"," ROW "]},{\"name\":\"after\",\"type\":[\"null\",\"Value\"]},"             \
	"{\"name\":\"op\",\"type\":\"string\"}]}"
#define KEY "{\"type\":\"record\",\"name\":\"Key\",\"fields\":[{\"name\":\"id\",\"type\":\"int\"}]}"

static Schema *schemas[VALUE_ID + 1];

bool
fake_catalog_get(Catalog *catalog, int32_t id, const Schema **schema, Error *err)
{
	(void) catalog;
	(void) err;
	assert_in_range(id, KEY_ID, VALUE_ID);
	*schema = schemas[id];
	return true;
}

typedef struct Fixture
{
	Column column;
	Table table;
	Target target;
	Topic topic;
	Settings settings;
	Asking asking;
	Partition partition;
	Planner planner;
	Batch batch;
} Fixture;

static int
set_up(void **state)
{
	Fixture *fixture = calloc(1, sizeof *fixture);
	Error err;

	assert_true(schema_parse(KEY, &schemas[KEY_ID], &err));
	assert_true(schema_parse(ENVELOPE, &schemas[VALUE_ID], &err));
	fixture->column = (Column){.number = 1,
							   .name = "id",
							   .quoted = "\"id\"",
							   .type_sql = "integer",
							   .stored_sql = "integer",
							   .equals = "=",
							   .type = {.oid = PG_INT4}};
	fixture->table = (Table){.name = "s.t",
							 .sql = "\"s\".\"t\"",
							 .only = "\"s\".\"t\"",
							 .columns = &fixture->column,
							 .count = 1};
	fixture->target =
		(Target){.name = "s.t", .table = &fixture->table, .fresh = true, .index_checked = true};
	fixture->topic = (Topic){.name = "t", .target = &fixture->target, .partition_count = 1};
	fixture->settings = (Settings){.table_format = "${topic}",
								   .insert_mode = INSERT_MODE_UPSERT,
								   .pk_mode = PK_MODE_RECORD_KEY,
								   .key_form = KEYS_AVRO,
								   .delete_enabled = true,
								   .envelopes = true};
	fixture->planner = (Planner){.settings = &fixture->settings,
								 .opening = opening_new(&fixture->settings, NULL, NULL),
								 .asking = &fixture->asking,
								 .partition = &fixture->partition};
	batch_init(&fixture->batch, 1 << 20);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	Fixture *fixture = *state;

	batch_done(&fixture->batch);
	opening_free(fixture->planner.opening);
	for (size_t i = 0; i < fixture->topic.plan_count; i++)
		plan_free(fixture->topic.plans[i].plan);
	free(fixture->topic.plans);
	free(fixture->topic.met);
	schema_free(schemas[KEY_ID]);
	schema_free(schemas[VALUE_ID]);
	free(fixture);
	return 0;
}

/* The record with an operation, and 7 for the rows it has. */
static DecodeResult
prepare(Fixture *fixture, char op, bool before, bool after, bool key, Slice notes, Work *work,
		Error *err)
{
	const uint8_t key_bytes[] = {0, 0, 0, 0, KEY_ID, 14};
	uint8_t value[20] = {0, 0, 0, 0, VALUE_ID};
	uint8_t *p = value + 5;

	for (int i = 0; i < 2; i++)
	{
		const bool there = i == 0 ? before : after;

		*p++ = there ? 2 : 0;
		if (there)
			*p++ = 14;
	}
	*p++ = 2;
	*p++ = (uint8_t) op;

	rd_kafka_message_t message = {.payload = value,
								  .len = (size_t) (p - value),
								  .key = key ? (void *) key_bytes : NULL,
								  .key_len = key ? sizeof key_bytes : 0};
	Record record = {.message = &message, .topic = &fixture->topic, .headers = {.notes = notes}};

	*work = (Work){.truncated = NULL};
	*err = (Error){.kind = ERROR_NONE};
	return planner_prepare(&fixture->planner, &record, &fixture->batch, work, err);
}

/* A delete of a row without key, which does not say which: only a broken producer writes it. */
static void
deletes_of_nothing_are_refused(void **state)
{
	Fixture *fixture = *state;
	Work work;
	Error err;

	assert_int_equal(prepare(fixture, 'd', false, false, false, SLICE_ABSENT, &work, &err),
					 DECODE_FAILED);
	assert_int_equal(err.kind, ERROR_DATA);
	assert_non_null(strstr(err.message, "has no key"));
	/* One that says it is taken. */
	assert_int_equal(prepare(fixture, 'd', true, false, false, SLICE_ABSENT, &work, &err),
					 DECODE_TAKEN);
	assert_int_equal(work.before.plan->way.use, PLAN_REMOVE);
	assert_null(work.after.plan);
}

/* Notes are on the new row: those on a delete's are on nothing. */
static void
notes_on_a_delete_are_without_effect(void **state)
{
	static const uint8_t kept[] = {0, 'u', 0, 2};
	static const uint8_t text[] = {0, 't', 0, 2, 2, '7'};
	const Slice notes[] = {{kept, sizeof kept}, {text, sizeof text}};
	Fixture *fixture = *state;
	Work work;
	Error err;

	for (size_t i = 0; i < COUNT(notes); i++)
	{
		assert_int_equal(prepare(fixture, 'd', false, false, true, notes[i], &work, &err),
						 DECODE_TAKEN);
		assert_null(work.after.plan->value);
		assert_null(work.after.notes);
	}
	fixture->target.fresh = true;
	assert_int_equal(prepare(fixture, 'c', false, true, true, notes[1], &work, &err), DECODE_TAKEN);
	assert_int_equal(work.after.notes->count, 1);
}

/* Whether a delete of a row without key is applied: what is dropped is, tombstones cannot say it.
 */
static void
deletes_without_key_are_dropped_with_others(void **state)
{
	static const struct
	{
		bool skip_events;
		bool skip_tombstones;
		bool applied;
	} ways[] = {{true, true, false}, {true, false, true}, {false, true, true}};
	static const uint8_t row[] = {0, 0, 0, 0, VALUE_ID, 14};
	Fixture *fixture = *state;
	Work work;
	Error err;

	for (size_t i = 0; i < COUNT(ways); i++)
	{
		const Record flat = {.headers = {.before = {row, sizeof row}}};

		fixture->target.fresh = true;
		fixture->settings.skip_delete_events = ways[i].skip_events;
		fixture->settings.skip_tombstones = ways[i].skip_tombstones;
		assert_int_equal(prepare(fixture, 'd', true, false, false, SLICE_ABSENT, &work, &err),
						 DECODE_TAKEN);
		assert_int_equal(work.before.plan != NULL, ways[i].applied);
		assert_int_equal(!skips_tombstone(&fixture->settings, &flat), ways[i].applied);
	}
}

/* A class that does not take them apart says so, wherever no table was made for them. */
static void
envelopes_are_named(void **state)
{
	Fixture *fixture = *state;
	Work work;
	Error err;

	fixture->settings.envelopes = false;
	fixture->settings.auto_create = fixture->settings.auto_evolve = true;
	for (int i = 0; i < 3; i++)
	{
		const bool key = i != 0;

		fixture->target.fresh = true;
		fixture->target.missing = i == 2;
		fixture->target.table = i == 2 ? NULL : &fixture->table;
		assert_int_equal(prepare(fixture, 'c', false, true, key, SLICE_ABSENT, &work, &err),
						 DECODE_FAILED);
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.message, "are Debezium's envelopes"));
	}
}

/* Somebody wants them as they are. */
static void
envelopes_go_into_a_table_of_theirs(void **state)
{
	Fixture *fixture = *state;
	Column columns[4];
	const Table table = {
		.name = "s.t", .sql = "t", .only = "t", .columns = columns, .count = COUNT(columns)};
	static char *const names[] = {"before", "after", "op", "id"};
	Work work;
	Error err;

	for (size_t i = 0; i < COUNT(columns); i++)
	{
		columns[i] = fixture->column;
		columns[i].number = (int) i + 1;
		columns[i].name = names[i];
		if (i < 3)
			columns[i].type.oid = PG_TEXT;
	}
	fixture->settings.envelopes = false;
	fixture->target.table = (Table *) &table;
	assert_int_equal(prepare(fixture, 'c', false, true, true, SLICE_ABSENT, &work, &err),
					 DECODE_TAKEN);
	assert_int_equal(work.after.plan->count, 4);
}

/* A topic may have got more partitions before they are assigned again. */
static void
partitions_are_counted_for_each_claim(void **state)
{
	Fixture *fixture = *state;
	Decoder *decoder = decoder_new(&fixture->settings, NULL, NULL);
	Topic *topic = targets_topic(&decoder->targets, "t");

	decoder->planner.counting = topic;
	assert_string_equal(decoder_asks_partitions(decoder), "t");
	decoder_tell_partitions(decoder, 1);
	assert_int_equal(topic->partition_count, 1);
	decoder_claimed(decoder);
	assert_int_equal(topic->partition_count, 0);
	decoder_free(decoder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(deletes_of_nothing_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(deletes_without_key_are_dropped_with_others, set_up,
										tear_down),
		cmocka_unit_test_setup_teardown(envelopes_are_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(envelopes_go_into_a_table_of_theirs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(partitions_are_counted_for_each_claim, set_up, tear_down),
		cmocka_unit_test_setup_teardown(notes_on_a_delete_are_without_effect, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

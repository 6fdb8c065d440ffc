/*
 * tests/unit/sink_rows_test.c - a batch of records that are not the whole story: whatever comes in
 * whatever order, applying the batch gives what its records would have given one after the other.
 *
 * The destination is an array: deletes and old rows first, then the others, as sink/script.c has
 * it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/avro.h"
#include "common/bytes.h"
#include "sink/batch.h"
#include "sink/pgtypes.h"
#include "sink/variant.h"
#include "sink/writer.h"

#include <stdlib.h>
#include <string.h>

#define KEYS   12
#define VALUES 3
#define NONE   INT64_MIN /* a column that nobody has set */

static Column columns[] = {
	{.number = 1,
	 .name = "id",
	 .quoted = "\"id\"",
	 .type_sql = "integer",
	 .stored_sql = "integer",
	 .equals = "=",
	 .type = {.oid = PG_INT4}},
	{.number = 2,
	 .name = "a",
	 .quoted = "\"a\"",
	 .type_sql = "bigint",
	 .stored_sql = "bigint",
	 .equals = "=",
	 .type = {.oid = PG_INT8}},
	{.number = 3,
	 .name = "b",
	 .quoted = "\"b\"",
	 .type_sql = "bigint",
	 .stored_sql = "bigint",
	 .equals = "=",
	 .type = {.oid = PG_INT8}},
};

static const Table table = {.name = "s.t",
							.sql = "\"s\".\"t\"",
							.only = "only \"s\".\"t\"",
							.columns = columns,
							.count = COUNT(columns)};

#define FIELD(name, type) "{\"name\":\"" name "\",\"type\":\"" type "\"}"
#define RECORD(fields)	  "{\"type\":\"record\",\"name\":\"t\",\"fields\":[" fields "]}"

typedef struct Fixture
{
	Schema *key;
	Schema *wide;
	Schema *narrow; /* without b */
	Settings settings;
	Plan *plans[3]; /* wide, narrow, delete */
	Plan *bare;		/* wide rows without key */
	int64_t number;
	Batch batch;
} Fixture;

static Schema *
parse(const char *text)
{
	Schema *schema;
	Error err;

	assert_true(schema_parse(text, &schema, &err));
	return schema;
}

static int
set_up(void **state)
{
	Fixture *fixture = calloc(1, sizeof *fixture);
	const PlanWay append = {.use = PLAN_APPEND};
	Error err;

	fixture->settings =
		(Settings){.insert_mode = INSERT_MODE_UPSERT, .pk_mode = PK_MODE_RECORD_KEY};
	fixture->key = parse(RECORD(FIELD("id", "int")));
	fixture->wide = parse(RECORD(FIELD("id", "int") "," FIELD("a", "long") "," FIELD("b", "long")));
	fixture->narrow = parse(RECORD(FIELD("id", "int") "," FIELD("a", "long")));

	const Schema *values[] = {fixture->wide, fixture->narrow, NULL};

	for (size_t i = 0; i < COUNT(values); i++)
	{
		assert_true(plan_new(&fixture->settings, "t", &table, fixture->key, values[i],
							 &fixture->plans[i], &err));
		fixture->plans[i]->number = ++fixture->number;
	}
	assert_true(plan_new_way(&fixture->settings, "t", &table, NULL, fixture->wide, &append,
							 &fixture->bare, &err));
	fixture->bare->number = ++fixture->number;
	batch_init(&fixture->batch, 1 << 20);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	Fixture *fixture = *state;

	batch_done(&fixture->batch);
	for (size_t i = 0; i < COUNT(fixture->plans); i++)
		plan_free(fixture->plans[i]);
	plan_free(fixture->bare);
	schema_free(fixture->key);
	schema_free(fixture->wide);
	schema_free(fixture->narrow);
	free(fixture);
	return 0;
}

/* ---- records with gaps */

typedef struct Row
{
	bool present;
	int64_t values[2];
} Row;

static int64_t
number_of(Slice field)
{
	return field.len == 8 ? (int64_t) get_be64(field.data) : (int32_t) get_be32(field.data);
}

static void
apply_row(const Plan *plan, const uint8_t *bytes, Row *rows)
{
	Slice fields[COUNT(columns) + 1];
	Row *row;

	plan_cut_row(plan, bytes, fields);
	row = &rows[number_of(fields[0])];
	if (plan->value == NULL)
	{
		*row = (Row){.present = false};
		return;
	}
	/* Only a row that is there can be updated; a new one has nothing in the other columns. */
	if (plan->way.partial)
		assert_true(row->present);
	if (!row->present)
		*row = (Row){true, {NONE, NONE}};
	for (size_t i = 1; i < plan->count; i++)
		if (!plan->way.partial || (fields[plan->count].data[0] >> i & 1) == 0)
			row->values[plan->columns[i].column->number - 2] = number_of(fields[i]);
}

static void
apply_batch(Fixture *fixture, Row *rows)
{
	const TableBatch *found = &fixture->batch.tables[0];

	for (int deletes = 1; fixture->batch.table_count > 0 && deletes >= 0; deletes--)
		for (size_t s = 0; s < found->section_count; s++)
		{
			const Section *section = &found->sections[s];
			size_t live = 0;

			if ((section->plan->value == NULL) != (deletes == 1))
				continue;
			for (size_t i = 0; i < section->row_count; i++)
				if (!section->rows[i].dead)
				{
					apply_row(section->plan, section->bytes.data + section->rows[i].start, rows);
					live++;
				}
			assert_int_equal(live, section->live);
		}
	batch_clear(&fixture->batch);
}

typedef struct Change
{
	int32_t id;
	size_t plan; /* of the fixture's plans */
	int64_t values[2];
	unsigned kept; /* a bit for each value that stays as it is */
} Change;

/* The record and its notes. */
static const char *
add_change(Fixture *fixture, const Change *change)
{
	uint8_t key[AVRO_LONG_MAX];
	uint8_t value[3 * AVRO_LONG_MAX];
	uint8_t *p = avro_put_long(value, change->id);
	const Slice id = {key, (size_t) (avro_put_long(key, change->id) - key)};
	Note items[2];
	Notes notes = {.items = items, .unchanged = true};
	BatchInput input = {.key = id, .value = {value, 0}};
	Plan *plan = fixture->plans[change->plan];
	const char *where;
	Error err;

	for (size_t i = 0; plan->value != NULL && i + 1 < plan->value->count; i++)
	{
		const size_t start = (size_t) (p - value);

		p = avro_put_long(p, (change->kept >> i & 1) != 0 ? -1 : change->values[i]);
		if ((change->kept >> i & 1) != 0)
			items[notes.count++] = (Note){.index = i + 1,
										  .kind = NOTE_UNCHANGED,
										  .start = start,
										  .len = (size_t) (p - value) - start};
	}
	input.value = plan->value == NULL ? SLICE_ABSENT : (Slice){value, (size_t) (p - value)};
	input.notes = notes.count > 0 ? &notes : NULL;
	if (input.notes != NULL)
		assert_true(variant_find(plan, PLAN_BY_MODE, &notes, &fixture->number, &plan, &err));
	input.plan = plan;
	return batch_add(&fixture->batch, INSERT_MODE_UPSERT, &input, &where);
}

/* What the source has after a change. */
static void
follow(Row *row, const Change *change)
{
	const size_t count = change->plan == 0 ? 2 : 1;

	if (change->plan == 2)
	{
		row->present = false;
		return;
	}
	if (!row->present)
		*row = (Row){true, {NONE, NONE}};
	for (size_t i = 0; i < count; i++)
		if ((change->kept >> i & 1) == 0)
			row->values[i] = change->values[i];
}

static Change
draw_change(uint64_t *seed, const Row *rows)
{
	Change change = {
		.id = (int32_t) (next_random(seed) % KEYS),
		.plan = next_random(seed) % 8 == 0 ? 2 : next_random(seed) % 4 == 0,
		.values = {(int64_t) (next_random(seed) % 1000), (int64_t) (next_random(seed) % 1000)}};

	/* An update of a row that is there. */
	if (rows[change.id].present)
		change.kept = (unsigned) (next_random(seed) % (change.plan == 0 ? 4 : 2));
	return change;
}

static void
test_gaps(void **state)
{
	Fixture *fixture = *state;
	Row source[KEYS] = {0};
	Row dest[KEYS] = {0};
	uint64_t seed = 11;
	size_t early = 0;
	const int count = 20000;

	for (int i = 0; i < count; i++)
	{
		const Change change = draw_change(&seed, source);
		const char *problem = add_change(fixture, &change);

		if (problem == batch_no_room)
		{
			early++;
			apply_batch(fixture, dest);
			problem = add_change(fixture, &change);
		}
		assert_null(problem);
		follow(&source[change.id], &change);
		if (next_random(&seed) % 40 != 0)
			continue;
		apply_batch(fixture, dest);
		for (size_t k = 0; k < KEYS; k++)
		{
			assert_int_equal(dest[k].present, source[k].present);
			if (source[k].present)
				assert_memory_equal(dest[k].values, source[k].values, sizeof dest[k].values);
		}
	}
	/* Two schemas, of which one has fewer columns, end batches; gaps alone hardly do. */
	assert_in_range(early, 1, count / 5);
}

/* With one schema nothing ends a batch: a delete in front of an update cannot be. */
static void
test_gaps_end_no_batch(void **state)
{
	Fixture *fixture = *state;
	Row source[KEYS] = {0};
	uint64_t seed = 5;

	for (int i = 0; i < 5000; i++)
	{
		Change change = draw_change(&seed, source);

		change.plan = change.plan == 1 ? 0 : change.plan;
		assert_null(add_change(fixture, &change));
		follow(&source[change.id], &change);
	}
}

/* An update of what the batch has deleted is for the destination to refuse. */
static void
test_update_behind_delete(void **state)
{
	Fixture *fixture = *state;

	assert_null(add_change(fixture, &(Change){.id = 1, .plan = 2}));
	assert_ptr_equal(add_change(fixture, &(Change){.id = 1, .kept = 1}), batch_no_room);
	assert_int_equal(fixture->batch.rows, 1);
}

/* ---- rows without key */

static BatchInput
bare_row(Fixture *fixture, PlanUse use, int64_t value, uint8_t *bytes)
{
	const uint8_t *end = avro_put_long(avro_put_long(avro_put_long(bytes, 1), value), value);
	Plan *plan;
	Error err;

	assert_true(variant_find(fixture->bare, use, NULL, &fixture->number, &plan, &err));
	return (BatchInput){.plan = plan, .value = {bytes, (size_t) (end - bytes)}};
}

static void
apply_bag(Fixture *fixture, size_t *bag)
{
	const TableBatch *found = &fixture->batch.tables[0];

	for (int removed = 1; fixture->batch.table_count > 0 && removed >= 0; removed--)
		for (size_t s = 0; s < found->section_count; s++)
		{
			const Section *section = &found->sections[s];
			const size_t size = 2 + 8 + 12 + 12;

			if ((section->plan->way.use == PLAN_REMOVE) != (removed == 1))
				continue;
			for (size_t i = 0; i < section->bytes.len / size; i++)
			{
				Slice fields[COUNT(columns)];
				size_t *here;

				if (section->row_count > 0 && section->rows[i].dead)
					continue;
				plan_cut_row(section->plan, section->bytes.data + i * size, fields);
				here = &bag[number_of(fields[1])];
				if (removed == 1)
					assert_true(*here > 0);
				*here += removed == 1 ? SIZE_MAX : 1;
			}
		}
	batch_clear(&fixture->batch);
}

static void
test_bag(void **state)
{
	Fixture *fixture = *state;
	size_t source[VALUES] = {0};
	size_t dest[VALUES] = {0};
	uint64_t seed = 17;

	for (int i = 0; i < 20000; i++)
	{
		uint8_t old[3 * AVRO_LONG_MAX];
		uint8_t new[3 * AVRO_LONG_MAX];
		const size_t from = next_random(&seed) % VALUES;
		const size_t to = next_random(&seed) % VALUES;
		const BatchInput removed = bare_row(fixture, PLAN_REMOVE, (int64_t) from, old);
		const BatchInput added = bare_row(fixture, PLAN_APPEND, (int64_t) to, new);
		const bool removes = source[from] > 0 && next_random(&seed) % 3 != 0;
		const bool adds = !removes || next_random(&seed) % 2 == 0;
		const char *where;

		assert_null(batch_replace(&fixture->batch, removes ? &removed : NULL, adds ? &added : NULL,
								  &where));
		source[from] -= removes;
		source[to] += adds;
		if (next_random(&seed) % 60 != 0)
			continue;
		apply_bag(fixture, dest);
		assert_memory_equal(dest, source, sizeof dest);
	}
}

/* An update whose new row cannot be taken leaves the old one, too. */
static void
test_half_of_an_update(void **state)
{
	Fixture *fixture = *state;
	uint8_t bytes[3 * AVRO_LONG_MAX];
	const BatchInput removed = bare_row(fixture, PLAN_REMOVE, 1, bytes);
	BatchInput added = bare_row(fixture, PLAN_APPEND, 1, bytes);
	const char *where;

	assert_null(batch_replace(&fixture->batch, NULL, &added, &where));
	added.value.len--;
	assert_non_null(batch_replace(&fixture->batch, &removed, &added, &where));
	assert_int_equal(fixture->batch.rows, 1);
	for (size_t s = 0; s < fixture->batch.tables[0].section_count; s++)
		if (fixture->batch.tables[0].sections[s].plan->way.use == PLAN_REMOVE)
			assert_int_equal(fixture->batch.tables[0].sections[s].bytes.len, 0);
		else
			assert_int_equal(fixture->batch.tables[0].sections[s].live, 1);
}

static void
test_truncate(void **state)
{
	Fixture *fixture = *state;

	assert_null(add_change(fixture, &(Change){.id = 1}));
	batch_truncate(&fixture->batch, &table);
	assert_true(fixture->batch.tables[0].truncated);
	assert_int_equal(fixture->batch.tables[0].section_count, 0);
	assert_null(add_change(fixture, &(Change){.id = 1}));
	assert_int_equal(fixture->batch.tables[0].sections[0].live, 1);
	assert_int_equal(fixture->batch.rows, 3);
	batch_clear(&fixture->batch);
	assert_null(add_change(fixture, &(Change){.id = 1}));
	assert_false(fixture->batch.tables[0].truncated);
}

/* ---- statements */

static const Section *
section_of(const Fixture *fixture, bool partial)
{
	const TableBatch *found = &fixture->batch.tables[0];

	for (size_t s = 0; s < found->section_count; s++)
		if (found->sections[s].plan->way.partial == partial)
			return &found->sections[s];
	fail_msg("there is no such section");
	return NULL;
}

static void
assert_sql(Buffer *sql, const char *expected)
{
	assert_string_equal(buffer_text(sql), expected);
	buffer_clear(sql);
}

/* A column that all rows leave as it is stays out; one that some do is taken from the row. */
static void
test_update_statement(void **state)
{
	Fixture *fixture = *state;
	Buffer sql;
	bool any;

	buffer_init(&sql, 1 << 16);
	assert_null(add_change(fixture, &(Change){.id = 1, .kept = 2}));
	assert_true(writer_update_partial(&sql, section_of(fixture, true), &any));
	assert_true(any);
	assert_sql(
		&sql, "update only \"s\".\"t\" as d set \"a\" = s.\"a\" from (select \"id\", \"a\", "
			  "\"b\", wal2avro_kept from pg_temp.wal2avro_5 limit 1) s where d.\"id\" = s.\"id\";");
	assert_null(add_change(fixture, &(Change){.id = 2, .kept = 3}));
	assert_true(writer_update_partial(&sql, section_of(fixture, true), &any));
	assert_sql(&sql, "update only \"s\".\"t\" as d set \"a\" = case when "
					 "pg_catalog.get_bit(s.wal2avro_kept, 1) = 1 then d.\"a\" else s.\"a\" end "
					 "from (select \"id\", \"a\", \"b\", wal2avro_kept from pg_temp.wal2avro_5 "
					 "limit 2) s where d.\"id\" = s.\"id\";");
	batch_clear(&fixture->batch);
	assert_null(add_change(fixture, &(Change){.id = 2, .kept = 3}));
	assert_true(writer_update_partial(&sql, section_of(fixture, true), &any));
	assert_false(any);
	assert_int_equal(sql.len, 0);
	buffer_done(&sql);
}

/* Rows are found by what has an operator, and are equal by their images. */
static void
test_remove_statement(void **state)
{
	Fixture *fixture = *state;
	uint8_t bytes[3 * AVRO_LONG_MAX];
	const BatchInput removed = bare_row(fixture, PLAN_REMOVE, 1, bytes);
	const char *where;
	Buffer sql;

	buffer_init(&sql, 1 << 16);
	assert_null(batch_replace(&fixture->batch, &removed, NULL, &where));
	columns[2].type.oid = PG_JSON;
	assert_true(writer_remove(&sql, &fixture->batch.tables[0].sections[0]));
	assert_non_null(strstr(buffer_text(&sql),
						   "row(d.\"id\", d.\"a\", d.\"b\")::record operator(pg_catalog.*=) "
						   "row(s.\"id\", s.\"a\", s.\"b\")::record and d.\"id\" = s.\"id\" and "
						   "d.\"a\" = s.\"a\") c where"));
	/* What is null in some row of the batch serves no index; with nothing better there are texts.
	 */
	fixture->batch.tables[0].sections[0].some[0] = 7;
	buffer_clear(&sql);
	assert_true(writer_remove(&sql, &fixture->batch.tables[0].sections[0]));
	assert_non_null(strstr(buffer_text(&sql),
						   "and coalesce(d.\"a\", '0'::pg_catalog.int8) = coalesce(s.\"a\", "
						   "'0'::pg_catalog.int8) and coalesce(d.\"b\"::pg_catalog.text, '') = "
						   "coalesce(s.\"b\"::pg_catalog.text, '')) c where"));
	columns[2].type.oid = PG_INT8;
	buffer_done(&sql);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_gaps, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_gaps_end_no_batch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_update_behind_delete, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bag, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_half_of_an_update, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_truncate, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_update_statement, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_remove_statement, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

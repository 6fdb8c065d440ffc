/*
 * tests/unit/sink_plan_test.c - from Avro to COPY BINARY: what avro-c writes is read back value for
 * value, and nothing else is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/bytes.h"
#include "sink/pgtypes.h"
#include "sink/plan.h"
#include "sink/walk.h"

#include <avro.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH_DAYS	 10957
#define EPOCH_MICROS INT64_C(946684800000000)

static const char schema_text[] =
	"{\"type\":\"record\",\"name\":\"t\",\"fields\":["
	"{\"name\":\"b\",\"type\":\"boolean\"},"
	"{\"name\":\"i\",\"type\":\"int\"},"
	"{\"name\":\"l\",\"type\":\"long\"},"
	"{\"name\":\"d\",\"type\":\"double\"},"
	"{\"name\":\"s\",\"type\":[\"null\",\"string\"],\"default\":null},"
	"{\"name\":\"y\",\"type\":\"bytes\"},"
	"{\"name\":\"day\",\"type\":{\"type\":\"int\",\"logicalType\":\"date\"}},"
	"{\"name\":\"at\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}},"
	"{\"name\":\"e\",\"type\":{\"type\":\"enum\",\"name\":\"en\",\"symbols\":[\"red\",\"blue\"]}},"
	"{\"name\":\"a\",\"type\":{\"type\":\"array\",\"items\":[\"null\",\"int\"]}}]}";

static Column columns[] = {
	{.number = 1, .name = "b", .type = {.oid = PG_BOOL}},
	{.number = 2, .name = "i", .type = {.oid = PG_INT4}},
	{.number = 3, .name = "l", .type = {.oid = PG_INT8}},
	{.number = 4, .name = "d", .type = {.oid = PG_FLOAT8}},
	{.number = 5, .name = "s", .type = {.oid = PG_VARCHAR}},
	{.number = 6, .name = "y", .type = {.oid = PG_BYTEA}},
	{.number = 7, .name = "day", .type = {.oid = PG_DATE}},
	{.number = 8, .name = "at", .type = {.oid = PG_TIMESTAMPTZ}},
	{.number = 9, .name = "e", .type = {.oid = 99999, .is_enum = true}},
	{.number = 10, .name = "a", .type = {.oid = 1007, .element = PG_INT4}},
};

static const Table table = {.name = "public.t",
							.sql = "\"public\".\"t\"",
							.bare = "t",
							.columns = columns,
							.count = COUNT(columns)};

/* The values of one row, as they were drawn. */
typedef struct Row
{
	bool b;
	int32_t i;
	int64_t l;
	double d;
	bool has_s;
	char s[64];
	uint8_t y[32];
	size_t y_len;
	int32_t day;
	int64_t at;
	int e;
	int a_count;
	bool a_null[6];
	int32_t a[6];
} Row;

typedef struct Fixture
{
	Schema *schema;
	Plan *plan;
	Settings settings;
	avro_schema_t oracle_schema;
	avro_value_iface_t *iface;
	avro_value_t value;
	avro_writer_t writer;
	uint8_t bytes[1024];
} Fixture;

static int
set_up(void **state)
{
	Fixture *fixture = calloc(1, sizeof *fixture);
	Error err = {0};

	if (!schema_parse(schema_text, &fixture->schema, &err) ||
		!plan_new(&fixture->settings, "t", &table, NULL, fixture->schema, &fixture->plan, &err))
		fail_msg("%s", err.message);
	assert_int_equal(
		avro_schema_from_json_length(schema_text, sizeof schema_text - 1, &fixture->oracle_schema),
		0);
	fixture->iface = avro_generic_class_from_schema(fixture->oracle_schema);
	avro_generic_value_new(fixture->iface, &fixture->value);
	fixture->writer = avro_writer_memory((char *) fixture->bytes, sizeof fixture->bytes);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	Fixture *fixture = *state;

	avro_writer_free(fixture->writer);
	avro_value_decref(&fixture->value);
	avro_value_iface_decref(fixture->iface);
	avro_schema_decref(fixture->oracle_schema);
	plan_free(fixture->plan);
	schema_free(fixture->schema);
	free(fixture);
	return 0;
}

static void
draw(Row *row, uint64_t *seed)
{
	*row = (Row){.b = next_random(seed) & 1,
				 .i = (int32_t) next_random_size(seed),
				 .l = (int64_t) next_random_size(seed),
				 .d = (double) (int64_t) next_random(seed) / 1000.0,
				 .has_s = next_random(seed) % 4 != 0,
				 .y_len = next_random(seed) % 32,
				 .day = (int32_t) (next_random(seed) % 100000) - 50000,
				 .at = (int64_t) (next_random(seed) % (uint64_t) 4000000000000000),
				 .e = (int) (next_random(seed) & 1),
				 .a_count = (int) (next_random(seed) % 6)};
	snprintf(row->s, sizeof row->s, "%llx", (unsigned long long) next_random_size(seed));
	for (size_t k = 0; k < row->y_len; k++)
		row->y[k] = (uint8_t) next_random(seed);
	for (int k = 0; k < row->a_count; k++)
	{
		row->a_null[k] = next_random(seed) % 3 == 0;
		row->a[k] = (int32_t) next_random_size(seed);
	}
}

static avro_value_t
field(const Fixture *fixture, const char *name)
{
	avro_value_t value;

	assert_int_equal(avro_value_get_by_name(&fixture->value, name, &value, NULL), 0);
	return value;
}

/* Writes the row with avro-c. */
static Slice
oracle(Fixture *fixture, const Row *row)
{
	avro_value_t value;
	avro_value_t item;

	avro_value_reset(&fixture->value);
	value = field(fixture, "b");
	avro_value_set_boolean(&value, row->b);
	value = field(fixture, "i");
	avro_value_set_int(&value, row->i);
	value = field(fixture, "l");
	avro_value_set_long(&value, row->l);
	value = field(fixture, "d");
	avro_value_set_double(&value, row->d);
	value = field(fixture, "s");
	avro_value_set_branch(&value, row->has_s, &item);
	if (row->has_s)
		avro_value_set_string(&item, row->s);
	value = field(fixture, "y");
	avro_value_set_bytes(&value, (void *) row->y, row->y_len);
	value = field(fixture, "day");
	avro_value_set_int(&value, row->day);
	value = field(fixture, "at");
	avro_value_set_long(&value, row->at);
	value = field(fixture, "e");
	avro_value_set_enum(&value, row->e);
	value = field(fixture, "a");
	for (int k = 0; k < row->a_count; k++)
	{
		avro_value_t branch;

		avro_value_append(&value, &item, NULL);
		avro_value_set_branch(&item, !row->a_null[k], &branch);
		if (!row->a_null[k])
			avro_value_set_int(&branch, row->a[k]);
	}
	avro_writer_reset(fixture->writer);
	assert_int_equal(avro_value_write(fixture->writer, &fixture->value), 0);
	return (Slice){fixture->bytes, (size_t) avro_writer_tell(fixture->writer)};
}

static Slice
take_field(Slice *row)
{
	const uint32_t len = get_be32(row->data);
	const Slice field = {len == UINT32_MAX ? NULL : row->data + 4, len == UINT32_MAX ? 0 : len};

	row->data += 4 + field.len;
	row->len -= 4 + field.len;
	return field;
}

static void
check_array(Slice got, const Row *row)
{
	bool has_null = false;

	for (int k = 0; k < row->a_count; k++)
		has_null = has_null || row->a_null[k];
	assert_int_equal(get_be32(got.data), row->a_count > 0);
	assert_int_equal(get_be32(got.data + 4), has_null);
	assert_int_equal(get_be32(got.data + 8), PG_INT4);
	if (row->a_count == 0)
	{
		assert_int_equal(got.len, 12);
		return;
	}
	assert_int_equal(get_be32(got.data + 12), row->a_count);
	assert_int_equal(get_be32(got.data + 16), 1);

	Slice items = {got.data + 20, got.len - 20};

	for (int k = 0; k < row->a_count; k++)
	{
		const Slice item = take_field(&items);

		if (row->a_null[k])
			assert_null(item.data);
		else
			assert_int_equal((int32_t) get_be32(item.data), row->a[k]);
	}
	assert_int_equal(items.len, 0);
}

static void
check_row(Slice got, const Row *row)
{
	uint64_t bits;

	memcpy(&bits, &row->d, sizeof bits);
	assert_int_equal(get_be16(got.data), COUNT(columns));
	got = (Slice){got.data + 2, got.len - 2};
	assert_int_equal(take_field(&got).data[0], row->b);
	assert_int_equal((int32_t) get_be32(take_field(&got).data), row->i);
	assert_true((int64_t) get_be64(take_field(&got).data) == row->l);
	assert_true(get_be64(take_field(&got).data) == bits);

	const Slice s = take_field(&got);

	assert_true(slice_equal(s, row->has_s ? slice_text(row->s) : SLICE_ABSENT));
	assert_true(slice_equal(take_field(&got), (Slice){row->y, row->y_len}));
	assert_int_equal((int32_t) get_be32(take_field(&got).data), row->day - EPOCH_DAYS);
	assert_true((int64_t) get_be64(take_field(&got).data) == row->at - EPOCH_MICROS);
	assert_true(slice_equal(take_field(&got), slice_text(row->e == 0 ? "red" : "blue")));
	check_array(take_field(&got), row);
	assert_int_equal(got.len, 0);
}

static const char *
encode(const Fixture *fixture, Slice in, Buffer *out)
{
	PlanRow row;
	const char *where;

	return plan_encode(fixture->plan, SLICE_ABSENT, in, NULL, out, &row, &where);
}

static void
test_rows(void **state)
{
	Fixture *fixture = *state;
	uint64_t seed = 7;
	Buffer out;

	buffer_init(&out, 1 << 20);
	for (int i = 0; i < 5000; i++)
	{
		Row row;
		const char *problem;

		draw(&row, &seed);
		buffer_clear(&out);
		problem = encode(fixture, oracle(fixture, &row), &out);
		if (problem != NULL)
			fail_msg("row %d: %s", i, problem);
		check_row(buffer_slice(&out), &row);
	}
	buffer_done(&out);
}

/* No beginning of a record is a record, and no record with something behind it. */
static void
test_truncated(void **state)
{
	Fixture *fixture = *state;
	uint64_t seed = 8;
	Buffer out;

	buffer_init(&out, 1 << 20);
	for (int i = 0; i < 200; i++)
	{
		Row row;

		draw(&row, &seed);

		const Slice whole = oracle(fixture, &row);

		for (size_t len = 0; len < whole.len; len++)
		{
			/* On the heap and exactly as long, so that a byte too far is seen. */
			uint8_t *copy = malloc(len + 1);

			memcpy(copy, whole.data, len);
			assert_non_null(encode(fixture, (Slice){copy, len}, &out));
			assert_int_equal(out.len, 0);
			free(copy);
		}
		fixture->bytes[whole.len] = 0;
		assert_non_null(encode(fixture, (Slice){whole.data, whole.len + 1}, &out));
	}
	buffer_done(&out);
}

/* Random bytes, and records with some bytes changed, are taken or refused, but nothing else. */
static void
test_hostile(void **state)
{
	Fixture *fixture = *state;
	uint64_t seed = 9;
	int refused = 0;
	Buffer out;

	buffer_init(&out, 1 << 20);
	for (int i = 0; i < 50000; i++)
	{
		Row row;

		draw(&row, &seed);

		const Slice whole = oracle(fixture, &row);
		const size_t len = i % 2 == 0 ? whole.len : next_random(&seed) % 200;
		uint8_t *copy = malloc(len + 1);

		if (i % 2 == 0)
			memcpy(copy, whole.data, len);
		for (size_t k = 0; k < (i % 2 == 0 ? 3 : len); k++)
			copy[i % 2 == 0 ? next_random(&seed) % len : k] = (uint8_t) next_random(&seed);
		buffer_clear(&out);
		refused += encode(fixture, (Slice){copy, len}, &out) != NULL;
		free(copy);
	}
	assert_true(refused > 25000);
	buffer_done(&out);
}

static const char *
walk(const char *type, const char *bytes, size_t len)
{
	Schema *schema;
	Error err;
	Slice in = {(const uint8_t *) bytes, len};

	assert_true(schema_parse(type, &schema, &err));

	const char *problem = walk_value(schema, &in);

	schema_free(schema);
	return problem;
}

static void
test_poison(void **state)
{
	static const char list[] = "{\"type\":\"record\",\"name\":\"n\",\"fields\":[{\"name\":\"next\","
							   "\"type\":[\"null\",\"n\"]}]}";
	char deep[200];

	(void) state;
	memset(deep, 2, sizeof deep);
	deep[sizeof deep - 1] = 0;
	assert_non_null(walk(list, deep, sizeof deep));
	assert_null(walk(list, deep + 190, 10));
	/* 2^36 nulls in five bytes. */
	assert_non_null(
		walk("{\"type\":\"array\",\"items\":\"null\"}", "\x80\x80\x80\x80\x80\x80\x01\x00", 8));
	assert_null(walk("{\"type\":\"array\",\"items\":\"null\"}", "\x06\x00", 2));
	/* A block of -1 items carries its size. */
	assert_null(walk("{\"type\":\"array\",\"items\":\"int\"}", "\x01\x02\x02\x00", 4));
	assert_non_null(walk("\"string\"", "\x01", 1));
	assert_non_null(walk("\"bytes\"", "\xfe\xff\xff\xff\x0f", 5));
	assert_non_null(walk("\"boolean\"", "\x05", 1));
	assert_non_null(walk("[\"null\",\"int\"]", "\x04", 1));
	assert_non_null(walk("[\"null\",\"int\"]", "\x01", 1));
	assert_non_null(
		walk("{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\",\"B\"]}", "\x14", 1));
}

/* Keys come first, also when the record has them last; a null among them is refused. */
static void
test_keys(void **state)
{
	Fixture *fixture = *state;
	char *fields[] = {"s"};
	const Settings settings = {.insert_mode = INSERT_MODE_UPSERT,
							   .pk_mode = PK_MODE_RECORD_VALUE,
							   .pk_fields = {fields, 1}};
	uint64_t seed = 10;
	Error err;
	Plan *plan;
	Buffer out;

	assert_true(plan_new(&settings, "t", &table, NULL, fixture->schema, &plan, &err));
	assert_int_equal(plan->key_count, 1);
	assert_string_equal(plan->columns[0].column->name, "s");
	assert_int_equal(plan->count, COUNT(columns));
	buffer_init(&out, 1 << 20);
	for (int i = 0; i < 100; i++)
	{
		PlanRow row;
		Row drawn;
		const char *where = NULL;

		draw(&drawn, &seed);
		buffer_clear(&out);

		const char *problem =
			plan_encode(plan, SLICE_ABSENT, oracle(fixture, &drawn), NULL, &out, &row, &where);

		assert_int_equal(problem == NULL, drawn.has_s);
		if (problem != NULL)
			assert_string_equal(where, "s");
		else
			assert_int_equal(row.key_len, 4 + strlen(drawn.s));
	}
	buffer_done(&out);
	plan_free(plan);
}

static void
test_missing_column(void **state)
{
	Fixture *fixture = *state;
	char *whitelist[] = {"i", "l"};
	const Table small = {.name = "public.t",
						 .sql = "\"public\".\"t\"",
						 .bare = "t",
						 .columns = columns,
						 .count = COUNT(columns) - 1};
	Settings settings = {0};
	Error err;
	Plan *plan;

	assert_false(plan_new(&settings, "t", &small, NULL, fixture->schema, &plan, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.message, "alter table \"public\".\"t\" add column \"a\" integer[]"));
	settings.whitelist = (OptionList){whitelist, COUNT(whitelist)};
	assert_true(plan_new(&settings, "t", &small, NULL, fixture->schema, &plan, &err));
	assert_int_equal(plan->count, 2);
	plan_free(plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_truncated, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_hostile, set_up, tear_down),
		cmocka_unit_test(test_poison),
		cmocka_unit_test_setup_teardown(test_keys, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_missing_column, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

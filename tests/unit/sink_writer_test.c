/*
 * tests/unit/sink_writer_test.c - the statements, letter for letter.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/avro.h"
#include "sink/pgtypes.h"
#include "sink/writer.h"

#include <stdlib.h>
#include <string.h>

static Column columns[] = {
	{.number = 1,
	 .name = "id",
	 .quoted = "\"id\"",
	 .type_sql = "integer",
	 .equals = "=",
	 .type = {.oid = PG_INT4}},
	{.number = 2, .name = "v", .quoted = "\"v\"", .type_sql = "inet", .type = {.oid = 869}},
};

static Index indexes[] = {{.columns = {1}, .count = 1, .arbiter = true, .ordered = true}};

static Table table = {.name = "s.t",
					  .sql = "\"s\".\"t\"",
					  .only = "only \"s\".\"t\"",
					  .bare = "t",
					  .oid = 5,
					  .columns = columns,
					  .count = COUNT(columns),
					  .indexes = indexes,
					  .index_count = COUNT(indexes)};

static Schema *schema;
static Plan *plan;
static Settings settings;
static char *keys[] = {"id"};

static int
set_up(void **state)
{
	Error err;

	(void) state;
	settings = (Settings){
		.insert_mode = INSERT_MODE_UPSERT, .pk_mode = PK_MODE_RECORD_VALUE, .pk_fields = {keys, 1}};
	table.index_count = COUNT(indexes);
	columns[0].identity = false;
	if (!schema_parse("{\"type\":\"record\",\"name\":\"t\",\"fields\":[{\"name\":\"v\","
					  "\"type\":[\"null\",\"string\"]},{\"name\":\"id\",\"type\":\"int\"}]}",
					  &schema, &err) ||
		!plan_new(&settings, "t", &table, NULL, schema, &plan, &err))
		fail_msg("%s", err.message);
	plan->number = 3;
	return 0;
}

static int
tear_down(void **state)
{
	(void) state;
	plan_free(plan);
	schema_free(schema);
	return 0;
}

static void
assert_sql(Buffer *sql, const char *expected)
{
	assert_string_equal(buffer_text(sql), expected);
	buffer_clear(sql);
}

static void
test_copy(void **state)
{
	Buffer sql;

	(void) state;
	buffer_init(&sql, 1 << 16);
	writer_copy(&sql, plan, false);
	assert_sql(&sql, "copy \"s\".\"t\" (\"id\", \"v\") from stdin (format binary);");
	writer_copy(&sql, plan, true);
	assert_sql(&sql, "copy pg_temp.wal2avro_3 (\"id\", \"v\") from stdin (format binary);");
	/* The column without a binary form travels as text and is cast. */
	assert_true(plan->staged);
	writer_create_staging(&sql, plan, false);
	assert_sql(&sql,
			   "create temporary table if not exists pg_temp.wal2avro_3 (\"id\" integer, \"v\" "
			   "pg_catalog.text) on commit delete rows;");
	writer_apply(&sql, plan, false, WRITER_CONFLICT, 9);
	assert_sql(&sql, "insert into \"s\".\"t\" as d (\"id\", \"v\") select \"id\", \"v\"::inet as "
					 "\"v\" from pg_temp.wal2avro_3 limit 9;");
	buffer_done(&sql);
}

static void
test_upsert(void **state)
{
	Buffer sql;

	(void) state;
	buffer_init(&sql, 1 << 16);
	assert_int_equal(writer_way(plan, 150000), WRITER_CONFLICT);
	writer_apply(&sql, plan, true, WRITER_CONFLICT, 9);
	assert_sql(&sql,
			   "insert into \"s\".\"t\" as d (\"id\", \"v\") select \"id\", \"v\"::inet as "
			   "\"v\" from pg_temp.wal2avro_3 limit 9 on conflict (\"id\") do update set \"v\" = "
			   "excluded.\"v\";");
	table.index_count = 0;
	assert_int_equal(writer_way(plan, 150000), WRITER_MERGE);
	writer_apply(&sql, plan, true, WRITER_MERGE, 9);
	assert_sql(&sql,
			   "merge into only \"s\".\"t\" as d using (select \"id\", \"v\"::inet as \"v\" "
			   "from pg_temp.wal2avro_3 limit 9) s on d.\"id\" = s.\"id\" when matched then update "
			   "set \"v\" = s.\"v\" when not matched then insert (\"id\", \"v\") values "
			   "(s.\"id\", s.\"v\");");
	assert_int_equal(writer_way(plan, 140000), WRITER_UPDATE);
	assert_int_equal(writer_statements(plan, true, WRITER_UPDATE), 2);
	writer_apply(&sql, plan, true, WRITER_UPDATE, 9);
	assert_sql(&sql,
			   "update only \"s\".\"t\" as d set \"v\" = s.\"v\" from (select \"id\", "
			   "\"v\"::inet as \"v\" from pg_temp.wal2avro_3 limit 9) s where d.\"id\" = s.\"id\";"
			   "insert into \"s\".\"t\" as d (\"id\", \"v\") select s.\"id\", s.\"v\" from "
			   "(select \"id\", \"v\"::inet as \"v\" from pg_temp.wal2avro_3 limit 9) s where not "
			   "exists (select from only \"s\".\"t\" as d where d.\"id\" = s.\"id\");");
	buffer_done(&sql);
}

static void
test_identity(void **state)
{
	Buffer sql;

	(void) state;
	columns[0].identity = true;
	buffer_init(&sql, 1 << 16);
	writer_apply(&sql, plan, true, WRITER_CONFLICT, 9);
	assert_non_null(strstr(buffer_text(&sql), "(\"id\", \"v\") overriding system value select"));
	buffer_done(&sql);
}

static void
add_row(Batch *batch, int32_t id)
{
	uint8_t value[AVRO_LONG_MAX + 1] = {0};
	const size_t len = (size_t) (avro_put_long(value + 1, id) - value);
	const char *where;

	assert_null(batch_add(batch, INSERT_MODE_UPSERT,
						  &(BatchInput){.plan = plan, .value = {value, len}}, &where));
}

static void
test_probe(void **state)
{
	Batch batch;
	Buffer sql;
	bool possible;

	(void) state;
	batch_init(&batch, 1 << 20);
	buffer_init(&sql, 1 << 16);
	add_row(&batch, 7);
	add_row(&batch, -3);
	add_row(&batch, 5);
	writer_probe(&sql, &batch.tables[0], &possible);
	assert_true(possible);
	assert_sql(&sql, "select (select true from only \"s\".\"t\" where \"id\" >= '-3'::integer and "
					 "\"id\" <= '7'::integer order by \"id\" limit 1) is not null;");
	table.index_count = 0;
	writer_probe(&sql, &batch.tables[0], &possible);
	assert_true(possible);
	assert_sql(&sql, "select (select true from only \"s\".\"t\" where \"id\" >= '-3'::integer and "
					 "\"id\" <= '7'::integer limit 1) is not null;");
	/* Of other types the server alone knows the order. */
	columns[0].type.oid = PG_TEXT;
	writer_probe(&sql, &batch.tables[0], &possible);
	columns[0].type.oid = PG_INT4;
	assert_false(possible);
	assert_sql(&sql, "");
	buffer_done(&sql);
	batch_done(&batch);
}

static void
test_count_columns(void **state)
{
	Buffer sql;

	(void) state;
	buffer_init(&sql, 1 << 16);
	writer_count_columns(
		&sql, &(Table){.oid = 77,
					   .count = 2,
					   .columns = (Column[]){{.number = 1, .name = "id", .type_sql = "integer"},
											 {.number = 4, .name = "it's", .type_sql = "text"}}});
	assert_sql(&sql, "select pg_catalog.count(*) from (values (1, 'id', 'integer'), (4, 'it''s', "
					 "'text')) c (number, name, type) join pg_catalog.pg_attribute on attrelid = "
					 "77 and attnum = number and attname = name and "
					 "pg_catalog.format_type(atttypid, -1) = type;");
	buffer_done(&sql);
}

static void
test_index(void **state)
{
	static char name[80];
	Buffer sql;

	(void) state;
	buffer_init(&sql, 1 << 16);
	writer_create_index(&sql, plan);
	assert_sql(&sql, "create index if not exists \"t_id_wal2avro_idx\" on \"s\".\"t\" (\"id\");");
	/* The suffix stays when the name is cut at 63 bytes. */
	memset(name, 'x', sizeof name - 1);
	table.bare = name;
	writer_create_index(&sql, plan);
	table.bare = "t";

	const char *end = strstr(buffer_text(&sql), "_wal2avro_idx\"");

	assert_non_null(end);
	assert_int_equal(end - strchr(buffer_text(&sql), '"') - 1, 63 - 13);
	buffer_done(&sql);
}

static void
test_update(void **state)
{
	Buffer sql;

	(void) state;
	buffer_init(&sql, 1 << 16);
	assert_int_equal(writer_statements(plan, INSERT_MODE_UPDATE, WRITER_UPDATE), 1);
	writer_apply(&sql, plan, INSERT_MODE_UPDATE, WRITER_CONFLICT, 9);
	assert_sql(&sql, "update only \"s\".\"t\" as d set \"v\" = s.\"v\" from (select \"id\", "
					 "\"v\"::inet as \"v\" from pg_temp.wal2avro_3 limit 9) s where d.\"id\" = "
					 "s.\"id\";");
	writer_count_missing(&sql, plan, 9);
	assert_sql(&sql, "select pg_catalog.count(*) from (select \"id\", \"v\"::inet as \"v\" from "
					 "pg_temp.wal2avro_3 limit 9) s where not exists (select from only "
					 "\"s\".\"t\" as d where d.\"id\" = s.\"id\");");
	buffer_done(&sql);
}

/* Of keys that only the server takes for equal, the last row is taken. */
static void
test_loose_key(void **state)
{
	Plan *loose;
	Error err;
	Buffer sql;

	(void) state;
	assert_false(plan->loose);
	columns[0].type.oid = PG_NUMERIC;
	columns[0].type_sql = "numeric";
	assert_true(plan_new(&settings, "t", &table, NULL, schema, &loose, &err));
	columns[0].type.oid = PG_INT4;
	columns[0].type_sql = "integer";
	assert_true(loose->loose);
	loose->number = 4;
	buffer_init(&sql, 1 << 16);
	writer_create_staging(&sql, loose, false);
	assert_sql(&sql,
			   "create temporary table if not exists pg_temp.wal2avro_4 (\"id\" integer, \"v\" "
			   "pg_catalog.text, wal2avro_row bigint generated always as identity) on commit "
			   "delete rows;");
	writer_apply(&sql, loose, INSERT_MODE_UPDATE, WRITER_CONFLICT, 9);
	assert_sql(&sql, "update only \"s\".\"t\" as d set \"v\" = s.\"v\" from (select \"id\", \"v\" "
					 "from (select distinct on (\"id\") \"id\", \"v\"::inet as \"v\" from "
					 "pg_temp.wal2avro_4 order by \"id\", wal2avro_row desc) k limit 9) s where "
					 "d.\"id\" = s.\"id\";");
	buffer_done(&sql);
	plan_free(loose);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_copy, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_upsert, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_identity, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_probe, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_count_columns, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_index, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_update, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_loose_key, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * tests/unit/relay_options_test.c - the seed's file as it stands, and what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/memory.h"
#include "relay/options.h"

#include <string.h>

/* The seed's source connector. */
static const char *const seed[][2] = {
	{"name", "jdbc-source-postgres"},
	{"connector.class", "io.confluent.connect.jdbc.JdbcSourceConnector"},
	{"connection.url", "jdbc:postgresql://postgres-source:5432/pg_source"},
	{"connection.user", "postgres"},
	{"connection.password", "postgres"},
	{"table.whitelist", "t_orders"},
	{"mode", "incrementing"},
	{"incrementing.column.name", "id"},
	{"topic.prefix", "pg_source_"},
	{"poll.interval.ms", "5000"},
	{"tasks.max", "1"},
	{"key.converter", "io.confluent.connect.avro.AvroConverter"},
	{"key.converter.schema.registry.url", "http://schema-registry:8081"},
	{"value.converter", "io.confluent.connect.avro.AvroConverter"},
	{"value.converter.schema.registry.url", "http://schema-registry:8081"},
};

typedef struct Change
{
	const char *name;
	const char *value; /* NULL: left out */
} Change;

#define CHANGES_MAX 4

static bool
parse(const Change changes[CHANGES_MAX], const Properties *worker, RelayOptions *out, Error *err)
{
	Properties *connector = properties_new();
	Properties *nothing = properties_new();
	bool ok;

	for (size_t i = 0; i < COUNT(seed); i++)
	{
		bool left_out = false;

		for (int k = 0; k < CHANGES_MAX && changes[k].name != NULL; k++)
			left_out |= changes[k].value == NULL && strcmp(changes[k].name, seed[i][0]) == 0;
		if (!left_out)
			properties_set(connector, seed[i][0], seed[i][1]);
	}
	for (int k = 0; k < CHANGES_MAX && changes[k].name != NULL; k++)
		if (changes[k].value != NULL)
			properties_set(connector, changes[k].name, changes[k].value);
	ok = relay_options_parse(connector, worker == NULL ? nothing : worker, out, err);
	properties_free(connector);
	properties_free(nothing);
	return ok;
}

static RelayOptions
parsed(const Change changes[CHANGES_MAX], const Properties *worker)
{
	RelayOptions options;
	Error err = {0};

	if (!parse(changes, worker, &options, &err))
		fail_msg("%s", err.message);
	return options;
}

static void
the_seed_is_taken_as_it_stands(void **state)
{
	RelayOptions options = parsed((const Change[CHANGES_MAX]){{0}}, NULL);

	(void) state;
	assert_string_equal(options.name, "jdbc-source-postgres");
	assert_string_equal(options.slot, "wal2avro_jdbc_source_postgres");
	assert_string_equal(options.topic_prefix, "pg_source_");
	assert_string_equal(options.user, "postgres");
	assert_int_equal(options.tables.count, 1);
	assert_true(tables_selected(&options.tables, "public", "t_orders"));
	assert_false(tables_selected(&options.tables, "public", "t_order"));
	assert_int_equal(options.snapshot_mode, SNAPSHOT_INITIAL);
	assert_false(options.tombstones);
	assert_string_equal(relay_time_precision(&options), "connect");
	assert_string_equal(options.value_converter.registry_urls, "http://schema-registry:8081");
	assert_string_equal(options.offsets_topic, "connect-offsets");
	relay_options_done(&options);
}

static void
our_class_rounds_nothing_and_sends_deletes(void **state)
{
	RelayOptions options =
		parsed((const Change[CHANGES_MAX]){{"connector.class", "wal2avro.SourceConnector"}}, NULL);

	(void) state;
	assert_true(options.tombstones);
	assert_string_equal(relay_time_precision(&options), "microseconds");
	relay_options_done(&options);
}

static void
the_worker_speaks_where_the_file_is_silent(void **state)
{
	Properties *worker = properties_new();
	RelayOptions options;

	(void) state;
	properties_set(worker, "value.converter.schema.registry.url", "http://worker:1");
	properties_set(worker, "offset.storage.topic", "offsets");
	options = parsed((const Change[CHANGES_MAX]){{"key.converter.schema.registry.url", NULL},
												 {"value.converter.schema.registry.url", NULL}},
					 worker);
	assert_string_equal(options.value_converter.registry_urls, "http://worker:1");
	assert_string_equal(options.key_converter.registry_urls, "http://worker:1");
	assert_string_equal(options.offsets_topic, "offsets");
	relay_options_done(&options);
	options = parsed((const Change[CHANGES_MAX]){{0}}, worker);
	assert_string_equal(options.value_converter.registry_urls, "http://schema-registry:8081");
	relay_options_done(&options);
	properties_free(worker);
}

static void
headers_are_chosen_by_name(void **state)
{
	RelayOptions options =
		parsed((const Change[CHANGES_MAX]){{"add.headers", "op, source.ts_ms"}}, NULL);

	(void) state;
	assert_int_equal(options.headers, HEADER_OP | HEADER_SOURCE_TS_MS);
	relay_options_done(&options);
}

static void
tables_reach_the_plugin_quoted(void **state)
{
	RelayOptions options =
		parsed((const Change[CHANGES_MAX]){{"table.whitelist", "a, s.b, \"x.y\".\"q\"\"r\""},
										   {"schema.pattern", "public"}},
			   NULL);
	AUTO_TEXT char *text = tables_to_text(&options.tables);

	(void) state;
	assert_string_equal(text, "\"public\".\"a\",\"s\".\"b\",\"x.y\".\"q\"\"r\"");
	assert_true(tables_selected(&options.tables, "x.y", "q\"r"));
	assert_false(tables_selected(&options.tables, "other", "a"));
	relay_options_done(&options);
}

static void
an_excluded_table_leaves_all_others(void **state)
{
	RelayOptions options = parsed(
		(const Change[CHANGES_MAX]){{"table.whitelist", NULL}, {"table.exclude.list", "s.b"}},
		NULL);

	(void) state;
	assert_true(tables_selected(&options.tables, "public", "b"));
	assert_false(tables_selected(&options.tables, "s", "b"));
	relay_options_done(&options);
}

/* Each with what its message must have. */
static const struct
{
	Change changes[CHANGES_MAX];
	const char *error;
} refused[] = {
	{{{"connector.class", "io.debezium.connector.postgresql.PostgresConnector"}},
	 "io.debezium.connector.postgresql.PostgresConnector"},
	{{{"connector.class", NULL}}, "connector.class"},
	{{{"topic.prefix", NULL}}, "topic.prefix"},
	{{{"connection.url", NULL}}, "connection.url"},
	{{{"mode", "bulk"}}, "bulk"},
	{{{"mode", "sideways"}}, "sideways"},
	{{{"query", "select 1"}}, "query"},
	{{{"query.suffix", "x"}}, "query.suffix"},
	{{{"table.blacklist", "a"}}, "contradict"},
	{{{"table.whitelist", "public.*"}}, "regular expression"},
	{{{"table.whitelist", "a.b.c"}}, "a.b.c"},
	{{{"table.whitelist", "\"a"}}, "is not a table"},
	{{{"schema.pattern", "pub%"}}, "schema.pattern"},
	{{{"numeric.mapping", "best_fit"}}, "numeric.mapping"},
	{{{"skipped.operations", "none"}}, "skipped.operations"},
	{{{"value.converter", "org.apache.kafka.connect.json.JsonConverter"}}, "JsonConverter"},
	{{{"key.converter.schema.registry.url", "http://elsewhere:1"}}, "different registries"},
	{{{"value.converter.schema.registry.url", NULL}}, "value.converter.schema.registry.url"},
	{{{"value.converter.auto.register.schemas", "false"}}, "auto.register.schemas"},
	{{{"slot.name", "Big-Slot"}}, "Big-Slot"},
	{{{"name", "a-name-that-is-so-long-that-with-the-prefix-it-has-more-than-63"}}, "slot.name"},
	{{{"add.headers", "op,colour"}}, "colour"},
	{{{"transforms", "x"}}, "transforms"},
	{{{"exactly.once.support", "required"}}, "exactly.once.support"},
	{{{"status.interval.ms", "soon"}}, "status.interval.ms"},
	{{{"tombstones.on.delete", "perhaps"}}, "tombstones.on.delete"},
};

static void
what_cannot_be_honoured_is_refused_by_name(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(refused); i++)
	{
		RelayOptions options;
		Error err = {0};

		if (parse(refused[i].changes, NULL, &options, &err) || err.kind != ERROR_CONFIG ||
			strstr(err.message, refused[i].error) == NULL)
			fail_msg("%s=%s: \"%s\"", refused[i].changes[0].name, refused[i].changes[0].value,
					 err.message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_seed_is_taken_as_it_stands),
		cmocka_unit_test(our_class_rounds_nothing_and_sends_deletes),
		cmocka_unit_test(the_worker_speaks_where_the_file_is_silent),
		cmocka_unit_test(headers_are_chosen_by_name),
		cmocka_unit_test(tables_reach_the_plugin_quoted),
		cmocka_unit_test(an_excluded_table_leaves_all_others),
		cmocka_unit_test(what_cannot_be_honoured_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

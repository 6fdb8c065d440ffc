/*
 * tests/unit/relay_options_test.c - the seed's file as it stands, and what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/memory.h"
#include "relay/options.h"
#include "relay/shape.h"

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
check_tables(const RelayOptions *options, const char *names, const char *patterns)
{
	AUTO_TEXT char *names_found = tables_to_text(&options->tables);
	AUTO_TEXT char *patterns_found = tables_patterns_to_text(&options->tables);

	assert_string_equal(names_found, names);
	assert_string_equal(patterns_found, patterns);
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
	check_tables(&options, "\"t_orders\"", "");
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
	assert_string_equal(relay_column_types(&options), "all");
	relay_options_done(&options);
}

static void
values_are_shaped_as_asked(void **state)
{
	RelayOptions options = parsed((const Change[CHANGES_MAX]){{"numeric.mapping", "best_fit"},
															  {"binary.handling.mode", "hex"},
															  {"interval.handling.mode", "string"},
															  {"hstore.handling.mode", "map"}},
								  NULL);

	(void) state;
	assert_string_equal(relay_numeric_mapping(&options), "best_fit");
	assert_string_equal(relay_binary_handling(&options), "hex");
	assert_string_equal(relay_interval_handling(&options), "string");
	assert_string_equal(relay_hstore_handling(&options), "map");
	assert_string_equal(relay_schema_style(&options), "jdbc");
	assert_string_equal(relay_column_types(&options), "extra");
	relay_options_done(&options);
}

static void
types_of_the_source_are_one_expression_each(void **state)
{
	RelayOptions options = parsed((const Change[CHANGES_MAX]){{"column.propagate.source.type",
															   "public\\.a.*,public\\.b\\.c"}},
								  NULL);
	AUTO_TEXT char *shape = shape_of(&options);
	AUTO_TEXT char *row_options = shape_row_options(shape);

	(void) state;
	assert_string_equal(relay_source_columns(&options), "public\\.a.*|public\\.b\\.c");
	assert_string_equal(relay_source_datatypes(&options), "");
	assert_non_null(
		strstr(row_options, "column.propagate.source.type=public\\.a.*|public\\.b\\.c"));
	assert_null(strstr(row_options, "datatype"));
	relay_options_done(&options);
}

/* The older property of the JDBC source, which has a say where the newer one is silent. */
static void
an_older_property_maps_numerics_too(void **state)
{
	RelayOptions options =
		parsed((const Change[CHANGES_MAX]){{"numeric.precision.mapping", "true"}}, NULL);

	(void) state;
	assert_string_equal(relay_numeric_mapping(&options), "precision_only");
	relay_options_done(&options);
	options = parsed((const Change[CHANGES_MAX]){{"numeric.precision.mapping", "true"},
												 {"numeric.mapping", "best_fit"}},
					 NULL);
	assert_string_equal(relay_numeric_mapping(&options), "best_fit");
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
	assert_int_equal(options.headers_count, 2);
	assert_int_equal(options.headers[0].field, HEADER_OP);
	assert_string_equal(options.headers[0].name, "__op");
	assert_int_equal(options.headers[1].field, HEADER_SOURCE_TS_MS);
	assert_string_equal(options.headers[1].name, "__source_ts_ms");
	relay_options_done(&options);
}

static void
tables_reach_the_plugin_quoted(void **state)
{
	RelayOptions options =
		parsed((const Change[CHANGES_MAX]){{"table.whitelist", "a, s.b, \"x.y\".\"q\"\"r\""},
										   {"schema.pattern", "public"}},
			   NULL);

	(void) state;
	check_tables(&options, "\"public\".\"a\",\"s\".\"b\",\"x.y\".\"q\"\"r\"", "");
	relay_options_done(&options);
}

static void
an_excluded_table_leaves_all_others(void **state)
{
	RelayOptions options = parsed(
		(const Change[CHANGES_MAX]){{"table.whitelist", NULL}, {"table.exclude.list", "s.b"}},
		NULL);

	(void) state;
	assert_true(options.tables.exclude);
	check_tables(&options, "\"s\".\"b\"", "");
	relay_options_done(&options);
}

static void
tables_may_be_regular_expressions(void **state)
{
	RelayOptions options =
		parsed((const Change[CHANGES_MAX]){{"table.whitelist", NULL},
										   {"table.include.list",
											"a, public\\.o.*, (?i)orders|x[0-9]+, \"b*\""}},
			   NULL);
	AUTO_TEXT char *sql = tables_to_sql(&options.tables);

	(void) state;
	check_tables(&options, "\"a\",\"b*\"", "^(?:public\\.o.*)$,(?i)^(?:orders|x[0-9]+)$");
	assert_non_null(strstr(sql, "c.relname = E'a' or c.relname = E'b*'"));
	assert_non_null(strstr(sql, "~ E'^(?:public\\\\.o.*)$'"));
	relay_options_done(&options);
}

static void
a_pattern_of_schemas_stands_for_tables_without_one(void **state)
{
	RelayOptions options = parsed((const Change[CHANGES_MAX]){{"table.whitelist", "a, s.b, c,d"},
															  {"schema.pattern", "app_%"}},
								  NULL);

	(void) state;
	check_tables(&options, "\"s\".\"b\"", "^(?:app_.*\\.a)$,^(?:app_.*\\.c)$,^(?:app_.*\\.d)$");
	assert_null(options.tables.only);
	relay_options_done(&options);
	options = parsed(
		(const Change[CHANGES_MAX]){{"table.whitelist", NULL}, {"schema.pattern", "app-1"}}, NULL);
	check_tables(&options, "", "");
	assert_string_equal(options.tables.only, "^(?:app\\-1\\..*)$");
	relay_options_done(&options);
	options = parsed((const Change[CHANGES_MAX]){{"table.whitelist", NULL},
												 {"table.blacklist", "t"},
												 {"schema.pattern", "public"}},
					 NULL);
	check_tables(&options, "\"public\".\"t\"", "");
	assert_string_equal(options.tables.only, "^(?:public\\..*)$");
	relay_options_done(&options);
}

static void
transformations_shape_topics_keys_headers_and_deletes(void **state)
{
	Properties *connector = properties_new();
	Properties *worker = properties_new();
	static const char *const changes[][2] = {
		{"transforms", "strip,key,flat,key2"},
		{"transforms.strip.type", "org.apache.kafka.connect.transforms.RegexRouter"},
		{"transforms.strip.regex", "pg_source_(.*)"},
		{"transforms.strip.replacement", "out.$1"},
		{"transforms.key.type", "org.apache.kafka.connect.transforms.ValueToKey"},
		{"transforms.key.fields", "a"},
		{"transforms.key2.type", "org.apache.kafka.connect.transforms.ValueToKey"},
		{"transforms.key2.fields", "id,q\"r"},
		{"transforms.flat.type", "io.debezium.transforms.ExtractNewRecordState"},
		{"transforms.flat.add.headers", "op,source.table,lsn:position"},
		{"transforms.flat.add.headers.prefix", "x-"},
		{"transforms.flat.delete.tombstone.handling.mode", "tombstone"},
	};
	RelayOptions options;
	Error err = {0};

	(void) state;
	for (size_t i = 0; i < COUNT(seed); i++)
		properties_set(connector, seed[i][0], seed[i][1]);
	for (size_t i = 0; i < COUNT(changes); i++)
		properties_set(connector, changes[i][0], changes[i][1]);
	if (!relay_options_parse(connector, worker, &options, &err))
		fail_msg("%s", err.message);

	AUTO_TEXT char *topic = relay_topic(&options, "public", "t_orders");
	AUTO_TEXT char *columns = relay_key_columns(&options);

	assert_string_equal(topic, "out.t_orders");
	assert_string_equal(columns, "\"id\";\"q\"\"r\"");
	assert_int_equal(options.headers_count, 3);
	assert_string_equal(options.headers[0].name, "x-op");
	assert_string_equal(options.headers[1].name, "x-source_table");
	assert_string_equal(options.headers[2].name, "x-position");
	assert_true(options.tombstones);
	relay_options_done(&options);
	properties_set(connector, "tombstones.on.delete", "false");
	assert_true(relay_options_parse(connector, worker, &options, &err));
	assert_false(options.tombstones);
	relay_options_done(&options);
	properties_set(connector, "transforms.flat.delete.tombstone.handling.mode",
				   "delete-to-tombstone");
	assert_true(relay_options_parse(connector, worker, &options, &err));
	assert_true(options.tombstones);
	relay_options_done(&options);
	properties_free(connector);
	properties_free(worker);
}

static void
keys_and_values_may_have_registries_of_their_own(void **state)
{
	static const char key[] = "{\"type\":\"record\",\"name\":\"t_key\",\"namespace\":\"a.b\"}";
	RelayOptions options = parsed(
		(const Change[CHANGES_MAX]){
			{"key.converter.schema.registry.url", "http://elsewhere:1"},
			{"key.converter.key.subject.name.strategy", "TopicRecordNameStrategy"},
			{"value.converter.auto.register.schemas", "false"},
			{"value.converter.use.latest.version", "true"}},
		NULL);
	AUTO_TEXT char *key_subject =
		converter_subject(&options.key_converter, "key", "t", slice_text(key));
	AUTO_TEXT char *value_subject =
		converter_subject(&options.value_converter, "value", "t", slice_text(key));

	(void) state;
	assert_false(converter_same_registry(&options.key_converter, &options.value_converter));
	assert_int_equal(options.key_converter.source, SCHEMA_REGISTER);
	assert_int_equal(options.value_converter.source, SCHEMA_LATEST);
	assert_string_equal(key_subject, "t-a.b.t_key");
	assert_string_equal(value_subject, "t-value");
	relay_options_done(&options);
}

static void
a_converter_of_its_own_inherits_nothing_of_another(void **state)
{
	Properties *worker = properties_new();
	RelayOptions options;

	(void) state;
	properties_set(worker, "key.converter", "org.apache.kafka.connect.storage.StringConverter");
	properties_set(worker, "key.converter.use.schema.id", "7");
	properties_set(worker, "value.converter", "AvroConverter");
	properties_set(worker, "value.converter.normalize.schemas", "true");
	options = parsed((const Change[CHANGES_MAX]){{0}}, worker);
	assert_int_equal(options.key_converter.kind, CONVERTER_AVRO);
	assert_int_equal(options.key_converter.schema_id, -1);
	assert_true(options.value_converter.normalize);
	relay_options_done(&options);
	options = parsed((const Change[CHANGES_MAX]){{"key.converter", NULL}}, worker);
	assert_int_equal(options.key_converter.kind, CONVERTER_STRING);
	relay_options_done(&options);
	properties_free(worker);
}

static void
all_errors_are_reported_by_property(void **state)
{
	Properties *connector = properties_new();
	Properties *worker = properties_new();
	AUTO(Report) *report = report_new();
	RelayOptions options;

	(void) state;
	properties_set(connector, "name", "n");
	properties_set(connector, "value.converter", "JsonConverter");
	properties_set(connector, "add.headers", "colour");
	properties_set(connector, "transforms", "x");
	assert_false(relay_options_validate(connector, worker, &options, report));
	assert_int_equal(report_errors(report, "connector.class"), 1);
	assert_int_equal(report_errors(report, "topic.prefix"), 1);
	assert_int_equal(report_errors(report, "value.converter"), 1);
	assert_int_equal(report_errors(report, "add.headers"), 1);
	assert_int_equal(report_errors(report, "transforms.x.type"), 1);
	relay_options_done(&options);
	properties_free(connector);
	properties_free(worker);
}

/* Each with what its message must have. */
static const struct
{
	Change changes[CHANGES_MAX];
	const char *error;
} refused[] = {
	{{{"connector.class", NULL}}, "connector.class"},
	{{{"schema.include.list", "public"}}, "schema.pattern"},
	{{{"topic.prefix", NULL}}, "topic.prefix"},
	{{{"connection.url", NULL}}, "connection.url"},
	{{{"connection.url", "jdbc:mysql://h/d"}}, "connection.url: the URL is of another database"},
	{{{"connection.url", "jdbc:postgresql://h/d?no=1"}}, "\"no\""},
	{{{"mode", "bulk"}}, "bulk"},
	{{{"mode", "sideways"}}, "sideways"},
	{{{"query", "select 1"}}, "query"},
	{{{"query.suffix", "x"}}, "query.suffix"},
	{{{"table.blacklist", "a"}}, "contradict"},
	{{{"table.whitelist", "public.*"}}, "regular expression"},
	{{{"table.whitelist", NULL}, {"table.include.list", "("}}, "table.include.list"},
	{{{"table.whitelist", NULL}, {"table.include.list", "a\\b.*"}}, "otherwise than Java"},
	{{{"table.whitelist", NULL}, {"table.exclude.list", "a++"}}, "otherwise than Java"},
	{{{"table.include.list", "a"}}, "contradict"},
	{{{"table.whitelist", "a.b.c"}}, "a.b.c"},
	{{{"table.whitelist", "\"a"}}, "is not a table"},
	{{{"numeric.mapping", "best"}}, "numeric.mapping"},
	{{{"binary.handling.mode", "hexadecimal"}}, "binary.handling.mode"},
	{{{"column.propagate.source.type", "a("}}, "column.propagate.source.type"},
	{{{"datatype.propagate.source.type", "\"a\".*"}}, "quote"},
	{{{"skipped.operations", "c,x"}}, "skipped.operations"},
	{{{"skipped.operations", "r"}}, "skipped.operations"},
	{{{"skipped.operations", "t,none"}}, "skipped.operations"},
	{{{"truncate.partitions", "all"}}, "truncate.partitions"},
	{{{"value.converter", "org.apache.kafka.connect.json.JsonConverter"}}, "JsonConverter"},
	{{{"value.converter", "org.apache.kafka.connect.storage.StringConverter"}}, "columns"},
	{{{"key.converter", "org.apache.kafka.connect.converters.LongConverter"}}, "LongConverter"},
	{{{"key.converter", "com.example.Mine"}}, "no Java here"},
	{{{"value.converter.schema.registry.url", NULL}}, "value.converter.schema.registry.url"},
	{{{"value.converter.use.latest.version", "true"}}, "auto.register.schemas=false"},
	{{{"key.converter.use.schema.id", "4"}}, "key.converter.auto.register.schemas=false"},
	{{{"value.converter.value.subject.name.strategy", "com.example.S"}}, "TopicNameStrategy"},
	{{{"value.converter.basic.auth.credentials.source", "SASL_INHERIT"}}, "SASL_INHERIT"},
	{{{"value.converter.bearer.auth.issuer.endpoint.url", "http://x"}}, "bearer.auth.token"},
	{{{"value.converter.bearer.auth.token", "t"}, {"value.converter.basic.auth.user.info", "u:p"}},
	 "basic.auth.user.info"},
	{{{"value.converter.schema.registry.ssl.truststore.type", "JKS"}}, "PEM"},
	{{{"predicates", "p"}}, "predicates"},
	{{{"producer.override.acks", "1"}}, "producer.override.acks"},
	{{{"producer.override.enable.idempotence", "false"}}, "enable.idempotence=true"},
	{{{"admin.override.nonsense", "1"}}, "admin.override.nonsense"},
	{{{"topic.creation.groups", "g"}}, "topic.creation.g.include"},
	{{{"slot.name", "Big-Slot"}}, "Big-Slot"},
	{{{"name", "a-name-that-is-so-long-that-with-the-prefix-it-has-more-than-63"}}, "slot.name"},
	{{{"add.headers", "op,colour"}}, "colour"},
	{{{"transforms", "x"}}, "transforms.x.type"},
	{{{"transforms", "x"}, {"transforms.x.type", "com.example.Mine"}}, "com.example.Mine"},
	{{{"transforms", "x"}, {"transforms.x.type", "ValueToKey"}, {"transforms.x.fields", "a,b,a"}},
	 "transforms.x.fields"},
	{{{"transforms", "x"},
	  {"transforms.x.type", "ExtractNewRecordState"},
	  {"transforms.x.add.fields", "op"}},
	 "transforms.x.add.fields"},
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
		cmocka_unit_test(values_are_shaped_as_asked),
		cmocka_unit_test(an_older_property_maps_numerics_too),
		cmocka_unit_test(types_of_the_source_are_one_expression_each),
		cmocka_unit_test(the_worker_speaks_where_the_file_is_silent),
		cmocka_unit_test(headers_are_chosen_by_name),
		cmocka_unit_test(tables_reach_the_plugin_quoted),
		cmocka_unit_test(an_excluded_table_leaves_all_others),
		cmocka_unit_test(tables_may_be_regular_expressions),
		cmocka_unit_test(a_pattern_of_schemas_stands_for_tables_without_one),
		cmocka_unit_test(transformations_shape_topics_keys_headers_and_deletes),
		cmocka_unit_test(keys_and_values_may_have_registries_of_their_own),
		cmocka_unit_test(a_converter_of_its_own_inherits_nothing_of_another),
		cmocka_unit_test(what_cannot_be_honoured_is_refused_by_name),
		cmocka_unit_test(all_errors_are_reported_by_property),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

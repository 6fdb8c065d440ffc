/*
 * tests/unit/sink_settings_test.c - the seed's file is taken as it is; contradictions and what is
 * not there yet are refused with the way out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "sink/settings.h"

#include <stdlib.h>
#include <string.h>

#define AVRO "io.confluent.connect.avro.AvroConverter"

/* The seed's sink connector. */
static Properties *
seed(void)
{
	static const char *const pairs[][2] = {
		{"name", "jdbc-sink-postgres"},
		{"connector.class", "io.confluent.connect.jdbc.JdbcSinkConnector"},
		{"connection.url", "jdbc:postgresql://postgres-dest:5432/pg_dest"},
		{"connection.user", "postgres"},
		{"connection.password", "postgres"},
		{"topics", "pg_source_t_orders"},
		{"fields.whitelist", "id,num,dt"},
		{"auto.create", "false"},
		{"auto.evolve", "false"},
		{"insert.mode", "upsert"},
		{"pk.mode", "record_value"},
		{"pk.fields", "id"},
		{"tasks.max", "1"},
		{"key.converter", AVRO},
		{"key.converter.schema.registry.url", "http://schema-registry:8081"},
		{"value.converter", AVRO},
		{"value.converter.schema.registry.url", "http://schema-registry:8081"},
	};
	Properties *properties = properties_new();

	for (size_t i = 0; i < COUNT(pairs); i++)
		properties_set(properties, pairs[i][0], pairs[i][1]);
	return properties;
}

static void
test_seed(void **state)
{
	Properties *connector = seed();
	Properties *worker = properties_new();
	Settings settings;
	Error err;

	(void) state;
	if (!settings_load(connector, worker, &settings, &err))
		fail_msg("%s", err.message);
	assert_string_equal(settings.name, "jdbc-sink-postgres");
	assert_int_equal(settings.insert_mode, INSERT_MODE_UPSERT);
	assert_int_equal(settings.pk_mode, PK_MODE_RECORD_VALUE);
	assert_int_equal(settings.pk_fields.count, 1);
	assert_int_equal(settings.whitelist.count, 3);
	assert_false(settings.delete_enabled);
	assert_true(settings.auto_index);
	assert_int_equal(settings.batch_rows, 100000);

	char *table = settings_table(&settings, "pg_source_t_orders");

	assert_string_equal(table, "pg_source_t_orders");
	free(table);
	settings_done(&settings);
	properties_free(connector);
	properties_free(worker);
}

static void
test_table_format(void **state)
{
	Settings settings = {.table_format = "s.x_${topic}_${topic}"};
	char *table = settings_table(&settings, "t");

	(void) state;
	assert_string_equal(table, "s.x_t_t");
	free(table);
}

/* The converters come from the worker where the connector has none. */
static void
test_worker_converters(void **state)
{
	Properties *connector = properties_new();
	Properties *worker = properties_new();
	Settings settings;
	Error err;

	(void) state;
	properties_set(connector, "name", "n");
	properties_set(connector, "connection.url", "jdbc:postgresql://h/d");
	properties_set(connector, "topics", "a, b");
	properties_set(worker, "value.converter", AVRO);
	properties_set(worker, "value.converter.schema.registry.url", "http://r:1");
	properties_set(worker, "insert.mode", "nonsense");
	if (!settings_load(connector, worker, &settings, &err))
		fail_msg("%s", err.message);
	assert_string_equal(settings.value_registry_url, "http://r:1");
	assert_int_equal(settings.insert_mode, INSERT_MODE_INSERT);
	assert_int_equal(settings.topics.count, 2);
	settings_done(&settings);
	properties_free(connector);
	properties_free(worker);
}

static void
test_refused(void **state)
{
	static const struct
	{
		const char *name;
		const char *value;
		const char *also;
		const char *also_value;
		const char *says;
	} cases[] = {
		{"connection.url", "jdbc:mysql://h/d", NULL, NULL, "connection.url: the URL is of another"},
		{"insert.mode", "merge", NULL, NULL, "insert, upsert, update"},
		{"pk.mode", "none", NULL, NULL, "set pk.mode"},
		{"pk.mode", "kafka", NULL, NULL, "all three"},
		{"pk.mode", "kafka", "insert.mode", "update", "an offset of its own"},
		{"pk.mode", "record_header", NULL, NULL, "record_key, record_value, kafka"},
		{"pk.fields", "", NULL, NULL, "needs pk.fields"},
		{"delete.enabled", "true", NULL, NULL, "needs pk.mode=record_key"},
		{"delete.enabled", "true", "insert.mode", "insert", "pk.mode=record_key"},
		{"topics", " , ", NULL, NULL, "Must configure one of topics or topics.regex"},
		{"topics", "a,b,a", NULL, NULL, "twice"},
		{"topics", "a,^b", NULL, NULL, "topics.regex"},
		{"topics.regex", "a.*", NULL, NULL,
		 "topics and topics.regex are mutually exclusive options, but both are set."},
		{"topics.regex", "a(", "topics", "", "no regular expression"},
		{"column.naming.prefix", "x_", NULL, NULL, "column.naming.prefix"},
		{"column.naming.strategy", "com.example.Mine", NULL, NULL, "DefaultColumnNamingStrategy"},
		{"primary.key.mode", "record_key", NULL, NULL, "mean the same"},
		{"field.include.list", "a", "field.exclude.list", "b", "take one of them out"},
		{"table.name.format", "${source.table}", NULL, NULL, "only ${topic}"},
		{"errors.deadletterqueue.topic.name", "pg_source_t_orders", NULL, NULL,
		 "The DLQ topic 'pg_source_t_orders' may not be included in the list of topics "
		 "('topics=[pg_source_t_orders]') consumed by the connector"},
		{"transforms", "x", NULL, NULL, "transforms.x.type"},
		{"transforms", "x", "transforms.x.type", "org.apache.kafka.connect.transforms.Cast$Value",
		 "no Java here"},
		{"transforms", "x", "transforms.x.type", "RegexRouter", "transforms.x.regex"},
		{"predicates", "p", NULL, NULL, "predicates"},
		{"value.converter", "org.apache.kafka.connect.json.JsonConverter", NULL, NULL,
		 "JsonConverter"},
		{"value.converter", "org.apache.kafka.connect.storage.StringConverter", NULL, NULL,
		 "no fields"},
		{"key.converter", "org.apache.kafka.connect.json.JsonConverter", "pk.mode", "record_key",
		 "JsonConverter"},
		{"value.converter.schema.registry.url", "", NULL, NULL, "schema.registry.url"},
		{"connector.class", "io.confluent.connect.jdbc.JdbcSourceConnector", NULL, NULL,
		 "connector.class"},
		{"batch.size", "0", NULL, NULL, "batch.size"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Properties *connector = seed();
		Properties *worker = properties_new();
		Settings settings;
		Error err = {0};

		properties_set(connector, cases[i].name, cases[i].value);
		if (cases[i].also != NULL)
			properties_set(connector, cases[i].also, cases[i].also_value);
		if (settings_load(connector, worker, &settings, &err))
			fail_msg("taken: %s=%s", cases[i].name, cases[i].value);
		assert_int_equal(err.kind, ERROR_CONFIG);
		if (strstr(err.message, cases[i].says) == NULL)
			fail_msg("%s=%s says: %s", cases[i].name, cases[i].value, err.message);
		properties_free(connector);
		properties_free(worker);
	}
}

/* Keys that are not read may be written in any way. */
static void
test_unread_keys(void **state)
{
	Properties *connector = seed();
	Properties *worker = properties_new();
	Settings settings;
	Error err;

	(void) state;
	properties_set(connector, "key.converter", "org.apache.kafka.connect.storage.StringConverter");
	assert_true(settings_load(connector, worker, &settings, &err));
	settings_done(&settings);
	properties_free(connector);
	properties_free(worker);
}

/* Settings of the seed with these properties in place of its own, or besides. */
static void
load(const char *const (*pairs)[2], size_t count, const Properties *worker, Settings *settings)
{
	Properties *connector = seed();
	Error err;

	for (size_t i = 0; i < count; i++)
		properties_set(connector, pairs[i][0], pairs[i][1]);
	if (!settings_load(connector, worker, settings, &err))
		fail_msg("%s", err.message);
	properties_free(connector);
}

static void
assert_table(const Settings *settings, const char *topic, const char *expected)
{
	char *table = settings_table(settings, topic);

	assert_string_equal(table, expected);
	free(table);
}

/* Debezium's class: its names, and its names of tables. */
static void
test_debezium(void **state)
{
	static const char *const pairs[][2] = {
		{"name", "dbz"},
		{"connector.class", "io.debezium.connector.jdbc.JdbcSinkConnector"},
		{"connection.url", "jdbc:postgresql://h/d"},
		{"connection.username", "me"},
		{"topics", "srv.inventory.Customers"},
		{"insert.mode", "upsert"},
		{"primary.key.mode", "record_key"},
		{"delete.enabled", "true"},
		{"schema.evolution", "none"},
		{"connection.pool.max_size", "8"},
		{"flush.max.retries", "2"},
		{"hibernate.show_sql", "true"},
		{"use.time.zone", "UTC"},
		{"value.converter.schema.registry.url", "http://r:1"},
		{"key.converter.schema.registry.url", "http://r:1"},
	};
	Properties *connector = properties_new();
	Properties *worker = properties_new();
	Settings settings;
	Error err;

	(void) state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		properties_set(connector, pairs[i][0], pairs[i][1]);
	if (!settings_load(connector, worker, &settings, &err))
		fail_msg("%s", err.message);
	assert_string_equal(settings.user, "me");
	assert_int_equal(settings.pk_mode, PK_MODE_RECORD_KEY);
	assert_int_equal(settings.key_form, KEYS_AVRO);
	assert_true(settings.envelopes);
	assert_false(settings.skip_tombstones);
	assert_false(settings.skip_delete_events);
	assert_table(&settings, "srv.inventory.Customers", "srv_inventory_customers");
	settings_done(&settings);
	properties_set(connector, "quote.identifiers", "true");
	properties_set(connector, "collection.name.format", "s.${topic}");
	assert_true(settings_load(connector, worker, &settings, &err));
	assert_table(&settings, "srv.inventory.Customers", "s.srv_inventory_Customers");
	settings_done(&settings);
	properties_free(connector);
	properties_free(worker);
}

static void
test_fields(void **state)
{
	static const char *const include[][2] = {{"fields.whitelist", ""},
											 {"field.include.list", "a, t:b"}};
	static const char *const exclude[][2] = {{"fields.whitelist", ""},
											 {"field.exclude.list", "a, t:b"}};
	Properties *worker = properties_new();
	Settings settings;

	(void) state;
	load(include, COUNT(include), worker, &settings);
	assert_true(settings_takes(&settings, "t", "a", "a"));
	assert_true(settings_takes(&settings, "u", "x", "a"));
	assert_true(settings_takes(&settings, "t", "b", "b"));
	assert_false(settings_takes(&settings, "u", "b", "b"));
	assert_false(settings_takes(&settings, "t", "c", "c"));
	settings_done(&settings);
	load(exclude, COUNT(exclude), worker, &settings);
	assert_false(settings_takes(&settings, "t", "a", "a"));
	assert_false(settings_takes(&settings, "t", "b", "b"));
	assert_true(settings_takes(&settings, "u", "b", "b"));
	settings_done(&settings);
	properties_free(worker);
}

/* Topics become tables, values become keys, envelopes become rows. */
static void
test_transforms(void **state)
{
	static const char *const routed[][2] = {
		{"transforms", "one, two"},
		{"transforms.one.type", "org.apache.kafka.connect.transforms.RegexRouter"},
		{"transforms.one.regex", "pg_(.*)_t_(.*)"},
		{"transforms.one.replacement", "$1.$2"},
		{"transforms.two.type", "RegexRouter"},
		{"transforms.two.regex", "source"},
		{"transforms.two.replacement", "never"},
	};
	static const char *const keyed[][2] = {
		{"transforms", "k"},
		{"transforms.k.type", "org.apache.kafka.connect.transforms.ValueToKey"},
		{"transforms.k.fields", "id,num"},
		{"pk.mode", "record_key"},
		{"pk.fields", ""},
	};
	static const char *const unwrapped[][2] = {
		{"transforms", "u"},
		{"transforms.u.type", "io.debezium.transforms.ExtractNewRecordState"},
		{"transforms.u.drop.tombstones", "true"},
		{"transforms.u.delete.handling.mode", "none"},
	};
	Properties *worker = properties_new();
	Settings settings;

	(void) state;
	load(routed, COUNT(routed), worker, &settings);
	assert_table(&settings, "pg_source_t_orders", "source.orders");
	assert_table(&settings, "other", "other");
	settings_done(&settings);
	load(keyed, COUNT(keyed), worker, &settings);
	assert_int_equal(settings.pk_mode, PK_MODE_RECORD_VALUE);
	assert_int_equal(settings.key_form, KEYS_UNREAD);
	assert_int_equal(settings.pk_fields.count, 2);
	assert_string_equal(settings.pk_fields.items[1], "num");
	settings_done(&settings);
	load(unwrapped, COUNT(unwrapped), worker, &settings);
	assert_true(settings.envelopes);
	assert_true(settings.skip_tombstones);
	assert_false(settings.skip_delete_events);
	settings_done(&settings);
	properties_free(worker);
}

/* Behind the connector's converter stand the worker's properties, as long as it is the same class.
 */
static void
test_own_converter(void **state)
{
	static const struct
	{
		const char *workers;
		bool inherits;
	} cases[] = {{AVRO, true}, {"Avro", true}, {"org.example.JsonConverter", false}};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Properties *connector = seed();
		Properties *worker = properties_new();
		Settings settings;
		Error err;

		properties_set(worker, "value.converter", cases[i].workers);
		properties_set(worker, "value.converter.schema.registry.url", "http://another:1");
		properties_set(worker, "value.converter.basic.auth.user.info", "somebody:else");
		properties_set(worker, "value.converter.basic.auth.credentials.source", "USER_INFO");
		assert_true(settings_load(connector, worker, &settings, &err));
		assert_string_equal(settings.value_registry_url, "http://schema-registry:8081");
		assert_int_equal(settings.value_registry_source, cases[i].inherits ? 1 : 0);
		if (cases[i].inherits)
			assert_string_equal(settings.value_registry_auth, "somebody:else");
		else
			assert_null(settings.value_registry_auth);
		settings_done(&settings);
		properties_free(connector);
		properties_free(worker);
	}
}

/* What came out of a configuration provider is in no message. */
static void
test_hidden_value(void **state)
{
	Properties *connector = seed();
	Properties *worker = properties_new();
	Settings settings;
	Error err;

	(void) state;
	properties_set_hidden(connector, "batch.size", "secret", "${file:/f:k}");
	assert_false(settings_load(connector, worker, &settings, &err));
	assert_null(strstr(err.message, "secret"));
	assert_non_null(strstr(err.message, "${file:/f:k}"));
	properties_free(connector);
	properties_free(worker);
}

static void
test_names_of_converters(void **state)
{
	static const char *const names[] = {AVRO, "AvroConverter", "Avro",
										"io.apicurio.registry.utils.converter.AvroConverter"};
	Properties *worker = properties_new();

	(void) state;
	for (size_t i = 0; i < COUNT(names); i++)
	{
		const char *const pair[][2] = {{"value.converter", names[i]}};
		Settings settings;

		load(pair, 1, worker, &settings);
		settings_done(&settings);
	}
	properties_free(worker);
}

static void
test_key_forms(void **state)
{
	static const char *const text[][2] = {
		{"pk.mode", "record_key"},
		{"key.converter", "org.apache.kafka.connect.storage.StringConverter"},
	};
	static const char *const kafka[][2] = {{"pk.mode", "kafka"}, {"pk.fields", ""}};
	static const char *const group[][2] = {{"consumer.override.group.id", "mine"}};
	Properties *worker = properties_new();
	Settings settings;
	char *name;

	(void) state;
	load(text, COUNT(text), worker, &settings);
	assert_int_equal(settings.key_form, KEYS_TEXT);
	name = settings_group(&settings);
	assert_string_equal(name, "connect-jdbc-sink-postgres");
	free(name);
	settings_done(&settings);
	load(kafka, COUNT(kafka), worker, &settings);
	assert_int_equal(settings.key_form, KEYS_KAFKA);
	assert_string_equal(settings.pk_fields.items[2], "__connect_offset");
	settings_done(&settings);
	load(group, COUNT(group), worker, &settings);
	name = settings_group(&settings);
	assert_string_equal(name, "mine");
	free(name);
	settings_done(&settings);
	properties_free(worker);
}

/* All that is wrong, each under its property. */
static void
test_validate(void **state)
{
	Properties *connector = seed();
	Properties *worker = properties_new();
	Report *report = report_new();
	Settings settings;

	(void) state;
	properties_set(connector, "topics.regex", "x.*");
	properties_set(connector, "batch.size", "many");
	properties_set(connector, "transforms", "a");
	properties_set(connector, "transforms.a.type", "RegexRouter");
	properties_set(connector, "transforms.a.regex", "(");
	properties_set(connector, "producer.override.acks", "1");
	properties_set(connector, "consumer.override.isolation.level", "read_uncommitted");
	properties_set(connector, "admin.override.request.timeout.ms", "soon");
	assert_false(settings_validate(connector, worker, &settings, report));
	assert_int_equal(report_errors(report, "topics"), 1);
	assert_int_equal(report_errors(report, "topics.regex"), 1);
	assert_int_equal(report_errors(report, "batch.size"), 1);
	assert_int_equal(report_errors(report, "transforms.a.regex"), 1);
	assert_int_equal(report_errors(report, "producer.override.acks"), 1);
	assert_int_equal(report_errors(report, "consumer.override.isolation.level"), 1);
	assert_int_equal(report_errors(report, "admin.override.request.timeout.ms"), 1);
	settings_done(&settings);
	report_free(report);
	properties_free(connector);
	properties_free(worker);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_table_format),
		cmocka_unit_test(test_worker_converters),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_unread_keys),
		cmocka_unit_test(test_debezium),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_transforms),
		cmocka_unit_test(test_own_converter),
		cmocka_unit_test(test_hidden_value),
		cmocka_unit_test(test_names_of_converters),
		cmocka_unit_test(test_key_forms),
		cmocka_unit_test(test_validate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

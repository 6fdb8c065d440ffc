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
		{"insert.mode", "update", NULL, NULL, "use upsert"},
		{"insert.mode", "merge", NULL, NULL, "insert, upsert"},
		{"pk.mode", "none", NULL, NULL, "set pk.mode"},
		{"pk.mode", "kafka", NULL, NULL, "record_key or record_value"},
		{"pk.fields", "", NULL, NULL, "needs pk.fields"},
		{"delete.enabled", "true", NULL, NULL, "needs pk.mode=record_key"},
		{"delete.enabled", "true", "insert.mode", "insert", "pk.mode=record_key"},
		{"topics", " , ", NULL, NULL, "topics"},
		{"topics", "a,b,a", NULL, NULL, "twice"},
		{"topics.regex", "a.*", NULL, NULL, "topics.regex"},
		{"auto.create", "true", NULL, NULL, "create the table yourself"},
		{"auto.evolve", "true", NULL, NULL, "add columns yourself"},
		{"errors.tolerance", "all", NULL, NULL, "set it to none"},
		{"transforms", "x", NULL, NULL, "transforms"},
		{"value.converter", "org.apache.kafka.connect.json.JsonConverter", NULL, NULL,
		 "JsonConverter"},
		{"key.converter", "org.apache.kafka.connect.storage.StringConverter", "pk.mode",
		 "record_key", "StringConverter"},
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_table_format),
		cmocka_unit_test(test_worker_converters),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_unread_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

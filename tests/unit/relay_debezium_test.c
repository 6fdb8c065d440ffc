/*
 * tests/unit/relay_debezium_test.c - properties of Debezium's class.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/memory.h"
#include "relay/options.h"

#include <string.h>

typedef struct Change
{
	const char *name;
	const char *value;
} Change;

#define CHANGES_MAX 5

static const Change file[] = {
	{"name", "shop"},
	{"connector.class", "io.debezium.connector.postgresql.PostgresConnector"},
	{"database.hostname", "db.example"},
	{"database.port", "5433"},
	{"database.user", "u"},
	{"database.password", "it's"},
	{"database.dbname", "a 'b'\\"},
	{"topic.prefix", "shop"},
	{"key.converter.schema.registry.url", "http://r"},
	{"value.converter.schema.registry.url", "http://r"},
};

/* A change to NULL takes the property away. */
static bool
parse(const Change changes[CHANGES_MAX], RelayOptions *out, Error *err)
{
	Properties *connector = properties_new();
	Properties *worker = properties_new();
	bool ok;

	for (size_t i = 0; i < COUNT(file); i++)
	{
		bool left_out = false;

		for (int k = 0; k < CHANGES_MAX && changes[k].name != NULL; k++)
			left_out |= changes[k].value == NULL && strcmp(changes[k].name, file[i].name) == 0;
		if (!left_out)
			properties_set(connector, file[i].name, file[i].value);
	}
	for (int k = 0; k < CHANGES_MAX && changes[k].name != NULL; k++)
		if (changes[k].value != NULL)
			properties_set(connector, changes[k].name, changes[k].value);
	ok = relay_options_parse(connector, worker, out, err);
	properties_free(connector);
	properties_free(worker);
	return ok;
}

static RelayOptions
parsed(const Change changes[CHANGES_MAX])
{
	RelayOptions options;
	Error err = {0};

	if (!parse(changes, &options, &err))
		fail_msg("%s", err.message);
	return options;
}

static void
a_file_of_debezium_is_taken_as_it_stands(void **state)
{
	RelayOptions options = parsed((const Change[CHANGES_MAX]){{0}});
	AUTO_TEXT char *topic = relay_topic(&options, "public", "t orders");
	AUTO_TEXT char *transactions = relay_transactions_topic(&options);

	(void) state;
	assert_string_equal(options.url, "host='db.example' port='5433' dbname='a \\'b\\'\\\\'");
	assert_string_equal(options.database, "a 'b'\\");
	assert_string_equal(options.user, "u");
	assert_string_equal(options.password, "it's");
	assert_string_equal(options.slot, "debezium");
	assert_string_equal(topic, "shop.public.t_orders");
	assert_string_equal(transactions, "shop.transaction");
	assert_true(options.tombstones);
	assert_string_equal(relay_output_format(&options), "envelope");
	assert_string_equal(relay_namespace(&options), "shop");
	assert_string_equal(relay_old_rows(&options), "all");
	assert_string_equal(relay_time_precision(&options), "adaptive");
	assert_string_equal(relay_interval_handling(&options), "numeric");
	assert_string_equal(relay_hstore_handling(&options), "json");
	assert_string_equal(relay_schema_style(&options), "debezium");
	assert_string_equal(relay_column_types(&options), "none");
	assert_true(tables_all(&options.tables));
	relay_options_done(&options);
}

static void
the_short_name_of_the_class_has_its_defaults(void **state)
{
	RelayOptions options =
		parsed((const Change[CHANGES_MAX]){{"connector.class", "PostgresConnector"}});

	(void) state;
	assert_string_equal(options.slot, "debezium");
	assert_true(options.tombstones);
	assert_string_equal(relay_time_precision(&options), "adaptive");
	assert_string_equal(relay_interval_handling(&options), "numeric");
	assert_string_equal(relay_hstore_handling(&options), "json");
	assert_string_equal(relay_schema_style(&options), "debezium");
	assert_string_equal(relay_column_types(&options), "none");
	relay_options_done(&options);
}

static void
what_unpacks_envelopes_makes_rows(void **state)
{
	RelayOptions options =
		parsed((const Change[CHANGES_MAX]){{"transforms", "unwrap"},
										   {"transforms.unwrap.type", "ExtractNewRecordState"},
										   {"topic.delimiter", "-"}});
	AUTO_TEXT char *topic = relay_topic(&options, "public", "t");

	(void) state;
	assert_string_equal(relay_output_format(&options), "row");
	assert_string_equal(relay_namespace(&options), "shop");
	assert_string_equal(relay_old_rows(&options), "keyless");
	assert_string_equal(topic, "shop-public-t");
	relay_options_done(&options);
}

static void
other_classes_have_envelopes_on_request(void **state)
{
	RelayOptions options =
		parsed((const Change[CHANGES_MAX]){{"connector.class", "wal2avro.SourceConnector"},
										   {"topic.prefix", "a.b."},
										   {"output.data.format", "envelope"}});
	AUTO_TEXT char *topic = relay_topic(&options, "public", "t");
	AUTO_TEXT char *transactions = relay_transactions_topic(&options);

	(void) state;
	assert_string_equal(relay_output_format(&options), "envelope");
	assert_string_equal(relay_namespace(&options), "a.b");
	assert_string_equal(topic, "a.b.t");
	assert_string_equal(transactions, "a.b..transaction");
	relay_options_done(&options);
}

static void
lists_are_anchored_on_schema_and_table(void **state)
{
	static const struct
	{
		Change changes[CHANGES_MAX];
		bool exclude;
		const char *patterns;
		const char *only; /* NULL: none */
	} cases[] = {
		{{{"table.include.list", "public.t_orders, inv\\..*"}},
		 false,
		 "(?i)^(?=.+\\.)(?:public.t_orders)$,(?i)^(?=.+\\.)(?:inv\\..*)$",
		 NULL},
		{{{"table.exclude.list", "public.a"}}, true, "(?i)^(?=.+\\.)(?:public.a)$", NULL},
		{{{"schema.include.list", "a,b.*"}}, false, "", "(?i)^(?=.+\\.)(?=(?:a|b.*)\\.)(?:.*)$"},
		{{{"schema.exclude.list", "a"}, {"table.include.list", ".*\\.t"}},
		 false,
		 "(?i)^(?=.+\\.)(?!(?:a)\\.)(?:.*\\.t)$",
		 NULL},
		{{{"schema.include.list", "a"}, {"table.exclude.list", "a.t"}},
		 true,
		 "(?i)^(?=.+\\.)(?:a.t)$",
		 "(?i)^(?=.+\\.)(?=(?:a)\\.)(?:.*)$"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		RelayOptions options = parsed(cases[i].changes);
		AUTO_TEXT char *patterns = tables_patterns_to_text(&options.tables);

		assert_string_equal(patterns, cases[i].patterns);
		assert_int_equal(options.tables.exclude, cases[i].exclude);
		assert_int_equal(options.tables.only == NULL, cases[i].only == NULL);
		if (cases[i].only != NULL)
			assert_string_equal(options.tables.only, cases[i].only);
		relay_options_done(&options);
	}
}

static void
what_cannot_be_honoured_is_refused_by_name(void **state)
{
	static const struct
	{
		Change changes[CHANGES_MAX];
		const char *error;
	} refused[] = {
		{{{"database.hostname", NULL}}, "connection.url"},
		{{{"database.dbname", NULL}}, "database.dbname"},
		{{{"database.port", "many"}}, "database.port"},
		{{{"database.sslfactory", "x"}}, "database.sslmode"},
		{{{"connection.url", "jdbc:postgresql://h/d"}}, "mean the same"},
		{{{"snapshot.mode", "when_needed"}}, "initial, no_data"},
		{{{"column.mask.hash.SHA-256.with.salt.s", "a.b.c"}}, "another table"},
		{{{"message.key.columns", "a.b:c"}}, "ValueToKey"},
		{{{"slot.drop.on.stop", "true"}}, "slot.drop.on.stop"},
		{{{"table.include.list", "("}}, "table.include.list"},
		{{{"table.include.list", "a.a"}, {"table.exclude.list", "a.a"}}, "contradict"},
		{{{"schema.include.list", "a"}, {"schema.exclude.list", "a"}}, "contradict"},
		{{{"output.data.format", "envelope"},
		  {"transforms", "x"},
		  {"transforms.x.type", "ExtractNewRecordState"}},
		 "output.data.format"},
		{{{"signal.data.collection", "a.b"}}, "signal.data.collection"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(refused); i++)
	{
		RelayOptions options;
		Error err = {0};

		if (parse(refused[i].changes, &options, &err) || err.kind != ERROR_CONFIG ||
			strstr(err.message, refused[i].error) == NULL)
			fail_msg("%s=%s: \"%s\"", refused[i].changes[0].name, refused[i].changes[0].value,
					 err.message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_of_debezium_is_taken_as_it_stands),
		cmocka_unit_test(the_short_name_of_the_class_has_its_defaults),
		cmocka_unit_test(what_unpacks_envelopes_makes_rows),
		cmocka_unit_test(other_classes_have_envelopes_on_request),
		cmocka_unit_test(lists_are_anchored_on_schema_and_table),
		cmocka_unit_test(what_cannot_be_honoured_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * tests/unit/options_test.c - each type of option, bad values, names that are not known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "capture.h"
#include "core/log.h"
#include "core/options.h"

#include <string.h>

AUTO_DEFINE(Properties, properties_free)

typedef struct Settings
{
	char *name;
	char *password;
	OptionList topics;
	bool create;
	int64_t tasks;
	int64_t wait_ms;
	int64_t batch_bytes;
	int mode;
} Settings;

static const char *const modes[] = {"insert", "upsert", "update", NULL};

#define FIELD(member) offsetof(Settings, member)

static const Option table[] = {
	{"name", OPTION_STRING, FIELD(name), .required = true, .help = "the connector's name"},
	{"connection.password", OPTION_SECRET, FIELD(password), .fallback = "hunter2",
	 .help = "its password"},
	{"topics", OPTION_LIST, FIELD(topics), .help = "the topics | to read"},
	{"topic", OPTION_LIST, FIELD(topics), .help = "another name of topics"},
	{"auto.create", OPTION_BOOLEAN, FIELD(create), .fallback = "true", .help = "create"},
	{"tasks.max", OPTION_INTEGER, FIELD(tasks), .fallback = "1", .min = 1, .max = 100,
	 .help = "processes"},
	{"poll.interval.ms", OPTION_DURATION, FIELD(wait_ms), .fallback = "5000", .min = 0,
	 .max = INT64_MAX, .help = "wait"},
	{"batch.size", OPTION_SIZE, FIELD(batch_bytes), .fallback = "65536", .min = 1024,
	 .max = 1 << 20, .help = "size"},
	{"insert.mode", OPTION_ENUM, FIELD(mode), .fallback = "Upsert", .values = modes,
	 .help = "how rows are written"},
	{"connector.class", OPTION_UNUSED, .help = "known"},
	{"transforms.*", OPTION_REFUSED, .help = "there is no Java here; take them out"},
	{"transforms.allowed", OPTION_UNUSED, .help = "known too"},
	{"converter.*", OPTION_UNUSED, .help = "Avro it is"},
	{"dialect.name", OPTION_REFUSED, .help = "PostgreSQL it is; take it out"},
	{0},
};

/* Parses name, value, ... , NULL. */
static bool
parse(Settings *settings, Error *err, const char *const *pairs)
{
	static const char *const passthrough[] = {"producer.override.", NULL};
	AUTO(Properties) *properties = properties_new();

	for (; *pairs != NULL; pairs += 2)
		properties_set(properties, pairs[0], pairs[1]);
	memset(settings, 0xaa, sizeof *settings);
	return options_parse(table, properties, passthrough, settings, err);
}

#define PARSE(settings, err, ...) parse(settings, err, (const char *const[]){__VA_ARGS__, NULL})

/* The parsing fails, and the message says each of the words. */
#define ASSERT_REFUSED(words, ...)                                                                 \
	do                                                                                             \
	{                                                                                              \
		Settings refused;                                                                          \
		Error err_;                                                                                \
                                                                                                   \
		assert_false(PARSE(&refused, &err_, __VA_ARGS__));                                         \
		assert_int_equal(err_.kind, ERROR_CONFIG);                                                 \
		if (strstr(err_.message, words) == NULL)                                                   \
			fail_msg("\"%s\" does not say: %s", err_.message, words);                              \
		options_done(table, &refused);                                                             \
	} while (0)

static void
defaults_are_taken(void **state)
{
	Settings settings;
	Error err;

	(void) state;
	assert_true(PARSE(&settings, &err, "name", "c"));
	assert_string_equal(settings.name, "c");
	assert_string_equal(settings.password, "hunter2");
	assert_int_equal(settings.topics.count, 0);
	assert_true(settings.create);
	assert_int_equal(settings.tasks, 1);
	assert_int_equal(settings.wait_ms, 5000);
	assert_int_equal(settings.batch_bytes, 65536);
	assert_int_equal(settings.mode, 1);
	options_done(table, &settings);
	assert_null(settings.name);
	options_done(table, &settings);
}

static void
every_type_is_read(void **state)
{
	Settings settings;
	Error err;

	(void) state;
	assert_true(PARSE(&settings, &err, "name", "  my name\n", "connection.password", "", "topics",
					  " a, b,,c d ,", "auto.create", "FALSE", "tasks.max", " 100 ",
					  "poll.interval.ms", "0", "batch.size", "1048576", "insert.mode", "INSERT"));
	assert_string_equal(settings.name, "my name");
	assert_string_equal(settings.password, "");
	assert_int_equal(settings.topics.count, 3);
	assert_string_equal(settings.topics.items[0], "a");
	assert_string_equal(settings.topics.items[1], "b");
	assert_string_equal(settings.topics.items[2], "c d");
	assert_false(settings.create);
	assert_int_equal(settings.tasks, 100);
	assert_int_equal(settings.wait_ms, 0);
	assert_int_equal(settings.batch_bytes, 1048576);
	assert_int_equal(settings.mode, 0);
	options_done(table, &settings);
}

static void
bad_values_are_refused(void **state)
{
	(void) state;
	ASSERT_REFUSED("\"tasks.max\" is \"0\"; give it a whole number from 1 to 100", "name", "c",
				   "tasks.max", "0");
	ASSERT_REFUSED("from 1 to 100", "name", "c", "tasks.max", "101");
	ASSERT_REFUSED("from 1 to 100", "name", "c", "tasks.max", "1.5");
	ASSERT_REFUSED("from 1 to 100", "name", "c", "tasks.max", "");
	ASSERT_REFUSED("from 1 to 100", "name", "c", "tasks.max", "1 2");
	ASSERT_REFUSED("milliseconds", "name", "c", "poll.interval.ms", "99999999999999999999");
	ASSERT_REFUSED("milliseconds", "name", "c", "poll.interval.ms", "-1");
	ASSERT_REFUSED("1048576 bytes", "name", "c", "batch.size", "2m");
	ASSERT_REFUSED("\"auto.create\" is \"yes\"; give it true or false", "name", "c", "auto.create",
				   "yes");
	ASSERT_REFUSED("\"insert.mode\" is \"merge\"; give it one of insert, upsert, update", "name",
				   "c", "insert.mode", "merge");
}

static void
what_is_required_must_be_there(void **state)
{
	(void) state;
	ASSERT_REFUSED("\"name\" is missing; set it: the connector's name", "tasks.max", "1");
	ASSERT_REFUSED("\"name\" is empty", "name", " ");
}

static void
two_names_must_agree(void **state)
{
	Settings settings;
	Error err;

	(void) state;
	ASSERT_REFUSED("\"topics\" and \"topic\" mean the same", "name", "c", "topics", "a", "topic",
				   "b");
	assert_true(PARSE(&settings, &err, "name", "c", "topics", "a", "topic", "a"));
	assert_int_equal(settings.topics.count, 1);
	options_done(table, &settings);
	assert_true(PARSE(&settings, &err, "name", "c", "topic", "a,b"));
	assert_int_equal(settings.topics.count, 2);
	options_done(table, &settings);
}

static void
refused_names_say_why(void **state)
{
	(void) state;
	ASSERT_REFUSED("\"dialect.name\" is refused: PostgreSQL it is", "name", "c", "dialect.name",
				   "x");
	ASSERT_REFUSED("\"transforms.route.type\" is refused: there is no Java", "name", "c",
				   "transforms.route.type", "x");
}

/* Parses and gives what was logged, for the caller to free. */
static char *
logged(const char *const *pairs)
{
	Capture capture = capture_begin();
	Settings settings;
	Error err;
	bool ok = parse(&settings, &err, pairs);
	char *text = capture_end(&capture);

	assert_true(ok);
	options_done(table, &settings);
	return text;
}

static void
unknown_names_are_warned_of(void **state)
{
	AUTO_TEXT char *near = logged((const char *const[]){"name", "c", "task.max", "1", NULL});
	AUTO_TEXT char *far = logged((const char *const[]){"name", "c", "zzzzzz", "1", NULL});
	AUTO_TEXT char *passed =
		logged((const char *const[]){"name", "c", "producer.override.acks", "1", NULL});

	(void) state;
	assert_non_null(strstr(near, "warn "));
	assert_non_null(strstr(near, "\"task.max\" is not known"));
	assert_non_null(strstr(near, "did you mean \"tasks.max\"?"));
	assert_non_null(strstr(far, "\"zzzzzz\" is not known"));
	assert_null(strstr(far, "did you mean"));
	assert_string_equal(passed, "");
}

static void
unused_names_are_told_together(void **state)
{
	AUTO_TEXT char *text = logged((const char *const[]){
		"name", "c", "connector.class", "x", "converter.a", "x", "transforms.allowed", "x", NULL});

	(void) state;
	assert_non_null(strstr(text, "info "));
	assert_non_null(
		strstr(text, ": \"connector.class\", \"converter.a\", \"transforms.allowed\"\n"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

/* What a generator writes, for the caller to free. */
static char *
generated(void (*generate)(const Option *rows, FILE *out))
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	generate(table, out);
	fclose(out);
	return text;
}

static void
help_and_markdown_come_from_the_table(void **state)
{
	AUTO_TEXT char *help = generated(options_help);
	AUTO_TEXT char *markdown = generated(options_markdown);

	(void) state;
	assert_non_null(strstr(help, "  name (text; required)\n        the connector's name\n"));
	assert_non_null(
		strstr(help, "  insert.mode (one of insert, upsert, update; default Upsert)\n"));
	assert_non_null(strstr(help, "  tasks.max (number from 1 to 100; default 1)\n"));
	assert_null(strstr(help, "connector.class"));
	assert_non_null(
		strstr(markdown, "| `poll.interval.ms` | milliseconds from 0 | `5000` | wait |\n"));
	assert_non_null(strstr(markdown, "the topics \\| to read"));
	assert_non_null(strstr(markdown, "Accepted, without meaning here:"));
	assert_non_null(strstr(markdown, "| `dialect.name` | PostgreSQL it is; take it out |\n"));
	assert_null(strstr(help, "hunter2"));
	assert_null(strstr(markdown, "hunter2"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_taken),
		cmocka_unit_test(every_type_is_read),
		cmocka_unit_test(bad_values_are_refused),
		cmocka_unit_test(what_is_required_must_be_there),
		cmocka_unit_test(two_names_must_agree),
		cmocka_unit_test(refused_names_say_why),
		cmocka_unit_test(unknown_names_are_warned_of),
		cmocka_unit_test(unused_names_are_told_together),
		cmocka_unit_test(help_and_markdown_come_from_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

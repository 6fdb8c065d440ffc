/*
 * tests/unit/properties_test.c - connector files, worker files, CONNECT_ variables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/memory.h"
#include "core/properties.h"

#include <string.h>
#include <unistd.h>

AUTO_DEFINE(Properties, properties_free)

typedef bool Read(Properties *properties, const char *path, Error *err);

/* Reads the text as a file. */
static bool
read_text(Read *read, Properties *properties, const char *text, size_t len, Error *err)
{
	char path[] = "/tmp/wal2avro-properties-XXXXXX";
	int fd = mkstemp(path);
	bool ok;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	ok = read(properties, path, err);
	unlink(path);
	return ok;
}

static void
assert_value(const Properties *properties, const char *name, const char *value)
{
	const char *found = properties_get(properties, name);

	if (found == NULL)
		fail_msg("\"%s\" is not set", name);
	else
		assert_string_equal(found, value);
}

static void
order_is_kept_and_the_last_value_wins(void **state)
{
	AUTO(Properties) *properties = properties_new();

	(void) state;
	for (int i = 0; i < 100; i++)
	{
		AUTO_TEXT char *name = xasprintf("name%d", i);

		properties_set(properties, name, "old");
	}
	properties_set(properties, "name3", "new");
	assert_int_equal(properties_count(properties), 100);
	assert_string_equal(properties_name(properties, 3), "name3");
	assert_string_equal(properties_value(properties, 3), "new");
	assert_string_equal(properties_value(properties, 99), "old");
	assert_null(properties_get(properties, "name"));
	properties_free(NULL);
}

static void
both_forms_of_a_connector_are_read(void **state)
{
	static const char *const texts[] = {
		"{\"name\": \"c\", \"config\": {\"tasks.max\": 1, \"a\": true, \"b\": false, \"c\": 0.1,"
		" \"d\": \"\\u00e9\", \"big\": 9007199254740993}, \"initial_state\": \"RUNNING\"}",
		"{\"name\": \"c\", \"tasks.max\": 1, \"a\": true, \"b\": false, \"c\": 0.1,"
		" \"d\": \"\\u00e9\", \"big\": 9007199254740993}",
		"{\"config\": {\"name\": \"c\", \"tasks.max\": 1, \"a\": true, \"b\": false, \"c\": 0.1,"
		" \"d\": \"\\u00e9\", \"big\": 9007199254740993}}",
	};

	(void) state;
	for (size_t i = 0; i < COUNT(texts); i++)
	{
		AUTO(Properties) *properties = properties_new();
		Error err;

		assert_true(
			read_text(properties_read_connector, properties, texts[i], strlen(texts[i]), &err));
		assert_int_equal(properties_count(properties), 7);
		assert_value(properties, "name", "c");
		assert_value(properties, "tasks.max", "1");
		assert_value(properties, "a", "true");
		assert_value(properties, "b", "false");
		assert_value(properties, "c", "0.1");
		assert_value(properties, "d", "\xc3\xa9");
		assert_value(properties, "big", "9007199254740993");
	}
}

static void
bad_connectors_are_refused_with_the_place(void **state)
{
	static const struct
	{
		const char *text;
		const char *words[3];
	} cases[] = {
		{"", {"not valid JSON", "line 1"}},
		{"{\"name\": \"c\",\n \"a\" \"hidden\"}", {"not valid JSON", "line 2"}},
		{"{\"name\": \"c\",\n \"a\": \"1\",\n \"a\": \"hidden\"}",
		 {"line 3", "duplicate object key", "\"a\""}},
		{"[1]", {"not a JSON object"}},
		{"{\"a\": \"1\"}", {"names no connector"}},
		{"{\"name\": \" \"}", {"names no connector"}},
		{"{\"name\": 7, \"config\": {}}", {"names no connector"}},
		{"{\"name\": \"c\",\n\n\"a\": {\"b\": \"hidden\"}}", {"line 3", "\"a\"", "an object"}},
		{"{\"name\": \"c\",\n\"config\": {\n\"a\": [\"hidden\"]}}",
		 {"line 3", "\"a\"", "an array"}},
		{"{\"name\": \"c\",\n\"b\": \"a\",\n\"a\": null}", {"line 3", "\"a\"", "null"}},
		{"{\"name\": \"c\", \"config\": {\"name\": \"d\"}}", {"\"c\"", "\"d\""}},
		{"{\"name\": \"c\", \"config\": {},\n\"tasks.max\": \"1\"}",
		 {"line 2", "\"tasks.max\"", "beside \"config\""}},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		AUTO(Properties) *properties = properties_new();
		Error err;

		assert_false(read_text(properties_read_connector, properties, cases[i].text,
							   strlen(cases[i].text), &err));
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.message, "/tmp/wal2avro-properties-"));
		assert_null(strstr(err.message, "hidden"));
		for (size_t j = 0; j < COUNT(cases[i].words) && cases[i].words[j] != NULL; j++)
			if (strstr(err.message, cases[i].words[j]) == NULL)
				fail_msg("\"%s\" does not say %s", err.message, cases[i].words[j]);
	}
}

static void
files_that_are_not_there_are_named(void **state)
{
	static Read *const reads[] = {properties_read_connector, properties_read_worker};

	(void) state;
	for (size_t i = 0; i < COUNT(reads); i++)
	{
		AUTO(Properties) *properties = properties_new();
		Error err;

		assert_false(reads[i](properties, "/tmp/wal2avro-no-such-file", &err));
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.message, "\"/tmp/wal2avro-no-such-file\": No such file"));
		assert_false(reads[i](properties, "/tmp", &err));
		assert_non_null(strstr(err.message, "\"/tmp\": Is a directory"));
		assert_false(read_text(reads[i], properties, "{\"a\0\": 1}", 9, &err));
		assert_non_null(strstr(err.message, "NUL"));
	}
}

/* java.util.Properties.load documents each of these. */
static void
worker_files_are_those_of_java(void **state)
{
	static const char text[] = "# comment\n"
							   "! another \\\n"
							   "\n"
							   "  \t\f\n"
							   "plain=value\n"
							   "  indented = with blanks  \r\n"
							   "colon:value\r"
							   "blank value here\n"
							   "long=one,\\\n"
							   "     two,\\\r\n"
							   "\tthree\n"
							   "escaped\\ name\\=\\:=tab\\tnew\\nline\\r\\f\\q\\\\\n"
							   "unicode=\\u00e9\\u20ACx\\u0041\n"
							   "utf8=\xc3\xa9\n"
							   "equals==\n"
							   "empty=\n"
							   "alone\n"
							   "twice=1\n"
							   "twice=2\n"
							   "hash=a#b\n"
							   "end=\\";
	AUTO(Properties) *properties = properties_new();
	Error err;

	(void) state;
	assert_true(read_text(properties_read_worker, properties, text, strlen(text), &err));
	assert_value(properties, "plain", "value");
	assert_value(properties, "indented", "with blanks  ");
	assert_value(properties, "colon", "value");
	assert_value(properties, "blank", "value here");
	assert_value(properties, "long", "one,two,three");
	assert_value(properties, "escaped name=:", "tab\tnew\nline\r\fq\\");
	assert_value(properties, "unicode", "\xc3\xa9\xe2\x82\xacxA");
	assert_value(properties, "utf8", "\xc3\xa9");
	assert_value(properties, "equals", "=");
	assert_value(properties, "empty", "");
	assert_value(properties, "alone", "");
	assert_value(properties, "twice", "2");
	assert_value(properties, "hash", "a#b");
	assert_value(properties, "end", "");
	assert_int_equal(properties_count(properties), 14);
}

static void
bad_worker_files_are_refused_with_the_line(void **state)
{
	static const char *const texts[] = {"a=1\nb=\\u12", "a=1\nb=hidden\\uxyzw", "a=1\nb\\u0000=1",
										"a=1\nb=\\ud800"};

	(void) state;
	for (size_t i = 0; i < COUNT(texts); i++)
	{
		AUTO(Properties) *properties = properties_new();
		Error err;

		assert_false(
			read_text(properties_read_worker, properties, texts[i], strlen(texts[i]), &err));
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.message, "line 2"));
		assert_null(strstr(err.message, "hidden"));
	}
}

static void
variables_are_those_of_the_images(void **state)
{
	char *environment[] = {"PATH=/bin",
						   "CONNECT_BOOTSTRAP_SERVERS=kafka:29092",
						   "CONNECT_KEY_CONVERTER_SCHEMA_REGISTRY_URL=http://r:8081/a=b",
						   "CONNECT_SOME__NAME___WITH_ALL=x",
						   "CONNECT_EMPTY=",
						   "CONNECT_=nothing",
						   "CONNECT_BROKEN",
						   "XCONNECT_GROUP_ID=no",
						   NULL};
	AUTO(Properties) *properties = properties_new();

	(void) state;
	properties_set(properties, "bootstrap.servers", "from the file");
	properties_set(properties, "group.id", "kept");
	properties_read_environment(properties, environment);
	assert_value(properties, "bootstrap.servers", "kafka:29092");
	assert_value(properties, "key.converter.schema.registry.url", "http://r:8081/a=b");
	assert_value(properties, "some_name-with.all", "x");
	assert_value(properties, "empty", "");
	assert_value(properties, "group.id", "kept");
	assert_int_equal(properties_count(properties), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_kept_and_the_last_value_wins),
		cmocka_unit_test(both_forms_of_a_connector_are_read),
		cmocka_unit_test(bad_connectors_are_refused_with_the_place),
		cmocka_unit_test(files_that_are_not_there_are_named),
		cmocka_unit_test(worker_files_are_those_of_java),
		cmocka_unit_test(bad_worker_files_are_refused_with_the_line),
		cmocka_unit_test(variables_are_those_of_the_images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

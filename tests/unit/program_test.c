/*
 * tests/unit/program_test.c - the commands of a worker, with a program that only says what it got.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "capture.h"
#include "core/json.h"
#include "core/program_command.h"

#include <string.h>

typedef struct Fields
{
	char *name;
	char *password;
	int class_name;
	int64_t tasks;
} Fields;

#define FIELD(member) offsetof(Fields, member)

static const char *const classes[] = {"io.acme.FileSourceConnector", "our.Source", NULL};

static const Option table[] = {
	{"name", OPTION_STRING, FIELD(name), .required = true, .help = "the name"},
	{"connector.class", OPTION_ENUM, FIELD(class_name), .required = true, .values = classes,
	 .help = "the class"},
	{"connection.password", OPTION_SECRET, FIELD(password), .fallback = "changeit",
	 .help = "secret"},
	{"tasks.max", OPTION_INTEGER, FIELD(tasks), .fallback = "1", .min = 1, .max = 9,
	 .importance = IMPORTANCE_LOW, .group = "Mine", .help = "tasks"},
	{"query", OPTION_REFUSED, .help = "no"},
	{"poll.*", OPTION_UNUSED, .help = "not polled"},
	{0},
};

static void
validate(const Request *request, Report *report)
{
	Fields fields;

	if (options_validate(table, request->connector, NULL, &fields, report) && fields.tasks == 9)
		report_error(report, "tasks.max", "too many");
	options_done(table, &fields);
}

static bool
answer(const Request *request, json_t **out, Error *err)
{
	if (request->offsets != NULL)
		return error_set(err, ERROR_RETRY, "later: %s",
						 properties_get(request->worker, "bootstrap.servers"));
	*out = program_message(properties_get(request->connector, "connector.class"));
	return true;
}

static bool
run(const Request *request, Error *err)
{
	task_reached(request->task, NULL);
	return error_set(err, ERROR_CONFIG, "task %d cannot go on", (int) task_number(request->task));
}

static const Program program = {.name = "wal2avro-test",
								.type = "source",
								.summary = "Tests.",
								.options = table,
								.classes = classes,
								.run = run,
								.validate = validate,
								.offsets = answer,
								.alter_offsets = answer};

/* A descriptor from which the text can be read. */
static int
input(const char *text)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
	close(ends[1]);
	return ends[0];
}

/* What was written, and it is one line. For the caller to free. */
static char *
output(FILE *out)
{
	char *text = xcalloc(1, 65536);

	rewind(out);
	text[fread(text, 1, 65535, out)] = '\0';
	fclose(out);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	return text;
}

static char *
ask(ProgramCommand *command, const char *request, int *status)
{
	FILE *out = tmpfile();
	int in = input(request);

	*status = command == NULL ? program_validate(&program, in, out)
							  : program_answer(&program, command, in, out);
	close(in);
	return output(out);
}

static void
it_describes_itself(void **state)
{
	FILE *out = tmpfile();
	AUTO_TEXT char *text = (program_describe(&program, out), output(out));
	AUTO(json_t) *json = json_loads(text, 0, NULL);
	json_t *rows = json_object_get(json, "properties");
	AUTO_TEXT char *tasks = json_dumps(json_array_get(rows, 3), JSON_COMPACT);
	AUTO_TEXT char *password = json_dumps(json_array_get(rows, 2), JSON_COMPACT);

	(void) state;
	assert_string_equal(json_string_value(json_object_get(json, "type")), "source");
	assert_int_equal(json_array_size(json_object_get(json, "classes")), 2);
	assert_int_equal(json_array_size(rows), 6);
	assert_string_equal(
		tasks, "{\"name\":\"tasks.max\",\"type\":\"INT\",\"required\":false,\"default\":\"1\","
			   "\"values\":[],\"importance\":\"LOW\",\"group\":\"Mine\",\"order\":4,"
			   "\"documentation\":\"tasks\",\"use\":\"used\"}");
	assert_non_null(strstr(password, "\"PASSWORD\",\"required\":false,\"default\":null"));
	assert_null(strstr(text, "changeit"));
}

static void
assert_entry(const char *text, const char *entry)
{
	if (strstr(text, entry) == NULL)
		fail_msg("%s is not in %s", entry, text);
}

static void
every_error_is_said(void **state)
{
	int status;
	AUTO_TEXT char *text =
		ask(NULL,
			"{\"connector\":{\"tasks.max\":\"12\",\"query\":\"select\",\"poll.x\":\"1\","
			"\"connectoin.password\":\"pssst\",\"connection.password\":\"pssst\"},\"worker\":{}}\n",
			&status);
	AUTO_TEXT char *references =
		ask(NULL,
			"{\"connector\":{\"name\":\"${env:WAL2AVRO_TEST_SECRET}\",\"tasks.max\":"
			"\"${env:WAL2AVRO_TEST_SECRET}\",\"connector.class\":\"${env:WAL2AVRO_TEST_NONE}\"},"
			"\"worker\":{}}\n",
			&status);
	AUTO_TEXT char *together =
		ask(NULL,
			"{\"connector\":{\"name\":\"n\",\"tasks.max\":9,\"connector.class\":\"FileSource\"},"
			"\"worker\":{}}\n",
			&status);

	(void) state;
	assert_int_equal(status, 0);
	assert_entry(text, "{\"name\":\"name\",\"value\":null,\"errors\":[\"property \\\"name\\\" is "
					   "missing; set it: the name\"],\"warnings\":[]}");
	assert_entry(text, "\"value\":\"12\",\"errors\":[\"property \\\"tasks.max\\\" is \\\"12\\\"");
	assert_entry(text, "property \\\"query\\\" is refused: no");
	assert_entry(text, "has no meaning here: not polled");
	assert_entry(text, "did you mean \\\"connection.password\\\"?");
	assert_entry(text, "\"connection.password\",\"value\":\"[hidden]\"");
	assert_entry(text, "\"error_count\":4}");
	assert_null(strstr(text, "pssst"));

	assert_null(strstr(references, "hunter2"));
	assert_entry(references, "is \\\"${env:WAL2AVRO_TEST_SECRET}\\\"; give it a whole number");
	assert_entry(references, "\"error_count\":2}");
	assert_entry(together, "\"errors\":[\"too many\"]");
	assert_entry(together, "\"error_count\":1}");
}

static void
commands_are_answered(void **state)
{
	static const char request[] =
		"{\"connector\":{\"name\":\"n\",\"connector.class\":\"FileSource\"},"
		"\"worker\":{\"bootstrap.servers\":\"b:1\"}}\n";
	static const char with_offsets[] = "{\"connector\":{\"name\":\"n\"},\"offsets\":[],"
									   "\"worker\":{\"bootstrap.servers\":\"b:1\"}}\n";
	int status;
	AUTO_TEXT char *done = ask(answer, request, &status);

	(void) state;
	assert_int_equal(status, 0);
	assert_string_equal(done, "{\"message\":\"io.acme.FileSourceConnector\"}\n");

	AUTO_TEXT char *later = ask(answer, with_offsets, &status);

	assert_int_equal(status, 1);
	assert_string_equal(later, "{\"error\":{\"kind\":\"retry\",\"message\":\"later: b:1\"}}\n");
}

static void
broken_requests_are_refused(void **state)
{
	static const struct
	{
		const char *request;
		const char *words;
	} cases[] = {
		{"", "no JSON object"},
		{"pssst\n", "no JSON object"},
		{"[]\n", "no JSON object"},
		{"{}\n", "\\\"connector\\\" is no object"},
		{"{\"connector\":{\"a\":{\"b\":\"pssst\"}},\"worker\":{}}\n",
		 "property \\\"a\\\" is an object"},
		{"{\"connector\":{},\"worker\":7}\n", "\\\"worker\\\" is no object"},
		{"{\"connector\":{},\"worker\":{}}\n", "\\\"name\\\" is missing"},
		{"{\"connector\":{\"name\":\"n\"},\"worker\":{}}\n", "bootstrap.servers"},
		{"{\"connector\":{\"name\":\"${file:/none:x}\"},\"worker\":{}}\n", "provider \\\"file\\\""},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		int status;
		AUTO_TEXT char *text = ask(answer, cases[i].request, &status);

		assert_int_equal(status, 1);
		assert_entry(text, "{\"error\":{\"kind\":\"config\",\"message\":");
		assert_entry(text, cases[i].words);
		assert_null(strstr(text, "pssst"));
	}
}

static void
a_task_says_why_it_failed(void **state)
{
	FILE *out = tmpfile();
	int in = input("{\"connector\":{\"name\":\"n\"},\"worker\":{\"bootstrap.servers\":\"b:1\"},"
				   "\"task\":2,\"paused\":false,\"level\":\"info\"}\n");
	Capture capture = capture_begin();
	int status = program_task(&program, in, fileno(out));
	AUTO_TEXT char *log = capture_end(&capture);
	char text[200] = "";

	(void) state;
	rewind(out);
	text[fread(text, 1, sizeof text - 1, out)] = '\0';
	fclose(out);
	close(in);
	assert_int_equal(status, 1);
	assert_string_equal(text, "{\"state\":\"RUNNING\"}\n{\"failed\":\"task 2 cannot go on\"}\n");
	assert_non_null(strstr(log, "wal2avro-test n: task 2 cannot go on"));
}

static void
classes_have_short_names(void **state)
{
	(void) state;
	assert_string_equal(program_class(classes, "io.acme.FileSourceConnector"), classes[0]);
	assert_string_equal(program_class(classes, "FileSourceConnector"), classes[0]);
	assert_string_equal(program_class(classes, "FileSource"), classes[0]);
	assert_string_equal(program_class(classes, "Source"), classes[1]);
	assert_null(program_class(classes, "filesource"));
	assert_null(program_class(classes, "FileSourceC"));
	assert_null(program_class(classes, "acme.FileSource"));
	assert_null(program_class(classes, ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_describes_itself),		 cmocka_unit_test(every_error_is_said),
		cmocka_unit_test(commands_are_answered),	 cmocka_unit_test(broken_requests_are_refused),
		cmocka_unit_test(a_task_says_why_it_failed), cmocka_unit_test(classes_have_short_names),
	};

	setenv("WAL2AVRO_TEST_SECRET", "hunter2", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

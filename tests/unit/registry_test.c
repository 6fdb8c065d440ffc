/*
 * tests/unit/registry_test.c - the client against a small registry inside this process, which
 * answers what the test tells it to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "capture.h"
#include "registry_stand.h"

#include <string.h>

#define OK_ID	   "{\"id\":7}"
#define SCHEMA	   "{\"type\":\"string\"}"
#define OK_SCHEMA  "{\"schema\":\"{\\\"type\\\":\\\"string\\\"}\"}"
#define CONFLICT   "{\"error_code\":409,\"message\":\"incompatible\\nwith an earlier schema\"}"
#define INVALID	   "{\"error_code\":42201,\"message\":\"Invalid schema\"}"
#define NOT_FOUND  "{\"error_code\":40403,\"message\":\"Schema not found\"}"
#define NO_SUBJECT "{\"error_code\":40401,\"message\":\"Subject not found\"}"

/* The answer to one question. */
typedef struct Answer
{
	int calls;
	int32_t id;
	char schema[256];
	bool failed;
	Error err;
	Registry *again; /* ask it for id 7 from within the callback */
} Answer;

static void
stand_up(Stand *stand, const Reply *replies, size_t count)
{
	stand_open(stand, replies, count, "joe:s%40cret@", "/api/", (RegistryOptions){0});
}

#define STAND_UP(stand, ...)                                                                       \
	static const Reply replies_[] = {__VA_ARGS__};                                                 \
                                                                                                   \
	stand_up(stand, replies_, COUNT(replies_))

static void
take(Answer *answer, const Error *err)
{
	answer->calls++;
	answer->failed = err != NULL;
	if (err != NULL)
		answer->err = *err;
}

static void on_fetched(void *context, const char *schema, const Error *err);

static void
on_registered(void *context, int32_t id, const Error *err)
{
	Answer *answer = context;

	take(answer, err);
	answer->id = id;
	if (answer->again != NULL)
		registry_fetch(answer->again, 7, on_fetched, answer + 1);
}

static void
on_fetched(void *context, const char *schema, const Error *err)
{
	Answer *answer = context;

	take(answer, err);
	snprintf(answer->schema, sizeof answer->schema, "%s", schema == NULL ? "(none)" : schema);
}

static void
run(Stand *stand, const Answer *answer)
{
	stand_run(stand, &answer->calls);
}

static void
assert_says(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("\"%s\" does not say: %s", text, words);
}

static void
a_schema_is_registered_once(void **state)
{
	Stand stand;
	Answer answers[3] = {0};

	(void) state;
	STAND_UP(&stand, {200, OK_ID});
	registry_register(stand.registry, "a/b \xc3\xa9-key", SCHEMA, on_registered, &answers[0]);
	registry_register(stand.registry, "a/b \xc3\xa9-key", SCHEMA, on_registered, &answers[1]);
	assert_int_equal(answers[0].calls, 0);
	run(&stand, &answers[0]);
	run(&stand, &answers[1]);
	registry_register(stand.registry, "a/b \xc3\xa9-key", SCHEMA, on_registered, &answers[2]);
	for (size_t i = 0; i < COUNT(answers); i++)
	{
		assert_int_equal(answers[i].calls, 1);
		assert_false(answers[i].failed);
		assert_int_equal(answers[i].id, 7);
	}
	assert_int_equal(stand.server.request_count, 1);
	assert_says(stand.server.requests[0],
				"POST /api/subjects/a%2Fb%20%C3%A9-key/versions HTTP/1.1\r\n");
	assert_says(stand.server.requests[0],
				"Content-Type: application/vnd.schemaregistry.v1+json\r\n");
	assert_says(stand.server.requests[0], "Authorization: Basic am9lOnNAY3JldA==\r\n");
	assert_says(stand.server.requests[0], "\r\n\r\n{\"schema\":\"{\\\"type\\\":\\\"string\\\"}\"}");
	stand_down(&stand);
}

static void
another_subject_or_schema_is_another_question(void **state)
{
	Stand stand;
	Answer answers[3] = {0};

	(void) state;
	STAND_UP(&stand, {200, "{\"id\":1}"}, {200, "{\"id\":2}"}, {200, "{\"id\":3}"});
	registry_register(stand.registry, "s", SCHEMA, on_registered, &answers[0]);
	run(&stand, &answers[0]);
	registry_register(stand.registry, "s", "\"int\"", on_registered, &answers[1]);
	run(&stand, &answers[1]);
	registry_register(stand.registry, "t", SCHEMA, on_registered, &answers[2]);
	run(&stand, &answers[2]);
	for (int i = 0; i < 3; i++)
		assert_int_equal(answers[i].id, i + 1);
	stand_down(&stand);
}

static void
an_id_is_fetched_once(void **state)
{
	Stand stand;
	Answer answers[2] = {0};

	(void) state;
	STAND_UP(&stand, {200, OK_SCHEMA});
	for (size_t i = 0; i < COUNT(answers); i++)
	{
		registry_fetch(stand.registry, 7, on_fetched, &answers[i]);
		run(&stand, &answers[i]);
		assert_string_equal(answers[i].schema, SCHEMA);
	}
	assert_int_equal(stand.server.request_count, 1);
	assert_says(stand.server.requests[0], "GET /api/schemas/ids/7 HTTP/1.1\r\n");
	stand_down(&stand);
}

static void
a_callback_may_ask_again(void **state)
{
	Stand stand;
	Answer answers[2] = {0};

	(void) state;
	STAND_UP(&stand, {422, INVALID}, {200, OK_SCHEMA});
	answers[0].again = stand.registry;
	registry_register(stand.registry, "s", SCHEMA, on_registered, &answers[0]);
	run(&stand, &answers[1]);
	assert_int_equal(answers[0].calls, 1);
	assert_string_equal(answers[1].schema, SCHEMA);
	stand_down(&stand);
}

/* Registers, and the error of this kind says each of the words. */
static void
check_refused(const Reply *said, bool fetch, ErrorKind kind, const char *const *words)
{
	Stand stand;
	Answer answer = {0};

	stand_up(&stand, said, 1);
	if (fetch)
		registry_fetch(stand.registry, 7, on_fetched, &answer);
	else
		registry_register(stand.registry, "s-value", SCHEMA, on_registered, &answer);
	run(&stand, &answer);
	assert_true(answer.failed);
	assert_int_equal(answer.err.kind, kind);
	for (; *words != NULL; words++)
		assert_says(answer.err.message, *words);
	assert_null(strstr(answer.err.message, "s@cret"));
	assert_null(strstr(answer.err.message, "s%40cret"));
	if (fetch)
		assert_string_equal(answer.schema, "(none)");
	else
		assert_int_equal(answer.id, -1);
	assert_int_equal(stand.server.request_count, 1);
	stand_down(&stand);
}

#define REFUSED(status, body, fetch, kind, ...)                                                    \
	check_refused(&(Reply){status, body}, fetch, kind, (const char *const[]){__VA_ARGS__, NULL})
#define NOT_THE_API "not the schema registry's API; check schema.registry.url"

static void
answers_that_are_final(void **state)
{
	(void) state;
	REFUSED(422, INVALID, false, ERROR_CONFIG, "\"s-value\"", "422", "Invalid schema");
	REFUSED(401, "", false, ERROR_CONFIG, "401", "basic.auth.user.info");
	REFUSED(403, "<html>", true, ERROR_CONFIG, "403", "schema id 7");
	REFUSED(404, NOT_FOUND, true, ERROR_DATA, "schema id 7", "Schema not found");
	REFUSED(404, NO_SUBJECT, false, ERROR_CONFIG, "Subject not found");
}

/* Another client has registered the same schema at the same moment: it is there. */
static void
a_conflict_is_looked_into(void **state)
{
	Stand stand;
	Answer answers[2] = {0};

	(void) state;
	STAND_UP(&stand, {409, CONFLICT}, {200, OK_ID}, {409, CONFLICT}, {404, NOT_FOUND},
			 {200, OK_ID});
	registry_register(stand.registry, "s", SCHEMA, on_registered, &answers[0]);
	run(&stand, &answers[0]);
	assert_int_equal(answers[0].id, 7);
	assert_says(stand.server.requests[0], "POST /api/subjects/s/versions ");
	assert_says(stand.server.requests[1], "POST /api/subjects/s ");
	/* Not there yet, but it can be registered now. */
	registry_register(stand.registry, "t", SCHEMA, on_registered, &answers[1]);
	run(&stand, &answers[1]);
	assert_int_equal(answers[1].id, 7);
	assert_int_equal(stand.server.request_count, 5);
	assert_says(stand.server.requests[4], "POST /api/subjects/t/versions ");
	stand_down(&stand);
}

static void
a_conflict_that_stays_is_final(void **state)
{
	Stand stand;
	Answer answer = {0};

	(void) state;
	STAND_UP(&stand, {409, CONFLICT}, {404, NOT_FOUND}, {409, CONFLICT});
	registry_register(stand.registry, "s-value", SCHEMA, on_registered, &answer);
	run(&stand, &answer);
	assert_int_equal(stand.server.request_count, 3);
	assert_int_equal(answer.err.kind, ERROR_CONFIG);
	assert_says(answer.err.message, "\"s-value\"");
	assert_says(answer.err.message, "409");
	assert_says(answer.err.message, "incompatible");
	assert_says(answer.err.message, "make the change compatible");
	stand_down(&stand);
}

static void
the_abandoned_are_not_called(void **state)
{
	Stand stand;
	Answer answers[2] = {0};

	(void) state;
	STAND_UP(&stand, {200, OK_ID});
	registry_register(stand.registry, "s", SCHEMA, on_registered, &answers[0]);
	registry_abandon(stand.registry);
	registry_register(stand.registry, "s", SCHEMA, on_registered, &answers[1]);
	run(&stand, &answers[1]);
	assert_int_equal(answers[0].calls, 0);
	assert_int_equal(stand.server.request_count, 1);
	stand_down(&stand);
}

static void
answers_of_somebody_else(void **state)
{
	(void) state;
	REFUSED(200, "<html>", false, ERROR_CONFIG, "\"s-value\"", NOT_THE_API);
	REFUSED(200, "", true, ERROR_CONFIG, "schema id 7", NOT_THE_API);
	REFUSED(200, "[1]", false, ERROR_CONFIG, NOT_THE_API);
	REFUSED(200, "{}", false, ERROR_CONFIG, NOT_THE_API);
	REFUSED(200, "{\"id\":\"7\"}", false, ERROR_CONFIG, NOT_THE_API);
	REFUSED(200, "{\"id\":-1}", false, ERROR_CONFIG, NOT_THE_API);
	REFUSED(200, "{\"id\":4294967296}", false, ERROR_CONFIG, NOT_THE_API);
	REFUSED(200, "{\"schema\":7}", true, ERROR_CONFIG, NOT_THE_API);
	REFUSED(404, "<html>not found", true, ERROR_CONFIG, NOT_THE_API);
	REFUSED(302, "", false, ERROR_CONFIG, "302", NOT_THE_API);
	REFUSED(200, "{\"schema\":\"x\",\"schemaType\":\"PROTOBUF\"}", true, ERROR_DATA, "PROTOBUF");
}

static void
what_was_refused_can_be_asked_again(void **state)
{
	Stand stand;
	Answer answers[2] = {0};

	(void) state;
	STAND_UP(&stand, {422, INVALID}, {200, OK_ID});
	registry_register(stand.registry, "s", SCHEMA, on_registered, &answers[0]);
	run(&stand, &answers[0]);
	assert_true(answers[0].failed);
	registry_register(stand.registry, "s", SCHEMA, on_registered, &answers[1]);
	run(&stand, &answers[1]);
	assert_int_equal(answers[1].id, 7);
	stand_down(&stand);
}

static void
trouble_is_waited_for_and_said_once(void **state)
{
	Capture capture = capture_begin();
	Stand stand;
	Answer answer = {0};
	int64_t since = -1;

	(void) state;
	STAND_UP(&stand, {500, "{\"message\":\"no\"}"}, {503, ""}, {429, ""}, {408, ""}, {0, NULL},
			 {200, OK_ID});
	assert_false(registry_waiting(stand.registry, &since));
	registry_register(stand.registry, "s", SCHEMA, on_registered, &answer);
	while (stand.server.request_count < 3)
		loop_once(stand.loop, DEADLINE_MS);
	assert_true(registry_waiting(stand.registry, &since));
	assert_true(since > 0 && since <= loop_now_ms());
	run(&stand, &answer);
	AUTO_TEXT char *text = capture_end(&capture);
	const char *warned = strstr(text, "warn ");

	assert_int_equal(answer.id, 7);
	assert_int_equal(stand.server.request_count, 6);
	assert_false(registry_waiting(stand.registry, &since));
	assert_non_null(warned);
	assert_says(warned, "/api\" does not answer: HTTP status 500; trying again in 1 ms");
	assert_null(strstr(warned + 1, "warn "));
	assert_says(text, "info ");
	assert_says(text, "answers again");
	assert_null(strstr(text, "cret"));
	stand_down(&stand);
}

/* The first does not listen, the second never answers, the third does. */
static void
every_url_is_tried(void **state)
{
	static const Reply silence[] = {{-1, NULL}};
	static const Reply good[] = {{200, OK_ID}};
	Capture capture = capture_begin();
	Loop *loop = loop_new();
	Answer answers[2] = {0};
	Stand stand = {.loop = loop};
	Server silent;
	Error err;

	(void) state;
	server_start(&silent, loop, silence, 1);
	server_start(&stand.server, loop, good, 1);
	AUTO_TEXT char *urls = xasprintf("http://127.0.0.1:1, http://127.0.0.1:%d,,http://127.0.0.1:%d",
									 silent.port, stand.server.port);
	RegistryOptions options = {.urls = urls,
							   .user_info = "ann:p:w",
							   .timeout_ms = 50,
							   .retry_ms = DEADLINE_MS,
							   .retry_max_ms = DEADLINE_MS};

	assert_true(registry_new(loop, &options, &stand.registry, &err));
	registry_register(stand.registry, "s", SCHEMA, on_registered, &answers[0]);
	run(&stand, &answers[0]);
	assert_int_equal(answers[0].id, 7);
	assert_int_equal(silent.request_count, 1);
	assert_says(stand.server.requests[0], "Authorization: Basic YW5uOnA6dw==\r\n");

	/* The one that answered is asked first from now on. */
	registry_register(stand.registry, "t", SCHEMA, on_registered, &answers[1]);
	run(&stand, &answers[1]);
	assert_int_equal(silent.request_count, 1);
	server_stop(&silent);
	stand_down(&stand);
	AUTO_TEXT char *text = capture_end(&capture);

	assert_says(text, "http://127.0.0.1:1\" does not answer");
}

static void
open_questions_end_without_a_call(void **state)
{
	Stand stand;
	Answer answers[2] = {0};

	(void) state;
	STAND_UP(&stand, {-1, NULL});
	registry_register(stand.registry, "s", SCHEMA, on_registered, &answers[0]);
	registry_fetch(stand.registry, 7, on_fetched, &answers[1]);
	while (stand.server.request_count < 2)
		loop_once(stand.loop, DEADLINE_MS);
	stand_down(&stand);
	assert_int_equal(answers[0].calls + answers[1].calls, 0);
}

static void
schemas_have_a_limit(void **state)
{
	const size_t len = ((size_t) 16 << 20) + 1;
	AUTO_TEXT char *large = xmalloc(len + 1);
	Reply said = {200, ""};
	Answer answer = {0};
	Stand stand;

	(void) state;
	memset(large, 'x', len);
	large[len] = '\0';
	stand_up(&stand, &said, 1);
	registry_register(stand.registry, "s", large, on_registered, &answer);
	assert_int_equal(answer.calls, 1);
	assert_int_equal(answer.err.kind, ERROR_CONFIG);
	assert_says(answer.err.message, "too large");
	answer = (Answer){0};
	registry_register(stand.registry, "s", "\xff", on_registered, &answer);
	assert_int_equal(answer.calls, 1);
	assert_says(answer.err.message, "not UTF-8");
	stand_down(&stand);
}

static void
bad_urls_are_refused(void **state)
{
	static const struct
	{
		const char *urls;
		const char *user_info;
		const char *words;
	} cases[] = {
		{"", NULL, "schema.registry.url is empty"},
		{" , ", NULL, "schema.registry.url is empty"},
		{"registry:8081", NULL, "write http://host:port"},
		{"ftp://hidden@h", NULL, "write http://host:port"},
		{"http://h:1,file:///etc/passwd", NULL, "write http://host:port"},
		{"http://u:hidden@h:port", NULL, "write http://host:port"},
		{"http://h", "hidden", "write user:password"},
	};
	Loop *loop = loop_new();

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		RegistryOptions options = {.urls = cases[i].urls, .user_info = cases[i].user_info};
		Registry *registry = NULL;
		Error err;

		assert_false(registry_new(loop, &options, &registry, &err));
		assert_null(registry);
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_says(err.message, cases[i].words);
		assert_null(strstr(err.message, "hidden"));
	}
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_schema_is_registered_once),
		cmocka_unit_test(another_subject_or_schema_is_another_question),
		cmocka_unit_test(an_id_is_fetched_once),
		cmocka_unit_test(a_callback_may_ask_again),
		cmocka_unit_test(answers_that_are_final),
		cmocka_unit_test(a_conflict_is_looked_into),
		cmocka_unit_test(a_conflict_that_stays_is_final),
		cmocka_unit_test(the_abandoned_are_not_called),
		cmocka_unit_test(answers_of_somebody_else),
		cmocka_unit_test(what_was_refused_can_be_asked_again),
		cmocka_unit_test(trouble_is_waited_for_and_said_once),
		cmocka_unit_test(every_url_is_tried),
		cmocka_unit_test(open_questions_end_without_a_call),
		cmocka_unit_test(schemas_have_a_limit),
		cmocka_unit_test(bad_urls_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

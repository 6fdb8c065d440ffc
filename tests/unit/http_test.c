/*
 * tests/unit/http_test.c - requests inside the loop: what is sent, and every way to end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/http.h"
#include "http_server.h"

#include <string.h>

#define DEADLINE_MS 10000
#define ANSWER_MAX	100

typedef struct Stand
{
	Loop *loop;
	Http *http;
	Server server;
	char *url;
} Stand;

/* How a request ended. */
typedef struct End
{
	int calls;
	long status;
	bool absent;
	char body[ANSWER_MAX + 1];
	char problem[256];
	Http *again; /* send another one, for the next End, from within the callback */
	const HttpRequest *request;
} End;

static void
stand_up(Stand *stand, const Reply *replies, size_t count)
{
	stand->loop = loop_new();
	stand->http = http_new(stand->loop, ANSWER_MAX);
	server_start(&stand->server, stand->loop, replies, count);
	stand->url = xasprintf("http://127.0.0.1:%d/path?q=1", stand->server.port);
}

static void
stand_down(Stand *stand)
{
	http_free(stand->http);
	server_stop(&stand->server);
	loop_free(stand->loop);
	free(stand->url);
}

static void
on_done(void *context, long status, Slice body, const char *problem)
{
	End *end = context;

	assert_true(body.len <= ANSWER_MAX);
	end->calls++;
	end->status = status;
	end->absent = body.data == NULL;
	if (body.len > 0)
		memcpy(end->body, body.data, body.len);
	snprintf(end->problem, sizeof end->problem, "%s", problem == NULL ? "" : problem);
	if (end->again != NULL)
		http_send(end->again, end->request, on_done, end + 1);
}

static void
run(Stand *stand, const End *end)
{
	int64_t deadline = loop_now_ms() + DEADLINE_MS;

	while (end->calls == 0 && loop_now_ms() < deadline)
		loop_once(stand->loop, 100);
	assert_int_equal(end->calls, 1);
}

static void
assert_says(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("\"%s\" does not say: %s", text, words);
}

static void
everything_of_a_request_is_sent(void **state)
{
	static const Reply replies[] = {{201, "hello"}};
	char body[] = "body";
	Stand stand;
	End end = {0};

	(void) state;
	stand_up(&stand, replies, COUNT(replies));
	HttpRequest request = {.method = "PUT",
						   .url = stand.url,
						   .content_type = "text/x",
						   .accept = "text/y",
						   .body = slice_text(body),
						   .user = "joe",
						   .timeout_ms = DEADLINE_MS};

	http_send(stand.http, &request, on_done, &end);
	memset(body, 'x', strlen(body)); /* everything was copied */
	assert_int_equal(end.calls, 0);
	run(&stand, &end);
	assert_int_equal(end.status, 201);
	assert_string_equal(end.body, "hello");
	assert_string_equal(end.problem, "");
	assert_says(stand.server.requests[0], "PUT /path?q=1 HTTP/1.1\r\n");
	assert_says(stand.server.requests[0], "Content-Type: text/x\r\n");
	assert_says(stand.server.requests[0], "Accept: text/y\r\n");
	assert_says(stand.server.requests[0], "Authorization: Basic am9lOg==\r\n");
	assert_says(stand.server.requests[0], "\r\n\r\nbody");
	assert_null(strstr(stand.server.requests[0], "Expect:"));
	stand_down(&stand);
}

static void
many_requests_run_together(void **state)
{
	static const Reply replies[] = {{200, "yes"}};
	End ends[REQUESTS_MAX] = {0};
	Stand stand;

	(void) state;
	stand_up(&stand, replies, COUNT(replies));
	HttpRequest request = {.method = "GET", .url = stand.url, .timeout_ms = DEADLINE_MS};

	for (size_t i = 0; i < REQUESTS_MAX - 1; i++)
		http_send(stand.http, &request, on_done, &ends[i]);
	ends[REQUESTS_MAX - 2].again = stand.http;
	ends[REQUESTS_MAX - 2].request = &request;
	for (size_t i = 0; i < REQUESTS_MAX; i++)
	{
		run(&stand, &ends[i]);
		assert_string_equal(ends[i].body, "yes");
	}
	stand_down(&stand);
}

/* Sends one request and gives how it ended. */
static End
end_of(const Reply *said, const char *url, int64_t timeout_ms)
{
	Stand stand;
	End end = {0};

	stand_up(&stand, said, 1);
	HttpRequest request = {
		.method = "GET", .url = url == NULL ? stand.url : url, .timeout_ms = timeout_ms};

	http_send(stand.http, &request, on_done, &end);
	run(&stand, &end);
	stand_down(&stand);
	return end;
}

static void
answers_have_a_limit(void **state)
{
	char text[ANSWER_MAX + 2] = "";
	Reply said = {200, text};
	End end;

	(void) state;
	memset(text, 'x', ANSWER_MAX);
	end = end_of(&said, NULL, DEADLINE_MS);
	assert_int_equal(end.status, 200);
	assert_int_equal(strlen(end.body), ANSWER_MAX);
	text[ANSWER_MAX] = 'x';
	end = end_of(&said, NULL, DEADLINE_MS);
	assert_int_equal(end.status, 200);
	assert_true(end.absent);
	assert_says(end.problem, "larger than 100 bytes");
}

static void
redirects_are_answers(void **state)
{
	Reply said = {302, "elsewhere"};
	End end = end_of(&said, NULL, DEADLINE_MS);

	(void) state;
	assert_int_equal(end.status, 302);
	assert_string_equal(end.body, "elsewhere");
}

static void
without_an_answer_there_is_a_problem(void **state)
{
	Reply silence = {-1, NULL};
	Reply hangup = {0, NULL};
	End end;

	(void) state;
	end = end_of(&silence, NULL, 30);
	assert_int_equal(end.status, 0);
	assert_says(end.problem, "timed out");
	end = end_of(&hangup, NULL, DEADLINE_MS);
	assert_int_equal(end.status, 0);
	assert_says(end.problem, "Empty reply");
	end = end_of(&hangup, "http://127.0.0.1:1/", DEADLINE_MS);
	assert_int_equal(end.status, 0);
	assert_says(end.problem, "127.0.0.1 port 1");
}

static void
only_http_is_spoken(void **state)
{
	static const char *const urls[] = {"file:///etc/hostname", "ftp://127.0.0.1/", "", "http://"};
	Reply never = {200, "never"};

	(void) state;
	for (size_t i = 0; i < COUNT(urls); i++)
	{
		End end = end_of(&never, urls[i], DEADLINE_MS);

		assert_int_equal(end.status, 0);
		assert_string_not_equal(end.problem, "");
		assert_string_equal(end.body, "");
	}
}

static void
open_requests_end_without_a_call(void **state)
{
	static const Reply silence[] = {{-1, NULL}};
	Stand stand;
	End ends[2] = {0};

	(void) state;
	stand_up(&stand, silence, 1);
	HttpRequest request = {.method = "GET", .url = stand.url, .timeout_ms = DEADLINE_MS};

	http_send(stand.http, &request, on_done, &ends[0]);
	while (stand.server.request_count == 0)
		loop_once(stand.loop, DEADLINE_MS);
	http_send(stand.http, &request, on_done, &ends[1]);
	http_free(stand.http);
	stand.http = NULL;
	loop_once(stand.loop, 0);
	assert_int_equal(ends[0].calls + ends[1].calls, 0);
	stand_down(&stand);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_of_a_request_is_sent),
		cmocka_unit_test(many_requests_run_together),
		cmocka_unit_test(answers_have_a_limit),
		cmocka_unit_test(redirects_are_answers),
		cmocka_unit_test(without_an_answer_there_is_a_problem),
		cmocka_unit_test(only_http_is_spoken),
		cmocka_unit_test(open_requests_end_without_a_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

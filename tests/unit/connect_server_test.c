/*
 * tests/unit/connect_server_test.c - the HTTP server: limits of size, time and connections, answers
 * that come late or for nobody, keep-alive, TLS, users.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "connect/server_parts.h"
#include "connect_client.h"
#include "core/http.h"
#include "core/memory.h"

#include <string.h>
#include <unistd.h>

/* For localhost and 127.0.0.1, valid for a hundred years; nobody trusts it. */
static const char certificate[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBjzCCATagAwIBAgIUM50+BKxtY2LxJNhYgGBA/h3YcKgwCgYIKoZIzj0EAwIw\n"
	"FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjIwNTkyNFoYDzIxMjYxMDI5\n"
	"MjA1OTI0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO\n"
	"PQMBBwNCAATtCKe7J69GLsZC1jqT3meUSVIkCtPzJVk3IuGXHFigwonM9kQYlusg\n"
	"REnSCw1gxJsc/RSq9ZcdITvnPOJeFwGxo2QwYjAdBgNVHQ4EFgQUubQmETski74w\n"
	"Nw9s6bSYFrMqAl8wHwYDVR0jBBgwFoAUubQmETski74wNw9s6bSYFrMqAl8wDwYD\n"
	"VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0cAMEQC\n"
	"IGUl4fEKjq6R7yw9ZlBISp5TvllVoAwOW9GIhXx5kbRlAiAZ+h7yxTwxZE1vBu4V\n"
	"fzZf02RhqzAfjfSFt27kGUewSg==\n"
	"-----END CERTIFICATE-----\n";
static const char key[] = "-----BEGIN PRIVATE KEY-----\n"
						  "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3IaMv0cAXiIOASQL\n"
						  "P+oKc0xwTH1zeLOVS8B+vyCV79KhRANCAATtCKe7J69GLsZC1jqT3meUSVIkCtPz\n"
						  "JVk3IuGXHFigwonM9kQYlusgREnSCw1gxJsc/RSq9ZcdITvnPOJeFwGx\n"
						  "-----END PRIVATE KEY-----\n";

#define PAUSE "PUT /connectors/a/pause HTTP/1.1\r\nHost: w\r\n"

static void
begin(Stand *stand)
{
	stand_begin(stand);
	json_object_set_new(stand->herder->connectors, "a", json_object());
}

static bool
herder_was_asked(void *context)
{
	const Stand *stand = context;

	return stand->herder->asked != NULL;
}

static bool
nothing_is_owed(void *context)
{
	const Stand *stand = context;

	return stand->herder->answers == NULL;
}

static bool
nothing_is_kept(void *context)
{
	const Stand *stand = context;

	return stand->server->exchanges == NULL;
}

static void
bodies_have_a_limit(void **state)
{
	Stand stand;
	char *body;
	Answer answer;

	(void) state;
	stand_init(&stand);
	begin(&stand);
	body = xmalloc(300001);
	memset(body, ' ', 300000);
	body[300000] = '\0';
	answer = ask(&stand, "POST", "/connectors", "Content-Type: application/json\r\n", body);
	assert_int_equal(answer.status, 413);
	assert_non_null(strstr(answer.body, "wal2avro.rest.request.max.bytes"));
	answer_done(&answer);
	body[65536] = '\0';
	answer = ask(&stand, "POST", "/connectors", "Content-Type: application/json\r\n", body);
	assert_int_equal(answer.status, 400);
	answer_done(&answer);
	free(body);
	stand_end(&stand);
}

/* What is absurdly long, or asks first, is not even read. */
static void
long_bodies_are_refused_before_they_come(void **state)
{
	static const char *const requests[] = {
		"POST /connectors HTTP/1.1\r\nHost: w\r\nContent-Type: application/json\r\n"
		"Content-Length: 99999999999\r\n\r\n",
		"POST /connectors HTTP/1.1\r\nHost: w\r\nContent-Type: application/json\r\n"
		"Content-Length: 65537\r\nExpect: 100-continue\r\n\r\n",
	};
	Stand stand;

	(void) state;
	stand_init(&stand);
	begin(&stand);
	for (size_t i = 0; i < COUNT(requests); i++)
	{
		Client client;

		client_open(&client, &stand);
		client_send(&client, requests[i], strlen(requests[i]));
		client_wait(&client, "allows more");
		assert_non_null(strstr(buffer_text(&client.got), "HTTP/1.1 413 "));
		client_close(&client);
	}
	stand_end(&stand);
}

/* In pieces without a length: taken as a whole, and still limited. */
static void
chunked_bodies_are_taken(void **state)
{
	static const char head[] = "POST /connectors HTTP/1.1\r\nHost: w\r\nConnection: close\r\n"
							   "Content-Type: application/json\r\n"
							   "Transfer-Encoding: chunked\r\n\r\n";
	static const char body[] = "8\r\n{\"name\":\r\nd\r\n\"b\",\"config\":\r\n"
							   "19\r\n{\"connector.class\":\"X\"}} \r\n0\r\n\r\n";
	Stand stand;
	Client client;

	(void) state;
	stand_init(&stand);
	begin(&stand);
	client_open(&client, &stand);
	client_send(&client, head, strlen(head));
	for (size_t i = 0; i < strlen(body); i++)
		client_send(&client, body + i, 1);
	client_wait(&client, NULL);
	assert_non_null(strstr(buffer_text(&client.got), "HTTP/1.1 201 "));
	client_close(&client);
	client_open(&client, &stand);
	client_send(&client, head, strlen(head));
	for (int i = 0; i < 200; i++)
		client_send(&client, "400\r\n", 5), client_send(&client, certificate, 0x200),
			client_send(&client, certificate, 0x200), client_send(&client, "\r\n", 2);
	client_send(&client, "0\r\n\r\n", 5);
	client_wait(&client, "allows more");
	assert_non_null(strstr(buffer_text(&client.got), "HTTP/1.1 413 "));
	client_close(&client);
	stand_end(&stand);
}

static void
one_connection_has_many_requests(void **state)
{
	static const char two[] = PAUSE "\r\nGET /connectors HTTP/1.1\r\nHost: w\r\n\r\n";
	Stand stand;
	Client client;

	(void) state;
	stand_init(&stand);
	begin(&stand);
	client_open(&client, &stand);
	client_send(&client, two, strlen(two));
	client_wait(&client, "[\"a\"]");
	assert_non_null(strstr(buffer_text(&client.got), "HTTP/1.1 202 "));
	buffer_clear(&client.got);
	client_send(&client, two, strlen(two));
	client_wait(&client, "[\"a\"]");
	client_close(&client);
	stand_end(&stand);
}

/* Who never ends a request is cut off, however busy he seems, and others are served meanwhile. */
static void
slow_clients_are_cut_off(void **state)
{
	static const char *const beginnings[] = {
		"", "GET", "GET / HTTP/1.1\r\nHost: w\r\nX: y",
		"POST /connectors HTTP/1.1\r\nHost: w\r\nContent-Type: application/json\r\n"
		"Content-Length: 5000\r\n\r\n{"};
	Stand stand;
	Client clients[COUNT(beginnings)];
	int64_t begun = loop_now_ms();
	Answer answer;

	(void) state;
	stand_init(&stand);
	stand.settings.connection_ms = 1000;
	begin(&stand);
	for (size_t i = 0; i < COUNT(beginnings); i++)
	{
		client_open(&clients[i], &stand);
		client_send(&clients[i], beginnings[i], strlen(beginnings[i]));
	}
	answer = ask(&stand, "GET", "/connectors", "", NULL);
	assert_int_equal(answer.status, 200);
	answer_done(&answer);
	for (size_t i = 0; i < COUNT(beginnings); i++)
		for (int k = 0; !clients[i].ended && k < 1000; k++)
		{
			if (*beginnings[i] != '\0')
				client_send(&clients[i], "y", 1);
			loop_once(stand.loop, 50);
		}
	for (size_t i = 0; i < COUNT(beginnings); i++)
	{
		assert_true(clients[i].ended);
		client_close(&clients[i]);
	}
	assert_true(loop_now_ms() - begun < 10000);
	stand_end(&stand);
}

/* A client that waits for us is not cut off for its silence. */
static void
answers_may_take_longer_than_silence(void **state)
{
	Stand stand;
	Client client;
	int64_t end;

	(void) state;
	stand_init(&stand);
	stand.settings.connection_ms = 1000;
	begin(&stand);
	stand.herder->silent = true;
	client_open(&client, &stand);
	client_send(&client, PAUSE "\r\n", strlen(PAUSE) + 2);
	for (end = loop_now_ms() + 3000; loop_now_ms() < end;)
		loop_once(stand.loop, 100);
	assert_false(client.ended);
	fake_answer_all(stand.herder);
	client_wait(&client, "HTTP/1.1 202 ");
	client_close(&client);
	stand_end(&stand);
}

static void
requests_time_out(void **state)
{
	Stand stand;
	Answer answer;

	(void) state;
	stand_init(&stand);
	stand.settings.request_ms = 200;
	begin(&stand);
	stand.herder->silent = true;
	answer = ask(&stand, "PUT", "/connectors/a/pause", "", NULL);
	assert_int_equal(answer.status, 500);
	assert_string_equal(answer.body, "{\"error_code\":500,\"message\":\"Request timed out\"}");
	answer_done(&answer);
	/* The answer that comes now is for nobody. */
	fake_answer_all(stand.herder);
	stand_until(&stand, nothing_is_owed, &stand);
	stand.herder->starting = "the store is being read";
	answer = ask(&stand, "DELETE", "/connectors/a", "", NULL);
	assert_string_equal(answer.body,
						"{\"error_code\":500,\"message\":\"Request timed out. The worker is "
						"waiting: the store is being read\"}");
	answer_done(&answer);
	/* It is not kept for as long as the store is away, nor done when it is there. */
	stand_until(&stand, nothing_is_kept, &stand);
	fake_asked(stand.herder);
	stand.herder->starting = NULL;
	answer = ask(&stand, "GET", "/connectors", "", NULL);
	answer_done(&answer);
	for (int i = 0; i < 5; i++)
		loop_once(stand.loop, 50);
	assert_string_equal(fake_asked(stand.herder), "");
	stand_end(&stand);
}

static void
clients_may_leave_before_their_answer(void **state)
{
	Stand stand;
	Client client;
	Answer answer;

	(void) state;
	stand_init(&stand);
	begin(&stand);
	stand.herder->silent = true;
	client_open(&client, &stand);
	client_send(&client, PAUSE "\r\n", strlen(PAUSE) + 2);
	stand_until(&stand, herder_was_asked, &stand);
	client_close(&client);
	fake_answer_all(stand.herder);
	stand_until(&stand, nothing_is_owed, &stand);
	answer = ask(&stand, "GET", "/connectors", "", NULL);
	assert_int_equal(answer.status, 200);
	answer_done(&answer);
	stand_end(&stand);
}

static void
a_worker_may_end_while_clients_wait(void **state)
{
	Stand stand;
	Client waiting;
	Client parked;

	(void) state;
	stand_init(&stand);
	begin(&stand);
	stand.herder->silent = true;
	client_open(&waiting, &stand);
	client_send(&waiting, PAUSE "\r\n", strlen(PAUSE) + 2);
	stand_until(&stand, herder_was_asked, &stand);
	stand.herder->starting = "the store is being read";
	client_open(&parked, &stand);
	client_send(&parked, PAUSE "\r\n", strlen(PAUSE) + 2);
	for (int i = 0; i < 5; i++)
		loop_once(stand.loop, 20);
	client_close(&waiting);
	client_close(&parked);
	stand_end(&stand);
}

static void
connections_have_a_limit(void **state)
{
	Stand stand;
	Client clients[4];
	Client last;

	(void) state;
	stand_init(&stand);
	stand.settings.connections = 4;
	stand.settings.connection_ms = 2000;
	begin(&stand);
	for (size_t i = 0; i < COUNT(clients); i++)
	{
		client_open(&clients[i], &stand);
		client_send(&clients[i], "GET /connectors HTTP/1.1\r\nHost: w\r\n\r\n", 37);
		client_wait(&clients[i], "[\"a\"]");
	}
	client_open(&last, &stand);
	client_send(&last, "GET /connectors HTTP/1.1\r\nHost: w\r\n\r\n", 37);
	for (int i = 0; i < 10 && !last.ended; i++)
		loop_once(stand.loop, 20);
	assert_int_equal(last.got.len, 0);
	client_close(&last);
	client_close(&clients[0]);
	client_open(&last, &stand);
	client_send(&last, "GET /connectors HTTP/1.1\r\nHost: w\r\n\r\n", 37);
	client_wait(&last, "[\"a\"]");
	assert_non_null(strstr(buffer_text(&last.got), "200"));
	client_close(&last);
	for (size_t i = 1; i < COUNT(clients); i++)
		client_close(&clients[i]);
	stand_end(&stand);
}

/* Whatever is no HTTP is answered with an error, or not at all. */
static void
nonsense_is_survived(void **state)
{
	static const char *const requests[] = {
		"\r\n\r\n\r\n",
		"GET\r\n\r\n",
		"GET / HTTP/9.9\r\n\r\n",
		"nonsense\r\n\r\n",
		"GET connectors HTTP/1.1\r\nHost: w\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: w\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: -5\r\nHost: w\r\n\r\n",
		"POST /connectors HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"GET http:// HTTP/1.1\r\nHost: w\r\n\r\n",
		"GET ? HTTP/1.1\r\nHost: w\r\n\r\n",
		"GET /connectors?expand=&&&=%& HTTP/1.1\r\nHost: w\r\n\r\n",
		"GET / HTTP/1.1\r\n: x\r\nHost\r\n\r\n"};
	Stand stand;
	Answer answer;

	(void) state;
	stand_init(&stand);
	begin(&stand);
	for (size_t i = 0; i < COUNT(requests); i++)
	{
		Client client;

		client_open(&client, &stand);
		client_send(&client, requests[i], strlen(requests[i]));
		for (int k = 0; k < 20; k++)
			loop_once(stand.loop, 1);
		client_close(&client);
	}
	answer = ask(&stand, "GET", "/connectors", "", NULL);
	assert_int_equal(answer.status, 200);
	answer_done(&answer);
	stand_end(&stand);
}

/* Requests with bytes changed, taken out and doubled at random. */
static void
random_requests_are_survived(void **state)
{
	static const char *const seeds[] = {
		"POST /connectors HTTP/1.1\r\nHost: w\r\nContent-Type: application/json\r\n"
		"Content-Length: 49\r\n\r\n{\"name\":\"b\",\"config\":{\"connector.class\":\"X\"}}    ",
		"PATCH /connectors/a/offsets HTTP/1.1\r\nHost: w\r\nContent-Type: application/json\r\n"
		"Content-Length: 46\r\n\r\n{\"offsets\":[{\"partition\":{},\"offset\":null}]} ",
		"GET /connectors?expand=info&expand=status HTTP/1.1\r\nHost: w\r\n"
		"Accept: text/html;q=0.5,*/*\r\n\r\n",
		"PUT /connectors/%61/pause;x=y HTTP/1.1\r\nHost: w\r\nOrigin: http://w\r\n"
		"Sec-Fetch-Site: none\r\n\r\n",
		"GET /metrics?all=true HTTP/1.1\r\nHost: w\r\nAuthorization: Basic YTpi\r\n\r\n",
		"POST /connectors HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n"
		"5\r\n{\"a\":\r\n3\r\n5}}\r\n0\r\n\r\n",
	};
	uint64_t random = 4242;
	Stand stand;
	Answer answer;

	(void) state;
	stand_init(&stand);
	begin(&stand);
	for (int round = 0; round < 600; round++)
	{
		char text[512];
		const char *seed = seeds[next_random(&random) % COUNT(seeds)];
		size_t len = strlen(seed);
		Client client;

		memcpy(text, seed, len);
		for (uint64_t changes = next_random(&random) % 6; changes > 0; changes--)
		{
			size_t at = next_random(&random) % len;

			switch (next_random(&random) % 3)
			{
				case 0:
					text[at] = (char) next_random(&random);
					break;
				case 1:
					memmove(text + at, text + at + 1, len - at - 1);
					len--;
					break;
				default:
					memmove(text + at + 1, text + at, len - at);
					len++;
			}
		}
		client_open(&client, &stand);
		client_send(&client, text, len);
		for (int k = 0; k < 5 && !client.ended; k++)
			loop_once(stand.loop, 1);
		client_close(&client);
	}
	answer = ask(&stand, "GET", "/health", "", NULL);
	assert_int_equal(answer.status, 200);
	answer_done(&answer);
	stand_end(&stand);
}

static void
users_are_asked_for(void **state)
{
	char path[] = "/tmp/connect_server_XXXXXX";
	static const char users[] = "anna:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
	static const char right[] = "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n";
	int fd = mkstemp(path);
	Stand stand;
	Answer answer;

	(void) state;
	assert_int_equal(write(fd, users, strlen(users)), (ssize_t) strlen(users));
	close(fd);
	stand_init(&stand);
	stand.settings.auth_file = path;
	begin(&stand);
	unlink(path);
	answer = ask(&stand, "GET", "/connectors", "", NULL);
	AUTO_TEXT char *challenge = answer_header(&answer, "WWW-Authenticate");

	assert_int_equal(answer.status, 401);
	assert_string_equal(answer.body, "{\"error_code\":401,\"message\":\"HTTP 401 Unauthorized\"}");
	assert_string_equal(challenge, "Basic realm=\"wal2avro-connect\"");
	answer_done(&answer);
	answer = ask(&stand, "GET", "/nothing", "", NULL);
	assert_int_equal(answer.status, 401);
	answer_done(&answer);
	answer = ask(&stand, "GET", "/health", "", NULL);
	assert_int_equal(answer.status, 200);
	answer_done(&answer);
	answer = ask(&stand, "PUT", "/connectors/a/pause", right, NULL);
	assert_int_equal(answer.status, 202);
	answer_done(&answer);
	stand_end(&stand);
}

typedef struct Tls
{
	long status;
	char problem[256];
	bool done;
} Tls;

static void
on_tls(void *context, long status, Slice body, const char *problem)
{
	Tls *tls = context;

	(void) body;
	tls->status = status;
	tls->done = true;
	snprintf(tls->problem, sizeof tls->problem, "%s", problem == NULL ? "" : problem);
}

static bool
tls_is_done(void *context)
{
	const Tls *tls = context;

	return tls->done;
}

static Tls
ask_tls(Stand *stand, const char *ca)
{
	Http *http = http_new(stand->loop, 1000);
	AUTO_TEXT char *url =
		xasprintf("https://127.0.0.1:%d/connectors/a/pause", server_port(stand->server));
	Tls tls = {0};

	http_send(http, &(HttpRequest){.method = "PUT", .url = url, .ca_file = ca, .timeout_ms = 10000},
			  on_tls, &tls);
	stand_until(stand, tls_is_done, &tls);
	http_free(http);
	return tls;
}

static void
tls_with_certificate_and_key(void **state)
{
	char path[] = "/tmp/connect_server_XXXXXX";
	int fd = mkstemp(path);
	Stand stand;
	Tls tls;

	(void) state;
	assert_int_equal(write(fd, certificate, strlen(certificate)), (ssize_t) strlen(certificate));
	close(fd);
	stand_init(&stand);
	stand.settings.tls = true;
	stand.settings.tls_certificate = (char *) (uintptr_t) certificate;
	stand.settings.tls_key = (char *) (uintptr_t) key;
	begin(&stand);
	tls = ask_tls(&stand, path);
	assert_string_equal(tls.problem, "");
	assert_int_equal(tls.status, 202);
	tls = ask_tls(&stand, "/dev/null"); /* trusts nobody */
	assert_int_equal(tls.status, 0);
	unlink(path);
	stand_end(&stand);
}

static void
what_keeps_a_server_from_listening_is_said(void **state)
{
	Stand stand;
	Server *second = NULL;
	Error err = {0};

	(void) state;
	stand_init(&stand);
	begin(&stand);
	stand.settings.port = server_port(stand.server);
	assert_false(server_new(stand.loop, &stand.settings, &(ServerCalls){0}, &second, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.message, "in use"));
	stand.settings.host = (char *) (uintptr_t) "not a host";
	assert_false(server_new(stand.loop, &stand.settings, &(ServerCalls){0}, &second, &err));
	assert_non_null(strstr(err.message, "not a host"));
	stand.settings.host = (char *) (uintptr_t) "127.0.0.1";
	stand.settings.port = 0;
	stand.settings.tls = true;
	stand.settings.tls_certificate = stand.settings.tls_key = (char *) (uintptr_t) "nonsense";
	assert_false(server_new(stand.loop, &stand.settings, &(ServerCalls){0}, &second, &err));
	assert_non_null(strstr(err.message, "certificate"));
	stand_end(&stand);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_have_a_limit),
		cmocka_unit_test(long_bodies_are_refused_before_they_come),
		cmocka_unit_test(chunked_bodies_are_taken),
		cmocka_unit_test(one_connection_has_many_requests),
		cmocka_unit_test(slow_clients_are_cut_off),
		cmocka_unit_test(answers_may_take_longer_than_silence),
		cmocka_unit_test(requests_time_out),
		cmocka_unit_test(clients_may_leave_before_their_answer),
		cmocka_unit_test(a_worker_may_end_while_clients_wait),
		cmocka_unit_test(connections_have_a_limit),
		cmocka_unit_test(nonsense_is_survived),
		cmocka_unit_test(random_requests_are_survived),
		cmocka_unit_test(users_are_asked_for),
		cmocka_unit_test(tls_with_certificate_and_key),
		cmocka_unit_test(what_keeps_a_server_from_listening_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

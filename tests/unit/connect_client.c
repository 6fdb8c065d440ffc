/*
 * tests/unit/connect_client.c - see connect_client.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect_client.h"

#include "test.h"

#include "core/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEADLINE_MS		 20000
#define ANSWER_MAX_BYTES ((size_t) 1 << 24)

void
stand_init(Stand *stand)
{
	*stand = (Stand){0};
	stand->settings = (WorkerSettings){
		.host = (char *) (uintptr_t) "127.0.0.1",
		.worker_id = (char *) (uintptr_t) "127.0.0.1:8083",
		.request_max_bytes = 65536,
		.connections = 20,
		.connection_ms = 30000,
		.request_ms = 30000,
		.topic_tracking = true,
		.topic_reset = true,
	};
}

void
stand_begin(Stand *stand)
{
	Error err = {0};

	stand->loop = loop_new();
	assert_true(herder_new(stand->loop, &stand->settings, NULL, &stand->herder, &err));
	if (!routes_new(stand->loop, stand->herder, &stand->settings, &stand->routes, &err) ||
		!server_new(stand->loop, &stand->settings,
					&(ServerCalls){.request = routes_request,
								   .reason = routes_reason,
								   .context = stand->routes},
					&stand->server, &err))
		fail_msg("%s", err.message);
}

void
stand_end(Stand *stand)
{
	server_stop(stand->server);
	routes_stop(stand->routes);
	herder_free(stand->herder);
	routes_free(stand->routes);
	server_free(stand->server);
	loop_free(stand->loop);
}

void
stand_until(Stand *stand, bool (*holds)(void *context), void *context)
{
	int64_t deadline = loop_now_ms() + DEADLINE_MS;

	while (!holds(context) && loop_now_ms() < deadline)
		loop_once(stand->loop, 50);
	assert_true(holds(context));
}

static void
on_ready(void *context, int revents)
{
	Client *client = context;
	uint8_t *room = buffer_reserve(&client->got, 65536);
	ssize_t got;

	(void) revents;
	assert_non_null(room);
	got = recv(client->fd, room, 65536, 0);
	if (got > 0)
		client->got.len += (size_t) got;
	else if (got == 0 || errno != EAGAIN)
	{
		client->ended = true;
		loop_forget(client->stand->loop, client->fd);
	}
}

void
client_open(Client *client, Stand *stand)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
								  .sin_port = htons((uint16_t) server_port(stand->server)),
								  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	*client = (Client){.stand = stand, .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	buffer_init(&client->got, ANSWER_MAX_BYTES);
	assert_int_equal(connect(client->fd, (struct sockaddr *) &address, sizeof address), 0);
	loop_watch(stand->loop, client->fd, POLLIN, on_ready, client);
}

void
client_close(Client *client)
{
	if (!client->ended)
		loop_forget(client->stand->loop, client->fd);
	close(client->fd);
	buffer_done(&client->got);
}

/* Goes on with the loop while the server does not take what is sent. */
void
client_send(Client *client, const char *bytes, size_t len)
{
	int64_t deadline = loop_now_ms() + DEADLINE_MS;

	while (len > 0 && loop_now_ms() < deadline)
	{
		ssize_t sent = send(client->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno != EAGAIN)
			return; /* the server has closed it, as the test will see */
		bytes += sent < 0 ? 0 : sent;
		len -= sent < 0 ? 0 : (size_t) sent;
		loop_once(client->stand->loop, sent < 0 ? 10 : 0);
	}
	assert_int_equal(len, 0);
}

typedef struct Wanted
{
	Client *client;
	const char *until;
} Wanted;

static bool
has_come(void *context)
{
	const Wanted *wanted = context;

	return wanted->client->ended ||
		   (wanted->until != NULL &&
			strstr(buffer_text(&wanted->client->got), wanted->until) != NULL);
}

void
client_wait(Client *client, const char *until)
{
	Wanted wanted = {client, until};

	stand_until(client->stand, has_come, &wanted);
}

Answer
ask(Stand *stand, const char *method, const char *path, const char *headers, const char *body)
{
	AUTO_TEXT char *length =
		body == NULL ? xstrdup("") : xasprintf("Content-Length: %zu\r\n", strlen(body));
	AUTO_TEXT char *text =
		xasprintf("%s %s HTTP/1.1\r\nHost: worker:8083\r\nConnection: close\r\n%s%s\r\n%s", method,
				  path, length, headers, body == NULL ? "" : body);
	Client client;
	Answer answer = {0};

	client_open(&client, stand);
	client_send(&client, text, strlen(text));
	client_wait(&client, NULL);
	answer.text = xstrdup(buffer_text(&client.got));
	client_close(&client);
	if (strncmp(answer.text, "HTTP/1.1 ", 9) == 0)
		answer.status = atoi(answer.text + 9);
	answer.body = strstr(answer.text, "\r\n\r\n");
	answer.body = answer.body == NULL ? strchr(answer.text, '\0') : answer.body + 4;
	return answer;
}

void
answer_done(Answer *answer)
{
	free(answer->text);
}

char *
answer_header(const Answer *answer, const char *name)
{
	for (const char *line = answer->text; line < answer->body;)
	{
		size_t len = strcspn(line, "\r\n");

		if (strncasecmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':')
			return xstrndup(line + strlen(name) + 2, len - strlen(name) - 2);
		line += len + strspn(line + len, "\r\n");
	}
	return NULL;
}

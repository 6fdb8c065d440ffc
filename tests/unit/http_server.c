/*
 * tests/unit/http_server.c - see http_server.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "http_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <unistd.h>

#define REQUEST_BYTES ((size_t) 64 << 20)

static void
close_client(Client *client)
{
	loop_forget(client->server->loop, client->fd);
	close(client->fd);
	buffer_done(&client->request);
	client->fd = -1;
}

/* The whole request is here: headers, and as much body as they say. */
static bool
is_complete(const char *request)
{
	const char *body = strstr(request, "\r\n\r\n");
	const char *length = strstr(request, "Content-Length: ");

	return body != NULL && (length == NULL || strlen(body + 4) >= strtoul(length + 16, NULL, 10));
}

static void
reply(Client *client)
{
	Server *server = client->server;
	size_t i = server->request_count < server->reply_count ? server->request_count
														   : server->reply_count - 1;
	const Reply *said = &server->replies[i];

	assert_true(server->request_count < REQUESTS_MAX);
	server->requests[server->request_count++] = xstrdup(buffer_text(&client->request));
	if (said->status > 0)
	{
		AUTO_TEXT char *head =
			xasprintf("HTTP/1.1 %d X\r\nContent-Length: %zu\r\nConnection: close\r\n"
					  "Location: http://127.0.0.1:1/\r\n\r\n",
					  said->status, strlen(said->body));

		assert_int_equal(write(client->fd, head, strlen(head)), strlen(head));
		assert_int_equal(write(client->fd, said->body, strlen(said->body)), strlen(said->body));
	}
	if (said->status >= 0)
		close_client(client);
}

static void
on_client(void *context, int revents)
{
	Client *client = context;
	uint8_t *room = buffer_reserve(&client->request, 65536);
	ssize_t got = read(client->fd, room, 65536);

	(void) revents;
	if (got <= 0)
	{
		close_client(client);
		return;
	}
	client->request.len += (size_t) got;
	if (is_complete(buffer_text(&client->request)))
		reply(client);
}

static void
on_connection(void *context, int revents)
{
	Server *server = context;
	Client *client = server->clients;

	(void) revents;
	while (client->fd >= 0)
		client++;
	client->fd = accept(server->fd, NULL, NULL);
	assert_true(client->fd >= 0);
	client->server = server;
	buffer_init(&client->request, REQUEST_BYTES);
	loop_watch(server->loop, client->fd, POLLIN, on_client, client);
}

void
server_start(Server *server, Loop *loop, const Reply *replies, size_t count)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;

	*server = (Server){.loop = loop, .replies = replies, .reply_count = count};
	for (size_t i = 0; i < REQUESTS_MAX; i++)
		server->clients[i].fd = -1;
	server->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *) &address, len), 0);
	assert_int_equal(listen(server->fd, REQUESTS_MAX), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *) &address, &len), 0);
	server->port = ntohs(address.sin_port);
	loop_watch(loop, server->fd, POLLIN, on_connection, server);
}

void
server_stop(Server *server)
{
	for (size_t i = 0; i < REQUESTS_MAX; i++)
		if (server->clients[i].fd >= 0)
			close_client(&server->clients[i]);
	for (size_t i = 0; i < server->request_count; i++)
		free(server->requests[i]);
	loop_forget(server->loop, server->fd);
	close(server->fd);
}

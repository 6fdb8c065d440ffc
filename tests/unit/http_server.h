/*
 * tests/unit/http_server.h - a server on 127.0.0.1 inside the test's own loop, which answers what
 * the test tells it to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_TESTS_UNIT_HTTP_SERVER_H
#define WAL2AVRO_TESTS_UNIT_HTTP_SERVER_H

#include "core/buffer.h"
#include "core/loop.h"

#define REQUESTS_MAX 16

/* What the server does with a request. status 0: closes; -1: says nothing. */
typedef struct Reply
{
	int status;
	const char *body;
} Reply;

typedef struct Server Server;

typedef struct Client
{
	Server *server;
	int fd; /* -1: free */
	Buffer request;
} Client;

/* One registry. Each request takes the next reply, the last one for ever. */
struct Server
{
	Loop *loop;
	int fd;
	int port;
	const Reply *replies;
	size_t reply_count;
	char *requests[REQUESTS_MAX]; /* as they came */
	size_t request_count;
	Client clients[REQUESTS_MAX];
};

/* Listens on a free port. The replies must outlive the server. */
void server_start(Server *server, Loop *loop, const Reply *replies, size_t count);
void server_stop(Server *server);

#endif

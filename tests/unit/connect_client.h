/*
 * tests/unit/connect_client.h - a worker's REST server on a free port of 127.0.0.1 with a fake
 * herder, and a client that sends exactly what the test wants, all in one loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_TESTS_UNIT_CONNECT_CLIENT_H
#define WAL2AVRO_TESTS_UNIT_CONNECT_CLIENT_H

#include "connect/routes.h"
#include "connect/server.h"
#include "connect_fake_herder.h"
#include "core/buffer.h"

typedef struct Stand
{
	Loop *loop;
	WorkerSettings settings;
	Herder *herder;
	Routes *routes;
	Server *server;
} Stand;

/* One connection. */
typedef struct Client
{
	Stand *stand;
	int fd;
	Buffer got;
	bool ended; /* the server has closed it */
} Client;

/* A client's answer. */
typedef struct Answer
{
	int status; /* 0: none */
	char *text; /* all of it */
	char *body; /* points into text; "" for none */
} Answer;

/* settings as of a worker without any of its own; change it, then begin. */
void stand_init(Stand *stand);
void stand_begin(Stand *stand);
void stand_end(Stand *stand);

/* Runs the loop until the condition holds; fails the test after some seconds. */
void stand_until(Stand *stand, bool (*holds)(void *context), void *context);

void client_open(Client *client, Stand *stand);
void client_close(Client *client);
void client_send(Client *client, const char *bytes, size_t len);

/* Waits until the server has closed the connection, or has sent until. */
void client_wait(Client *client, const char *until);

/* A whole request in a connection of its own. headers: lines with \r\n, or ""; body NULL: none. */
Answer ask(Stand *stand, const char *method, const char *path, const char *headers,
		   const char *body);
void answer_done(Answer *answer);

/* The value of a header of the answer, for the caller to free; NULL: it is not there. */
char *answer_header(const Answer *answer, const char *name);

#endif

/*
 * connect/server_parts.h - what server.c (the daemon, its connections) and exchange.c (one request)
 * share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_SERVER_PARTS_H
#define WAL2AVRO_CONNECT_SERVER_PARTS_H

#include "connect/server.h"
#include "core/buffer.h"

#include <microhttpd.h>

/* A client. */
typedef struct Peer
{
	int fd;
	int64_t deadline_ms; /* when it is cut off; INT64_MAX: it waits for us */
	struct Peer *next;
} Peer;

struct Server
{
	Loop *loop;
	const WorkerSettings *settings;
	ServerCalls calls;
	struct MHD_Daemon *daemon;
	int epoll_fd;
	bool stopped;
	LoopTimer *run;	  /* libmicrohttpd wants to be called */
	LoopTimer *sweep; /* who is to be cut off? */
	Peer *clients;
	Exchange *exchanges;
};

struct Exchange
{
	Server *server;
	struct MHD_Connection *connection; /* NULL: the client is gone */
	bool begun;						   /* its headers have been seen */
	bool calling;					   /* the request is being handed on */
	bool owed;						   /* somebody will answer it yet */
	bool suspended;
	bool too_large;
	char *method;
	char *path;
	char *query;
	Buffer body;
	size_t swallowed; /* bytes of a body that is too large */
	LoopTimer *timer; /* the answer takes too long */
	struct MHD_Response *response;
	unsigned status;
	struct
	{
		const char *name;
		char *value;
	} headers[8];
	size_t header_count;
	Exchange *next;
};

/* Makes libmicrohttpd go on soon. */
void server_wake(Server *server);

/* The time of the connection's client begins anew; forever: it waits for us. */
void server_deadline(Server *server, struct MHD_Connection *connection, bool forever);

/* A request line has come. */
Exchange *exchange_new(Server *server, struct MHD_Connection *connection, const char *uri);

/* The body of libmicrohttpd's handler. */
enum MHD_Result exchange_step(Exchange *exchange, struct MHD_Connection *connection,
							  const char *method, const char *data, size_t *size);

/* The connection has ended or goes on to its next request. */
void exchange_end(Exchange *exchange);

/* Whoever owes an answer. */
void exchange_free(Exchange *exchange);

#endif

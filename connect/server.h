/*
 * connect/server.h - an HTTP server inside the loop: requests come in whole, answers may come
 * later.
 *
 * libmicrohttpd does the protocol, through its epoll descriptor and without threads. What a client
 * can cost is limited: bytes of a body (413), connections, silence, the time in which a request
 * must be whole, and the time that it waits for an answer (500).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_SERVER_H
#define WAL2AVRO_CONNECT_SERVER_H

#include "common/slice.h"
#include "connect/settings.h"
#include "core/loop.h"

#include <jansson.h>

typedef struct Server Server;

/* One request and its answer. */
typedef struct Exchange Exchange;

/* A whole request. It must be answered exactly once (exchange_answer and those below it), from
 * within the call or later from the loop. */
typedef void ServerRequest(void *context, Exchange *exchange);

/* What an answer waits for, or NULL; ends "Request timed out". */
typedef const char *ServerReason(void *context);

typedef struct ServerCalls
{
	ServerRequest *request;
	ServerReason *reason;
	void *context;
} ServerCalls;

/* Listens. settings must outlive it. ERROR_CONFIG: the address cannot be had, a bad certificate. */
bool server_new(Loop *loop, const WorkerSettings *settings, const ServerCalls *calls,
				Server **server, Error *err);

/* No request is handed on any more; answers may still come. */
void server_stop(Server *server);

/* Closes all connections. No answer may come any more. */
void server_free(Server *server);

/* The port that is listened on. */
int server_port(const Server *server);

/* ---- a request; texts are valid until it is answered */

const char *exchange_method(const Exchange *exchange);
const char *exchange_path(const Exchange *exchange);  /* as it came, not decoded */
const char *exchange_query(const Exchange *exchange); /* as it came, without the "?"; or "" */
const char *exchange_header(const Exchange *exchange, const char *name); /* or NULL */
Slice exchange_body(const Exchange *exchange);

/* False once nobody waits for the answer any more. */
bool exchange_wanted(const Exchange *exchange);

/* ---- its answer. An answer that comes after "Request timed out" is dropped. */

/* Before the answer. */
void exchange_add_header(Exchange *exchange, const char *name, const char *value);

/* type NULL: an empty answer. body is copied. */
void exchange_answer(Exchange *exchange, int status, const char *type, Slice body);

/* body NULL: an empty answer. Takes no reference. */
void exchange_answer_json(Exchange *exchange, int status, const json_t *body);

/* {"error_code":status,"message":"..."} */
void exchange_answer_error(Exchange *exchange, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif

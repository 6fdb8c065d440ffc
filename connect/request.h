/*
 * connect/request.h - a request to the REST API after its route has been found: what handlers read
 * and how they answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_REQUEST_H
#define WAL2AVRO_CONNECT_REQUEST_H

#include "connect/herder.h"
#include "connect/server.h"
#include "core/memory.h"

AUTO_DEFINE(json_t, json_decref)

#define PARAMETERS_MAX 2

typedef struct Request Request;

struct Request
{
	Herder *herder;
	const WorkerSettings *settings;
	Exchange *exchange;
	char *parameters[PARAMETERS_MAX]; /* of the path, decoded */
	json_t *body;					  /* of routes that need one; any JSON but null */

	Request **all; /* the list of requests that are not answered yet */
	Request *all_next;

	/* while it waits for the store */
	void (*handle)(Request *request);
	Request *next;
};

/* The connector of the path. */
const char *request_name(const Request *request);

/* True for a parameter of the query that is "true", as Java's Boolean has it. */
bool request_flag(const Request *request, const char *name);

/* The parameter of the query, decoded (as it came, where that cannot be done), for the caller to
 * free; the nth of that name, from 0. NULL: there are not so many. */
char *request_query(const Request *request, const char *name, size_t nth);

/* ---- answers; each ends the request and frees it */

/* Takes the reference; NULL: an empty answer. */
void request_reply(Request *request, int status, json_t *body);
void request_error(Request *request, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void request_text(Request *request, int status, const char *type, const char *text);

/* For the herder's answers: a HerderReply whose context is the request. */
void request_answer(void *context, int status, json_t *body);

/* Unanswered. */
void request_free(Request *request);

/* Percent-decoded, for the caller to free; NULL where it is malformed or has a NUL. plus: "+" is a
 * blank, as in a query. */
char *request_decode(const char *text, size_t len, bool plus);

/* A segment of a path: percent-encoded but for what RFC 3986 allows there, for the caller to free.
 */
char *request_encode(const char *text);

#endif

/*
 * core/http.h - HTTP requests inside the loop, by libcurl's multi interface.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_HTTP_H
#define WAL2AVRO_CORE_HTTP_H

#include "core/buffer.h"
#include "core/loop.h"

typedef struct Http Http;

typedef struct HttpRequest
{
	const char *method;
	const char *url;
	const char *content_type; /* NULL: no body */
	const char *accept;
	Slice body;
	const char *user; /* basic authentication; NULL: none */
	const char *password;
	const char *token;	 /* bearer token, in place of a user; NULL: none */
	const char *ca_file; /* NULL: the system's */
	const char
		*certificate; /* ours: PKCS #12 where it ends in .p12 or .pfx, else PEM; NULL: none */
	const char *key;  /* its key, PEM; NULL: in the same file */
	const char *key_password;
	int64_t timeout_ms;
} HttpRequest;

/* status 0: no whole answer, and problem says why; a status with a problem: its answer is larger
 * than is taken, and body is absent. body is valid during the call only. */
typedef void HttpDone(void *context, long status, Slice body, const char *problem);

Http *http_new(Loop *loop, size_t response_max_bytes);

/* Open requests end without a call. Not from within a call. */
void http_free(Http *http);

/* Starts a request; done is called exactly once, from the loop. Redirects are not followed.
 * Everything is copied. */
void http_send(Http *http, const HttpRequest *request, HttpDone *done, void *context);

#endif

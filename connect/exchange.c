/*
 * connect/exchange.c - one request and its answer; see server.h.
 *
 * An exchange lives as long as its connection needs it and as long as somebody owes its answer,
 * whichever is longer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/server_parts.h"
#include "core/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

/* So much of a body that is too large is taken and thrown away, so that the client reads the answer
 * and does not just see its connection break. */
#define SWALLOW_FACTOR 16

static size_t
body_max(const Exchange *exchange)
{
	return (size_t) exchange->server->settings->request_max_bytes;
}

/* The path of "http://host/path", too. */
static const char *
path_of(const char *uri)
{
	const char *authority = strncasecmp(uri, "http://", 7) == 0	   ? uri + 7
							: strncasecmp(uri, "https://", 8) == 0 ? uri + 8
																   : NULL;

	return authority == NULL ? uri : authority + strcspn(authority, "/?");
}

Exchange *
exchange_new(Server *server, struct MHD_Connection *connection, const char *uri)
{
	Exchange *exchange = xcalloc(1, sizeof *exchange);
	const char *path = path_of(uri);
	size_t len = strcspn(path, "?");

	*exchange = (Exchange){.server = server, .connection = connection, .next = server->exchanges};
	server->exchanges = exchange;
	exchange->path = xstrndup(path, len);
	exchange->query = xstrdup(path[len] == '?' ? path + len + 1 : "");
	buffer_init(&exchange->body, body_max(exchange));
	return exchange;
}

void
exchange_free(Exchange *exchange)
{
	Exchange **at = &exchange->server->exchanges;

	while (*at != exchange)
		at = &(*at)->next;
	*at = exchange->next;
	for (size_t i = 0; i < exchange->header_count; i++)
		free(exchange->headers[i].value);
	if (exchange->response != NULL)
		MHD_destroy_response(exchange->response);
	loop_timer_free(exchange->timer);
	buffer_done(&exchange->body);
	free(exchange->method);
	free(exchange->path);
	free(exchange->query);
	free(exchange);
}

void
exchange_end(Exchange *exchange)
{
	exchange->connection = NULL;
	if (exchange->owed)
		loop_timer_disarm(exchange->timer);
	else
		exchange_free(exchange);
}

static enum MHD_Result
send_response(Exchange *exchange)
{
	server_deadline(exchange->server, exchange->connection, false);
	return MHD_queue_response(exchange->connection, exchange->status, exchange->response);
}

static void
respond(Exchange *exchange, int status, const char *type, Slice body)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		body.len, (void *) (uintptr_t) body.data, MHD_RESPMEM_MUST_COPY);

	assert(exchange->response == NULL);
	if (type != NULL)
		MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	for (size_t i = 0; i < exchange->header_count; i++)
		MHD_add_response_header(response, exchange->headers[i].name, exchange->headers[i].value);
	exchange->response = response;
	exchange->status = (unsigned) status;
	if (exchange->suspended)
	{
		exchange->suspended = false;
		loop_timer_disarm(exchange->timer);
		MHD_resume_connection(exchange->connection);
		server_wake(exchange->server);
	}
}

static void
respond_json(Exchange *exchange, int status, const json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY);

	respond(exchange, status, "application/json", (Slice){(uint8_t *) text, strlen(text)});
	free(text);
}

static json_t *
error_body(int status, const char *message)
{
	/* jansson makes nothing of what is not UTF-8 */
	json_t *text = json_string(message);

	return json_pack("{siso}", "error_code", status, "message",
					 text == NULL ? json_string("") : text);
}

static void
respond_error(Exchange *exchange, int status, const char *message)
{
	json_t *body = error_body(status, message);

	respond_json(exchange, status, body);
	json_decref(body);
}

static void
on_timeout(void *context)
{
	Exchange *exchange = context;
	const ServerCalls *calls = &exchange->server->calls;
	const char *reason = calls->reason == NULL ? NULL : calls->reason(calls->context);
	AUTO_TEXT char *message =
		xasprintf("Request timed out%s%s",
				  reason == NULL ? "" : ". The worker is waiting: ", reason == NULL ? "" : reason);

	respond_error(exchange, 500, message);
}

/* Nothing that comes now is read; only after "Expect: 100-continue", or where it is absurd. */
static bool
refuse_early(const Exchange *exchange)
{
	const char *length = exchange_header(exchange, "Content-Length");
	unsigned long long bytes = length == NULL ? 0 : strtoull(length, NULL, 10);
	const char *expect = exchange_header(exchange, "Expect");
	size_t max = body_max(exchange);

	return bytes > max && (expect != NULL || bytes > max * SWALLOW_FACTOR);
}

static void
too_large(Exchange *exchange)
{
	AUTO_TEXT char *message = xasprintf("the request is larger than %zu bytes; "
										"\"wal2avro.rest.request.max.bytes\" of the worker allows "
										"more",
										body_max(exchange));

	respond_error(exchange, 413, message);
}

static enum MHD_Result
take_data(Exchange *exchange, const char *data, size_t *size)
{
	if (!exchange->too_large && !buffer_append(&exchange->body, data, *size))
	{
		exchange->too_large = true;
		buffer_done(&exchange->body);
	}
	if (exchange->too_large)
		exchange->swallowed += *size;
	if (exchange->swallowed > body_max(exchange) * SWALLOW_FACTOR)
		return MHD_NO;
	*size = 0;
	return MHD_YES;
}

static enum MHD_Result
hand_on(Exchange *exchange)
{
	const ServerCalls *calls = &exchange->server->calls;

	exchange->calling = true;
	exchange->owed = true;
	calls->request(calls->context, exchange);
	exchange->calling = false;
	if (exchange->response != NULL)
		return send_response(exchange);
	exchange->suspended = true;
	exchange->timer = loop_timer_new(exchange->server->loop, on_timeout, exchange);
	loop_timer_arm(exchange->timer, exchange->server->settings->request_ms);
	server_deadline(exchange->server, exchange->connection, true);
	MHD_suspend_connection(exchange->connection);
	return MHD_YES;
}

enum MHD_Result
exchange_step(Exchange *exchange, struct MHD_Connection *connection, const char *method,
			  const char *data, size_t *size)
{
	exchange->connection = connection;
	if (!exchange->begun)
	{
		exchange->begun = true;
		exchange->method = xstrdup(method);
		if (!refuse_early(exchange))
			return MHD_YES;
		too_large(exchange);
		return send_response(exchange);
	}
	if (*size > 0)
		return take_data(exchange, data, size);
	if (exchange->response != NULL)
		return send_response(exchange);
	if (!exchange->too_large)
		return hand_on(exchange);
	too_large(exchange);
	return send_response(exchange);
}

const char *
exchange_method(const Exchange *exchange)
{
	return exchange->method;
}

const char *
exchange_path(const Exchange *exchange)
{
	return exchange->path;
}

const char *
exchange_query(const Exchange *exchange)
{
	return exchange->query;
}

const char *
exchange_header(const Exchange *exchange, const char *name)
{
	return exchange->connection == NULL
			   ? NULL
			   : MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

Slice
exchange_body(const Exchange *exchange)
{
	return buffer_slice(&exchange->body);
}

bool
exchange_wanted(const Exchange *exchange)
{
	return exchange->connection != NULL && exchange->response == NULL;
}

void
exchange_add_header(Exchange *exchange, const char *name, const char *value)
{
	assert(exchange->header_count < sizeof exchange->headers / sizeof *exchange->headers);
	exchange->headers[exchange->header_count].name = name;
	exchange->headers[exchange->header_count].value = xstrdup(value);
	exchange->header_count++;
}

/* True when the answer still has somebody to go to; else the exchange is done with. */
static bool
still_wanted(Exchange *exchange)
{
	assert(exchange->owed);
	exchange->owed = false;
	if (exchange->connection == NULL)
	{
		exchange_free(exchange);
		return false;
	}
	return exchange_wanted(exchange);
}

void
exchange_answer(Exchange *exchange, int status, const char *type, Slice body)
{
	if (still_wanted(exchange))
		respond(exchange, status, type, body);
}

void
exchange_answer_json(Exchange *exchange, int status, const json_t *body)
{
	if (!still_wanted(exchange))
		return;
	if (body == NULL)
		respond(exchange, status, NULL, slice_text(""));
	else
		respond_json(exchange, status, body);
}

void
exchange_answer_error(Exchange *exchange, int status, const char *fmt, ...)
{
	va_list arguments;
	char *message;

	va_start(arguments, fmt);
	message = xvasprintf(fmt, arguments);
	va_end(arguments);
	if (still_wanted(exchange))
		respond_error(exchange, status, message);
	free(message);
}

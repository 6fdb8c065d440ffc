/*
 * core/http.c - see http.h. libcurl says which sockets to watch and when to wake it; the loop does
 * both.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/http.h"

#include "core/memory.h"

#include <curl/curl.h>
#include <poll.h>

struct Http
{
	Loop *loop;
	CURLM *multi;
	LoopTimer *timer;
	size_t response_max_bytes;
	struct Exchange *open; /* doubly linked list */
};

/* One request on its way. */
typedef struct Exchange
{
	Http *http;
	CURL *easy;
	struct curl_slist *headers;
	Buffer answer;
	HttpDone *done;
	void *context;
	char problem[CURL_ERROR_SIZE];
	struct Exchange *previous;
	struct Exchange *next;
} Exchange;

static void
exchange_free(Exchange *exchange)
{
	Http *http = exchange->http;

	if (exchange->previous != NULL)
		exchange->previous->next = exchange->next;
	else
		http->open = exchange->next;
	if (exchange->next != NULL)
		exchange->next->previous = exchange->previous;
	curl_multi_remove_handle(http->multi, exchange->easy);
	curl_easy_cleanup(exchange->easy);
	curl_slist_free_all(exchange->headers);
	buffer_done(&exchange->answer);
	free(exchange);
}

/* The exchange is taken off the list after its callback, which may start another one. */
static void
finish(Exchange *exchange, CURLcode result)
{
	long status = 0;

	if (result == CURLE_OK)
		curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
	exchange->done(exchange->context, status, buffer_slice(&exchange->answer),
				   result == CURLE_OK			  ? NULL
				   : exchange->problem[0] != '\0' ? exchange->problem
												  : curl_easy_strerror(result));
	exchange_free(exchange);
}

static void
reap(Http *http)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left)) != NULL)
	{
		Exchange *exchange;
		CURLcode result = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **) &exchange);
		finish(exchange, result);
	}
}

/* A descriptor that libcurl wants watched. */
typedef struct Watched
{
	Http *http;
	curl_socket_t fd;
} Watched;

static void
socket_ready(void *context, int revents)
{
	const Watched *watched = context;
	Http *http = watched->http;
	int mask = 0;
	int running;

	if (revents & (POLLIN | POLLHUP))
		mask |= CURL_CSELECT_IN;
	if (revents & POLLOUT)
		mask |= CURL_CSELECT_OUT;
	if (revents & (POLLERR | POLLNVAL))
		mask |= CURL_CSELECT_ERR;
	curl_multi_socket_action(http->multi, watched->fd, mask, &running);
	reap(http);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *assigned)
{
	Http *http = context;
	Watched *watched = assigned;
	short events = 0;

	(void) easy;
	if (what == CURL_POLL_REMOVE)
	{
		loop_forget(http->loop, fd);
		free(watched);
		return 0;
	}
	if (watched == NULL)
	{
		watched = xmalloc(sizeof *watched);
		*watched = (Watched){http, fd};
		curl_multi_assign(http->multi, fd, watched);
	}
	if (what & CURL_POLL_IN)
		events |= POLLIN;
	if (what & CURL_POLL_OUT)
		events |= POLLOUT;
	loop_watch(http->loop, fd, events, socket_ready, watched);
	return 0;
}

static int
on_timer(CURLM *multi, long timeout_ms, void *context)
{
	Http *http = context;

	(void) multi;
	if (timeout_ms < 0)
		loop_timer_disarm(http->timer);
	else
		loop_timer_arm(http->timer, timeout_ms);
	return 0;
}

static void
timer_fired(void *context)
{
	Http *http = context;
	int running;

	curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(http);
}

Http *
http_new(Loop *loop, size_t response_max_bytes)
{
	Http *http = xcalloc(1, sizeof *http);

	curl_global_init(CURL_GLOBAL_DEFAULT);
	http->loop = loop;
	http->response_max_bytes = response_max_bytes;
	http->timer = loop_timer_new(loop, timer_fired, http);
	http->multi = curl_multi_init();
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	return http;
}

void
http_free(Http *http)
{
	if (http == NULL)
		return;
	while (http->open != NULL)
		exchange_free(http->open);
	curl_multi_cleanup(http->multi);
	loop_timer_free(http->timer);
	free(http);
	curl_global_cleanup();
}

/* Anything but size * count ends the request with CURLE_WRITE_ERROR: the answer is larger than
 * allowed. */
static size_t
on_body(char *data, size_t size, size_t count, void *context)
{
	Exchange *exchange = context;

	return buffer_append(&exchange->answer, data, size * count) ? size * count : 0;
}

static void
add_header(Exchange *exchange, const char *name, const char *value)
{
	AUTO_TEXT char *header = xasprintf("%s: %s", name, value);

	exchange->headers = curl_slist_append(exchange->headers, header);
}

static void
set_body(Exchange *exchange, const HttpRequest *request)
{
	if (request->content_type == NULL)
		return;
	add_header(exchange, "Content-Type", request->content_type);
	curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->body.len);
	curl_easy_setopt(exchange->easy, CURLOPT_COPYPOSTFIELDS, request->body.data);
}

static void
set_options(Exchange *exchange, const HttpRequest *request)
{
	CURL *easy = exchange->easy;

	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) request->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->problem);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
	if (request->accept != NULL)
		add_header(exchange, "Accept", request->accept);
	set_body(exchange, request);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers);
	if (request->user != NULL)
	{
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(easy, CURLOPT_USERNAME, request->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD,
						 request->password != NULL ? request->password : "");
	}
	if (request->ca_file != NULL)
		curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
}

void
http_send(Http *http, const HttpRequest *request, HttpDone *done, void *context)
{
	Exchange *exchange = xcalloc(1, sizeof *exchange);

	exchange->http = http;
	exchange->done = done;
	exchange->context = context;
	exchange->easy = curl_easy_init();
	buffer_init(&exchange->answer, http->response_max_bytes);
	set_options(exchange, request);
	exchange->next = http->open;
	if (http->open != NULL)
		http->open->previous = exchange;
	http->open = exchange;
	curl_multi_add_handle(http->multi, exchange->easy);
}

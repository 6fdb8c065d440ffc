/*
 * core/http.c - see http.h. libcurl tells the loop which sockets and which time it waits for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/http.h"

#include "core/log.h"
#include "core/memory.h"

#include <curl/curl.h>
#include <poll.h>
#include <strings.h>

#define CONNECTIONS_MAX 8

typedef struct Request Request;

struct Http
{
	Loop *loop;
	LoopTimer *timer;
	CURLM *multi;
	size_t response_max;
	Request *requests;
};

struct Request
{
	Http *http;
	CURL *easy;
	struct curl_slist *headers;
	uint8_t *body;
	Buffer response;
	bool overflow;
	char problem[CURL_ERROR_SIZE];
	HttpDone *done;
	void *context;
	Request *next;
};

/* One socket of libcurl's, as the loop's context. */
typedef struct Socket
{
	Http *http;
	curl_socket_t fd;
} Socket;

static void
request_free(Request *request)
{
	curl_easy_cleanup(request->easy);
	curl_slist_free_all(request->headers);
	free(request->body);
	buffer_done(&request->response);
	free(request);
}

static void
unlink_request(Request **list, Request *request)
{
	while (*list != request)
		list = &(*list)->next;
	*list = request->next;
}

/* Takes the request out and says how it ended. */
static void
finish(Request *request, CURLcode code)
{
	Http *http = request->http;
	long status = 0;
	const char *problem = NULL;

	curl_multi_remove_handle(http->multi, request->easy);
	unlink_request(&http->requests, request);
	if (code == CURLE_OK || request->overflow)
		curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
	if (request->overflow)
	{
		buffer_done(&request->response);
		snprintf(request->problem, sizeof request->problem, "the answer is larger than %zu bytes",
				 http->response_max);
		problem = request->problem;
	}
	else if (code != CURLE_OK)
		problem = request->problem[0] != '\0' ? request->problem : curl_easy_strerror(code);
	request->done(request->context, status, buffer_slice(&request->response), problem);
	request_free(request);
}

static void
finish_done(Http *http)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left)) != NULL)
	{
		Request *request;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **) &request);
		finish(request, message->data.result);
	}
}

static void
on_ready(void *context, int revents)
{
	const Socket *watched = context;
	Http *http = watched->http;
	int flags = (revents & (POLLIN | POLLHUP) ? CURL_CSELECT_IN : 0) |
				(revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
				(revents & (POLLERR | POLLNVAL) ? CURL_CSELECT_ERR : 0);
	int running;

	curl_multi_socket_action(http->multi, watched->fd, flags, &running);
	finish_done(http);
}

static void
on_timer(void *context)
{
	Http *http = context;
	int running;

	curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	finish_done(http);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *assigned)
{
	Http *http = context;
	Socket *watched = assigned;
	short events =
		(short) ((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));

	(void) easy;
	if (what == CURL_POLL_REMOVE)
	{
		loop_forget(http->loop, fd);
		free(watched);
		return 0;
	}
	if (watched == NULL)
	{
		watched = xcalloc(1, sizeof *watched);
		*watched = (Socket){.http = http, .fd = fd};
		curl_multi_assign(http->multi, fd, watched);
	}
	loop_watch(http->loop, fd, events, on_ready, watched);
	return 0;
}

static int
on_timeout(CURLM *multi, long after_ms, void *context)
{
	Http *http = context;

	(void) multi;
	if (after_ms < 0)
		loop_timer_disarm(http->timer);
	else
		loop_timer_arm(http->timer, after_ms);
	return 0;
}

static size_t
on_data(char *data, size_t size, size_t count, void *context)
{
	Request *request = context;

	if (buffer_append(&request->response, data, size * count))
		return size * count;
	request->overflow = true;
	return 0;
}

Http *
http_new(Loop *loop, size_t response_max_bytes)
{
	Http *http = xcalloc(1, sizeof *http);

	curl_global_init(CURL_GLOBAL_DEFAULT);
	http->loop = loop;
	http->response_max = response_max_bytes;
	http->timer = loop_timer_new(loop, on_timer, http);
	http->multi = curl_multi_init();
	if (http->multi == NULL)
	{
		log_error("out of memory: libcurl cannot begin");
		exit(EXIT_FAILURE);
	}
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long) CONNECTIONS_MAX);
	return http;
}

void
http_free(Http *http)
{
	if (http == NULL)
		return;
	while (http->requests != NULL)
	{
		Request *request = http->requests;

		http->requests = request->next;
		curl_multi_remove_handle(http->multi, request->easy);
		request_free(request);
	}
	curl_multi_cleanup(http->multi);
	loop_timer_free(http->timer);
	free(http);
	curl_global_cleanup();
}

static void
add_header(Request *request, const char *name, const char *value)
{
	AUTO_TEXT char *line = xasprintf("%s: %s", name, value);

	request->headers = curl_slist_append(request->headers, line);
}

static void
set_body(Request *request, const HttpRequest *wanted)
{
	request->body = xmalloc(wanted->body.len);
	if (wanted->body.len > 0)
		memcpy(request->body, wanted->body.data, wanted->body.len);
	add_header(request, "Content-Type", wanted->content_type);
	request->headers = curl_slist_append(request->headers, "Expect:");
	curl_easy_setopt(request->easy, CURLOPT_POSTFIELDS, request->body);
	curl_easy_setopt(request->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) wanted->body.len);
}

static bool
is_pkcs12(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot != NULL && (strcasecmp(dot, ".p12") == 0 || strcasecmp(dot, ".pfx") == 0);
}

/* Who asks. */
static void
set_identity(Request *request, const HttpRequest *wanted)
{
	CURL *easy = request->easy;

	if (wanted->token != NULL)
	{
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, wanted->token);
	}
	else if (wanted->user != NULL)
	{
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(easy, CURLOPT_USERNAME, wanted->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, wanted->password == NULL ? "" : wanted->password);
	}
	if (wanted->certificate != NULL)
	{
		curl_easy_setopt(easy, CURLOPT_SSLCERT, wanted->certificate);
		curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, is_pkcs12(wanted->certificate) ? "P12" : "PEM");
	}
	if (wanted->key != NULL)
		curl_easy_setopt(easy, CURLOPT_SSLKEY, wanted->key);
	if (wanted->key_password != NULL)
		curl_easy_setopt(easy, CURLOPT_KEYPASSWD, wanted->key_password);
}

static void
set_options(Request *request, const HttpRequest *wanted)
{
	CURL *easy = request->easy;

	curl_easy_setopt(easy, CURLOPT_URL, wanted->url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->problem);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) wanted->timeout_ms);

	/* The answer to a question must not depend on variables of the environment. */
	curl_easy_setopt(easy, CURLOPT_PROXY, "");

	/* Without it a name that resolves slowly holds the loop up when its request ends. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	if (wanted->content_type != NULL)
		set_body(request, wanted);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, wanted->method);
	if (wanted->accept != NULL)
		add_header(request, "Accept", wanted->accept);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
	if (wanted->ca_file != NULL)
		curl_easy_setopt(easy, CURLOPT_CAINFO, wanted->ca_file);
	set_identity(request, wanted);
}

void
http_send(Http *http, const HttpRequest *wanted, HttpDone *done, void *context)
{
	Request *request = xcalloc(1, sizeof *request);

	*request = (Request){.http = http, .done = done, .context = context, .next = http->requests};
	http->requests = request;
	buffer_init(&request->response, http->response_max);
	request->easy = curl_easy_init();
	if (request->easy == NULL)
	{
		log_error("out of memory: libcurl cannot begin a request");
		exit(EXIT_FAILURE);
	}
	set_options(request, wanted);

	/* Nothing happens here yet: libcurl arms the timer with 0. */
	curl_multi_add_handle(http->multi, request->easy);
}

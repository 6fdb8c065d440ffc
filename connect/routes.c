/*
 * connect/routes.c - see routes.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/routes.h"

#include "connect/api.h"
#include "connect/auth.h"
#include "connect/body.h"
#include "connect/media.h"
#include "connect/origin.h"
#include "core/buffer.h"

#include <string.h>

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define PARAMETER	   "{}"
#define STORE_POLL_MS  50
#define TEXT_MAX_BYTES 1024

typedef void Handler(Request *request);

typedef enum RouteFlags
{
	ROUTE_AT_ONCE = 1, /* does not wait for the store */
	ROUTE_BODY = 2,	   /* needs JSON */
	ROUTE_OPEN = 4,	   /* for everybody */
	ROUTE_OWN = 8,	   /* not Kafka Connect's: says itself what it answers with */
} RouteFlags;

typedef struct Route
{
	const char *method;
	const char *path; /* {} stands for one parameter */
	Handler *handle;
	int flags;
} Route;

static const Route table[] = {
	{"GET", "/", api_root_or_page, ROUTE_AT_ONCE | ROUTE_OWN},
	{"GET", "/health", api_health, ROUTE_AT_ONCE | ROUTE_OPEN},
	{"GET", "/connectors", api_connectors, 0},
	{"POST", "/connectors", api_create, ROUTE_BODY},
	{"GET", "/connectors/{}", api_info, 0},
	{"DELETE", "/connectors/{}", api_delete, 0},
	{"GET", "/connectors/{}/config", api_config, 0},
	{"PUT", "/connectors/{}/config", api_put_config, ROUTE_BODY},
	{"PATCH", "/connectors/{}/config", api_patch_config, ROUTE_BODY},
	{"GET", "/connectors/{}/status", api_status, 0},
	{"GET", "/connectors/{}/tasks", api_tasks, 0},
	{"GET", "/connectors/{}/tasks/{}/status", api_task_status, 0},
	{"POST", "/connectors/{}/tasks/{}/restart", api_restart_task, 0},
	{"POST", "/connectors/{}/restart", api_restart, 0},
	{"PUT", "/connectors/{}/pause", api_pause, 0},
	{"PUT", "/connectors/{}/resume", api_resume, 0},
	{"PUT", "/connectors/{}/stop", api_stop, 0},
	{"GET", "/connectors/{}/offsets", api_offsets, 0},
	{"PATCH", "/connectors/{}/offsets", api_alter_offsets, ROUTE_BODY},
	{"DELETE", "/connectors/{}/offsets", api_reset_offsets, 0},
	{"GET", "/connectors/{}/topics", api_topics, 0},
	{"PUT", "/connectors/{}/topics/reset", api_reset_topics, 0},
	{"GET", "/connector-plugins", api_plugins, ROUTE_AT_ONCE},
	{"GET", "/connector-plugins/{}/config", api_plugin_config, ROUTE_AT_ONCE},
	{"PUT", "/connector-plugins/{}/config/validate", api_validate, ROUTE_AT_ONCE | ROUTE_BODY},
	{"GET", "/admin/loggers", api_loggers, ROUTE_AT_ONCE},
	{"GET", "/admin/loggers/{}", api_logger, ROUTE_AT_ONCE},
	{"PUT", "/admin/loggers/{}", api_set_level, ROUTE_BODY},
	{"GET", "/wal2avro/overview", api_overview, 0},
	{"GET", "/metrics", api_metrics, ROUTE_AT_ONCE | ROUTE_OWN},
};

struct Routes
{
	Loop *loop;
	Herder *herder;
	const WorkerSettings *settings;
	Auth *auth;
	Request *all;	  /* that are not answered yet */
	Request *waiting; /* of them: for the store, in the order in which they came */
	LoopTimer *poll;
};

/* The next segment of a path, without the slash before it and what Java calls matrix parameters. */
static bool
next_segment(const char **path, const char **segment, size_t *len)
{
	if (**path != '/' || (*path)[1] == '\0')
		return false;
	*segment = *path + 1;
	*path = *segment + strcspn(*segment, "/");
	*len = strcspn(*segment, "/;");
	return true;
}

/* Whether the path is that of the route; its parameters, still encoded, go to slices. */
static bool
matches(const Route *route, const char *path, Slice parameters[PARAMETERS_MAX])
{
	const char *pattern = route->path;
	const char *wanted;
	const char *got;
	size_t wanted_len;
	size_t got_len;
	size_t count = 0;

	for (;;)
	{
		bool more = next_segment(&pattern, &wanted, &wanted_len);

		if (next_segment(&path, &got, &got_len) != more)
			return false;
		if (!more)
			return *path == '/' || *path == '\0';
		if (wanted_len == strlen(PARAMETER) && memcmp(wanted, PARAMETER, wanted_len) == 0)
		{
			if (got_len == 0)
				return false;
			parameters[count++] = (Slice){(const uint8_t *) got, got_len};
		}
		else if (wanted_len != got_len || memcmp(wanted, got, got_len) != 0)
			return false;
	}
}

/* "HEAD, GET, OPTIONS": the methods of a path, in the order of a real Kafka Connect, for the caller
 * to free; NULL where the path is not known. */
static char *
methods_of(const char *path)
{
	static const char *const order[] = {"HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"};
	AUTO(Buffer) *text = &(Buffer){.max = TEXT_MAX_BYTES};
	Slice ignored[PARAMETERS_MAX];

	for (size_t k = 0; k < COUNT(order); k++)
	{
		const char *wanted = strcmp(order[k], "HEAD") == 0 ? "GET" : order[k];
		size_t i = 0;

		while (i < COUNT(table) &&
			   (!matches(&table[i], path, ignored) ||
				(strcmp(order[k], "OPTIONS") != 0 && strcmp(table[i].method, wanted) != 0)))
			i++;
		if (i < COUNT(table))
			buffer_printf(text, "%s%s", text->len == 0 ? "" : ", ", order[k]);
	}
	return text->len == 0 ? NULL : xstrdup(buffer_text(text));
}

static const Route *
find_route(const char *method, const char *path, Slice parameters[PARAMETERS_MAX])
{
	const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;

	for (size_t i = 0; i < COUNT(table); i++)
		if (strcmp(table[i].method, wanted) == 0 && matches(&table[i], path, parameters))
			return &table[i];
	return NULL;
}

/* A path that has no route for this method. */
static void
answer_unknown(Exchange *exchange)
{
	AUTO_TEXT char *methods = methods_of(exchange_path(exchange));
	bool plain = media_quality(exchange_header(exchange, "Accept"), "text", "plain") > 0;

	if (methods == NULL)
	{
		exchange_answer_error(exchange, 404, "HTTP 404 Not Found");
		return;
	}
	exchange_add_header(exchange, "Allow", methods);
	if (strcmp(exchange_method(exchange), "OPTIONS") != 0)
		exchange_answer_error(exchange, 405, "HTTP 405 Method Not Allowed");
	else if (plain)
		exchange_answer(exchange, 200, "text/plain", slice_text(methods));
	else
		exchange_answer_json(exchange, 200, NULL);
}

/* What an answer has to say before the handler is asked, or 0. */
static int
check_headers(const Route *route, const Exchange *exchange)
{
	const char *type = exchange_header(exchange, "Content-Type");
	bool body = exchange_body(exchange).len > 0;

	if ((type != NULL || body) && !media_is_json(type))
		return 415;
	if ((route->flags & ROUTE_OWN) == 0 &&
		media_quality(exchange_header(exchange, "Accept"), "application", "json") == MEDIA_UNNAMED)
		return 406;
	return origin_trusted(exchange) ? 0 : 403;
}

static void
refuse(Exchange *exchange, int status)
{
	static const struct
	{
		int status;
		const char *text;
	} texts[] = {
		{400, "HTTP 400 Bad Request"},
		{401, "HTTP 401 Unauthorized"},
		{403, "the request comes from a page of another site; send it from this server's own"},
		{406, "HTTP 406 Not Acceptable"},
		{415, "HTTP 415 Unsupported Media Type"},
		{429, "too many wrong passwords; try again in a second"},
	};

	for (size_t i = 0; i < COUNT(texts); i++)
		if (texts[i].status == status)
			exchange_answer_error(exchange, status, "%s", texts[i].text);
}

/* False where a name cannot be read: badly encoded, or not UTF-8. */
static bool
decode_parameters(Request *request, const Slice parameters[PARAMETERS_MAX])
{
	for (size_t i = 0; i < PARAMETERS_MAX && parameters[i].data != NULL; i++)
	{
		AUTO(json_t) *text = NULL;

		request->parameters[i] =
			request_decode((const char *) parameters[i].data, parameters[i].len, false);
		text = request->parameters[i] == NULL ? NULL : json_string(request->parameters[i]);
		if (text == NULL)
			return false;
	}
	return true;
}

/* Who was told "timed out", or has left, must not find it done after all; and what was asked is not
 * kept for as long as Kafka is away. */
static void
drop_unwanted(Routes *routes)
{
	Request **at = &routes->waiting;

	while (*at != NULL)
	{
		Request *request = *at;

		if (exchange_wanted(request->exchange))
		{
			at = &request->next;
			continue;
		}
		*at = request->next;
		request_reply(request, 500, NULL);
	}
}

static void
on_poll(void *context)
{
	Routes *routes = context;
	Request *ready;

	drop_unwanted(routes);
	if (herder_starting(routes->herder) != NULL)
	{
		if (routes->waiting != NULL)
			loop_timer_arm(routes->poll, STORE_POLL_MS);
		return;
	}
	ready = routes->waiting;
	routes->waiting = NULL;
	while (ready != NULL)
	{
		Request *request = ready;

		ready = request->next;
		request->handle(request);
	}
}

static void
call(Routes *routes, const Route *route, Request *request)
{
	Request **at = &routes->waiting;

	if ((route->flags & ROUTE_AT_ONCE) != 0 || herder_starting(routes->herder) == NULL)
	{
		route->handle(request);
		return;
	}
	while (*at != NULL)
		at = &(*at)->next;
	request->handle = route->handle;
	*at = request;
	loop_timer_arm(routes->poll, STORE_POLL_MS);
}

static void
dispatch(Routes *routes, const Route *route, const Slice *parameters, Exchange *exchange)
{
	Request *request = xcalloc(1, sizeof *request);
	Error err;

	*request = (Request){.herder = routes->herder,
						 .settings = routes->settings,
						 .exchange = exchange,
						 .all = &routes->all,
						 .all_next = routes->all};
	routes->all = request;
	if (!decode_parameters(request, parameters))
	{
		refuse(exchange, 400);
		request_free(request);
	}
	else if ((route->flags & ROUTE_BODY) != 0 &&
			 !body_parse(exchange_body(exchange), &request->body, &err))
		request_error(request, 400, "%s", err.message);
	else
		call(routes, route, request);
}

static void
refuse_user(Exchange *exchange, int status)
{
	if (status == 401)
		exchange_add_header(exchange, "WWW-Authenticate", "Basic realm=\"wal2avro-connect\"");
	refuse(exchange, status);
}

void
routes_request(void *context, Exchange *exchange)
{
	Routes *routes = context;
	Slice parameters[PARAMETERS_MAX] = {SLICE_ABSENT, SLICE_ABSENT};
	const Route *route = find_route(exchange_method(exchange), exchange_path(exchange), parameters);
	bool open = route != NULL && (route->flags & ROUTE_OPEN) != 0;
	int status = open ? 0 : auth_check(routes->auth, exchange_header(exchange, "Authorization"));

	if (status != 0)
	{
		refuse_user(exchange, status);
		return;
	}
	if (route == NULL)
	{
		answer_unknown(exchange);
		return;
	}
	status = check_headers(route, exchange);
	if (status != 0)
		refuse(exchange, status);
	else
		dispatch(routes, route, parameters, exchange);
}

const char *
routes_reason(void *context)
{
	const Routes *routes = context;

	return herder_starting(routes->herder);
}

bool
routes_new(Loop *loop, Herder *herder, const WorkerSettings *settings, Routes **out, Error *err)
{
	Auth *auth = NULL;
	Routes *routes;

	if (settings->auth_file != NULL && !auth_new(settings->auth_file, &auth, err))
		return false;
	routes = xcalloc(1, sizeof *routes);
	*routes = (Routes){.loop = loop, .herder = herder, .settings = settings, .auth = auth};
	routes->poll = loop_timer_new(loop, on_poll, routes);
	*out = routes;
	return true;
}

void
routes_stop(Routes *routes)
{
	loop_timer_disarm(routes->poll);
}

void
routes_free(Routes *routes)
{
	if (routes == NULL)
		return;
	while (routes->all != NULL)
		request_free(routes->all);
	loop_timer_free(routes->poll);
	auth_free(routes->auth);
	free(routes);
}

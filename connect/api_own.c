/*
 * connect/api_own.c - what Kafka Connect does not have: the status page, its overview, /metrics.
 * See api.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/api.h"
#include "connect/media.h"
#include "connect/metrics.h"
#include "connect/page.h"
#include "core/buffer.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define METRICS_MAX_BYTES ((size_t) 256 << 20)
#define PAGE_MAX_BYTES	  ((size_t) 1 << 20)
#define NONCE_BYTES		  16

/* Only the page's own script and style, and only answers of this server. */
#define POLICY                                                                                     \
	"default-src 'none'; script-src 'nonce-%s'; style-src 'nonce-%s'; connect-src 'self'; "        \
	"img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

static void
make_nonce(char text[2 * NONCE_BYTES + 1])
{
	unsigned char bytes[NONCE_BYTES];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t) sizeof bytes)
		abort(); /* cannot be: so few bytes are never cut short */
	for (size_t i = 0; i < NONCE_BYTES; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
}

static void
answer_page(Request *request)
{
	AUTO(Buffer) *page = &(Buffer){.max = PAGE_MAX_BYTES};
	char nonce[2 * NONCE_BYTES + 1];
	const char *from = page_html;
	const char *at;

	make_nonce(nonce);
	while ((at = strstr(from, PAGE_NONCE)) != NULL)
	{
		buffer_append(page, from, (size_t) (at - from));
		buffer_append_text(page, nonce);
		from = at + strlen(PAGE_NONCE);
	}
	buffer_append_text(page, from);
	AUTO_TEXT char *policy = xasprintf(POLICY, nonce, nonce);

	exchange_add_header(request->exchange, "Content-Security-Policy", policy);
	exchange_add_header(request->exchange, "Referrer-Policy", "no-referrer");
	exchange_add_header(request->exchange, "Cache-Control", "no-store");
	exchange_add_header(request->exchange, "Vary", "Accept");
	request_text(request, 200, "text/html; charset=utf-8", buffer_text(page));
}

/* A page for browsers, which like HTML more than JSON; JSON for everybody else. */
void
api_root_or_page(Request *request)
{
	const char *accept = exchange_header(request->exchange, "Accept");
	int html = media_quality(accept, "text", "html");
	int json = media_quality(accept, "application", "json");

	if (html > json)
		answer_page(request);
	else if (json == MEDIA_UNNAMED)
		request_error(request, 406, "HTTP 406 Not Acceptable");
	else
		api_root(request);
}

/* The tasks of a connector, without what stands in it itself. */
static json_t *
tasks_of(json_t *overview, const char *name)
{
	json_t *tasks = json_array();
	json_t *row;
	size_t i;

	json_array_foreach(overview, i, row)
	{
		const char *connector = json_string_value(json_object_get(row, "connector"));

		if (connector != NULL && strcmp(connector, name) == 0)
			json_array_append(tasks, row);
	}
	return tasks;
}

static const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static json_t *
connector_overview(Herder *herder, const char *name, json_t *overview)
{
	AUTO(json_t) *status = herder_status(herder, name);
	AUTO(json_t) *config = herder_config(herder, name);
	AUTO(json_t) *info = herder_info(herder, name);
	const json_t *connector = json_object_get(status, "connector");
	const char *state = text_of(connector, "state");
	return json_pack("{ssss?ss?ss?ssss?ss?so}", "name", name, "type", text_of(info, "type"),
					 "class", text_of(config, "connector.class"), "target",
					 herder_target(herder, name), "state", state == NULL ? "UNASSIGNED" : state,
					 "worker_id", text_of(connector, "worker_id"), "trace",
					 text_of(connector, "trace"), "tasks", tasks_of(overview, name));
}

void
api_overview(Request *request)
{
	AUTO(json_t) *names = herder_names(request->herder);
	AUTO(json_t) *overview = herder_overview(request->herder);
	json_t *connectors = json_array();
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name) json_array_append_new(
		connectors, connector_overview(request->herder, json_string_value(name), overview));
	exchange_add_header(request->exchange, "Cache-Control", "no-store");
	request_reply(request, 200,
				  json_pack("{ssssso}", "worker_id", request->settings->worker_id, "version",
							WAL2AVRO_VERSION, "connectors", connectors));
}

static json_t *
all_statuses(const Herder *herder)
{
	AUTO(json_t) *names = herder_names(herder);
	json_t *statuses = json_array();
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
	{
		json_t *status = herder_status(herder, json_string_value(name));

		if (status != NULL)
			json_array_append_new(statuses, status);
	}
	return statuses;
}

void
api_metrics(Request *request)
{
	AUTO(json_t) *statuses = all_statuses(request->herder);
	AUTO(json_t) *overview = herder_overview(request->herder);
	AUTO(Buffer) *text = &(Buffer){.max = METRICS_MAX_BYTES};
	const MetricsInput input = {.worker_id = request->settings->worker_id,
								.version = WAL2AVRO_VERSION,
								.starting = herder_starting(request->herder) != NULL,
								.all = request_flag(request, "all"),
								.statuses = statuses,
								.overview = overview};

	if (metrics_write(&input, text))
		request_text(request, 200, METRICS_TYPE, buffer_text(text));
	else
		request_error(request, 500, "there are more than %zu bytes of metrics", METRICS_MAX_BYTES);
}

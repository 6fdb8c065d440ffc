/*
 * core/program_command.c - see program_command.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE /* strcasestr */
#include "core/program_command.h"

#include "core/buffer.h"
#include "core/json.h"
#include "core/log.h"
#include "core/providers.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define REQUEST_MAX_BYTES ((size_t) 16 << 20)
#define HIDDEN			  "[hidden]"
#define CONNECTOR_SUFFIX  "Connector"

AUTO_DEFINE(Properties, properties_free)

/* Everything of a request; zeroed is nothing. */
typedef struct Call
{
	json_t *json;
	Properties *given; /* the connector's, as they came */
	Properties *worker;
	Properties *connector; /* and with references resolved */
} Call;

static void
call_done(Call *call)
{
	json_decref(call->json);
	properties_free(call->given);
	properties_free(call->worker);
	properties_free(call->connector);
}

AUTO_DEFINE(Call, call_done)

/* ---- classes */

static bool
is_named(const char *class_name, const char *name)
{
	const char *dot = strrchr(class_name, '.');
	const char *simple = dot == NULL ? class_name : dot + 1;
	size_t len = strlen(simple);
	size_t suffix = strlen(CONNECTOR_SUFFIX);

	if (strcmp(class_name, name) == 0 || strcmp(simple, name) == 0)
		return true;
	return len > suffix && strcmp(simple + len - suffix, CONNECTOR_SUFFIX) == 0 &&
		   strlen(name) == len - suffix && strncmp(simple, name, len - suffix) == 0;
}

const char *
program_class(const char *const *classes, const char *name)
{
	for (size_t i = 0; classes[i] != NULL; i++)
		if (is_named(classes[i], name))
			return classes[i];
	return NULL;
}

static void
name_class_in_full(const Program *program, Properties *connector)
{
	const char *given = properties_get(connector, "connector.class");
	const char *class_name = given == NULL ? NULL : program_class(program->classes, given);

	if (class_name != NULL)
		properties_set(connector, "connector.class", class_name);
}

/* ---- requests */

/* The first line, at once to its end: what follows belongs to somebody else. */
static bool
read_line(int in, Buffer *line, Error *err)
{
	uint8_t byte;
	ssize_t got;

	while ((got = read(in, &byte, 1)) != 0)
	{
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(err, ERROR_CONFIG, "cannot read the request: %s", strerror(errno));
		if (byte == '\n')
			break;
		if (!buffer_append(line, &byte, 1))
			return error_set(err, ERROR_CONFIG, "the request is longer than %zu bytes",
							 REQUEST_MAX_BYTES);
	}
	return true;
}

/* Reads and takes apart, without resolving anything. */
static bool
call_read(Call *call, int in, Error *err)
{
	AUTO(Buffer) *line = &(Buffer){.max = REQUEST_MAX_BYTES};
	json_error_t problem;

	if (!read_line(in, line, err))
		return false;
	call->json = json_loadb((const char *) line->data, line->len, 0, &problem);
	/* What jansson found near the place may be a password. */
	if (!json_is_object(call->json))
		return error_set(err, ERROR_CONFIG, "the request is no JSON object; see docs/wire.md");
	call->given = properties_new();
	call->worker = properties_new();
	call->connector = properties_new();
	return json_to_properties(json_object_get(call->json, "connector"), "connector", call->given,
							  err) &&
		   json_to_properties(json_object_get(call->json, "worker"), "worker", call->worker, err);
}

bool
program_prepare(const Program *program, const Properties *given, const Properties *worker,
				Properties *connector, Error *err)
{
	AUTO(Report) *report = report_new();

	providers_resolve(given, worker, connector, report);
	if (!report_first(report, err))
		return false;
	if (properties_get(connector, "name") == NULL)
		return error_set(err, ERROR_CONFIG, "property \"name\" is missing; name the connector");
	if (properties_get(worker, "bootstrap.servers") == NULL)
		return error_set(err, ERROR_CONFIG,
						 "bootstrap.servers is not set; set it in the worker's properties "
						 "(--worker) or in CONNECT_BOOTSTRAP_SERVERS");
	name_class_in_full(program, connector);
	return true;
}

/* ---- answers */

/* Takes the reference. */
static int
put(json_t *answer, FILE *out)
{
	int failed = json_dumpf(answer, out, JSON_COMPACT);

	json_decref(answer);
	return failed == 0 && fputc('\n', out) == '\n' && fflush(out) == 0 ? EXIT_SUCCESS
																	   : EXIT_FAILURE;
}

static int
put_error(const Error *err, FILE *out)
{
	static const char *const kinds[] = {[ERROR_NONE] = "config",
										[ERROR_RETRY] = "retry",
										[ERROR_CONFIG] = "config",
										[ERROR_DATA] = "data"};

	put(json_pack("{s: {s: s, s: o}}", "error", "kind", kinds[err->kind], "message",
				  json_text(err->message)),
		out);
	return EXIT_FAILURE;
}

json_t *
program_message(const char *text)
{
	return json_pack("{s: o}", "message", json_text(text));
}

static json_t *
texts(const char *const *list)
{
	json_t *array = json_array();

	for (; list != NULL && *list != NULL; list++)
		json_array_append_new(array, json_string(*list));
	return array;
}

int
program_describe(const Program *program, FILE *out)
{
	return put(json_pack("{s: s, s: s, s: s, s: o, s: o, s: o, s: o}", "program", program->name,
						 "version", WAL2AVRO_VERSION, "type", program->type, "classes",
						 texts(program->classes), "transformations",
						 texts(program->transformations), "converters", texts(program->converters),
						 "properties", options_describe(program->options)),
			   out);
}

/* ---- validate */

/* A URL may have it: jdbc:postgresql://host/base?password=..., postgresql://user:password@host. */
static bool
has_password(const char *value)
{
	const char *host = strstr(value, "://");

	return strcasestr(value, "password=") != NULL || (host != NULL && strchr(host, '@') != NULL);
}

/* As it was given, references unresolved; secrets, and what may be one for all we know, hidden. */
static void
report_values(const Program *program, const Properties *given, Report *report)
{
	for (const Option *option = program->options; option->name != NULL; option++)
	{
		const char *value = properties_get(given, option->name);

		if (option->name[strlen(option->name) - 1] == '*')
			continue;
		if (value != NULL)
			value = option->type == OPTION_SECRET || has_password(value) ? HIDDEN : value;
		else if (option->type != OPTION_SECRET)
			value = option->fallback;
		report_value(report, option->name, value);
	}
	for (size_t i = 0; i < properties_count(given); i++)
	{
		const char *name = properties_name(given, i);
		const Option *option = options_find(program->options, name);

		if (option == NULL || strcmp(option->name, name) != 0)
			report_value(report, name, HIDDEN);
	}
}

int
program_validate(const Program *program, int in, FILE *out)
{
	AUTO(Call) *call = &(Call){0};
	AUTO(Report) *report = report_new();
	Error err = {0};

	if (!call_read(call, in, &err))
		return put_error(&err, out);
	report_values(program, call->given, report);
	providers_resolve(call->given, call->worker, call->connector, report);
	name_class_in_full(program, call->connector);
	program->validate(&(Request){.connector = call->connector, .worker = call->worker}, report);
	return put(report_json(report), out);
}

/* ---- the others */

int
program_answer(const Program *program, ProgramCommand *command, int in, FILE *out)
{
	AUTO(Call) *call = &(Call){0};
	json_t *answer = NULL;
	Error err = {0};
	Request request;

	if (!call_read(call, in, &err) ||
		!program_prepare(program, call->given, call->worker, call->connector, &err))
		return put_error(&err, out);
	log_init(program->name, properties_get(call->connector, "name"));
	request = (Request){.connector = call->connector,
						.worker = call->worker,
						.imported = json_is_true(json_object_get(call->json, "imported")),
						.offsets = json_object_get(call->json, "offsets")};
	if (command(&request, &answer, &err))
		return put(answer, out);
	return put_error(&err, out);
}

int
program_run(const Program *program, Request *request)
{
	Error err = {0};
	bool ok;

	request->loop = request->loop == NULL ? loop_new() : request->loop;
	log_init(program->name, properties_get(request->connector, "name"));
	ok = program->run(request, &err);
	if (!ok)
	{
		log_error("%s", err.message);
		task_failed(request->task, err.message);
	}
	task_free(request->task);
	loop_free(request->loop);
	log_init(program->name, NULL);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
program_task(const Program *program, int in, int out)
{
	AUTO(Call) *call = &(Call){0};
	Error err = {0};
	bool ok = call_read(call, in, &err);
	const char *level = json_string_value(json_object_get(call->json, "level"));
	Loop *loop = loop_new();
	Request request = {
		.loop = loop,
		.connector = call->connector,
		.worker = call->worker,
		.task = task_new(loop, in, out, json_integer_value(json_object_get(call->json, "task")),
						 json_is_true(json_object_get(call->json, "paused"))),
		.imported = json_is_true(json_object_get(call->json, "imported")),
	};

	if (level != NULL && !log_set_level(level))
		log_warn("\"%s\" is no level of the log; it may be: debug, info, warn, error", level);
	if (ok && program_prepare(program, call->given, call->worker, call->connector, &err))
		return program_run(program, &request);
	log_error("%s", err.message);
	task_failed(request.task, err.message);
	task_free(request.task);
	loop_free(loop);
	return EXIT_FAILURE;
}

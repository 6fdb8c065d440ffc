/*
 * connect/herder_ask.c - requests that a relay or sink program answers: validate, offsets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/body.h"
#include "connect/herder_parts.h"
#include "connect/validate.h"
#include "core/buffer.h"
#include "core/json.h"

#include <stdlib.h>
#include <string.h>

#define CONNECTOR_CLASS "connector.class"
#define LIST_MAX		65536
#define TEXT_NO_CLASS	"Connector config %s contains no connector type"
#define TEXT_NO_PLUGIN                                                                             \
	"Failed to find any class that implements Connector and which name matches %s, available "     \
	"connectors are: %s"
#define TEXT_NOT_STOPPED                                                                           \
	"Connectors must be in the STOPPED state before their offsets can be modified. This can be "   \
	"done for the specified connector by issuing a 'PUT' request to the '/connectors/%s/stop' "    \
	"endpoint"

static int
status_of(ErrorKind kind)
{
	return kind == ERROR_RETRY ? HTTP_FAILURE : HTTP_BAD_REQUEST;
}

/* ---- checking a configuration */

typedef struct Check
{
	Herder *herder;
	HerderChecked *done;
	void *context;
	LoopTimer *now; /* an answer that needs no program */
	int status;
	json_t *problem;
} Check;

static char *
show_classes(const Herder *herder)
{
	AUTO(Buffer) *text = &(Buffer){.max = LIST_MAX};

	for (int kind = 0; kind < PROGRAM_KINDS; kind++)
	{
		const json_t *description = programs_description(herder->programs, (ProgramKind) kind);
		const char *version = json_string_value(json_object_get(description, "version"));
		const char *type = programs_type((ProgramKind) kind);
		size_t i;
		json_t *item;

		json_array_foreach(json_object_get(description, "classes"), i, item)
			buffer_printf(text,
						  "%sPluginDesc{klass=class %s, name='%s', version='%s', "
						  "encodedVersion=%s, type=%s, typeName='%s', location='classpath'}",
						  text->len == 0 ? "" : ", ", json_string_value(item),
						  json_string_value(item), version, version, type, type);
	}
	return xstrdup(buffer_text(text));
}

/* NULL where the class is known; else why not. */
static char *
class_problem(const Herder *herder, json_t *config)
{
	const char *class_name = json_string_value(json_object_get(config, CONNECTOR_CLASS));

	if (class_name == NULL)
	{
		AUTO_TEXT char *shown = body_show(config);

		return xasprintf(TEXT_NO_CLASS, shown);
	}
	if (programs_class(herder->programs, class_name, NULL) == NULL)
	{
		AUTO_TEXT char *shown = show_classes(herder);

		return xasprintf(TEXT_NO_PLUGIN, class_name, shown);
	}
	return NULL;
}

static json_t *
problem_body(int status, const char *message)
{
	return json_pack("{s:i,s:o}", "error_code", status, "message", json_text(message));
}

static void
finish_check(void *context)
{
	Check *check = context;

	loop_timer_free(check->now);
	check->done(check->context, check->status, check->problem);
	free(check);
}

static void
on_validated(void *context, json_t *answer, const Error *err)
{
	Check *check = context;
	AUTO_TEXT char *refusal = answer == NULL ? NULL : validate_refusal(answer);

	if (answer == NULL)
		check->status = status_of(err->kind);
	else if (refusal != NULL)
		check->status = HTTP_BAD_REQUEST;
	if (check->status != 0)
		check->problem = problem_body(check->status, answer == NULL ? err->message : refusal);
	finish_check(check);
}

void
herder_check(Herder *herder, const char *name, json_t *config, HerderChecked *done, void *context)
{
	AUTO_TEXT char *problem = class_problem(herder, config);
	Check *check = xcalloc(1, sizeof *check);

	*check = (Check){.herder = herder, .done = done, .context = context};
	check->now = loop_timer_new(herder->loop, finish_check, check);
	if (problem != NULL)
	{
		check->status = HTTP_BAD_REQUEST;
		check->problem = problem_body(HTTP_BAD_REQUEST, problem);
		loop_timer_arm(check->now, 0);
		return;
	}
	programs_ask(herder->programs, programs_kind(herder->programs, config), "--validate",
				 programs_request(herder->programs, name, config), herder->settings->request_ms,
				 on_validated, check);
}

/* ---- /connector-plugins/{class}/config/validate */

typedef struct Validation
{
	Answer *answer;
	ProgramKind kind;
	char *class_name;
} Validation;

static void
on_result(void *context, json_t *found, const Error *err)
{
	Validation *validation = context;
	Answer *answer = validation->answer;

	if (found == NULL)
		answer_error(answer, status_of(err->kind), "%s", err->message);
	else
		answer_give(
			answer, HTTP_OK,
			validate_result(programs_description(answer->herder->programs, validation->kind),
							validation->class_name, found));
	answer_let(answer);
	free(validation->class_name);
	free(validation);
}

void
herder_validate(Herder *herder, const char *class_name, json_t *config, HerderReply *reply,
				void *context)
{
	Answer *answer = answer_new(herder, reply, context);
	AUTO_TEXT char *problem = class_problem(herder, config);
	const char *given = json_string_value(json_object_get(config, CONNECTOR_CLASS));
	Validation *validation;

	(void) class_name; /* whoever routes has compared it with what is in the configuration */
	if (problem != NULL)
	{
		answer_give(answer, HTTP_BAD_REQUEST, problem_body(HTTP_BAD_REQUEST, problem));
		return;
	}
	validation = xcalloc(1, sizeof *validation);
	validation->answer = answer;
	validation->class_name = xstrdup(programs_class(herder->programs, given, &validation->kind));
	answer_hold(answer);
	programs_ask(herder->programs, validation->kind, "--validate",
				 programs_request(herder->programs, NULL, config), herder->settings->request_ms,
				 on_result, validation);
}

/* ---- offsets */

static void
on_offsets(void *context, json_t *found, const Error *err)
{
	Answer *answer = context;

	if (found == NULL)
		answer_error(answer, status_of(err->kind), "%s", err->message);
	else
		answer_give(answer, HTTP_OK, json_incref(found));
	answer_let(answer);
}

/* offsets: taken; NULL for commands without. */
static void
ask_offsets(Answer *answer, const char *name, const char *command, json_t *offsets)
{
	Herder *herder = answer->herder;
	json_t *config = store_config(store_connector(herder->store, name));
	ProgramKind kind = programs_kind(herder->programs, config);
	json_t *request;

	if (kind == PROGRAM_KINDS)
	{
		answer_error(answer, HTTP_BAD_REQUEST, "Connector %s has an unknown class", name);
		json_decref(offsets);
		return;
	}
	request = programs_request(herder->programs, name, config);
	if (store_from_import(store_connector(herder->store, name)))
		json_object_set_new(request, "imported", json_true());
	if (offsets != NULL)
		json_object_set_new(request, "offsets", offsets);
	answer_hold(answer);
	programs_ask(herder->programs, kind, command, request, herder->settings->request_ms, on_offsets,
				 answer);
}

void
herder_offsets(Herder *herder, const char *name, HerderReply *reply, void *context)
{
	Answer *answer = answer_new(herder, reply, context);

	if (store_connector(herder->store, name) == NULL)
		answer_error(answer, HTTP_NOT_FOUND, TEXT_NOT_FOUND, name);
	else
		ask_offsets(answer, name, "--offsets", NULL);
}

/* offsets: NULL resets. */
static void
change_offsets(Herder *herder, const char *name, json_t *offsets, HerderReply *reply, void *context)
{
	Answer *answer = answer_new(herder, reply, context);
	const json_t *connector = store_connector(herder->store, name);

	if (connector == NULL)
		answer_error(answer, HTTP_NOT_FOUND, TEXT_NOT_FOUND, name);
	else if (store_target(connector) != STORE_STOPPED ||
			 json_object_size(statuses_tasks(herder->statuses, name)) > 0)
		answer_error(answer, HTTP_BAD_REQUEST, TEXT_NOT_STOPPED, name);
	else if (offsets != NULL)
		ask_offsets(answer, name, "--alter-offsets", json_incref(offsets));
	else
		ask_offsets(answer, name, "--reset-offsets", NULL);
}

void
herder_alter_offsets(Herder *herder, const char *name, json_t *offsets, HerderReply *reply,
					 void *context)
{
	change_offsets(herder, name, offsets, reply, context);
}

void
herder_reset_offsets(Herder *herder, const char *name, HerderReply *reply, void *context)
{
	change_offsets(herder, name, NULL, reply, context);
}

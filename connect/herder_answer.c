/*
 * connect/herder_answer.c - requests that are answered later, see herder_parts.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/herder_parts.h"
#include "core/json.h"
#include "core/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_SIZE 4096

static void
free_answer(Answer *answer)
{
	Answer **link = &answer->herder->answers;

	while (*link != answer)
		link = &(*link)->next;
	*link = answer->next;
	loop_timer_free(answer->deadline);
	loop_timer_free(answer->send);
	json_decref(answer->body);
	free(answer->leaving);
	free(answer->resetting);
	free(answer);
}

void
answer_hold(Answer *answer)
{
	answer->holders++;
}

void
answer_let(Answer *answer)
{
	if (--answer->holders == 0)
		free_answer(answer);
}

static void
on_send(void *context)
{
	Answer *answer = context;

	answer->reply(answer->context, answer->status, answer->body);
	answer_let(answer);
}

static void
on_deadline(void *context)
{
	Answer *answer = context;
	const json_t *status = answer->leaving == NULL
							   ? NULL
							   : statuses_connector(answer->herder->statuses, answer->leaving);
	const char *waiting = json_string_value(json_object_get(status, "waiting"));

	if (answer->leaving == NULL)
		answer_error(answer, HTTP_FAILURE, "Request timed out");
	else
		answer_error(answer, HTTP_FAILURE,
					 "Request timed out; connector %s is still being deleted, waiting: %s",
					 answer->leaving, waiting == NULL ? "for the worker that owns it" : waiting);
}

Answer *
answer_new(Herder *herder, HerderReply *reply, void *context)
{
	Answer *answer = xcalloc(1, sizeof *answer);

	*answer = (Answer){.herder = herder,
					   .reply = reply,
					   .context = context,
					   .holders = 1,
					   .next = herder->answers};
	herder->answers = answer;
	answer->deadline = loop_timer_new(herder->loop, on_deadline, answer);
	answer->send = loop_timer_new(herder->loop, on_send, answer);
	/* A little before the server gives up, which knows no reason. */
	loop_timer_arm(answer->deadline,
				   herder->settings->request_ms - herder->settings->request_ms / 100);
	return answer;
}

void
answer_give(Answer *answer, int status, json_t *body)
{
	if (answer_given(answer))
	{
		json_decref(body);
		return;
	}
	answer->status = status;
	answer->body = body;
	loop_timer_disarm(answer->deadline);
	loop_timer_arm(answer->send, 0);
}

void
answer_error(Answer *answer, int status, const char *fmt, ...)
{
	char text[TEXT_SIZE];
	va_list arguments;

	va_start(arguments, fmt);
	vsnprintf(text, sizeof text, fmt, arguments);
	va_end(arguments);
	answer_give(answer, status,
				json_pack("{s:i,s:o}", "error_code", status, "message", json_text(text)));
}

bool
answer_given(const Answer *answer)
{
	return answer->status != 0;
}

static void
look(Answer *answer)
{
	const json_t *connector = store_connector(answer->herder->store, answer->leaving);

	if (connector == NULL)
		answer_give(answer, HTTP_NO_CONTENT, NULL);
	else if (store_target(connector) != STORE_DELETING)
		answer_error(answer, HTTP_CONFLICT, "Connector %s cannot be deleted: %s", answer->leaving,
					 store_reason(connector) == NULL ? "it was changed meanwhile"
													 : store_reason(connector));
}

void
answer_wait_gone(Answer *answer, const char *name)
{
	if (answer_given(answer))
		return;
	answer->leaving = xstrdup(name);
	look(answer);
}

void
answers_look(Herder *herder, const char *name)
{
	for (Answer *answer = herder->answers; answer != NULL; answer = answer->next)
		if (answer->leaving != NULL && !answer_given(answer) && strcmp(answer->leaving, name) == 0)
			look(answer);
}

void
answer_wait_reset(Answer *answer, const char *name)
{
	answer->resetting = xstrdup(name);
	answers_look_at_topics(answer->herder);
}

void
answers_look_at_topics(Herder *herder)
{
	for (Answer *answer = herder->answers; answer != NULL; answer = answer->next)
		if (answer->resetting != NULL && !answer_given(answer) &&
			statuses_topics(herder->statuses, answer->resetting) == NULL)
			answer_give(answer, HTTP_ACCEPTED, NULL);
}

void
answers_free(Herder *herder)
{
	while (herder->answers != NULL)
	{
		Answer *answer = herder->answers;

		answer_error(answer, HTTP_FAILURE, "The worker is ending");
		answer->reply(answer->context, answer->status, answer->body);
		free_answer(answer);
	}
}

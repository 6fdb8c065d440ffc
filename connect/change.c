/*
 * connect/change.c - see change.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/change.h"

#include "core/log.h"
#include "core/memory.h"

#include <stdlib.h>

#define WAITING_MAX 200

Change *
change_new(Herder *herder, const char *name, Decide *decide, HerderReply *reply, void *context)
{
	Change *change = xcalloc(1, sizeof *change);

	*change = (Change){.herder = herder,
					   .answer = answer_new(herder, reply, context),
					   .decide = decide,
					   .name = xstrdup(name)};
	answer_hold(change->answer);
	return change;
}

void
change_free(Change *change)
{
	answer_let(change->answer);
	json_decref(change->config);
	json_decref(change->base);
	json_decref(change->body);
	free(change->token);
	free(change->name);
	free(change);
}

static void
on_decide(void *context, JournalBatch *batch)
{
	Change *change = context;

	if (!answer_given(change->answer))
		change->decide(change, store_connector(change->herder->store, change->name), batch);
}

static void
on_done(void *context, bool written, const Error *err)
{
	Change *change = context;
	const json_t *stored = store_connector(change->herder->store, change->name);

	if (!written)
		answer_error(change->answer, HTTP_FAILURE, "%s", err->message);
	else if (change->decide == NULL || answer_given(change->answer))
		log_debug("a change of \"%s\" has been answered before", change->name);
	else if (change->target == STORE_DELETING)
		answer_wait_gone(change->answer, change->name);
	else if (change->config != NULL && stored != NULL)
		answer_give(change->answer, change->status,
					herder_info_of(change->herder, change->name, stored, change->tasks));
	else
		answer_give(change->answer, change->status, json_incref(change->body));
	change_free(change);
}

void
change_submit(Change *change)
{
	if (journal_waiting(change->herder->journal) >= WAITING_MAX)
	{
		answer_error(change->answer, HTTP_FAILURE,
					 "too many changes wait for Kafka; try again later");
		change_free(change);
		return;
	}
	journal_add(change->herder->journal, (JournalWrite){on_decide, on_done, change});
}

void
change_put_connector(const Change *change, JournalBatch *batch, json_t *value)
{
	AUTO_TEXT char *key = xasprintf(STORE_CONNECTOR "%s", change->name);

	journal_put(batch, key, value);
}

/*
 * connect/removal.c - see removal.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/removal.h"

#include "core/log.h"
#include "core/memory.h"

#include <stdio.h>
#include <string.h>

#define CLEANUP_MS	 300000 /* of one attempt, which waits for what is busy */
#define RETRY_MS	 500
#define RETRY_MAX_MS 10000

typedef struct Word Word;

struct Removal
{
	RemovalParts parts;
	char *name;
	ProgramsAsk *cleanup; /* NULL: does not run */
	LoopTimer *retry;
	int64_t retry_ms;
	bool cleaned;
	bool written; /* the journal has the last word */
	Word *word;	  /* as long as it has it; else NULL */
};

/* What the journal is to write outlives the removal. */
struct Word
{
	Removal *removal; /* NULL: is no longer */
	const Store *store;
	char *name;
	char *reason; /* NULL: the connector goes; else it stays, for this reason */
};

static void
decide(void *context, JournalBatch *batch)
{
	const Word *word = context;
	json_t *connector = store_connector(word->store, word->name);
	AUTO_TEXT char *key = xasprintf(STORE_CONNECTOR "%s", word->name);
	AUTO_TEXT char *restart = xasprintf(STORE_RESTART "%s", word->name);

	if (connector == NULL || store_target(connector) != STORE_DELETING)
		return;
	if (word->reason == NULL)
	{
		journal_put(batch, key, NULL);
		journal_put(batch, restart, NULL);
		return;
	}

	json_t *value = store_value(connector, store_config(connector), STORE_STOPPED);

	json_object_set_new(value, "reason", json_string(word->reason));
	journal_put(batch, key, value);
}

/* What the deletion waits for, for whoever waits for it, on any worker, and for who looks. */
static void
say(Removal *removal, const char *waiting)
{
	AUTO_TEXT char *trace = xasprintf("it is being deleted, waiting: %s", waiting);

	statuses_want_connector(removal->parts.statuses, removal->name,
							json_pack("{s:s,s:s,s:s,s:s}", "state", "STOPPED", "worker_id",
									  removal->parts.settings->worker_id, "waiting", waiting,
									  "trace", trace));
}

/* removal_step comes later again. */
static void
retry(Removal *removal)
{
	loop_timer_arm(removal->retry, removal->retry_ms);
	removal->retry_ms = removal->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : removal->retry_ms * 2;
}

/* A person may mend what keeps it from being written. */
static void
write_again(const Word *word, const Error *err)
{
	if (word->removal == NULL)
		return;
	word->removal->written = false;
	say(word->removal, err->message);
	retry(word->removal);
}

static void
on_written(void *context, bool written, const Error *err)
{
	Word *word = context;

	if (!written)
	{
		log_error("connector \"%s\": its deletion cannot be written: %s", word->name, err->message);
		write_again(word, err);
	}
	else if (word->reason == NULL)
		log_info("connector \"%s\" is deleted", word->name);
	if (word->removal != NULL)
		word->removal->word = NULL;
	free(word->name);
	free(word->reason);
	free(word);
}

static void
write_word(Removal *removal, const char *reason)
{
	Word *word = xcalloc(1, sizeof *word);

	*word = (Word){.removal = removal,
				   .store = removal->parts.store,
				   .name = xstrdup(removal->name),
				   .reason = reason == NULL ? NULL : xstrdup(reason)};
	removal->word = word;
	removal->written = true;
	journal_add(removal->parts.journal, (JournalWrite){decide, on_written, word});
}

static void
on_retry(void *context)
{
	removal_step(context);
}

static void
on_cleaned(void *context, json_t *answer, const Error *err)
{
	Removal *removal = context;

	removal->cleanup = NULL;
	if (answer != NULL)
	{
		removal->cleaned = true;
		removal_step(removal);
		return;
	}
	if (err->kind == ERROR_RETRY)
	{
		log_warn("connector \"%s\": its cleanup is tried again: %s", removal->name, err->message);
		say(removal, err->message);
		retry(removal);
		return;
	}
	log_error("connector \"%s\" cannot be deleted: %s", removal->name, err->message);
	write_word(removal, err->message);
}

static void
clean(Removal *removal, const json_t *connector)
{
	json_t *config = store_config(connector);
	ProgramKind kind = programs_kind(removal->parts.programs, config);

	if (store_keep(connector) || kind == PROGRAM_KINDS)
	{
		removal->cleaned = true;
		return;
	}
	if (removal->cleanup != NULL)
		return;
	say(removal, "its consumer group or slot, and what is stored for it, are being removed");
	removal->cleanup =
		programs_ask(removal->parts.programs, kind, "--cleanup",
					 programs_request(removal->parts.programs, removal->name, config), CLEANUP_MS,
					 on_cleaned, removal);
}

/* True when nothing of the connector is left in the status topic. */
static bool
clear_statuses(Removal *removal)
{
	Statuses *statuses = removal->parts.statuses;
	json_t *topics = statuses_topics(statuses, removal->name);
	const char *topic;
	json_t *value;

	statuses_want_connector(statuses, removal->name, NULL);
	json_object_foreach(topics, topic, value)
		statuses_want_topic(statuses, removal->name, topic, false);
	return json_object_get(statuses_names(statuses), removal->name) == NULL;
}

void
removal_step(Removal *removal)
{
	const json_t *connector = store_connector(removal->parts.store, removal->name);

	if (connector == NULL || removal->written || loop_timer_armed(removal->retry))
		return;
	if (json_object_size(statuses_tasks(removal->parts.statuses, removal->name)) > 0)
	{
		say(removal, "its tasks are being ended");
		return;
	}
	if (!removal->cleaned)
		clean(removal, connector);
	if (removal->cleaned && clear_statuses(removal))
		write_word(removal, NULL);
}

Removal *
removal_new(const RemovalParts *parts, const char *name)
{
	Removal *removal = xcalloc(1, sizeof *removal);

	*removal = (Removal){.parts = *parts, .name = xstrdup(name), .retry_ms = RETRY_MS};
	removal->retry = loop_timer_new(parts->loop, on_retry, removal);
	return removal;
}

void
removal_free(Removal *removal)
{
	if (removal == NULL)
		return;
	if (removal->cleanup != NULL)
		programs_cancel(removal->cleanup);
	if (removal->word != NULL)
		removal->word->removal = NULL;
	loop_timer_free(removal->retry);
	free(removal->name);
	free(removal);
}

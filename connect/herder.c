/*
 * connect/herder.c - a worker's life: programs, Kafka's topics, the copy of the store, the import,
 * the group; see herder.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/herder_parts.h"
#include "core/kafka.h"
#include "core/log.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

#define END_MS 2000 /* for the tasks' ends beyond shutdown_ms */

static void
break_down(Herder *herder, const Error *err)
{
	log_error("%s", err->message);
	free(herder->trouble);
	herder->trouble = xstrdup(err->message);
	herder->broken = true;
}

void
herder_apply_levels(Herder *herder)
{
	log_set_level(levels_of(herder->levels, LEVELS_CONNECT));
	supervisor_set_level(herder->supervisor, PROGRAM_RELAY,
						 levels_of(herder->levels, LEVELS_RELAY));
	supervisor_set_level(herder->supervisor, PROGRAM_SINK, levels_of(herder->levels, LEVELS_SINK));
}

/* ---- the store */

static void
set_level(Herder *herder, const StoreEvent *event)
{
	const char *level = json_string_value(json_object_get(event->value, "level"));
	const char *known = level == NULL ? NULL : levels_known(level);

	if (known == NULL)
		return;
	json_decref(levels_set(herder->levels, event->name, known));
	herder_apply_levels(herder);
}

static void begin(Herder *herder);

static void
on_store_record(void *context, Slice key, Slice value, int64_t offset)
{
	Herder *herder = context;
	StoreEvent event = store_take(herder->store, key, value);
	bool fresh = tail_complete(herder->tail, TAIL_STORE);

	(void) offset;
	switch (event.news)
	{
		case STORE_NOTHING:
			break;
		case STORE_CHANGED:
			answers_look(herder, event.name);
			break;
		case STORE_RESTARTED:
			if (fresh)
				supervisor_restart(herder->supervisor, event.name, event.value);
			break;
		case STORE_LEVEL:
			if (fresh)
				set_level(herder, &event);
			break;
	}
	store_event_done(&event);
}

static void
on_store_moved(void *context)
{
	Herder *herder = context;

	journal_moved(herder->journal);
	supervisor_look(herder->supervisor);
	begin(herder);
}

static void
on_status_record(void *context, Slice key, Slice value, int64_t offset)
{
	Herder *herder = context;

	(void) offset;
	statuses_take(herder->statuses, key, value);
}

static void
on_status_moved(void *context)
{
	Herder *herder = context;

	answers_look_at_topics(herder);
	supervisor_look(herder->supervisor);
	begin(herder);
}

/* ---- the import */

typedef struct Import
{
	Herder *herder;
	json_t *connectors;
} Import;

/* Another worker may have been first. */
static void
decide_import(void *context, JournalBatch *batch)
{
	const Import *import = context;
	const Herder *herder = import->herder;
	const char *name;
	json_t *value;

	if (store_imported(herder->store) || json_object_size(store_connectors(herder->store)) > 0)
		return;
	json_object_foreach(import->connectors, name, value)
	{
		AUTO_TEXT char *key = xasprintf(STORE_CONNECTOR "%s", name);

		journal_put(batch, key, json_incref(value));
	}
	journal_put(batch, STORE_IMPORTED,
				json_pack("{s:s,s:I}", "topic", herder->settings->import_topic, "connectors",
						  (json_int_t) json_object_size(import->connectors)));
}

static void
on_import_written(void *context, bool written, const Error *err)
{
	Import *import = context;
	Herder *herder = import->herder;

	if (!written)
		log_error("the connectors of topic \"%s\" cannot be imported: %s",
				  herder->settings->import_topic, err->message);
	else
		log_info("%zu connectors of topic \"%s\" are imported",
				 json_object_size(import->connectors), herder->settings->import_topic);
	json_decref(import->connectors);
	free(import);
	herder->imported = true;
	begin(herder);
}

static void
on_import_read(void *context, json_t *connectors)
{
	Herder *herder = context;
	Import *import;

	if (json_object_size(connectors) == 0)
	{
		herder->imported = true;
		begin(herder);
		return;
	}
	import = xcalloc(1, sizeof *import);
	*import = (Import){.herder = herder, .connectors = json_incref(connectors)};
	journal_add(herder->journal, (JournalWrite){decide_import, on_import_written, import});
}

/* ---- beginning */

static bool
is_read(const Herder *herder)
{
	return herder->set_up && tail_complete(herder->tail, TAIL_STORE) &&
		   tail_complete(herder->tail, TAIL_STATUS);
}

/* Once all is read and known: the import, where nothing is stored yet, then the tasks. */
static void
begin(Herder *herder)
{
	const WorkerSettings *settings = herder->settings;

	if (herder->broken || !is_read(herder) || !programs_ready(herder->programs))
		return;
	if (!herder->imported && (settings->import_topic == NULL || store_imported(herder->store) ||
							  json_object_size(store_connectors(herder->store)) > 0))
		herder->imported = true;
	if (!herder->imported && !herder->importing)
	{
		herder->importing = true;
		setup_import(herder->setup, on_import_read);
	}
	if (herder->imported && !herder->begun)
	{
		herder->begun = true;
		supervisor_start(herder->supervisor, herder->group);
	}
}

static void
on_group_changed(void *context)
{
	Herder *herder = context;

	supervisor_look(herder->supervisor);
}

static void
on_set_up(void *context)
{
	Herder *herder = context;
	const WorkerSettings *settings = herder->settings;
	TailEvents store = {on_store_record, on_store_moved, herder};
	TailEvents status = {on_status_record, on_status_moved, herder};
	Error err = {0};

	if (tail_start(herder->tail, TAIL_STORE, settings->store_topic, &store, &err) &&
		tail_start(herder->tail, TAIL_STATUS, settings->status_topic, &status, &err) &&
		group_new(herder->loop, settings, herder->own, setup_partitions(herder->setup),
				  on_group_changed, herder, &herder->group, &err))
		herder->set_up = true;
	else
		break_down(herder, &err);
}

static void
on_programs_ready(void *context)
{
	begin(context);
}

bool
herder_new(Loop *loop, const WorkerSettings *settings, const Properties *worker, Herder **out,
		   Error *err)
{
	Herder *herder = xcalloc(1, sizeof *herder);
	RemovalParts parts;

	*herder = (Herder){.loop = loop, .settings = settings, .own = kafka_own_properties(worker)};
	if (!tail_new(loop, herder->own, &herder->tail, err) ||
		!statuses_new(loop, settings, herder->own, &herder->statuses, err) ||
		!programs_new(loop, settings, worker, on_programs_ready, herder, &herder->programs, err))
	{
		herder_free(herder);
		return false;
	}
	herder->store = store_new();
	herder->levels = levels_new(getenv("WAL2AVRO_LOG"));
	herder->jobs = jobs_new(loop);
	herder->journal = journal_new(loop, herder->jobs, herder->tail, settings, herder->own);
	parts = (RemovalParts){
		loop, settings, herder->store, herder->statuses, herder->programs, herder->journal};
	herder->supervisor = supervisor_new(&parts);
	herder_apply_levels(herder);
	herder->setup = setup_new(loop, herder->jobs, settings, herder->own, on_set_up, herder);
	*out = herder;
	return true;
}

static void
end_tasks(Herder *herder)
{
	int64_t deadline_ms = loop_now_ms() + herder->settings->shutdown_ms + END_MS;
	int64_t left;

	if (herder->supervisor == NULL)
		return;
	supervisor_end(herder->supervisor);
	while (supervisor_busy(herder->supervisor) && (left = deadline_ms - loop_now_ms()) > 0)
		loop_once(herder->loop, left);
	supervisor_free(herder->supervisor);
	herder->supervisor = NULL;
}

void
herder_free(Herder *herder)
{
	if (herder == NULL)
		return;
	end_tasks(herder);
	programs_free(herder->programs);
	jobs_free(herder->jobs);
	journal_free(herder->journal);
	setup_free(herder->setup);
	answers_free(herder);
	statuses_free(herder->statuses);
	group_free(herder->group);
	tail_free(herder->tail);
	store_free(herder->store);
	levels_free(herder->levels);
	properties_free(herder->own);
	free(herder->trouble);
	free(herder);
}

const char *
herder_starting(const Herder *herder)
{
	const char *trouble = herder->trouble;

	if (!herder->set_up && trouble == NULL)
		trouble = setup_trouble(herder->setup);
	if (trouble != NULL)
		return trouble;
	if (!herder->set_up)
		return "Kafka's answer about the worker's topics";
	if (!programs_ready(herder->programs))
		return "what relay and sink say of their properties";
	if (!is_read(herder))
		return "the end of the store, which is being read";
	if (!herder->imported)
		return "the import of Kafka Connect's connectors";
	if (group_joined(herder->group))
		return NULL;
	trouble = group_trouble(herder->group);
	return trouble == NULL ? "the group, which is being joined" : trouble;
}

bool
herder_healthy(const Herder *herder)
{
	return !herder->broken && (herder->group == NULL || !group_fatal(herder->group));
}

const char *
herder_cluster_id(const Herder *herder)
{
	/* Until then it is of the thread that asks. */
	return herder->set_up ? setup_cluster_id(herder->setup) : NULL;
}

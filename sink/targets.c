/*
 * sink/targets.c - see targets.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/targets.h"

#include "core/memory.h"

#include <string.h>

/* A table without an index on its key may be read so many times over before it gets one: making it
 * costs about half of that, and keeping it up from the beginning twice as much. */
#define READS_MAX 8

void
targets_init(Targets *targets, const Settings *settings)
{
	*targets = (Targets){.settings = settings};
}

static void
forget_plans(Topic *topic)
{
	for (size_t i = 0; i < topic->plan_count; i++)
		plan_free(topic->plans[i].plan);
	free(topic->plans);
	topic->plans = NULL;
	topic->plan_count = 0;
	topic->last = 0;
}

void
targets_forget(Targets *targets, Target *target)
{
	for (size_t i = 0; i < targets->topic_count; i++)
		if (targets->topics[i]->target == target)
			forget_plans(targets->topics[i]);
	table_free(target->table);
	target->table = NULL;
	target->missing = false;
}

void
targets_forget_all(Targets *targets)
{
	for (size_t i = 0; i < targets->target_count; i++)
	{
		targets_forget(targets, targets->targets[i]);
		targets->targets[i]->index_checked = false;
		targets->targets[i]->index_put_off = false;
		targets->targets[i]->index_due = false;
	}
}

void
targets_applied(Targets *targets, const TableBatch *batch, bool searched)
{
	for (size_t i = 0; i < targets->target_count; i++)
	{
		Target *target = targets->targets[i];

		if (target->table != batch->table || !target->index_put_off)
			continue;
		target->read += target->size;
		for (size_t k = 0; k < batch->section_count; k++)
			target->size += batch->sections[k].bytes.len;
		if (searched || target->read > READS_MAX * target->size)
			target->index_due = true;
	}
}

void
targets_done(Targets *targets)
{
	targets_forget_all(targets);
	for (size_t i = 0; i < targets->topic_count; i++)
	{
		free(targets->topics[i]->met);
		free(targets->topics[i]->name);
		free(targets->topics[i]);
	}
	for (size_t i = 0; i < targets->target_count; i++)
	{
		free(targets->targets[i]->name);
		free(targets->targets[i]);
	}
	free(targets->topics);
	free(targets->targets);
	*targets = (Targets){0};
}

static Target *
find_target(Targets *targets, const char *name)
{
	for (size_t i = 0; i < targets->target_count; i++)
		if (strcmp(targets->targets[i]->name, name) == 0)
			return targets->targets[i];

	Target *target = xcalloc(1, sizeof *target);

	target->name = xstrdup(name);
	targets->targets = xrealloc(targets->targets, (targets->target_count + 1) * sizeof(Target *));
	targets->targets[targets->target_count++] = target;
	return target;
}

Topic *
targets_topic(Targets *targets, const char *name)
{
	for (size_t i = 0; i < targets->topic_count; i++)
		if (strcmp(targets->topics[i]->name, name) == 0)
			return targets->topics[i];

	Topic *topic = xcalloc(1, sizeof *topic);
	AUTO_TEXT char *table = settings_table(targets->settings, name);

	topic->name = xstrdup(name);
	topic->target = find_target(targets, table);
	targets->topics = xrealloc(targets->topics, (targets->topic_count + 1) * sizeof(Topic *));
	targets->topics[targets->topic_count++] = topic;
	return topic;
}

Plan *
topic_plan(Topic *topic, int32_t key_id, int32_t value_id)
{
	for (size_t i = 0; i < topic->plan_count; i++)
	{
		/* The last one first. */
		const size_t at = (topic->last + i) % topic->plan_count;

		if (topic->plans[at].value_id == value_id && topic->plans[at].key_id == key_id)
		{
			topic->last = at;
			return topic->plans[at].plan;
		}
	}
	return NULL;
}

bool
topic_meet(Topic *topic, int32_t value_id)
{
	for (size_t i = 0; i < topic->met_count; i++)
		if (topic->met[i] == value_id)
			return true;
	topic->met = xrealloc(topic->met, (topic->met_count + 1) * sizeof *topic->met);
	topic->met[topic->met_count++] = value_id;
	return false;
}

void
topic_keep_plan(Topic *topic, int32_t key_id, int32_t value_id, Plan *plan)
{
	topic->plans = xrealloc(topic->plans, (topic->plan_count + 1) * sizeof *topic->plans);
	topic->last = topic->plan_count;
	topic->plans[topic->plan_count++] =
		(PlanEntry){.key_id = key_id, .value_id = value_id, .plan = plan};
}

/*
 * relay/eras.c - see eras.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/eras.h"

#include "core/memory.h"

#include <assert.h>
#include <string.h>

static void
era_done(Era *era)
{
	for (size_t i = 0; i < era->count; i++)
		free(era->topics[i].name);
	free(era->topics);
	free(era->shape);
}

void
eras_done(Eras *eras)
{
	for (size_t i = 0; i < eras->count; i++)
		era_done(&eras->items[i]);
	free(eras->items);
	*eras = (Eras){0};
}

static EraTopic *
find(const Era *era, const char *topic)
{
	for (size_t i = 0; i < era->count; i++)
		if (strcmp(era->topics[i].name, topic) == 0)
			return &era->topics[i];
	return NULL;
}

Era *
eras_add(Eras *eras, uint64_t since, bool tombstones, const char *shape)
{
	Era *era;

	eras->items = xrealloc(eras->items, (eras->count + 1) * sizeof *eras->items);
	era = &eras->items[eras->count];
	*era = (Era){.since = since, .tombstones = tombstones, .shape = xstrdup(shape)};
	if (eras->count > 0)
		for (size_t i = 0; i < era[-1].count; i++)
			era_set(era, era[-1].topics[i].name, era[-1].topics[i].partitions);
	eras->count++;
	return era;
}

void
era_set(Era *era, const char *topic, int partitions)
{
	EraTopic *known = find(era, topic);

	if (known == NULL)
	{
		era->topics = xrealloc(era->topics, (era->count + 1) * sizeof *era->topics);
		known = &era->topics[era->count++];
		known->name = xstrdup(topic);
	}
	known->partitions = partitions;
}

int
era_partitions(const Era *era, const char *topic)
{
	const EraTopic *known = find(era, topic);

	return known == NULL ? 0 : known->partitions;
}

size_t
eras_of(const Eras *eras, uint64_t commit_lsn)
{
	size_t i = eras->count - 1;

	assert(eras->count > 0);
	while (i > 0 && eras->items[i].since >= commit_lsn)
		i--;
	return i;
}

bool
eras_check(Eras *eras, const char *topic, int partitions)
{
	int last = era_partitions(&eras->items[eras->count - 1], topic);

	if (last == 0 || last == partitions)
		return false;
	if (last < partitions)
		return true;
	for (size_t i = 0; i < eras->count; i++)
		era_set(&eras->items[i], topic, partitions);
	return false;
}

bool
eras_learn(Eras *eras, const char *topic, int partitions)
{
	bool learned = false;

	for (size_t i = 0; i < eras->count; i++)
		if (era_partitions(&eras->items[i], topic) == 0)
		{
			era_set(&eras->items[i], topic, partitions);
			learned = true;
		}
	return learned;
}

void
eras_prune(Eras *eras, uint64_t confirmed_lsn)
{
	size_t old = 0;

	while (old + 1 < eras->count && eras->items[old + 1].since < confirmed_lsn)
		era_done(&eras->items[old++]);
	if (old == 0)
		return;
	eras->count -= old;
	memmove(eras->items, eras->items + old, eras->count * sizeof *eras->items);
}

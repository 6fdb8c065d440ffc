/*
 * sink/replay.c - see replay.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/replay.h"

#include "core/memory.h"

#include <stdlib.h>

/* What librdkafka has of a record beside its key and value, about. */
#define RECORD_BYTES 400

void
replay_init(Replay *replay, size_t max_bytes)
{
	*replay = (Replay){.max_bytes = max_bytes};
}

static void
clear(Messages *messages)
{
	for (size_t i = messages->begin; i < messages->end; i++)
		rd_kafka_message_destroy(messages->items[i]);
	messages->begin = 0;
	messages->end = 0;
	messages->bytes = 0;
	messages->lacks = false;
}

static void
add(Messages *messages, rd_kafka_message_t *message)
{
	if (messages->end == messages->capacity)
	{
		messages->capacity = messages->capacity == 0 ? 256 : messages->capacity * 2;
		messages->items = xrealloc(messages->items, messages->capacity * sizeof *messages->items);
	}
	messages->items[messages->end++] = message;
	messages->bytes += RECORD_BYTES + message->len + message->key_len;
}

void
replay_keep(Replay *replay, int batch, rd_kafka_message_t *message, bool wanted)
{
	Messages *taken = &replay->taken[batch];

	if (wanted && !taken->lacks && taken->bytes <= replay->max_bytes)
	{
		add(taken, message);
		return;
	}
	rd_kafka_message_destroy(message);
	/* What is there is of no use without it. */
	clear(taken);
	taken->lacks = true;
}

void
replay_forget(Replay *replay, int batch)
{
	clear(&replay->taken[batch]);
}

/* Empties from. */
static void
move(Messages *from, Messages *to)
{
	for (size_t i = from->begin; i < from->end; i++)
		add(to, from->items[i]);
	from->end = from->begin;
	clear(from);
}

bool
replay_rewind(Replay *replay, int first, rd_kafka_message_t *pending)
{
	Messages all = {0};

	if (replay->taken[0].lacks || replay->taken[1].lacks)
		return false;
	move(&replay->taken[first], &all);
	move(&replay->taken[1 - first], &all);
	if (pending != NULL)
		add(&all, pending);
	move(&replay->again, &all);
	free(replay->again.items);
	replay->again = all;
	return true;
}

rd_kafka_message_t *
replay_next(Replay *replay)
{
	Messages *again = &replay->again;

	if (again->begin == again->end)
		return NULL;
	return again->items[again->begin++];
}

void
replay_drop_again(Replay *replay)
{
	clear(&replay->again);
}

void
replay_drop(Replay *replay)
{
	clear(&replay->taken[0]);
	clear(&replay->taken[1]);
	clear(&replay->again);
}

void
replay_done(Replay *replay)
{
	replay_drop(replay);
	free(replay->taken[0].items);
	free(replay->taken[1].items);
	free(replay->again.items);
}

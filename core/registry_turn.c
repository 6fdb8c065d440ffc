/*
 * core/registry_turn.c - see registry_turn.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/registry_turn.h"

#include "core/log.h"
#include "core/loop.h"

#include <inttypes.h>

#define LOG_EVERY_MS 10000 /* between two complaints */

static void
complain(RegistryTurn *turn, const char *url, const char *problem, int64_t after_ms)
{
	const int64_t now = loop_now_ms();

	if (!turn->waiting)
		turn->waiting_since_ms = now;
	else if (now - turn->said_ms < LOG_EVERY_MS)
		return;
	turn->waiting = true;
	turn->said_ms = now;
	log_warn("schema registry \"%s\" does not answer: %s; trying again in %" PRId64 " ms", url,
			 problem, after_ms);
}

int64_t
registry_turn_failed(RegistryTurn *turn, size_t url, size_t attempts, const char *problem)
{
	const size_t count = turn->urls.count;
	const size_t rounds = attempts / count;
	int64_t after_ms = 0;

	if (attempts % count == 0)
	{
		after_ms = turn->retry_ms;
		for (size_t i = 1; i < rounds && after_ms < turn->retry_max_ms; i++)
			after_ms *= 2;
		if (after_ms > turn->retry_max_ms)
			after_ms = turn->retry_max_ms;
	}
	complain(turn, turn->urls.items[url].url, problem, after_ms);
	if (turn->current == url)
		turn->current = (url + 1) % count;
	return after_ms;
}

void
registry_turn_answered(RegistryTurn *turn, size_t url)
{
	if (turn->waiting)
		log_info("schema registry \"%s\" answers again, after %" PRId64 " ms",
				 turn->urls.items[url].url, loop_now_ms() - turn->waiting_since_ms);
	turn->waiting = false;
}

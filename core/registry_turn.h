/*
 * core/registry_turn.h - which of a registry's URLs is to be asked, when again, and what is said of
 * those that do not answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_REGISTRY_TURN_H
#define WAL2AVRO_CORE_REGISTRY_TURN_H

#include "core/registry_url.h"

#include <stdbool.h>
#include <stdint.h>

/* Set up urls, retry_ms and retry_max_ms; the rest begins as 0. */
typedef struct RegistryTurn
{
	RegistryUrls urls;
	int64_t retry_ms; /* between two rounds through all URLs, at first and at most */
	int64_t retry_max_ms;
	size_t current; /* the URL to ask */
	bool waiting;	/* the last question to whichever of them had no answer */
	int64_t waiting_since_ms;
	int64_t said_ms;
} RegistryTurn;

/*
 * That URL did not answer a question, which has been asked so many times by now: the next one is
 * current. Gives the milliseconds after which to ask it: at once, and all of them again after a
 * time that doubles. Logged, at first and then now and again.
 */
int64_t registry_turn_failed(RegistryTurn *turn, size_t url, size_t attempts, const char *problem);

void registry_turn_answered(RegistryTurn *turn, size_t url);

#endif

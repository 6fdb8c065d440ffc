/*
 * tests/unit/registry_stand.h - a client of the registry and a small registry inside this process,
 * which answers what the test tells it to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_TESTS_UNIT_REGISTRY_STAND_H
#define WAL2AVRO_TESTS_UNIT_REGISTRY_STAND_H

#include "core/memory.h"
#include "core/registry.h"
#include "http_server.h"

#define DEADLINE_MS 10000

typedef struct Stand
{
	Loop *loop;
	Server server;
	Registry *registry;
} Stand;

/* user: "name:password@" or empty; path: behind the port; options: what else the client has. */
static inline void
stand_open(Stand *stand, const Reply *replies, size_t count, const char *user, const char *path,
		   RegistryOptions options)
{
	Error err;

	stand->loop = loop_new();
	server_start(&stand->server, stand->loop, replies, count);
	AUTO_TEXT char *url = xasprintf("http://%s127.0.0.1:%d%s", user, stand->server.port, path);

	options.urls = url;
	options.timeout_ms = DEADLINE_MS;
	options.retry_ms = 1;
	options.retry_max_ms = 4;
	if (!registry_new(stand->loop, &options, &stand->registry, &err))
		fail_msg("%s", err.message);
}

static inline void
stand_down(Stand *stand)
{
	registry_free(stand->registry);
	server_stop(&stand->server);
	loop_free(stand->loop);
}

/* Until the question is answered, once. */
static inline void
stand_run(Stand *stand, const int *calls)
{
	const int64_t deadline = loop_now_ms() + DEADLINE_MS;

	while (*calls == 0 && loop_now_ms() < deadline)
		loop_once(stand->loop, 100);
	assert_int_equal(*calls, 1);
}

#endif

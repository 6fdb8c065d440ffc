/*
 * relay/observe.c - see observe.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/observe.h"

#include "common/lsn.h"
#include "core/log.h"
#include "core/pg.h"

#include <poll.h>

#define INTERVAL_MS 5000
#define PATIENCE_MS 10000 /* for a connection, or for an answer */
#define AGAIN_MS	30000 /* after a failure: libpq waits for the name's address, which may block */

static const char question[] =
	"select pg_catalog.pg_wal_lsn_diff(log_end, confirmed_flush_lsn)::bigint, "
	"pg_catalog.pg_wal_lsn_diff(log_end, restart_lsn)::bigint, confirmed_flush_lsn "
	"from pg_catalog.pg_replication_slots, (select case when pg_catalog.pg_is_in_recovery() "
	"then pg_catalog.pg_last_wal_replay_lsn() else pg_catalog.pg_current_wal_flush_lsn() end "
	"as log_end) as server where slot_name = $1";

struct Observe
{
	Loop *loop;
	const RelayOptions *options;
	Metrics *metrics;
	LoopTimer *timer;
	PGconn *conn;
	int socket; /* that is watched; -1: none */
	bool connected;
	bool asked;
	int64_t since_ms; /* that a connection or an answer is waited for */
};

static void on_ready(void *context, int revents);

static void
watch(Observe *observe, short events)
{
	int socket = PQsocket(observe->conn);

	/* Each of several hosts has a socket of its own. */
	if (observe->socket >= 0 && observe->socket != socket)
		loop_forget(observe->loop, observe->socket);
	observe->socket = socket;
	if (socket >= 0)
		loop_watch(observe->loop, socket, events, on_ready, observe);
}

static void
failed(Observe *observe, const char *why)
{
	log_debug("slot \"%s\" cannot be observed: %s", observe->options->slot, why);
	loop_timer_arm(observe->timer, AGAIN_MS);
}

/* why NULL: nothing has failed. */
static void
hang_up(Observe *observe, const char *why)
{
	if (why != NULL)
		failed(observe, why);
	if (observe->socket >= 0)
		loop_forget(observe->loop, observe->socket);
	PQfinish(observe->conn);
	observe->socket = -1;
	observe->conn = NULL;
	observe->connected = observe->asked = false;
	metrics_slot(observe->metrics, NULL);
}

static void
take_answer(Observe *observe, const PGresult *result)
{
	SlotFigures figures;

	if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1 &&
		!PQgetisnull(result, 0, 1) && lsn_parse(PQgetvalue(result, 0, 2), &figures.confirmed_lsn))
	{
		int64_t lag = atoll(PQgetvalue(result, 0, 0));
		int64_t retained = atoll(PQgetvalue(result, 0, 1));

		figures.lag_bytes = lag < 0 ? 0 : (uint64_t) lag;
		figures.retained_bytes = retained < 0 ? 0 : (uint64_t) retained;
		metrics_slot(observe->metrics, &figures);
	}
	else
		metrics_slot(observe->metrics, NULL);
}

static void
ask(Observe *observe)
{
	const char *slot = observe->options->slot;

	if (!PQsendQueryParams(observe->conn, question, 1, NULL, &slot, NULL, NULL, 0))
	{
		hang_up(observe, PQerrorMessage(observe->conn));
		return;
	}
	observe->asked = true;
	observe->since_ms = loop_now_ms();
	watch(observe, POLLIN);
}

static void
go_on_connecting(Observe *observe)
{
	switch (PQconnectPoll(observe->conn))
	{
		case PGRES_POLLING_OK:
			observe->connected = true;
			ask(observe);
			break;
		case PGRES_POLLING_READING:
			watch(observe, POLLIN);
			break;
		case PGRES_POLLING_WRITING:
			watch(observe, POLLOUT);
			break;
		case PGRES_POLLING_FAILED:
		case PGRES_POLLING_ACTIVE:
			hang_up(observe, PQerrorMessage(observe->conn));
			break;
	}
}

static void
on_ready(void *context, int revents)
{
	Observe *observe = context;
	PGresult *result;

	(void) revents;
	if (!observe->connected)
	{
		go_on_connecting(observe);
		return;
	}
	if (!PQconsumeInput(observe->conn))
	{
		hang_up(observe, PQerrorMessage(observe->conn));
		return;
	}
	while (observe->asked && !PQisBusy(observe->conn))
	{
		result = PQgetResult(observe->conn);
		observe->asked = result != NULL;
		if (result != NULL)
			take_answer(observe, result);
		PQclear(result);
	}
}

static void
on_timer(void *context)
{
	Observe *observe = context;
	const PgTarget target = {.url = observe->options->url,
							 .user = observe->options->user,
							 .password = observe->options->password,
							 .application_name = "wal2avro-relay observer"};
	bool waiting = observe->conn != NULL && (!observe->connected || observe->asked);
	Error err;

	loop_timer_arm(observe->timer, INTERVAL_MS);
	if (waiting)
	{
		if (loop_now_ms() - observe->since_ms >= PATIENCE_MS)
			hang_up(observe, "the server does not answer");
	}
	else if (observe->conn != NULL)
		ask(observe);
	else if (pg_connect_start(&target, &observe->conn, &err))
	{
		observe->since_ms = loop_now_ms();
		/* To be begun as if it had said that it can be written to (libpq documentation). */
		watch(observe, POLLOUT);
	}
	else
		failed(observe, err.message);
}

Observe *
observe_new(Loop *loop, const RelayOptions *options, Metrics *metrics)
{
	Observe *observe;

	if (metrics == NULL)
		return NULL;
	observe = xcalloc(1, sizeof *observe);
	observe->loop = loop;
	observe->options = options;
	observe->metrics = metrics;
	observe->socket = -1;
	observe->timer = loop_timer_new(loop, on_timer, observe);
	loop_timer_arm(observe->timer, 0);
	return observe;
}

void
observe_free(Observe *observe)
{
	if (observe == NULL)
		return;
	if (observe->conn != NULL)
		hang_up(observe, NULL);
	loop_timer_free(observe->timer);
	free(observe);
}

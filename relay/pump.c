/*
 * relay/pump.c - see pump.h. The whole policy of trying again is here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/pump.h"

#include "core/log.h"
#include "relay/session.h"

#include <string.h>

/* A standby takes over within this time. */
#define STANDBY_MAX_MS 5000

/* What servers from 16 on say, for ever, of a transaction in progress that was rolled back to a
 * savepoint behind DDL and then rewrites the table; whole transactions are read without it. */
#define NO_STREAMING_WORDS "could not map filenumber"

typedef struct Pump
{
	const Setting *setting;
	Setting own; /* the same, with options that change */
	RelayOptions options;
	int64_t wait_ms;  /* before the next attempt */
	bool standing_by; /* and has said so */
	int holder_pid;
} Pump;

static void
say_standby(Pump *pump, const SessionResult *result)
{
	const char *slot = pump->setting->options->slot;
	AUTO_TEXT char *text = NULL;

	if (pump->standing_by && pump->holder_pid == result->holder_pid)
		return;
	if (result->holder_pid != 0)
		text = xasprintf(
			"slot \"%s\" is read by the server's process %d for another client; standing by", slot,
			result->holder_pid);
	else
		text = xasprintf("slot \"%s\": another relay is starting or copying; standing by", slot);
	log_info("%s", text);
	task_waiting(pump->setting->task, NULL);
	task_reached(pump->setting->task, text);
	pump->standing_by = true;
	pump->holder_pid = result->holder_pid;
}

static int64_t
shorter(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Waits, longer each time. */
static void
back_off(Pump *pump)
{
	int64_t until = loop_now_ms() + pump->wait_ms;
	int64_t now;

	while (!loop_stopping(pump->setting->loop) && (now = loop_now_ms()) < until)
		loop_once(pump->setting->loop, until - now);
	pump->wait_ms = shorter(2 * pump->wait_ms, pump->setting->options->retry_max_ms);
}

/* Reads no transactions in progress any more, where that helps. */
static bool
read_whole_transactions(Pump *pump, const Error *err)
{
	if (!pump->options.streaming || strstr(err->message, NO_STREAMING_WORDS) == NULL)
		return false;
	log_warn("%s; going on without transactions in progress, as with stream.in.progress=false",
			 err->message);
	pump->options.streaming = false;
	return true;
}

/* True when it is to be tried again. */
static bool
try_again(Pump *pump, const Error *err)
{
	if (read_whole_transactions(pump, err))
		return true;
	switch (err->kind)
	{
		case ERROR_RETRY:
			if (loop_stopping(pump->setting->loop))
				return true;
			log_warn("%s; trying again in %lld ms", err->message, (long long) pump->wait_ms);
			task_waiting(pump->setting->task, err->message);
			metrics_retry(pump->setting->metrics);
			return true;
		case ERROR_CONFIG:
		case ERROR_DATA:
		case ERROR_NONE:
			break;
	}
	return false;
}

bool
pump_run(const Setting *setting, Error *err)
{
	Pump pump = {.own = *setting, .options = *setting->options};

	pump.own.options = &pump.options;
	pump.setting = &pump.own;
	pump.wait_ms = pump.options.retry_ms;

	while (!loop_stopping(setting->loop))
	{
		SessionResult result;
		SessionEnd end = session_run(pump.setting, &result, err);

		if (result.progress)
			pump.wait_ms = setting->options->retry_ms;
		switch (end)
		{
			case SESSION_STOPPED:
				return true;
			case SESSION_STANDBY:
				say_standby(&pump, &result);
				pump.wait_ms = shorter(pump.wait_ms, STANDBY_MAX_MS);
				break;
			case SESSION_FAILED:
				pump.standing_by = false;
				if (!try_again(&pump, err))
					return false;
				break;
		}
		back_off(&pump);
	}
	return true;
}

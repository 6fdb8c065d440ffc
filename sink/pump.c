/*
 * sink/pump.c - see pump.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/pump.h"

#include "core/log.h"
#include "sink/delivery.h"
#include "sink/intake.h"
#include "sink/observe.h"
#include "sink/recovery.h"

#include <inttypes.h>

#define REGISTRY_TIMEOUT_MS	  10000
#define REGISTRY_RETRY_MS	  500
#define REGISTRY_RETRY_MAX_MS 30000

#define REPORT_MS	 60000
#define IDLE_WAIT_MS 500

static void
on_retry(void *context)
{
	(void) context;
}

static void
report(Pump *pump)
{
	const DecoderCounts *counts = decoder_counts(pump->decoder);

	if (pump->rows == pump->reported)
		return;
	log_info("%" PRIu64 " rows applied, %" PRIu64 " repeats and %" PRIu64
			 " deletes or records without a value skipped",
			 pump->rows, counts->repeats, counts->tombstones);
	if (pump->missing > 0)
		log_info("%" PRIu64 " rows that were to be updated were not there", pump->missing);
	if (pump->metrics.dead_letters > 0)
		log_info("%" PRIu64 " records were passed over for their errors",
				 pump->metrics.dead_letters);
	pump->reported = pump->rows;
	pump->report_ms = loop_now_ms() + REPORT_MS;
}

static void
check_end(Pump *pump)
{
	if (pump->ended)
		return;
	if (pump->stop_ms == 0 && loop_stopping(pump->loop))
		pump->stop_ms = loop_now_ms() + pump->settings->shutdown_ms + 1;
	if (pump->stop_ms != 0 &&
		(!pump->claimed || delivery_is_settled(pump) || loop_now_ms() >= pump->stop_ms))
		recovery_end(pump, NULL);
	else if (pump->poison.kind != ERROR_NONE && delivery_is_settled(pump))
		recovery_end(pump, &pump->poison);
}

/* One turn of everything that can be done without waiting. */
static void
turn(Pump *pump)
{
	pump->again = false;
	if (loop_timer_armed(pump->retry))
	{
		if (pump->consumer == NULL)
			return;
		intake_poll_and_drop(pump);
		if (consumer_rebalance(pump->consumer) > REBALANCE_ASSIGN)
			delivery_answer_rebalance(pump);
		return;
	}
	if (!recovery_join(pump))
		return;
	delivery_answer_rebalance(pump);
	if (!pump->claimed && pump->partition_count > 0 && !loop_timer_armed(pump->retry))
		recovery_begin(pump);
	if (pump->applying != NULL)
		delivery_step(pump);
	if (pump->claimed && !pump->ended)
		intake_take(pump);
	if (!pump->ended && !loop_timer_armed(pump->retry))
		intake_mind_membership(pump);
	if (pump->claimed && !pump->ended)
	{
		delivery_start(pump);
		delivery_ask(pump);
		delivery_commit_group(pump, false);
	}
	if (loop_now_ms() >= pump->report_ms)
		report(pump);
}

static int64_t
wait_ms(const Pump *pump)
{
	const bool taking = pump->claimed && intake_may_take(pump) && pump->at_hand && !pump->held;
	const bool called = pump->consumer != NULL && pump->applying == NULL &&
						consumer_rebalance(pump->consumer) != REBALANCE_NONE;

	return pump->ended || pump->again || taking || called ? 0 : IDLE_WAIT_MS;
}

static bool
open_registries(Pump *pump, Error *err)
{
	const Settings *settings = pump->settings;
	RegistryOptions options = {
		.urls = settings->value_registry_url,
		.user_info = settings->value_registry_source == 1 ? settings->value_registry_auth : NULL,
		.timeout_ms = REGISTRY_TIMEOUT_MS,
		.retry_ms = REGISTRY_RETRY_MS,
		.retry_max_ms = REGISTRY_RETRY_MAX_MS,
	};

	if (!registry_new(pump->loop, &options, &pump->values, err))
		return error_add(err, "value.converter.schema.registry.url");
	if (settings->key_form != KEYS_AVRO)
		return true;
	options.urls = settings->key_registry_url;
	options.user_info = settings->key_registry_source == 1 ? settings->key_registry_auth : NULL;
	return registry_new(pump->loop, &options, &pump->keys, err) ||
		   error_add(err, "key.converter.schema.registry.url");
}

static void
close_all(Pump *pump)
{
	intake_drop_pending(pump);
	replay_done(&pump->replay);
	recovery_disconnect(pump);
	if (pump->consumer != NULL)
		recovery_leave_group(pump);
	apply_free(pump->apply);
	batch_done(&pump->batches[0]);
	batch_done(&pump->batches[1]);
	decoder_free(pump->decoder);
	registry_free(pump->values);
	registry_free(pump->keys);
	loop_timer_free(pump->retry);
	observe_end(pump);
	rd_kafka_topic_partition_list_destroy(pump->known);
}

static void
move(Pump *pump)
{
	pump->decoder = decoder_new(pump->settings, pump->values, pump->keys);
	observe_begin(pump);
	while (!pump->ended)
	{
		delivery_watch(pump);
		loop_once(pump->loop, wait_ms(pump));
		turn(pump);
		check_end(pump);
	}
	report(pump);
	delivery_commit_group(pump, true);
	task_set_metrics(pump->task, NULL, NULL);
}

bool
pump_run(const Settings *settings, const Request *request, Error *err)
{
	Pump pump = {.settings = settings,
				 .worker = request->worker,
				 .connector = request->connector,
				 .loop = request->loop,
				 .task = request->task,
				 .imported = request->imported,
				 .apply = apply_new(settings),
				 .row_limit = (size_t) settings->batch_rows,
				 .direct = true,
				 .known = rd_kafka_topic_partition_list_new(0)};

	pump.retry = loop_timer_new(pump.loop, on_retry, &pump);
	replay_init(&pump.replay, (size_t) settings->batch_bytes);
	batch_init(&pump.batches[0], (size_t) settings->batch_bytes);
	batch_init(&pump.batches[1], (size_t) settings->batch_bytes);
	pump.open = &pump.batches[0];
	if (open_registries(&pump, &pump.failure))
		move(&pump);
	close_all(&pump);
	if (pump.failure.kind == ERROR_NONE)
		return true;
	*err = pump.failure;
	return false;
}

/*
 * relay/pipeline.c - see pipeline.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/pipeline.h"

#include "relay/shape.h"

#include <inttypes.h>

char *
setting_client_id(const Setting *setting)
{
	return xasprintf("connector-producer-%s-%" PRId64, setting->options->name,
					 task_number(setting->task));
}

bool
pipeline_open(Pipeline *pipeline, const Setting *setting, StoredPosition *position, Ledger *ledger,
			  const char *transactional_id, int topic_timeout_ms, Error *err)
{
	AUTO_TEXT char *client_id = setting_client_id(setting);
	const ProducerOptions producer = {.worker = setting->worker,
									  .connector = setting->connector,
									  .client_id = client_id,
									  .transactional_id = transactional_id,
									  .metrics = setting->metrics,
									  .ledger = ledger};
	const RelayOptions *options = setting->options;
	bool learned = false;

	*pipeline = (Pipeline){.ledger = ledger, .registries = setting->registries};
	if (!producer_new(setting->loop, &producer, &pipeline->producer, err))
		return false;
	pipeline->topics = topics_new(options, pipeline->producer, &position->eras, topic_timeout_ms);
	pipeline->relations = relations_new(options, position->eras.items[0].shape, pipeline->topics,
										setting->registries->keys, setting->registries->values);
	pipeline->unchanged = unchanged_new(setting->loop, options, position->eras.items[0].shape);
	if (options->transaction_metadata && ledger != NULL &&
		!relations_define_transactions(pipeline->relations, &learned, err))
		return false;
	pipeline->emit = emit_new(options, pipeline->producer, ledger, pipeline->relations,
							  pipeline->unchanged, &position->eras, position->source);
	pipeline->spool = spool_new((size_t) options->stream_memory_bytes, options->stream_directory);
	pipeline->feed = feed_new(pipeline->emit, pipeline->relations, ledger, pipeline->spool);
	if (learned)
		feed_routing_learned(pipeline->feed);
	return true;
}

void
pipeline_close(Pipeline *pipeline)
{
	if (pipeline->registries != NULL)
		registries_abandon(pipeline->registries);
	feed_free(pipeline->feed);
	spool_free(pipeline->spool);
	emit_free(pipeline->emit);
	unchanged_free(pipeline->unchanged);
	relations_free(pipeline->relations);
	topics_free(pipeline->topics);
	producer_free(pipeline->producer);
	ledger_free(pipeline->ledger);
	*pipeline = (Pipeline){0};
}

bool
pipeline_check(Pipeline *pipeline, Error *err)
{
	return producer_poll(pipeline->producer, err) && relations_check(pipeline->relations, err);
}

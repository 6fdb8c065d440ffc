/*
 * relay/pipeline.c - see pipeline.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/pipeline.h"

#include <inttypes.h>

#define REGISTRY_RETRY_MS	  500
#define REGISTRY_RETRY_MAX_MS 10000

char *
setting_client_id(const Setting *setting)
{
	return xasprintf("connector-producer-%s-%" PRId64, setting->options->name,
					 task_number(setting->task));
}

static bool
registry_open(Pipeline *pipeline, const Setting *setting, Error *err)
{
	const ConverterOptions *converter = &setting->options->value_converter;
	const RegistryOptions options = {.urls = converter->registry_urls,
									 .user_info = converter->user_info,
									 .ca_file = converter->ca_file,
									 .timeout_ms = setting->options->registry_timeout_ms,
									 .retry_ms = REGISTRY_RETRY_MS,
									 .retry_max_ms = REGISTRY_RETRY_MAX_MS};

	return registry_new(setting->loop, &options, &pipeline->registry, err);
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

	*pipeline = (Pipeline){.ledger = ledger};
	if (!registry_open(pipeline, setting, err) ||
		!producer_new(setting->loop, &producer, &pipeline->producer, err))
		return false;
	pipeline->topics = topics_new(options, pipeline->producer, &position->eras, topic_timeout_ms);
	pipeline->relations = relations_new(pipeline->topics, pipeline->registry);
	pipeline->emit = emit_new(options, pipeline->producer, ledger, pipeline->relations,
							  &position->eras, position->source);
	pipeline->spool = spool_new((size_t) options->stream_memory_bytes, options->stream_directory);
	pipeline->feed = feed_new(pipeline->emit, pipeline->relations, ledger, pipeline->spool);
	return true;
}

void
pipeline_close(Pipeline *pipeline)
{
	registry_free(pipeline->registry);
	feed_free(pipeline->feed);
	spool_free(pipeline->spool);
	emit_free(pipeline->emit);
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

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
open_registry(const Setting *setting, const ConverterOptions *converter, Registry **registry,
			  Error *err)
{
	const RegistryOptions options = {.urls = converter->registry_urls,
									 .user_info = converter->user_info,
									 .token = converter->token,
									 .ca_file = converter->ca_file,
									 .certificate = converter->certificate,
									 .key_password = converter->key_password,
									 .normalize = converter->normalize,
									 .timeout_ms = setting->options->registry_timeout_ms,
									 .retry_ms = REGISTRY_RETRY_MS,
									 .retry_max_ms = REGISTRY_RETRY_MAX_MS};

	return registry_new(setting->loop, &options, registry, err);
}

/* One for values, and one more for keys where theirs is another. */
static bool
open_registries(Pipeline *pipeline, const Setting *setting, Error *err)
{
	const ConverterOptions *key = &setting->options->key_converter;
	const ConverterOptions *value = &setting->options->value_converter;

	if (!open_registry(setting, value, &pipeline->registry, err))
		return error_add(err, "value.converter");
	if (key->kind != CONVERTER_AVRO || converter_same_registry(key, value))
		return true;
	return open_registry(setting, key, &pipeline->key_registry, err) ||
		   error_add(err, "key.converter");
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
	if (!open_registries(pipeline, setting, err) ||
		!producer_new(setting->loop, &producer, &pipeline->producer, err))
		return false;
	pipeline->topics = topics_new(options, pipeline->producer, &position->eras, topic_timeout_ms);
	pipeline->relations =
		relations_new(options, pipeline->topics,
					  pipeline->key_registry == NULL ? pipeline->registry : pipeline->key_registry,
					  pipeline->registry);
	pipeline->emit = emit_new(options, pipeline->producer, ledger, pipeline->relations,
							  &position->eras, position->source);
	pipeline->spool = spool_new((size_t) options->stream_memory_bytes, options->stream_directory);
	pipeline->feed = feed_new(pipeline->emit, pipeline->relations, ledger, pipeline->spool);
	return true;
}

void
pipeline_close(Pipeline *pipeline)
{
	registry_free(pipeline->key_registry);
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

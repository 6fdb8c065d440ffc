/*
 * relay/registries.c - see registries.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/registries.h"

#define RETRY_MS	 500
#define RETRY_MAX_MS 10000

static bool
open_one(Loop *loop, const RelayOptions *options, const ConverterOptions *converter,
		 Registry **registry, Error *err)
{
	const RegistryOptions wanted = {.urls = converter->registry_urls,
									.user_info = converter->user_info,
									.token = converter->token,
									.ca_file = converter->ca_file,
									.certificate = converter->certificate,
									.key_password = converter->key_password,
									.normalize = converter->normalize,
									.lift = options->incompatible == INCOMPATIBLE_REGISTER,
									.timeout_ms = options->registry_timeout_ms,
									.retry_ms = RETRY_MS,
									.retry_max_ms = RETRY_MAX_MS};

	return registry_new(loop, &wanted, registry, err);
}

bool
registries_open(Registries *registries, Loop *loop, const RelayOptions *options, Error *err)
{
	const ConverterOptions *key = &options->key_converter;
	const ConverterOptions *value = &options->value_converter;

	*registries = (Registries){0};
	if (!open_one(loop, options, value, &registries->values, err))
		return error_add(err, "value.converter");
	if (key->registry_urls != NULL && !converter_same_registry(key, value))
		return open_one(loop, options, key, &registries->keys, err) ||
			   error_add(err, "key.converter");
	registries->keys = registries->values;
	return true;
}

void
registries_close(Registries *registries)
{
	if (registries->keys != registries->values)
		registry_free(registries->keys);
	registry_free(registries->values);
	*registries = (Registries){0};
}

void
registries_abandon(Registries *registries)
{
	registry_abandon(registries->values);
	if (registries->keys != registries->values)
		registry_abandon(registries->keys);
}

bool
registries_waiting(const Registries *registries)
{
	int64_t since;

	return registry_waiting(registries->values, &since) ||
		   registry_waiting(registries->keys, &since);
}

const char *
registries_stuck(const Registries *registries)
{
	return registries_waiting(registries)
			   ? "the schema registry does not answer"
			   : "rows wait for Kafka, which has not acknowledged any for a while";
}

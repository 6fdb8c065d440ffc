/*
 * core/registry_url.h - the addresses of a schema registry, and who asks there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_REGISTRY_URL_H
#define WAL2AVRO_CORE_REGISTRY_URL_H

#include "core/error.h"

#include <stddef.h>

typedef struct RegistryUrl
{
	char *url;	/* without user, and without '/' at its end: this one may be shown */
	char *user; /* NULL: none */
	char *password;
} RegistryUrl;

typedef struct RegistryUrls
{
	RegistryUrl *items;
	size_t count;
} RegistryUrls;

/* Reads schema.registry.url, a list, at least one; user_info ("user:password", or NULL) goes before
 * the user in an URL. urls begins as {0} and needs registry_urls_done also after an error, which is
 * ERROR_CONFIG and shows nothing of the text. */
bool registry_urls_read(RegistryUrls *urls, const char *list, const char *user_info, Error *err);
void registry_urls_done(RegistryUrls *urls);

#endif

/*
 * core/registry_url.c - see registry_url.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/registry_url.h"

#include "core/memory.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

AUTO_DEFINE(CURLU, curl_url_cleanup)

/* Part of an URL, for the caller to free; NULL when it has none. */
static char *
url_part(CURLU *url, CURLUPart part)
{
	char *found = NULL;
	char *copy = NULL;

	if (curl_url_get(url, part, &found, CURLU_URLDECODE) == CURLUE_OK)
		copy = xstrdup(found);
	curl_free(found);
	return copy;
}

/* Nothing of a malformed URL is shown: it may have a password in it. */
static bool
url_read(const char *text, RegistryUrl *out, Error *err)
{
	AUTO(CURLU) *url = curl_url();
	char *whole;
	size_t len;

	if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
		(strncasecmp(text, "http://", 7) != 0 && strncasecmp(text, "https://", 8) != 0))
		return error_set(err, ERROR_CONFIG,
						 "schema.registry.url has an URL that is none; write http://host:port");
	*out = (RegistryUrl){.user = url_part(url, CURLUPART_USER),
						 .password = url_part(url, CURLUPART_PASSWORD)};
	curl_url_set(url, CURLUPART_USER, NULL, 0);
	curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
	curl_url_set(url, CURLUPART_QUERY, NULL, 0);
	curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
	curl_url_get(url, CURLUPART_URL, &whole, 0);
	len = strlen(whole);
	while (len > 0 && whole[len - 1] == '/')
		len--;
	out->url = xstrndup(whole, len);
	curl_free(whole);
	return true;
}

static bool
read_list(RegistryUrls *urls, const char *list, Error *err)
{
	while (*(list += strspn(list, ", \t")) != '\0')
	{
		size_t len = strcspn(list, ", \t");
		AUTO_TEXT char *text = xstrndup(list, len);

		urls->items = xrealloc(urls->items, (urls->count + 1) * sizeof *urls->items);
		if (!url_read(text, &urls->items[urls->count], err))
			return false;
		urls->count++;
		list += len;
	}
	return urls->count > 0 ||
		   error_set(err, ERROR_CONFIG, "schema.registry.url is empty; write http://host:port");
}

static bool
set_user(RegistryUrls *urls, const char *user_info, Error *err)
{
	const char *colon = user_info == NULL ? NULL : strchr(user_info, ':');

	if (user_info == NULL || *user_info == '\0')
		return true;
	if (colon == NULL)
		return error_set(err, ERROR_CONFIG,
						 "basic.auth.user.info has no colon; write user:password");
	for (size_t i = 0; i < urls->count; i++)
	{
		RegistryUrl *url = &urls->items[i];

		free(url->user);
		free(url->password);
		url->user = xstrndup(user_info, (size_t) (colon - user_info));
		url->password = xstrdup(colon + 1);
	}
	return true;
}

bool
registry_urls_read(RegistryUrls *urls, const char *list, const char *user_info, Error *err)
{
	return read_list(urls, list, err) && set_user(urls, user_info, err);
}

void
registry_urls_done(RegistryUrls *urls)
{
	for (size_t i = 0; i < urls->count; i++)
	{
		free(urls->items[i].url);
		free(urls->items[i].user);
		free(urls->items[i].password);
	}
	free(urls->items);
	*urls = (RegistryUrls){0};
}

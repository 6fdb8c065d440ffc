/*
 * connect/origin.c - see origin.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/origin.h"

#include <string.h>
#include <strings.h>

static bool
reads_only(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* "same-site" is another host of the same domain: not us. */
static bool
fetched_here(const char *site)
{
	return site == NULL || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
}

/* "http://host:port" against "host:port"; "null" is a page without an origin. */
static bool
same_host(const char *origin, const char *host)
{
	const char *authority = origin == NULL ? NULL : strstr(origin, "://");

	return origin == NULL ||
		   (authority != NULL && host != NULL && strcasecmp(authority + 3, host) == 0);
}

bool
origin_trusted(const Exchange *exchange)
{
	return reads_only(exchange_method(exchange)) ||
		   (fetched_here(exchange_header(exchange, "Sec-Fetch-Site")) &&
			same_host(exchange_header(exchange, "Origin"), exchange_header(exchange, "Host")));
}

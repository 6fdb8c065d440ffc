/*
 * connect/origin.h - whether a request that changes something may be the work of another site's
 * page in a user's browser.
 *
 * Browsers say where a request comes from in Sec-Fetch-Site (W3C Fetch Metadata) and in Origin
 * (RFC 6454); other clients send neither and are not meant.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_ORIGIN_H
#define WAL2AVRO_CONNECT_ORIGIN_H

#include "connect/server.h"

/* True for methods that only read, for clients that are no browsers, and for our own page. */
bool origin_trusted(const Exchange *exchange);

#endif

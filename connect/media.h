/*
 * connect/media.h - what the headers Accept and Content-Type say, RFC 9110 sections 8.3 and 12.5.1.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_MEDIA_H
#define WAL2AVRO_CONNECT_MEDIA_H

#include <stdbool.h>

#define MEDIA_UNNAMED (-1)

/* How much a client wants the media type, 0 to 1000, by the most precise of the ranges in its
 * header; MEDIA_UNNAMED: none of them has it. header NULL or empty: whatever there is. */
int media_quality(const char *header, const char *type, const char *subtype);

/* Whether the header (may be NULL) names JSON, whatever its parameters. */
bool media_is_json(const char *content_type);

#endif

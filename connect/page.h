/*
 * connect/page.h - the status page, page/page.html, as the build puts it into the program.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_PAGE_H
#define WAL2AVRO_CONNECT_PAGE_H

#include <stddef.h>

/* Stands in the page where the nonce of an answer belongs. */
#define PAGE_NONCE "@NONCE@"

/* With a NUL behind it. */
extern const char page_html[];

#endif

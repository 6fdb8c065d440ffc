/*
 * sink/copy.h - sends the rows of a section as COPY BINARY, as fast as the socket takes them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_COPY_H
#define WAL2AVRO_SINK_COPY_H

#include "sink/batch.h"

typedef struct Copy
{
	const Section *section; /* its rows are being sent; NULL: none */
	size_t row;				/* the next one, of an upsert */
	size_t at;				/* byte of the section */
	bool begun;
} Copy;

/* The connection is in COPY IN state: from now on copy_feed sends this section. */
void copy_begin(Copy *copy, const Section *section);

/*
 * Sends until the socket is full (*want_write: it is to be called again when there is room) or all
 * of it and the end of the COPY is sent; section is then NULL. False: the connection failed.
 */
bool copy_feed(Copy *copy, PGconn *conn, bool *want_write);

#endif

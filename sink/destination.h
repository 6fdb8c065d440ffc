/*
 * sink/destination.h - the connection to the destination.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_DESTINATION_H
#define WAL2AVRO_SINK_DESTINATION_H

#include "core/pg.h"
#include "sink/settings.h"

/*
 * Connects, sees to it that a process that hangs in the middle of a transaction loses it, and makes
 * the tables of offsets where they are missing. *space, for the caller to free, is the schema of
 * tables that are named without one: the role's or the URL's current schema. Blocking. Errors as
 * pg_connect's.
 */
bool destination_connect(const Settings *settings, PGconn **conn, char **space, Error *err);

/* Connects, without making or looking at anything. Errors as pg_connect's. Blocking. */
bool destination_open(const Settings *settings, PGconn **conn, Error *err);

/* The connection is up and outside of a transaction. */
bool destination_usable(PGconn *conn);

#endif

/*
 * relay/stream.h - the client side of PostgreSQL's streaming replication protocol (PostgreSQL
 * documentation, "Streaming Replication Protocol").
 *
 * Nothing here waits, but for stream_command, which lets the loop run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_STREAM_H
#define WAL2AVRO_RELAY_STREAM_H

#include "common/slice.h"
#include "core/loop.h"
#include "core/pg.h"
#include "relay/options.h"

typedef struct Identity
{
	uint64_t system_identifier;
	uint32_t timeline;
} Identity;

/* IDENTIFY_SYSTEM. */
bool stream_identify(PGconn *conn, Identity *out, Error *err);

/* Runs a statement while the loop goes on. ERROR_RETRY when it is to stop (the statement is
 * cancelled). *result is the caller's to clear, whatever its status. */
bool stream_command(PGconn *conn, Loop *loop, const char *sql, PGresult **result, Error *err);

/* CREATE_REPLICATION_SLOT; *snapshot (for the caller to free) is the exported snapshot's name,
 * valid until the next command on this connection; NULL when none is wanted. */
bool stream_create_slot(PGconn *conn, Loop *loop, const char *slot, bool export_snapshot,
						uint64_t *consistent_lsn, char **snapshot, Error *err);

/* START_REPLICATION. shape: of this session's rows, see shape.h. *busy: another process reads the
 * slot, with the error. */
bool stream_start(PGconn *conn, Loop *loop, const RelayOptions *options, const char *shape,
				  uint64_t lsn, bool *busy, Error *err);

typedef enum StreamResult
{
	STREAM_FRAME,	  /* a frame of the plugin, and wal_end */
	STREAM_KEEPALIVE, /* wal_end, reply_requested */
	STREAM_NOTHING,	  /* nothing more has come yet */
	STREAM_FAILED,	  /* connection gone, or an error of the server */
} StreamResult;

typedef struct StreamMessage
{
	void *buffer; /* PQfreemem it when the frame is done */
	Slice frame;
	uint64_t wal_end; /* how far the server has come */
	bool reply_requested;
} StreamMessage;

/* Takes the next message that has arrived. */
StreamResult stream_next(PGconn *conn, StreamMessage *out, Error *err);

/* Queues a status update: up to written received, up to flushed safe. */
bool stream_status(PGconn *conn, uint64_t written, uint64_t flushed, Error *err);

/* Sends what is queued. *pending: there is more, wait until the socket is writable. */
bool stream_flush(PGconn *conn, bool *pending, Error *err);

/* True when the server refuses connections because it shuts down. Blocking, at most 2 s. */
bool stream_server_leaves(PGconn *conn);

#endif

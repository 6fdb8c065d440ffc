/*
 * common/wire.h - the frame that the plugin writes and the relay reads; the layout is in
 * docs/wire.md.
 *
 * A frame is one CopyData of the replication stream (one row of pg_logical_slot_get_binary_changes)
 * and holds whole messages, one behind the other. Everything is in network byte order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_COMMON_WIRE_H
#define WAL2AVRO_COMMON_WIRE_H

#include "common/slice.h"

/* Sent by the relay as the option "protocol.version"; the plugin refuses any other. */
#define WIRE_PROTOCOL_VERSION 2

/* Bytes before the body of each message: type (1) and length of the body (4). */
#define WIRE_HEADER 5

/* The length that stands for an absent blob. */
#define WIRE_ABSENT UINT32_MAX

typedef enum MessageType
{
	MESSAGE_BEGIN =
		'B', /* first row of a transaction follows: commit_lsn, end_lsn, commit_time, xid */
	MESSAGE_COMMIT = 'C',	/* same fields; ends what BEGIN began */
	MESSAGE_RELATION = 'R', /* defines relation number: oid, names, schemas */
	MESSAGE_INSERT = 'I',	/* key, value, notes */
	MESSAGE_UPDATE =
		'U', /* old_key where the key changed, key, value, notes, before, before_notes */
	MESSAGE_DELETE = 'D',	/* key, before, before_notes */
	MESSAGE_TRUNCATE = 'T', /* relation, flags */
	MESSAGE_STREAM_START =
		's', /* rows of the in-progress transaction xid follow, until STREAM_STOP */
	MESSAGE_STREAM_STOP = 'e',
	MESSAGE_STREAM_COMMIT = 'c', /* xid and the fields of COMMIT */
	MESSAGE_STREAM_ABORT =
		'a', /* xid (top level) and subxid; equal when the whole transaction aborts */
} MessageType;

/* Bits of Message.flags in MESSAGE_TRUNCATE. */
#define WIRE_TRUNCATE_CASCADE		   1
#define WIRE_TRUNCATE_RESTART_IDENTITY 2
#define WIRE_TRUNCATE_PARTITION		   4 /* rows of the relation are gone, but not all of them */

typedef struct Message
{
	MessageType type;
	uint32_t relation; /* number of the relation version, from RELATION; rows and TRUNCATE */
	uint32_t oid;	   /* RELATION */
	uint32_t xid;	   /* BEGIN, COMMIT, STREAM_*; of a row inside a stream: its (sub)transaction */
	uint32_t subxid;   /* STREAM_ABORT */
	uint8_t flags;	   /* TRUNCATE */
	uint64_t lsn; /* rows and TRUNCATE: of the change in the log; 0: from a function, not the log */
	uint64_t commit_lsn;  /* start of the commit record: BEGIN, COMMIT, STREAM_COMMIT */
	uint64_t end_lsn;	  /* end of the commit record, the LSN to confirm: the same messages */
	int64_t commit_time;  /* microseconds since 1970-01-01 UTC: the same messages */
	Slice namespace_name; /* RELATION */
	Slice name;			  /* RELATION */
	Slice key_schema;	  /* RELATION; absent: the relation has no key */
	Slice value_schema;	  /* RELATION */
	Slice old_key;		  /* UPDATE; absent: the key did not change */
	Slice key;			  /* rows; absent: the relation has no key */
	Slice value;		  /* INSERT, UPDATE */
	Slice notes;		  /* INSERT, UPDATE: what the value cannot carry; absent: nothing */
	Slice before; /* UPDATE, DELETE: the old row by the value schema, where asked for and known */
	Slice before_notes; /* UPDATE, DELETE: notes of before; absent: none */
} Message;

/* Keys, values and old rows begin with CONFLUENT_HEADER bytes, magic 0 and four bytes 0 for the
 * relay to put the schema id in. */

typedef enum WireResult
{
	WIRE_MESSAGE,
	WIRE_END,
	WIRE_MALFORMED,
} WireResult;

/* Takes the next message off the frame; its slices point into the frame. Pure: no allocation.
 * Fuzzed. */
WireResult wire_next(Slice *frame, Message *out);

/* The same in two steps: the bytes of the next message, with its header, and what they say. False:
 * malformed. */
WireResult wire_take(Slice *frame, Slice *bytes);
bool wire_read(Slice bytes, Message *out);

#endif

/*
 * sink/script.h - the messages that carry one batch: the statements of each phase, and what is to
 * come back for each of them. No I/O.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_SCRIPT_H
#define WAL2AVRO_SINK_SCRIPT_H

#include "sink/writer.h"

/* What one result of the message under way has to be. */
typedef enum ExpectKind
{
	EXPECT_COMMAND,
	EXPECT_QUERY,
	EXPECT_OFFSETS, /* as many rows changed as the batch has partitions */
	EXPECT_PROBE,	/* t: the table may have keys of the batch */
	EXPECT_COPY,	/* asks for the rows of a section */
	EXPECT_MISSING, /* the number of a section's rows that are not to be updated */
	EXPECT_UPDATED, /* a row changed for each of a section, or else it was not there */
	EXPECT_PRESENT, /* the number of a section's rows that are not there, which has to be 0 */
	EXPECT_KEPT,	/* a row changed for each of a section of a partial plan */
	EXPECT_REMOVED, /* a row went for each of a section */
	EXPECT_COLUMNS, /* the number of a table's columns that are as they were read: all */
} ExpectKind;

typedef struct Expect
{
	ExpectKind kind;
	size_t table;
	size_t section;
} Expect;

/* One message with statements goes out in each phase but IDLE. */
typedef enum Phase
{
	PHASE_IDLE,
	PHASE_STAGING, /* staging tables that this connection lacks */
	PHASE_BEGIN,   /* BEGIN, offsets, marks, questions; without keys also the rows */
	PHASE_ROWS,	   /* with keys: the rows, now that the answers are there */
	PHASE_COMMIT,
	PHASE_END,
} Phase;

/* A staging table of the connection. */
typedef struct Staged
{
	int64_t number; /* of its plan */
	bool kept;		/* its rows have to be removed by the transaction that puts them there */
} Staged;

typedef struct Script
{
	const Settings *settings;
	PGconn *conn; /* for quoting and the server's version */
	const Batch *batch;
	bool direct;	/* COPY straight into a table with keys may be tried */
	bool *may_have; /* of each table of the batch: the answer to its probe */
	size_t may_have_capacity;
	Buffer sql; /* the message */
	Expect *expects;
	size_t expect_count;
	size_t expect_next;
	size_t expect_capacity;
	Staged *staged; /* of this connection */
	size_t staged_count;
	size_t staged_before; /* the message under way */
} Script;

void script_init(Script *script, const Settings *settings);
void script_done(Script *script);

/* A new connection: it has no staging tables. */
void script_connect(Script *script, PGconn *conn);

/* The message under way has failed: staging tables that it was to make are not there. */
void script_failed(Script *script);

/* The phases that follow are of this batch. */
void script_batch(Script *script, const Batch *batch, bool direct);

/* Writes the message of a phase; with nothing to expect the phase is to be passed over. False: it
 * is too long. */
bool script_phase(Script *script, Phase phase);

/* What the next result has to be; NULL: none was to come. */
const Expect *script_peek(const Script *script);

/* The same, and goes on to the one behind it. */
const Expect *script_next(Script *script);

/* Rows of a table of the batch were looked for by their keys. */
bool script_searched(const Script *script, size_t table);

/* Rows have keys. */
bool script_is_keyed(const Script *script);

#endif

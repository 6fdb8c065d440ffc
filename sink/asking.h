/*
 * sink/asking.h - what the decoder asks of the destination, one thing at a time, while every batch
 * is empty: what a table is, an index for it, the table itself, a change of it. Blocking.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_ASKING_H
#define WAL2AVRO_SINK_ASKING_H

#include "sink/ddl.h"
#include "sink/targets.h"

typedef enum AskDdl
{
	ASK_NO_DDL,
	ASK_CREATE,
	ASK_CHANGE,
} AskDdl;

typedef struct Asking
{
	Topic *topic; /* its table is to be read; NULL: nothing is asked */
	bool index;	  /* and given an index for the key of its last plan */
	AskDdl ddl;
	DdlRequest request;
} Asking;

/* Asks for DDL, if the settings allow it and the records need it; value_id is that of the request's
 * value. False: they do not. */
bool asking_create(Asking *asking, const Settings *settings, Topic *topic,
				   const DdlRequest *request);
bool asking_change(Asking *asking, const Settings *settings, Topic *topic, int32_t value_id,
				   const DdlRequest *request);

/* Does all that is asked and reads the table (anew); space is the schema of tables without one. */
bool asking_answer(Asking *asking, Targets *targets, PGconn *conn, const char *space, Error *err);

#endif

/*
 * relay/session.h - one attempt, from connecting to the end: checks, first copy, stream.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_SESSION_H
#define WAL2AVRO_RELAY_SESSION_H

#include "relay/pipeline.h"

typedef enum SessionEnd
{
	SESSION_STOPPED, /* as asked for */
	SESSION_STANDBY, /* another relay has the slot, see *holder */
	SESSION_FAILED,
} SessionEnd;

typedef struct SessionResult
{
	bool progress;	/* something was confirmed or copied */
	int holder_pid; /* of the server's process that reads the slot; 0: another relay is starting */
} SessionResult;

SessionEnd session_run(const Setting *setting, SessionResult *result, Error *err);

#endif

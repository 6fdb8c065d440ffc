/*
 * core/program.h - the command line of wal2avro-relay and wal2avro-sink: by hand with a file, or as
 * a worker calls them (docs/wire.md, section 4).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_PROGRAM_H
#define WAL2AVRO_CORE_PROGRAM_H

#include "core/loop.h"
#include "core/options.h"
#include "core/report.h"
#include "core/task.h"

/*
 * What a call is about. The connector's references to configuration providers are resolved, and its
 * class is named in full. What no caller gives is NULL.
 */
typedef struct Request
{
	Loop *loop; /* of run */
	const Properties *connector;
	const Properties *worker;
	const json_t *offsets; /* of alter: an array of {"partition": {}, "offset": {} or null} */
	Task *task;			   /* of run under a worker */
	bool imported;		   /* of run and offsets: taken over from Kafka Connect */
} Request;

/* A command with an answer, which is a new reference. What may have to wait, waits. */
typedef bool ProgramCommand(const Request *request, json_t **answer, Error *err);

typedef struct Program
{
	const char *name;	 /* wal2avro-... */
	const char *type;	 /* source or sink */
	const char *summary; /* one or two lines for --help */
	const Option *options;
	const char *const *classes; /* in full; all lists end with NULL */
	const char *const *transformations;
	const char *const *converters;

	/* Until the loop is to stop: true. False with the error that ended it, which the caller logs
	 * and tells the worker. */
	bool (*run)(const Request *request, Error *err);

	/* Reports all errors and warnings of options and of what they say together. */
	void (*validate)(const Request *request, Report *report);

	ProgramCommand *offsets;
	ProgramCommand *alter_offsets;
	ProgramCommand *reset_offsets;
	ProgramCommand *cleanup;
} Program;

/* The whole of main(): the exit status. */
int program_main(const Program *program, int argc, char **argv);

/* The class that is meant by its full name, its simple name, or that without "Connector", as Kafka
 * Connect takes them; the first in the list goes before others. NULL: none of them. */
const char *program_class(const char *const *classes, const char *name);

/* {"message": "..."}, the answer of a command. A new reference. */
json_t *program_message(const char *text);

#endif

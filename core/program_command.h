/*
 * core/program_command.h - the commands of program.h that a worker gives: JSON in, JSON out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_PROGRAM_COMMAND_H
#define WAL2AVRO_CORE_PROGRAM_COMMAND_H

#include "core/program.h"

/* Each gives an exit status. The first writes to out, the others also read the request from the
 * descriptor in; a task goes on reading there. */
int program_describe(const Program *program, FILE *out);
int program_validate(const Program *program, int in, FILE *out);
int program_answer(const Program *program, ProgramCommand *command, int in, FILE *out);
int program_task(const Program *program, int in, int out);

/* The connector's properties as a program takes them; ERROR_CONFIG where a reference cannot be
 * resolved or brokers are not named. */
bool program_prepare(const Program *program, const Properties *given, const Properties *worker,
					 Properties *connector, Error *err);

/* Logs why run ended, and tells the worker. Exit status. */
int program_run(const Program *program, Request *request);

#endif

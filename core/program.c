/*
 * core/program.c - see program.h; the commands of a worker are in program_command.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/program.h"

#include "core/log.h"
#include "core/memory.h"
#include "core/program_command.h"

#include <string.h>
#include <unistd.h>

#define USAGE_STATUS 2

AUTO_DEFINE(Properties, properties_free)

extern char **environ;

static void
usage(const Program *program, FILE *out)
{
	fprintf(
		out,
		"Usage: %s FILE.json [--worker worker.properties]\n"
		"%s\n"
		"FILE.json is a connector as one POSTs it to Kafka Connect; brokers and registry may\n"
		"come from the worker's properties, or from CONNECT_* variables.\n\n"
		"  --worker FILE   worker properties (bootstrap.servers, value.converter, ...)\n"
		"  --options       the connector's properties, as Markdown\n"
		"  --help          this text and the properties\n"
		"  --version       the version\n\n"
		"A worker gives --describe, --validate, --offsets, --alter-offsets, --reset-offsets,\n"
		"--cleanup and --task: one line of JSON from standard input, JSON to standard output.\n\n"
		"Log level: WAL2AVRO_LOG=debug, info, warn or error.\n",
		program->name, program->summary);
}

static int
print_help(const Program *program)
{
	usage(program, stdout);
	fputs("\nProperties:\n", stdout);
	options_help(program->options, stdout);
	return 0;
}

static int
print_version(const Program *program)
{
	printf("%s %s\n", program->name, WAL2AVRO_VERSION);
	return 0;
}

static int
print_options(const Program *program)
{
	options_markdown(program->options, stdout);
	return 0;
}

static int
describe(const Program *program)
{
	return program_describe(program, stdout);
}

static int
validate(const Program *program)
{
	return program_validate(program, STDIN_FILENO, stdout);
}

static int
offsets(const Program *program)
{
	return program_answer(program, program->offsets, STDIN_FILENO, stdout);
}

static int
alter_offsets(const Program *program)
{
	return program_answer(program, program->alter_offsets, STDIN_FILENO, stdout);
}

static int
reset_offsets(const Program *program)
{
	return program_answer(program, program->reset_offsets, STDIN_FILENO, stdout);
}

static int
cleanup(const Program *program)
{
	return program_answer(program, program->cleanup, STDIN_FILENO, stdout);
}

static int
task(const Program *program)
{
	return program_task(program, STDIN_FILENO, STDOUT_FILENO);
}

static const struct
{
	const char *name;
	int (*run)(const Program *program);
} commands[] = {
	{"--help", print_help},
	{"-h", print_help},
	{"--version", print_version},
	{"--options", print_options},
	{"--describe", describe},
	{"--validate", validate},
	{"--offsets", offsets},
	{"--alter-offsets", alter_offsets},
	{"--reset-offsets", reset_offsets},
	{"--cleanup", cleanup},
	{"--task", task},
};

static bool
set_log_level(Error *err)
{
	const char *level = getenv("WAL2AVRO_LOG");

	return level == NULL || log_set_level(level) ||
		   error_set(err, ERROR_CONFIG,
					 "WAL2AVRO_LOG is \"%s\"; it may be: debug, info, warn, error", level);
}

static bool
read_files(const char *connector_path, const char *worker_path, Properties *connector,
		   Properties *worker, Error *err)
{
	if (!properties_read_connector(connector, connector_path, err) ||
		(worker_path != NULL && !properties_read_worker(worker, worker_path, err)))
		return false;
	properties_read_environment(worker, environ);
	return true;
}

/* By hand, with a file. */
static int
run_file(const Program *program, const char *connector_path, const char *worker_path)
{
	AUTO(Properties) *given = properties_new();
	AUTO(Properties) *worker = properties_new();
	AUTO(Properties) *connector = properties_new();
	Error err = {0};

	if (!read_files(connector_path, worker_path, given, worker, &err) ||
		!program_prepare(program, given, worker, connector, &err))
	{
		log_error("%s", err.message);
		return EXIT_FAILURE;
	}
	return program_run(program, &(Request){.connector = connector, .worker = worker});
}

/* FILE.json [--worker FILE], in either order; or one command alone. */
static int
run_arguments(const Program *program, int argc, char **argv)
{
	const char *connector = NULL;
	const char *worker = NULL;

	for (int i = 1; i < argc; i++)
	{
		for (size_t k = 0; argc == 2 && k < sizeof commands / sizeof *commands; k++)
			if (strcmp(argv[i], commands[k].name) == 0)
				return commands[k].run(program);
		if (strcmp(argv[i], "--worker") == 0 && i + 1 < argc)
			worker = argv[++i];
		else if (argv[i][0] != '-' && connector == NULL)
			connector = argv[i];
		else
		{
			fprintf(stderr, "argument \"%s\" is not known here\n", argv[i]);
			connector = NULL;
			break;
		}
	}
	if (connector != NULL)
		return run_file(program, connector, worker);
	usage(program, stderr);
	return USAGE_STATUS;
}

int
program_main(const Program *program, int argc, char **argv)
{
	Error err = {0};
	int status = EXIT_FAILURE;

	log_init(program->name, NULL);
	if (set_log_level(&err))
		status = run_arguments(program, argc, argv);
	else
		log_error("%s", err.message);
	if (fflush(stdout) != 0)
		status = EXIT_FAILURE;
	return status;
}

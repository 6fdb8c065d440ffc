/*
 * sink/main.c - the program: wal2avro-sink FILE.json [--worker worker.properties].
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE /* environ */
#include "core/log.h"
#include "sink/pump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef WAL2AVRO_VERSION
#define WAL2AVRO_VERSION "1.0"
#endif

#define USAGE_STATUS 2

static const char usage[] =
	"usage: wal2avro-sink FILE.json [--worker worker.properties]\n"
	"       wal2avro-sink --help | --version | --options\n"
	"\n"
	"Inserts or upserts the Avro records of Kafka topics into PostgreSQL tables, exactly once.\n"
	"FILE.json is a connector as one POSTs it to Kafka Connect. Brokers, and the registry where "
	"the\n"
	"connector does not name it, come from the worker file and from variables CONNECT_*.\n";

static int
print_help(void)
{
	fputs(usage, stdout);
	fputs("\nproperties of the connector:\n", stdout);
	options_help(settings_options, stdout);
	return 0;
}

static int
print_version(void)
{
	puts("wal2avro-sink " WAL2AVRO_VERSION);
	return 0;
}

static int
print_options(void)
{
	options_markdown(settings_options, stdout);
	return 0;
}

static const struct
{
	const char *name;
	int (*run)(void);
} prints[] = {
	{"--help", print_help},
	{"-h", print_help},
	{"--version", print_version},
	{"--options", print_options},
};

static bool
read_files(const char *connector_path, const char *worker_path, Properties *connector,
		   Properties *worker, Error *err)
{
	if (!properties_read_connector(connector, connector_path, err))
		return false;
	if (worker_path != NULL && !properties_read_worker(worker, worker_path, err))
		return false;
	properties_read_environment(worker, environ);
	return true;
}

/* WAL2AVRO_LOG=debug, as for the relay. */
static bool
set_log_level(Error *err)
{
	const char *level = getenv("WAL2AVRO_LOG");

	return level == NULL || log_set_level(level) ||
		   error_set(err, ERROR_CONFIG,
					 "WAL2AVRO_LOG is \"%s\"; give it debug, info, warn or error", level);
}

static int
run(const char *connector_path, const char *worker_path)
{
	Properties *connector = properties_new();
	Properties *worker = properties_new();
	Settings settings;
	Error err;
	int status = 1;

	log_init("wal2avro-sink", NULL);
	if (!set_log_level(&err) || !read_files(connector_path, worker_path, connector, worker, &err) ||
		!settings_load(connector, worker, &settings, &err))
		log_error("%s", err.message);
	else
	{
		log_init("wal2avro-sink", settings.name);
		status = pump_run(&settings, worker, connector);
		log_init("wal2avro-sink", NULL);
		settings_done(&settings);
	}
	properties_free(connector);
	properties_free(worker);
	return status;
}

int
main(int argc, char **argv)
{
	const char *connector = NULL;
	const char *worker = NULL;

	for (int i = 1; i < argc; i++)
	{
		for (size_t k = 0; k < sizeof prints / sizeof *prints; k++)
			if (strcmp(argv[i], prints[k].name) == 0)
				return prints[k].run();
		if (strcmp(argv[i], "--worker") == 0 && i + 1 < argc)
			worker = argv[++i];
		else if (argv[i][0] != '-' && connector == NULL)
			connector = argv[i];
		else
		{
			fprintf(stderr, "argument \"%s\" is not known\n%s", argv[i], usage);
			return USAGE_STATUS;
		}
	}
	if (connector != NULL)
		return run(connector, worker);
	fputs(usage, stderr);
	return USAGE_STATUS;
}

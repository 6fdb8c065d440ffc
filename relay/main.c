/*
 * relay/main.c - wal2avro-relay: from one replication slot to Kafka topics.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/log.h"
#include "core/memory.h"
#include "relay/pump.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define PROGRAM "wal2avro-relay"

extern char **environ;

static void
usage(FILE *out)
{
	fprintf(out,
			"Usage: " PROGRAM " FILE.json [--worker worker.properties]\n"
			"Streams the changes of a PostgreSQL database into Kafka topics, as Avro.\n\n"
			"FILE.json is a connector as one POSTs it to Kafka Connect; brokers and registry may\n"
			"come from the worker's properties, or from CONNECT_* variables.\n\n"
			"  --worker FILE   worker properties (bootstrap.servers, offset.storage.topic, ...)\n"
			"  --options       the connector's properties, as Markdown\n"
			"  --help          this text and the properties\n"
			"  --version       the version\n\n"
			"Log level: WAL2AVRO_LOG=debug, info, warn or error.\n");
}

typedef struct Arguments
{
	const char *connector;
	const char *worker;
} Arguments;

/* -1: go on; else the exit status. */
static int
read_arguments(int argc, char **argv, Arguments *out)
{
	static const struct option names[] = {{"worker", required_argument, NULL, 'w'},
										  {"options", no_argument, NULL, 'o'},
										  {"help", no_argument, NULL, 'h'},
										  {"version", no_argument, NULL, 'v'},
										  {NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1)
		switch (c)
		{
			case 'w':
				out->worker = optarg;
				break;
			case 'o':
				options_markdown(relay_option_table, stdout);
				return 0;
			case 'h':
				usage(stdout);
				fprintf(stdout, "\nProperties:\n");
				options_help(relay_option_table, stdout);
				return 0;
			case 'v':
				printf(PROGRAM " " WAL2AVRO_VERSION "\n");
				return 0;
			default:
				usage(stderr);
				return 2;
		}
	if (optind + 1 != argc)
	{
		usage(stderr);
		return 2;
	}
	out->connector = argv[optind];
	return -1;
}

static bool
read_settings(const Arguments *arguments, Properties *connector, Properties *worker,
			  RelayOptions *options, Error *err)
{
	if (!properties_read_connector(connector, arguments->connector, err) ||
		(arguments->worker != NULL && !properties_read_worker(worker, arguments->worker, err)))
		return false;
	properties_read_environment(worker, environ);
	if (properties_get(worker, "bootstrap.servers") == NULL)
		return error_set(err, ERROR_CONFIG,
						 "bootstrap.servers is not set; set it in the worker's properties "
						 "(--worker) or in CONNECT_BOOTSTRAP_SERVERS");
	return relay_options_parse(connector, worker, options, err);
}

static void
say_defaults(const RelayOptions *options)
{
	log_info("connector \"%s\": slot \"%s\", topics \"%s<table>\", times in %s, deletes %s",
			 options->name, options->slot, options->topic_prefix,
			 options->time_precision == TIME_CONNECT
				 ? "milliseconds (time.precision.mode=connect; microseconds keeps all digits)"
				 : "microseconds",
			 options->tombstones ? "as tombstones"
								 : "not sent (tombstones.on.delete=true sends them)");
}

static bool
run(const Properties *connector, const Properties *worker, const RelayOptions *options)
{
	Loop *loop = loop_new();
	const Setting setting = {
		.loop = loop, .options = options, .worker = worker, .connector = connector};
	bool ok;

	say_defaults(options);
	ok = pump_run(&setting);
	loop_free(loop);
	return ok;
}

int
main(int argc, char **argv)
{
	Arguments arguments = {0};
	Properties *connector = properties_new();
	Properties *worker = properties_new();
	const char *level = getenv("WAL2AVRO_LOG");
	RelayOptions options = {0};
	Error err = {0};
	int status = read_arguments(argc, argv, &arguments);

	if (status < 0)
	{
		log_init(PROGRAM, NULL);
		status = 1;
		if (level != NULL && !log_set_level(level))
			log_error("WAL2AVRO_LOG is \"%s\"; it may be: debug, info, warn, error", level);
		else if (!read_settings(&arguments, connector, worker, &options, &err))
			log_error("%s", err.message);
		else
		{
			log_init(PROGRAM, options.name);
			status = run(connector, worker, &options) ? 0 : 1;
			log_init(PROGRAM, NULL);
			relay_options_done(&options);
		}
	}
	properties_free(connector);
	properties_free(worker);
	return status;
}

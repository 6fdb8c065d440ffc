/*
 * connect/main.c - the program: wal2avro-connect [worker.properties].
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE /* environ */
#include "connect/herder.h"
#include "connect/routes.h"
#include "connect/server.h"
#include "core/log.h"
#include "core/memory.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define PROGRAM		 "wal2avro-connect"
#define USAGE_STATUS 2

static void
usage(FILE *out)
{
	fputs(
		"Usage: " PROGRAM " [worker.properties]\n"
		"Kafka Connect's REST API, and the processes that run the tasks of its connectors.\n\n"
		"The worker's properties are those of Kafka Connect's distributed worker, from a file and\n"
		"from variables CONNECT_*, which win: CONNECT_BOOTSTRAP_SERVERS is bootstrap.servers.\n\n"
		"  --worker FILE   the file, too\n"
		"  --options       the worker's properties, as Markdown\n"
		"  --help          this text and the properties\n"
		"  --version       the version\n\n"
		"Log level: WAL2AVRO_LOG=debug, info, warn or error.\n",
		out);
}

/* -1: go on; else the exit status. */
static int
read_arguments(int argc, char **argv, const char **file)
{
	static const struct option names[] = {{"worker", required_argument, NULL, 'w'},
										  {"options", no_argument, NULL, 'o'},
										  {"help", no_argument, NULL, 'h'},
										  {"version", no_argument, NULL, 'v'},
										  {NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "h", names, NULL)) != -1)
		switch (c)
		{
			case 'w':
				*file = optarg;
				break;
			case 'o':
				options_markdown(worker_options, stdout);
				return 0;
			case 'h':
				usage(stdout);
				fputs("\nProperties:\n", stdout);
				options_help(worker_options, stdout);
				return 0;
			case 'v':
				puts(PROGRAM " " WAL2AVRO_VERSION);
				return 0;
			default:
				usage(stderr);
				return USAGE_STATUS;
		}
	if (optind < argc && *file == NULL)
		*file = argv[optind++];
	if (optind == argc)
		return -1;
	usage(stderr);
	return USAGE_STATUS;
}

static bool
read_settings(const char *file, Properties *worker, WorkerSettings *settings, Error *err)
{
	const char *level = getenv("WAL2AVRO_LOG");

	if (level != NULL && !log_set_level(level))
		return error_set(err, ERROR_CONFIG,
						 "WAL2AVRO_LOG is \"%s\"; give it debug, info, warn or error", level);
	if (file != NULL && !properties_read_worker(worker, file, err))
		return false;
	properties_read_environment(worker, environ);
	return worker_settings_load(worker, settings, err);
}

/* A task takes three of them, and the usual limit is 1024. */
static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		log_debug("the limit of open files stays as it is");
}

/* Until it is to end, or cannot go on. */
static bool
serve(Loop *loop, const Herder *herder, Error *err)
{
	while (!loop_stopping(loop) && herder_healthy(herder))
		loop_once(loop, -1);
	return herder_healthy(herder) || error_set(err, ERROR_RETRY, "this worker cannot go on");
}

static bool
run(const WorkerSettings *settings, const Properties *worker, Error *err)
{
	Loop *loop = loop_new();
	Herder *herder = NULL;
	Routes *routes = NULL;
	Server *server = NULL;
	bool ok;

	ok = herder_new(loop, settings, worker, &herder, err) &&
		 routes_new(loop, herder, settings, &routes, err) &&
		 server_new(
			 loop, settings,
			 &(ServerCalls){.request = routes_request, .reason = routes_reason, .context = routes},
			 &server, err);
	if (ok)
	{
		log_info("worker \"%s\" listens on \"%s\", port %d%s", settings->worker_id, settings->host,
				 server_port(server), settings->tls ? ", with TLS" : "");
		ok = serve(loop, herder, err);
	}
	if (server != NULL)
	{
		server_stop(server);
		routes_stop(routes);
	}
	if (herder != NULL)
		herder_free(herder);
	routes_free(routes);
	server_free(server);
	loop_free(loop);
	return ok;
}

int
main(int argc, char **argv)
{
	const char *file = NULL;
	Properties *worker = properties_new();
	WorkerSettings settings;
	Error err = {0};
	int status = read_arguments(argc, argv, &file);

	if (status < 0)
	{
		log_init(PROGRAM, NULL);
		raise_file_limit();
		if (read_settings(file, worker, &settings, &err))
		{
			status = run(&settings, worker, &err) ? 0 : 1;
			worker_settings_done(&settings);
		}
		else
			status = 1;
		if (status != 0)
			log_error("%s", err.message);
	}
	properties_free(worker);
	return status;
}

/*
 * relay/main.c - wal2avro-relay: from one replication slot to Kafka topics.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/log.h"
#include "core/program.h"
#include "relay/control.h"
#include "relay/observe.h"
#include "relay/pump.h"

static void
say_defaults(const RelayOptions *options)
{
	const char *delimiter = options->debezium.naming ? options->debezium.delimiter : "";

	log_info(
		"connector \"%s\": slot \"%s\", topics \"%s%s%s%s<table>\", %ss, times: %s, deletes %s",
		options->name, options->slot, options->topic_prefix, delimiter,
		options->debezium.naming ? "<schema>" : "", delimiter, relay_output_format(options),
		options->time_precision == TIME_CONNECT
			? "milliseconds (time.precision.mode=connect; microseconds keeps all digits)"
			: relay_time_precision(options),
		options->tombstones ? "as tombstones"
		: options->output_format == OUTPUT_ENVELOPE
			? "without tombstones"
			: "not sent (tombstones.on.delete=true sends them)");
}

/* Paused: the slot stands, and is looked at. */
static bool
rest(const Setting *setting)
{
	log_info("connector \"%s\" is paused; slot \"%s\" holds the source's log back meanwhile",
			 setting->options->name, setting->options->slot);
	task_reached(setting->task, NULL);
	while (!loop_stopping(setting->loop))
		loop_once(setting->loop, -1);
	return true;
}

static bool
run(const Request *request, Error *err)
{
	RelayOptions options;
	Metrics *metrics = NULL;
	Observe *observe;
	bool ok;

	if (!relay_options_parse(request->connector, request->worker, &options, err))
		return false;
	if (request->task != NULL)
		metrics = metrics_new(request->task);
	observe = observe_new(request->loop, &options, metrics);

	const Setting setting = {.loop = request->loop,
							 .options = &options,
							 .worker = request->worker,
							 .connector = request->connector,
							 .task = request->task,
							 .metrics = metrics};

	say_defaults(&options);
	ok = task_paused(request->task) ? rest(&setting) : pump_run(&setting, err);
	observe_free(observe);
	metrics_free(metrics);
	relay_options_done(&options);
	return ok;
}

static void
validate(const Request *request, Report *report)
{
	RelayOptions options;

	relay_options_validate(request->connector, request->worker, &options, report);
	relay_options_done(&options);
}

int
main(int argc, char **argv)
{
	static const Program program = {
		.name = "wal2avro-relay",
		.type = "source",
		.summary = "Streams the changes of a PostgreSQL database into Kafka topics, as Avro.",
		.options = relay_option_table,
		.classes = relay_class_names,
		.transformations = transforms_classes,
		.converters = converter_class_names,
		.run = run,
		.validate = validate,
		.offsets = control_offsets,
		.alter_offsets = control_alter,
		.reset_offsets = control_reset,
		.cleanup = control_cleanup,
	};

	return program_main(&program, argc, argv);
}

/*
 * sink/main.c - the program wal2avro-sink: what it is to the command line of core/program.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/program.h"
#include "core/transforms.h"
#include "sink/control.h"
#include "sink/paused.h"
#include "sink/pump.h"

static bool
run(const Request *request, Error *err)
{
	Settings settings;

	if (!settings_load(request->connector, request->worker, &settings, err))
		return false;

	const bool done = task_paused(request->task) ? paused_run(&settings, request, err)
												 : pump_run(&settings, request, err);

	settings_done(&settings);
	return done;
}

static void
validate(const Request *request, Report *report)
{
	Settings settings;

	settings_validate(request->connector, request->worker, &settings, report);
	settings_done(&settings);
}

int
main(int argc, char **argv)
{
	const Program program = {
		.name = "wal2avro-sink",
		.type = "sink",
		.summary = "Inserts or upserts the Avro records of Kafka topics into PostgreSQL tables,\n"
				   "exactly once.",
		.options = settings_options,
		.classes = settings_classes,
		.transformations = transforms_classes,
		.converters = settings_converters,
		.run = run,
		.validate = validate,
		.offsets = control_offsets,
		.alter_offsets = control_alter_offsets,
		.reset_offsets = control_reset_offsets,
		.cleanup = control_cleanup,
	};

	return program_main(&program, argc, argv);
}

/*
 * core/log.c - see log.h. A line is built on the stack and written at once: librdkafka logs from
 * its own threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};

static struct
{
	LogLevel level;
	const char *program;
	const char *connector;
} settings = {.level = LOG_INFO, .program = "wal2avro"};

void
log_init(const char *program, const char *connector)
{
	settings.program = program;
	settings.connector = connector;
}

bool
log_set_level(const char *name)
{
	for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++)
		if (strcasecmp(name, level_names[i]) == 0)
		{
			settings.level = (LogLevel) i;
			return true;
		}
	return false;
}

/* Writes what stands before the text and returns its length. */
static size_t
put_prefix(char *line, size_t size, LogLevel level)
{
	struct timespec now;
	struct tm utc;
	size_t used;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	used = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
	used += (size_t) snprintf(line + used, size - used,
							  ".%03ldZ %s %s%s%.256s: ", now.tv_nsec / 1000000, level_names[level],
							  settings.program, settings.connector == NULL ? "" : " ",
							  settings.connector == NULL ? "" : settings.connector);
	return used;
}

void
log_write(LogLevel level, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;
	size_t used;
	size_t start;
	int wanted;

	if (level < settings.level)
		return;
	start = used = put_prefix(line, sizeof line - 1, level);
	va_start(args, fmt);
	wanted = vsnprintf(line + used, sizeof line - 1 - used, fmt, args);
	va_end(args);
	if (wanted > 0)
		used += (size_t) wanted < sizeof line - 1 - used ? (size_t) wanted : sizeof line - 2 - used;

	/* One event is one line, whatever a server put into its words. */
	for (size_t i = start; i < used; i++)
		if ((unsigned char) line[i] < ' ')
			line[i] = ' ';
	line[used++] = '\n';
	if (write(STDERR_FILENO, line, used) < 0)
		return; /* there is nowhere left to say it */
}

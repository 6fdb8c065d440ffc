/*
 * core/log.h - one line per event on stderr: time, level, program, connector, text.
 *
 * Texts are lower case without a full stop, names in double quotes, LSNs as X/X. Secrets never get
 * here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_LOG_H
#define WAL2AVRO_CORE_LOG_H

#include <stdbool.h>

typedef enum LogLevel
{
	LOG_DEBUG,
	LOG_INFO,
	LOG_WARN,
	LOG_ERROR,
} LogLevel;

/* program and connector stand in every line; connector may be NULL. Both must live as long as the
 * process. */
void log_init(const char *program, const char *connector);

/* "debug", "info", "warn", "error", in any case. False for anything else. */
bool log_set_level(const char *name);

void log_write(LogLevel level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)  log_write(LOG_INFO, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)

#endif
